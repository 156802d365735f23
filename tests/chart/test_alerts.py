"""Every alert speaks when it should, keeps silent when it should, and leads to a page that says what to do (F36)."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from fengqiao.entry.alert_routes import INHIBITIONS
from fengqiao.observe.metrics import METRICS
from tests.chart.alert_table import COUNTY, PLACE, TABLE, Row, Samples
from tests.prometheus import RULE_FILES, promtool, rule_test
from tests.stack import ROOT

LABELS = {metric.name: {"centre", *metric.labels} for metric in METRICS} | {
    name: {"job", "instance", "centre"} for name in ("up", "pg_up")
}
TARGET_LABELS = {"centre_name", "county", "county_name", "level"}
ALERT = re.compile(r"^ +- alert: (\w+)\n(.*?)(?=^ +- |^ +#|\Z)", re.MULTILINE | re.DOTALL)
LABEL = re.compile(r'(\w+)="([^"]*)"')
RULES = {name: body for file in RULE_FILES for name, body in ALERT.findall(file.read_text("utf-8"))}


def series_of(written: str, place: Mapping[str, str]) -> str:
    """A series of the table with the labels of its centre; raises AssertionError when the product has none like it."""
    name = written.split("{", 1)[0]
    labels = {**place, **dict(LABEL.findall(written))}
    assert set(labels) <= LABELS[name] | TARGET_LABELS, f"{written}: {set(labels) - LABELS[name] - TARGET_LABELS}"
    assert LABELS[name] - {"instance"} <= set(labels), f"{written} lacks {LABELS[name] - set(labels)}"
    return f"{name}{{{written_labels(labels)}}}"


def written_labels(labels: Mapping[str, str]) -> str:
    """Labels as a query has them."""
    return ",".join(f'{label}="{value}"' for label, value in labels.items())


def plays(folder: Path, row: Row, samples: Samples, *, speaks: bool) -> None:
    """Plays samples through all rules and asserts whether the alert fires, and with which labels."""
    labels = {**(PLACE if row.place else {}), **row.labels, "alertname": row.alert, "severity": row.severity}
    shown = written_labels({**labels, "alertstate": "firing"})
    test = {
        "interval": f"{row.step}m",
        "input_series": [
            {"series": series_of(written, {**COUNTY, **PLACE}), "values": values} for written, values in samples.items()
        ],
        "promql_expr_test": [
            {
                "expr": f'ALERTS{{alertname="{row.alert}",alertstate="firing"}}',
                "eval_time": f"{row.minute}m",
                "exp_samples": [{"labels": f"ALERTS{{{shown}}}", "value": 1}] if speaks else [],
            }
        ],
    }
    told = rule_test(folder, test, every=f"{row.step}m")
    assert told.returncode == 0, told.stdout + told.stderr


def named(row: Row) -> str:
    """The name of a row in the list of tests."""
    return row.alert


@pytest.mark.parametrize("file", RULE_FILES, ids=lambda file: file.name)
def test_promtool_takes_the_rules(file: Path) -> None:
    told = promtool("check", "rules", str(file))
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("row", TABLE, ids=named)
def test_an_alert_speaks(tmp_path: Path, row: Row) -> None:
    plays(tmp_path, row, row.speaks, speaks=True)


@pytest.mark.parametrize(
    ("row", "samples"), [pytest.param(row, quiet, id=row.alert) for row in TABLE for quiet in row.silent]
)
def test_an_alert_keeps_silent(tmp_path: Path, row: Row, samples: Samples) -> None:
    plays(tmp_path, row, samples, speaks=False)


def test_a_wrong_row_is_found(tmp_path: Path) -> None:
    row = next(row for row in TABLE if row.alert == "FengqiaoDeadLetters")
    with pytest.raises(AssertionError):
        plays(tmp_path, row, row.silent[0], speaks=True)
    with pytest.raises(AssertionError):
        plays(tmp_path, row, row.speaks, speaks=False)


def test_every_alert_has_a_row_that_speaks_and_one_that_is_silent() -> None:
    assert sorted(row.alert for row in TABLE) == sorted(RULES)
    assert [row.alert for row in TABLE if not row.speaks or not row.silent] == []


def test_every_alert_says_how_bad_it_is_what_it_is_and_what_to_do_in_both_languages() -> None:
    findings = []
    for name, body in RULES.items():
        if not re.search(r"labels: \{severity: (critical|warning)[,}]", body):
            findings.append(f"{name}: no severity")
        for annotation in ("summary", "action"):
            text = re.search(rf'^ +{annotation}: "(.*)"$', body, re.MULTILINE)
            # A Chinese sentence, its full stop, and an English one.
            if not text or not re.search(r"[一-鿿].*。 .*[A-Za-z]{3,}.*[.?]$", text.group(1)):
                findings.append(f"{name}: {annotation} is not in both languages")
        if f"runbook_url: docs/runbooks/{name}.md" not in body:
            findings.append(f"{name}: its runbook is not named")
    assert findings == []


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    pages = {page.stem for page in (ROOT / "docs" / "runbooks").glob("*.md")} - {"README"}
    assert pages == set(RULES)


def test_what_silences_and_is_silenced_exists() -> None:
    spoken = {name for cause, consequences, _ in INHIBITIONS for name in (cause, *consequences)}
    assert spoken <= set(RULES)
