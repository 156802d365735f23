import tomllib
from pathlib import Path

import pytest

from fengqiao.domain.errors import Kind
from fengqiao.domain.supervision_rules import Evidence, Ground, SupervisionRules
from fengqiao.domain.supervision_table import supervision_from_table
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.limits import CALENDAR, PACKAGED
from tests.unit.supervision import SUPERVISION

FOLDER = Path(__file__).parent / "broken_supervision"
RUNGS = {code: frozenset(rung.code for rung in policy.rungs) for code, policy in PACKAGED.by_code.items()}

# The defect that a file is named for, and what is said about it.
BROKEN = {
    "four_levels": [("level", "supervision_levels")],
    "level_without_a_body": [("level[1]: body", "limit_key_missing")],
    "level_entered_on_nothing": [("level[1]: entry", "text_empty")],
    "first_level_entered_from_below": [("level[1]: entry", "supervision_entry")],
    "level_that_never_ends": [("level[1]: outcomes", "supervision_no_end")],
    "outside_without_days": [("level[3]: access_days", "limit_key_missing")],
    "outcome_unknown": [("level[5]: outcomes", "limit_choice_unknown")],
    "budget_in_words": [("level[1]: budget", "limit_budget_wrong")],
    "points_of_nothing": [("points[2] overdue-legal: points", "supervision_number")],
    "limit_unknown": [("points[2] overdue-legal: limits", "limit_unknown")],
    "rung_unknown": [("points[3] long-overdue: rung", "points_rung_unknown")],
    "rung_twice": [("points[4] again: limits", "points_rung_twice")],
    "code_twice": [("points[5] untrue-result: code", "limit_duplicate")],
    "by_hand_with_a_rung": [("points[4] untrue-result: by_hand", "points_by_hand_and_rung")],
    "ledger_missing": [("ledger", "limit_key_missing")],
    "appeal_days_in_words": [("ledger: appeal_days", "supervision_number")],
    "key_unknown": [("ledger: bonus", "limit_key_unknown")],
    "several_faults": [
        ("level[1]: budget", "limit_budget_wrong"),
        ("points[2] overdue-legal: limits", "limit_unknown"),
        ("ledger: appeal_days", "limit_key_missing"),
    ],
}


def read(text: str) -> SupervisionRules:
    return supervision_from_table(tomllib.loads(text), RUNGS, CALENDAR)


def test_every_broken_table_stands_in_the_list() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(BROKEN)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_table_is_refused_with_every_fault_by_row_and_key(name: str) -> None:
    refusal = refusal_of(read, (FOLDER / f"{name}.toml").read_text("utf-8"))
    assert (refusal.kind, refusal.code) == (Kind.INVALID, "supervision_broken")
    assert faults_of(refusal) == BROKEN[name]


def test_a_table_that_is_no_table_of_rows_is_refused() -> None:
    refusal = refusal_of(supervision_from_table, {"level": 5, "points": [1], "ledger": {}, "bonus": 1}, RUNGS, CALENDAR)
    assert {field for field, _ in faults_of(refusal)} >= {"table", "level", "points"}


def test_the_packaged_table_has_the_five_bodies_and_marks_those_outside() -> None:
    assert [level.body for level in SUPERVISION.levels] == [
        "accepting",
        "joint-office",
        "delegates",
        "media",
        "discipline",
    ]
    assert SUPERVISION.outside_bodies() == {"delegates", "media", "discipline"}
    assert all(level.evidence == {Evidence.FILE} for level in SUPERVISION.levels[2:])
    assert SUPERVISION.level(1).entry == {
        Ground.RED_WARNING,
        Ground.UNSATISFIED,
        Ground.REPEATED_RETURN,
        Ground.REOPENED,
    }


@pytest.mark.parametrize(
    ("limit", "rung", "code"),
    [
        ("article-solve", "red", "overdue"),
        ("petition-finish", "red", "overdue-legal"),
        ("article-solve", "supervision", "long-overdue"),
        ("article-solve", "yellow", None),
        ("petition-finish", "supervision", None),
    ],
)
def test_a_rung_costs_by_the_rule_that_names_its_limit_else_by_the_one_for_all(
    limit: str, rung: str, code: str | None
) -> None:
    rule = SUPERVISION.of_rung(limit, rung)
    assert (rule.code if rule else None) == code
