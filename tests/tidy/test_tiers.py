"""The runner of tiers tells the truth: empty, skipped and broken tiers are failures, and it knows each tier."""

import re
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT
from tools import tiers
from tools.tiers import (
    NO_TESTS_COLLECTED,
    TIERS,
    TIERS_APART,
    TIERS_TO_COME,
    Outcome,
    Tier,
    counted,
    main,
    problem_of,
    table,
)

REPORT = '<testsuites><testsuite tests="5" failures="1" errors="1" skipped="1"/></testsuites>'


def test_makefile_and_runner_know_the_same_tiers_in_the_same_order() -> None:
    lines = dict(re.findall(r"^(TIERS\w*) := (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert lines["TIERS"].split() == [tier.name for tier in TIERS]
    assert lines["TIERS_APART"].split() == [tier.name for tier in TIERS_APART]


def test_a_tier_apart_runs_only_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def note(tier: Tier, _: list[str]) -> Outcome:
        ran.append(tier.name)
        return Outcome(tier.name, passed=1)

    monkeypatch.setattr(tiers, "run", note)
    assert main([]) == 0
    assert ran == [tier.name for tier in TIERS]
    ran.clear()
    assert {main([tier.name]) for tier in TIERS_APART} == {0}
    assert ran == [tier.name for tier in TIERS_APART]


def test_every_tier_has_a_folder_or_is_to_come() -> None:
    assert [tier.name for tier in (*TIERS, *TIERS_APART) if not (ROOT / "tests" / tier.name).is_dir()] == list(
        TIERS_TO_COME
    )


@pytest.mark.parametrize(
    ("outcome", "code", "problem"),
    [
        (Outcome("unit", passed=3), 0, ""),
        (Outcome("unit"), NO_TESTS_COLLECTED, "no test ran"),
        (Outcome("unit"), 0, "no test ran"),
        (Outcome("unit", passed=3, skipped=1), 0, "1 skipped"),
        (Outcome("unit", passed=3, failed=1), 1, "1 failed, 0 errors, pytest ended with 1"),
        (Outcome("unit", passed=3), 2, "0 failed, 0 errors, pytest ended with 2"),
    ],
)
def test_a_tier_that_proves_nothing_is_a_problem(outcome: Outcome, code: int, problem: str) -> None:
    assert problem_of(outcome, code) == problem


def test_counts_come_from_the_report(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(REPORT, "utf-8")
    assert counted("unit", report) == Outcome("unit", passed=2, failed=1, errors=1, skipped=1)
    assert counted("unit", tmp_path / "missing.xml") == Outcome("unit")


def test_the_last_line_names_the_tiers_that_failed() -> None:
    outcomes = [Outcome("tidy", passed=4), Outcome("unit", problem="no test ran"), Outcome("chart", to_come="issue 5")]
    assert table(outcomes).splitlines()[-1].startswith("FAILED in unit: 4 tests passed")


def test_an_unknown_tier_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["units"]) == 2
    assert "choose one of: all, tidy, unit" in capsys.readouterr().out
