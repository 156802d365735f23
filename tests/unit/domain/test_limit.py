from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.calendar import Budget, Counting
from fengqiao.domain.errors import Kind
from fengqiao.domain.limit import (
    Extension,
    Limit,
    LimitState,
    extend,
    nearest,
    nearest_first,
    over,
    reruled,
    resume,
    suspend,
)
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.limits import CALENDAR, hours, limit, suspension, working_days
from tests.unit.samples import NOON, number

HOUR = timedelta(hours=1)
BUDGETS = st.builds(Budget, st.sampled_from(Counting), st.integers(1, 20)).map(
    lambda one: replace(one, amount=one.amount * 3600) if one.counting is Counting.WALL_CLOCK else one
)


def extension(amount: int = 1, **values: object) -> Extension:
    base = Extension(hours(amount), NOON + HOUR, "张伟", "李局长", "现场情况复杂")
    return replace(base, **values)  # type: ignore[arg-type]  # values of the test's own choosing


def test_a_limit_is_due_when_its_budget_has_run() -> None:
    assert limit().due_at(CALENDAR) == NOON + 3 * HOUR
    assert limit().state(NOON + 3 * HOUR, CALENDAR) is LimitState.RUNNING
    assert limit().state(NOON + 3 * HOUR + timedelta(seconds=1), CALENDAR) is LimitState.OVERDUE


def test_a_suspension_moves_the_due_time_by_its_length() -> None:
    (suspended,) = suspend((limit(),), suspension(NOON + HOUR, 5 * HOUR), CALENDAR)
    assert suspended.due_at(CALENDAR) == NOON + 8 * HOUR
    assert suspended.state(NOON + 2 * HOUR, CALENDAR) is LimitState.SUSPENDED
    assert suspended.consumed(NOON + 4 * HOUR, CALENDAR) == HOUR
    assert suspended.state(NOON + 6 * HOUR, CALENDAR) is LimitState.RUNNING


def test_what_is_resumed_earlier_runs_from_then_on() -> None:
    suspended = suspend((limit(),), suspension(NOON + HOUR, 5 * HOUR), CALENDAR)
    (resumed,) = resume(suspended, NOON + 2 * HOUR)
    assert resumed.due_at(CALENDAR) == NOON + 4 * HOUR
    assert resumed.suspensions[0].resumed_at == NOON + 2 * HOUR
    assert refusal_of(resume, (resumed,), NOON + 3 * HOUR).code == "limit_not_suspended"


def test_a_legal_limit_is_not_paused_by_a_service_rule() -> None:
    service, legal = limit(), limit(id=number(2), legal=True)
    paused, untouched = suspend((service, legal), suspension(NOON, HOUR), CALENDAR)
    assert untouched == legal
    assert paused.suspensions
    refusal = refusal_of(suspend, (legal,), suspension(NOON, HOUR), CALENDAR)
    assert (refusal.kind, refusal.code) == (Kind.STATE, "limit_none_to_suspend")


@pytest.mark.parametrize(
    "one",
    [
        over(limit(), NOON, met=True),
        limit(suspensions=(suspension(NOON - HOUR, 3 * HOUR),)),
        limit(starts_at=NOON - 9 * HOUR),
    ],
)
def test_what_is_over_suspended_or_overdue_is_not_suspended(one: Limit) -> None:
    assert refusal_of(suspend, (one,), suspension(NOON + HOUR, HOUR), CALENDAR).code == "limit_none_to_suspend"


def test_a_suspension_has_an_end_after_its_beginning() -> None:
    assert faults_of(refusal_of(suspend, (limit(),), suspension(NOON, timedelta(0)), CALENDAR)) == [
        ("until", "limit_until_wrong")
    ]


def test_an_extension_adds_to_the_budget_within_the_cap() -> None:
    (longer,) = extend((limit(),), "solve", extension(), hours(2), CALENDAR)
    assert longer.due_at(CALENDAR) == NOON + 4 * HOUR
    assert refusal_of(extend, (longer,), "solve", extension(2), hours(2), CALENDAR).code == "limit_extension_cap"
    assert refusal_of(extend, (limit(),), "solve", extension(), None, CALENDAR).code == "limit_extension_cap"


