from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.access import HIDDEN, check_grant, grant_after, masked
from fengqiao.domain.case import CaseState, Contact, Role
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.limit_course import CLOCK
from fengqiao.domain.supervision import grounds_in, orders_in, record_cause, remind
from fengqiao.domain.supervision_command import (
    ConcludeLevel,
    GrantAccess,
    OpenOrder,
    RaiseOrder,
    RecordCause,
    RemindCase,
)
from fengqiao.domain.supervision_rules import Ground, Outcome, RootCause
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.samples import CITY, EAST, EAST_HILL, NOON, facts, registered
from tests.unit.supervision import CASE, DAY, HOUR, ORDER, RED, SUPERVISION, Supervised, event, followed, fresh_id

OPEN = OpenOrder(CASE, ORDER, "群众催问三次")
RETURNED = event(EventKind.RETURNED, reason="不属本单位")


def conclude(outcome: Outcome, *evidence: str, words: str = "已回访。") -> ConcludeLevel:
    return ConcludeLevel(CASE, ORDER, outcome, words, evidence)


def climbed(level: int) -> tuple[Supervised, datetime]:
    """An order at a level, and a moment at which it stands there."""
    case, now = Supervised(RED), NOON
    case.order(OPEN)
    for _ in range(level - 1):
        (order,) = orders_in(case.history)
        now = order.due_at + HOUR
        case.order(RaiseOrder(CASE, ORDER, ""), now, CLOCK)
    return case, now


@pytest.mark.parametrize(
    ("story", "ground"),
    [
        ((RED,), Ground.RED_WARNING),
        ((event(EventKind.EVALUATED, solved="yes", satisfied="no", words=""),), Ground.UNSATISFIED),
        ((event(EventKind.EVALUATED, solved="no", satisfied="yes", words=""),), Ground.UNSATISFIED),
        ((RETURNED, event(EventKind.OBJECTED, reason="不属本单位")), Ground.REPEATED_RETURN),
        ((event(EventKind.REOPENED, reason="没有修好"),), Ground.REOPENED),
    ],
)
def test_each_ground_lets_an_order_be_opened(story: tuple[Event, ...], ground: Ground) -> None:
    case = Supervised(*story)
    details = case.order(OPEN)
    assert (details["ground"], details["level"], details["turn"]) == (ground.value, "1", "1")


@pytest.mark.parametrize(
    "story",
    [
        (),
        (RETURNED,),
        (event(EventKind.EVALUATED, solved="yes", satisfied="yes", words=""),),
        (event(EventKind.LIMIT_BREACHED, limit="article-solve", rung="reminder"),),
    ],
)
def test_without_a_ground_there_is_no_order(story: tuple[Event, ...]) -> None:
    assert refusal_of(Supervised(*story).order, OPEN).code == "order_without_ground"


def test_what_happened_before_the_last_order_was_closed_is_no_ground_any_more() -> None:
    case = Supervised(RED)
    case.order(OPEN)
    assert refusal_of(case.order, replace(OPEN, order_id=fresh_id())).code == "order_open_already"
    case.order(conclude(Outcome.REMEDIED))
    assert grounds_in(case.history, EAST) == frozenset()
    assert grounds_in(case.history, CITY) == {Ground.RED_WARNING}
    case.history.append(event(EventKind.REOPENED, reason="又坏了"))
    case.order(replace(OPEN, order_id=fresh_id()))
    assert [order.closed for order in orders_in(case.history)] == [True, False]


def test_an_order_is_the_holders_or_a_centres_above_it() -> None:
    above = Supervised(RED, file=followed(holder=EAST), centre=CITY)
    assert above.order(OPEN)["level"] == "1"
    below = Supervised(RED, file=followed(holder=EAST), centre=EAST_HILL)
    refusal = refusal_of(below.order, OPEN)
    assert (refusal.kind, refusal.code) == (Kind.FORBIDDEN, "order_not_above")


