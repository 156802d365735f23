"""Run the tiers of tests one after the other and end with one table: what ran, what failed, what is still to come.

`python -m tools.tiers` runs all but those apart; `python -m tools.tiers unit -k custody` runs one tier and hands the
rest to pytest.
A tier without a test fails, and so does a skipped test: neither proves anything.
"""

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build" / "reports"
NO_TESTS_COLLECTED = 5


@dataclass(frozen=True, slots=True)
class Tier:
    """A folder below `tests/`, how many processes may share it, and how long one of its tests may take."""

    name: str
    workers: int
    test_timeout_seconds: int


TIERS = (
    Tier("tidy", workers=0, test_timeout_seconds=60),
    Tier("unit", workers=2, test_timeout_seconds=300),
    Tier("contract", workers=0, test_timeout_seconds=120),
    Tier("node", workers=2, test_timeout_seconds=120),
    Tier("federation", workers=0, test_timeout_seconds=300),
    Tier("browser", workers=0, test_timeout_seconds=300),
    Tier("chart", workers=2, test_timeout_seconds=300),
    Tier("fault", workers=0, test_timeout_seconds=1800),
)

# These run only when they are asked for: they need what takes a good while to build once, or a Docker engine.
TIERS_APART = (
    Tier("cluster", workers=0, test_timeout_seconds=300),
    Tier("compose", workers=0, test_timeout_seconds=600),
)

# A tier stands here only while its folder holds no test; the first test in it has to take the entry away.
TIERS_TO_COME: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one tier; `problem` is empty when every test of it passed."""

    tier: str
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    seconds: float = 0.0
    problem: str = ""
    to_come: str = ""


def has_tests(name: str) -> bool:
    """Say whether the tier's folder holds a test file."""
    return any((ROOT / "tests" / name).rglob("test_*.py"))


def run(tier: Tier, pytest_arguments: list[str]) -> Outcome:
    """Run one tier in its own process and count from its report."""
    if tier.name in TIERS_TO_COME:
        if has_tests(tier.name):
            return Outcome(tier.name, problem="has tests now: take it out of TIERS_TO_COME in tools/tiers.py")
        return Outcome(tier.name, to_come=TIERS_TO_COME[tier.name])
    if not has_tests(tier.name):
        return Outcome(tier.name, problem=f"no test in tests/{tier.name}")
    report = REPORTS / f"{tier.name}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", f"tests/{tier.name}", f"--timeout={tier.test_timeout_seconds}"]
    command += [f"--junitxml={report}", "-q", *(["-n", str(tier.workers)] if tier.workers else []), *pytest_arguments]
    print(f"\n=== {tier.name} ===", flush=True)
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    outcome = replace(counted(tier.name, report), seconds=time.monotonic() - began)
    return replace(outcome, problem=problem_of(outcome, code))


def counted(name: str, report: Path) -> Outcome:
    """Read the counts of a tier from pytest's report."""
    if not report.exists():
        return Outcome(name)
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 - written by our own pytest just now
    tests, failed, errors, skipped = (
        sum(int(suite.get(key, "0")) for suite in suites) for key in ("tests", "failures", "errors", "skipped")
    )
    return Outcome(name, passed=tests - failed - errors - skipped, failed=failed, errors=errors, skipped=skipped)


def problem_of(outcome: Outcome, code: int) -> str:
    """Name what is wrong with a tier, in a few words."""
    if code == NO_TESTS_COLLECTED or (code == 0 and not outcome.passed):
        return "no test ran"
    if code != 0 or outcome.failed or outcome.errors:
        return f"{outcome.failed} failed, {outcome.errors} errors, pytest ended with {code}"
    return f"{outcome.skipped} skipped" if outcome.skipped else ""


def table(outcomes: list[Outcome]) -> str:
    """Lay the outcomes out as lines, with one line at the end that says it all."""
    lines = [f"\n{'tier':<12}{'passed':>8}{'failed':>8}{'errors':>8}{'skipped':>9}{'seconds':>9}"]
    for one in outcomes:
        if one.to_come:
            lines.append(f"{one.tier:<12}to come: {one.to_come}")
            continue
        counts = f"{one.passed:>8}{one.failed:>8}{one.errors:>8}{one.skipped:>9}{one.seconds:>9.1f}"
        lines.append(f"{one.tier:<12}{counts}{'  <- ' + one.problem if one.problem else ''}")
    bad = [one.tier for one in outcomes if one.problem]
    passed, seconds = sum(one.passed for one in outcomes), sum(one.seconds for one in outcomes)
    verdict = f"FAILED in {', '.join(bad)}" if bad else "all passed" if passed else "nothing to run yet"
    lines.append(f"{verdict}: {passed} tests passed, tiers {len(outcomes)}, {seconds:.0f} s")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run the tier named, or all but those apart; 0 when all passed, 1 when something failed, 2 for an unknown tier."""
    tiers = {tier.name: tier for tier in (*TIERS, *TIERS_APART)}
    chosen = arguments[0] if arguments else "all"
    if chosen not in {"all", *tiers}:
        print(f"There is no tier {chosen!r}; choose one of: all, {', '.join(tiers)}.")
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    wanted = TIERS if chosen == "all" else (tiers[chosen],)
    outcomes = [run(tier, arguments[1:]) for tier in wanted]
    print(table(outcomes), flush=True)
    return 1 if any(one.problem for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
