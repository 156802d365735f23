import tomllib
from pathlib import Path

import pytest

from fengqiao.domain.errors import Kind
from fengqiao.domain.limit_policy import Certainty, LimitPolicies
from fengqiao.domain.limit_table import policies_from_table
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.limits import PACKAGED, hours, working_days
from tests.unit.samples import EAST, EAST_HILL, WEST

FOLDER = Path(__file__).parent / "broken_limits"
COUNTIES, UNITS = {EAST, WEST}, {"roads", "window"}

# The defect that a file is named for, and what is said about it.
BROKEN = {
    "budget_in_words": [("limit[1] solve: budget", "limit_budget_wrong")],
    "budget_of_nothing": [("limit[1] solve: budget", "limit_budget_wrong")],
    "budget_missing": [("limit[1] solve: budget", "limit_key_missing")],
    "channel_unknown": [("limit[1] solve: channels", "limit_choice_unknown")],
    "code_in_capitals": [("limit[1] Solve: code", "limit_code_wrong")],
    "duplicate_code": [("limit[2].code", "limit_duplicate")],
    "event_unknown": [("limit[1] solve: starts_on", "limit_trigger_unknown")],
    "event_that_is_a_fact": [("limit[1] solve: met_by", "limit_trigger_fact")],
    "extension_counted_otherwise": [("limit[1] solve: extension", "limit_extension_counting")],
    "key_unknown": [("limit[1] solve: colour", "limit_key_unknown")],
    "ladder_backwards": [("limit[1] solve: ladder[2]", "limit_ladder_order")],
    "ladder_without_time": [("limit[1] solve: ladder[1]", "limit_budget_wrong")],
    "ladder_names_red": [("limit[1] solve: ladder[1]", "limit_code_wrong")],
    "limit_is_no_list": [("limit", "limit_not_rows")],
    "meets_itself": [("limit[1] solve: met_by", "limit_meets_itself")],
    "met_by_nothing": [("limit[1] solve: met_by", "text_empty")],
    "on_in_words": [("limit[1] solve: on", "limit_choice_unknown")],
    "override_for_nobody": [("override[1]", "limit_override_whose")],
    "override_legal_counted_otherwise": [("override[1]: budget", "limit_override_legal")],
    "override_legal_longer": [("override[1]: budget", "limit_override_legal")],
    "override_legal_off": [("override[1]: on", "limit_override_legal")],
    "override_of_a_township": [("override[1]: county", "limit_choice_unknown")],
    "override_of_nothing": [("override[1]: limit", "limit_unknown")],
    "override_unconfirmed": [("override[1]: on", "limit_unconfirmed")],
    "override_within_the_warning": [("override[1]: budget", "limit_warning_too_early")],
    "scope_unknown": [("limit[1] solve: scope", "limit_choice_unknown")],
    "several_faults": [
        ("table", "limit_key_unknown"),
        ("limit[1] solve: source", "limit_key_missing"),
        ("limit[1] solve: budget", "limit_budget_wrong"),
        ("override[1]: limit", "limit_unknown"),
    ],
    "source_empty": [("limit[1] solve: source", "text_empty")],
    "unconfirmed_but_on": [("limit[1] solve: on", "limit_unconfirmed")],
    "warns_before_it_starts": [("limit[1] solve: warn_at", "limit_warning_too_early")],
    "warning_counted_otherwise": [("limit[1] solve: warn_at", "limit_warning_too_early")],
}


def read(text: str) -> LimitPolicies:
    return policies_from_table(tomllib.loads(text), COUNTIES, UNITS)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_is_refused_with_every_fault(name: str) -> None:
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    refusal = refusal_of(read, text)
    assert (refusal.kind, refusal.code) == (Kind.INVALID, "limits_broken")
    assert sorted(faults_of(refusal)) == sorted(BROKEN[name])


def test_every_broken_table_is_tried() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(BROKEN)


def test_what_is_not_read_in_its_source_is_off_and_marked() -> None:
    for policy in PACKAGED.by_code.values():
        assert policy.marked == (policy.certainty is not Certainty.READ)
        assert policy.certainty is Certainty.READ or not policy.on
    assert {policy.certainty for policy in PACKAGED.by_code.values()} == set(Certainty)


def test_the_packaged_table_has_the_rules_of_the_field() -> None:
    on = {code: policy.budget for code, policy in PACKAGED.by_code.items() if policy.on}
    assert on["article-assign"] == hours(3)
    assert on["hotline-handle"] == working_days(5)
    assert PACKAGED.by_code["hotline-handle"].extension == working_days(10)
    assert {code for code, policy in PACKAGED.by_code.items() if policy.legal and policy.on} == {"petition-finish"}


def test_a_county_and_a_unit_have_it_otherwise_and_the_unit_has_the_last_word() -> None:
    text = (FOLDER.parent / "limits_with_overrides.toml").read_text("utf-8")
    policies = read(text)
    assert policies.ruling("solve", WEST, "window")[0].budget == hours(72)
    assert policies.ruling("solve", EAST, "window")[0].budget == hours(48)
    policy, owner = policies.ruling("solve", EAST, "roads")
    assert (policy.budget, owner) == (working_days(3), "unit:roads")
    assert policies.ruling("solve", EAST_HILL, "")[1] == "city"


def test_a_confirmed_rule_may_be_switched_on() -> None:
    text = (FOLDER / "unconfirmed_but_on.toml").read_text("utf-8")
    policy = read(text + 'confirmed_by = "市司法局 2026-12-01"\n').by_code["solve"]
    assert policy.on
    assert not policy.marked