def test_a_level_ends_with_an_outcome_of_its_list_and_only_once() -> None:
    case = Supervised(RED)
    case.order(OPEN)
    assert faults_of(refusal_of(case.order, conclude(Outcome.TRANSFERRED))) == [("outcome", "enum_unknown")]
    assert faults_of(refusal_of(case.order, conclude(Outcome.REMEDIED, words=" "))) == [("words", "text_empty")]
    unknown = refusal_of(case.order, conclude(Outcome.REMEDIED, "0" * 64))
    assert faults_of(unknown) == [("evidence", "attachment_unknown")]
    case.order(conclude(Outcome.NOT_REMEDIED))
    assert refusal_of(case.order, conclude(Outcome.REMEDIED)).code == "order_concluded"


def test_a_person_goes_up_only_after_not_remedied_or_when_the_limit_has_passed() -> None:
    case = Supervised(RED)
    due_at = datetime.fromisoformat(case.order(OPEN)["due_at"])
    up = RaiseOrder(CASE, ORDER, "受理部门督办无效")
    assert refusal_of(case.order, up, due_at - HOUR).code == "order_not_yet"
    case.order(conclude(Outcome.NOT_REMEDIED))
    assert faults_of(refusal_of(case.order, replace(up, reason=""))) == [("reason", "text_empty")]
    details = case.order(up, NOON + HOUR)
    assert (details["level"], details["ground"], details["outcome"]) == ("2", "not_remedied", "")
    passed = case.order(up, datetime.fromisoformat(details["due_at"]))
    assert (passed["level"], passed["ground"]) == ("3", "limit_passed")


def test_the_clock_takes_it_up_to_the_fifth_body_and_no_further() -> None:
    case, now = climbed(5)
    assert orders_in(case.history)[0].level == 5
    assert refusal_of(case.order, RaiseOrder(CASE, ORDER, ""), now + 99 * DAY, CLOCK).code == "order_at_the_top"


def test_an_order_that_moved_meanwhile_refuses_a_stale_form() -> None:
    case = Supervised(RED)
    case.order(OPEN)
    case.order(conclude(Outcome.NOT_REMEDIED))
    stale = RaiseOrder(CASE, ORDER, "督办无效", seen_turn=1)
    assert refusal_of(case.order, stale).kind is Kind.STALE
    assert case.order(replace(stale, seen_turn=2))["level"] == "2"


def test_the_upper_levels_want_a_file_of_the_case() -> None:
    case, now = climbed(3)
    refusal = refusal_of(case.order, conclude(Outcome.REMEDIED), now)
    assert faults_of(refusal) == [("evidence", "order_file_needed")]
    case.history.append(event(EventKind.ATTACHED, sha256="a" * 64, size="1", media_type="image/png", name="评议表"))
    assert case.order(conclude(Outcome.REMEDIED, "a" * 64), now)["proof"] == "a" * 64
    assert orders_in(case.history)[0].closed


def test_a_grant_is_for_the_outside_body_of_the_present_level_within_its_days() -> None:
    inside = Supervised(RED)
    inside.order(OPEN)
    wanted = GrantAccess(CASE, ORDER, fresh_id(), "评议办理结果", NOON + DAY)
    assert refusal_of(inside.order, wanted).code == "order_body_inside"
    case, now = climbed(3)
    for until in (now, now + 31 * DAY):
        refusal = refusal_of(case.order, replace(wanted, until=until), now)
        assert faults_of(refusal) == [("until", "access_until_wrong")]
    case.order(replace(wanted, until=now + 30 * DAY), now)
    grant = grant_after(case.history[-1])
    assert (grant.body, grant.case_id, grant.by) == ("delegates", CASE, "孙督查")
    assert check_grant(grant, "delegates", now) == grant
    assert refusal_of(check_grant, grant, "media", now).kind is Kind.NOT_FOUND
    assert refusal_of(check_grant, grant, "delegates", grant.until).code == "access_expired"