def test_an_extension_comes_before_the_due_time_for_a_limit_that_runs() -> None:
    late = extension(at=NOON + 4 * HOUR)
    assert refusal_of(extend, (limit(),), "solve", late, hours(2), CALENDAR).code == "limit_overdue"
    assert refusal_of(extend, (limit(),), "other", late, hours(2), CALENDAR).code == "limit_not_running"


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        (extension(approved_by="张伟"), ("approved_by", "limit_not_approved")),
        (extension(approved_by=""), ("approved_by", "limit_not_approved")),
        (extension(reason=" "), ("reason", "text_empty")),
        (extension(budget=working_days(1)), ("budget", "limit_extension_counting")),
        (extension(0), ("budget", "limit_extension_counting")),
    ],
)
def test_an_extension_is_approved_by_another_with_a_reason(asked: Extension, fault: tuple[str, str]) -> None:
    assert faults_of(refusal_of(extend, (limit(),), "solve", asked, hours(2), CALENDAR)) == [fault]


def test_a_met_limit_is_judged_by_its_due_time() -> None:
    assert over(limit(), NOON + 3 * HOUR, met=True).state(NOON, CALENDAR) is LimitState.MET
    assert over(limit(), NOON + 4 * HOUR, met=True).state(NOON, CALENDAR) is LimitState.BREACHED
    assert over(limit(), NOON + 4 * HOUR, met=False).state(NOON, CALENDAR) is LimitState.ENDED


def test_rungs_lie_before_and_at_the_due_time() -> None:
    assert [(rung.code, at) for rung, at in limit().rung_times(CALENDAR, limit().due_at(CALENDAR))] == [
        ("yellow", NOON + 2 * HOUR),
        ("red", NOON + 3 * HOUR),
    ]


def test_the_nearest_limit_comes_first_and_what_is_over_last() -> None:
    near, far = limit(id=number(1)), limit(id=number(2), budget=hours(9))
    gone = over(limit(id=number(3), budget=hours(1)), NOON, met=True)
    assert nearest_first((gone, far, near), CALENDAR) == (near, far, gone)
    assert nearest((gone, far, near), CALENDAR) == near
    assert nearest((gone,), CALENDAR) is None


def test_another_rule_keeps_the_time_that_has_run() -> None:
    suspended = suspend((limit(),), suspension(NOON + HOUR, HOUR), CALENDAR)[0]
    changed = reruled(suspended, hours(6), suspended.rungs, "unit:roads")
    now = NOON + 3 * HOUR
    assert changed.consumed(now, CALENDAR) == suspended.consumed(now, CALENDAR) == 2 * HOUR
    assert (changed.starts_at, changed.set_by) == (NOON, "unit:roads")
    assert changed.due_at(CALENDAR) == NOON + 7 * HOUR


def test_an_extension_survives_a_rule_that_counts_otherwise() -> None:
    (longer,) = extend((limit(),), "solve", extension(2), hours(2), CALENDAR)
    assert reruled(longer, working_days(3), longer.rungs, "unit:roads").whole_budget == working_days(4)


def test_a_legal_limit_is_never_made_longer_by_a_rule() -> None:
    legal = limit(legal=True)
    assert reruled(legal, hours(6), legal.rungs, "county:371401") == legal
    assert reruled(legal, hours(2), legal.rungs, "county:371401").budget == hours(2)


@given(BUDGETS, st.lists(st.tuples(st.integers(0, 400), st.integers(1, 200)), max_size=5), st.data())
def test_suspended_time_is_never_counted(budget: Budget, pauses: list[tuple[int, int]], data: st.DataObject) -> None:
    plain = running = limit(budget=budget, rungs=())
    for after, length in sorted(pauses):
        asked = suspension(NOON + after * HOUR, length * HOUR)
        if running.state(asked.since, CALENDAR) is LimitState.RUNNING:
            (running,) = suspend((running,), asked, CALENDAR)
            if data.draw(st.booleans()):
                (running,) = resume((running,), asked.since + length * HOUR / 2)
    due_at = running.due_at(CALENDAR)
    counting = budget.counting
    ran = CALENDAR.counted(counting, NOON, due_at) - sum(
        (CALENDAR.counted(counting, one.since, one.ends_at) for one in running.suspensions), timedelta(0)
    )
    # By days the last one is filled up to its end.
    assert budget.time <= ran < budget.time + timedelta(days=1)
    assert due_at >= plain.due_at(CALENDAR)
    for one in running.suspensions:
        assert running.consumed(one.since, CALENDAR) == running.consumed(one.ends_at, CALENDAR)