def test_whoever_follows_reminds_and_nobody_else() -> None:
    words = RemindCase(CASE, "群众又来问了")
    for role in (Role.HOLDER, Role.FOLLOWER, Role.ARBITER, Role.CANDIDATE):
        assert remind(followed(role), words, facts()).events[0].details["text"] == "群众又来问了"
    bystander = followed(Role.BYSTANDER)
    assert refusal_of(remind, bystander, words, facts()).code == "supervision_not_involved"
    newcomer = replace(followed(Role.CANDIDATE), audience=frozenset())
    assert refusal_of(remind, newcomer, words, facts()).code == "supervision_unanswered"
    done = registered()
    resolved = replace(done, case=replace(done.case, state=CaseState.RESOLVED))
    assert refusal_of(remind, resolved, words, facts()).code == "reminder_resolved"
    assert faults_of(refusal_of(remind, done, RemindCase(CASE, "\x07 "), facts())) == [("text", "text_empty")]


def test_a_cause_is_a_fact_of_whoever_follows_and_its_improvement_may_be_left_out() -> None:
    cause = RecordCause(CASE, RootCause.UPKEEP, "无人\x07管护", " ")
    for role in (Role.HOLDER, Role.FOLLOWER, Role.ARBITER, Role.CANDIDATE):
        recorded = record_cause(followed(role), cause, facts()).events[0]
        assert dict(recorded.details) == {"root_cause": "upkeep", "text": "无人管护"}
    assert refusal_of(record_cause, followed(Role.BYSTANDER), cause, facts()).code == "supervision_not_involved"
    long = replace(cause, improvement="长" * 4001)
    assert faults_of(refusal_of(record_cause, registered(), long, facts())) == [("improvement", "text_too_long")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话 13853412345，请回电", f"电话 {HIDDEN}，请回电"),
        ("身份证37082919700101123X", f"身份证{HIDDEN}"),
        ("座机 0534-2687 123", f"座机 {HIDDEN}"),
        ("我叫王小二，住新河路 12 号", f"我叫王{HIDDEN}，住新河路 12 号"),
        ("郑晓明反映路灯不亮", f"{HIDDEN}反映路灯不亮"),
        ("2026-11-23 修好 3 盏", "2026-11-23 修好 3 盏"),
    ],
)
def test_who_the_reporter_is_is_hidden_from_texts(text: str, expected: str) -> None:
    assert masked(text, Contact("郑晓明", "13853412345")) == expected


commands = st.lists(
    st.one_of(
        st.just("open"),
        st.tuples(st.sampled_from(Outcome), st.booleans()),
        st.tuples(st.sampled_from(["up", "clock"]), st.integers(0, 40)),
        st.just("reopened"),
    ),
    max_size=25,
)


@given(commands)
def test_an_order_goes_up_one_level_at_a_time_and_never_moves_after_its_end(steps: list[object]) -> None:
    case, now = Supervised(RED), NOON
    case.history.append(event(EventKind.ATTACHED, sha256="a" * 64, size="1", media_type="image/png", name="表"))
    for step in steps:
        orders = {order.id: order for order in orders_in(case.history)}
        last = list(orders)[-1] if orders else ORDER
        now += timedelta(hours=1)
        try:
            match step:
                case "open":
                    case.order(OpenOrder(CASE, fresh_id(), "群众催问"), now)
                case "reopened":
                    case.history.append(event(EventKind.REOPENED, now, reason="又坏了"))
                case (Outcome() as outcome, bool(with_file)):
                    evidence = ("a" * 64,) if with_file else ()
                    case.order(ConcludeLevel(CASE, last, outcome, "已督办。", evidence), now)
                case (str(who), int(days)):
                    now += days * DAY
                    actor = CLOCK if who == "clock" else "孙督查"
                    case.order(RaiseOrder(CASE, last, "督办无效"), now, actor)
        except Refusal:
            assert {order.id: order for order in orders_in(case.history)} == orders
        for order in orders_in(case.history):
            before = orders.get(order.id)
            if before is None:
                assert (order.level, order.outcome) == (1, None)
            elif before != order:
                assert not before.closed
                assert order.level in (before.level, before.level + 1)
                assert order.level == before.level or before.outcome is Outcome.NOT_REMEDIED or now >= before.due_at
        assert sum(not order.closed for order in orders_in(case.history)) <= 1
        assert all(order.level <= SUPERVISION.top for order in orders_in(case.history))
