"""Metrics stand in one table, `observe/metrics.py`: whoever sets, shows or explains one means a row of it."""

import ast
import re

import pytest

from fengqiao.observe.metric import Metric, MetricKind
from fengqiao.observe.metrics import METRICS
from tests.tidy.tree import PACKAGE, Module, package_modules, parsed, report, texts

TABLE = {metric.name: metric for metric in METRICS}
# How a metric is written: the kind it has to be, and how many arguments stand before its labels.
WRITES = {
    "count": (MetricKind.COUNTER, 1),
    "begin": (MetricKind.COUNTER, 1),
    "set": (MetricKind.GAUGE, 2),
    "clear": (MetricKind.GAUGE, None),
    "observe": (MetricKind.HISTOGRAM, 2),
}
ENDINGS = {MetricKind.COUNTER: ("_total",), MetricKind.HISTOGRAM: ("_seconds", "_bytes", "_records")}
SERIES = re.compile(r"\bfengqiao_[a-z0-9_]+\b")
PLACES_OF_PROSE = ("docs/", "deploy/", "charts/", "README.md", "ARCHITECTURE.md")
# What is called `fengqiao_…` in prose and is no metric: names of databases.
DATABASES = re.compile(r"fengqiao_(template|\d+)")


def writes(module: Module) -> list[tuple[ast.Call, str, str]]:
    """(call, method, metric) for each call that writes a metric by its name."""
    return [
        (node, node.func.attr, str(node.args[0].value))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
        if node.args and isinstance(node.args[0], ast.Constant) and str(node.args[0].value).startswith("fengqiao_")
    ]


def wrong_writes(module: Module) -> list[str]:
    """Each write of an unknown metric, by the wrong method, or with too few or too many labels."""
    found = []
    for call, method, name in writes(module):
        metric = TABLE.get(name)
        kind, before_labels = WRITES[method]
        if metric is None or metric.kind is not kind:
            found.append(f"{module.path}:{call.lineno}: the table has no {kind} {name}")
        elif before_labels is not None and not any(isinstance(argument, ast.Starred) for argument in call.args):
            given = len(call.args) - before_labels
            if given != len(metric.labels):
                found.append(f"{module.path}:{call.lineno}: {name} has the labels {metric.labels}, {given} are given")
    return found


def metric_of(series: str) -> str:
    """The metric that a series in a query belongs to."""
    for ending in ("_bucket", "_sum", "_count"):
        if series.removesuffix(ending) in TABLE:
            return series.removesuffix(ending)
    return series


def misnamed(metric: Metric) -> bool:
    """Say whether a name does not begin with the product or does not end with its unit."""
    if not re.fullmatch(r"fengqiao(_[a-z]+)+", metric.name):
        return True
    if metric.kind is MetricKind.GAUGE:
        return metric.name.endswith("_total")
    return not metric.name.endswith(ENDINGS[metric.kind])


def test_every_metric_has_a_name_of_its_own_that_ends_with_its_unit() -> None:
    assert len(TABLE) == len(METRICS)
    assert [metric.name for metric in METRICS if misnamed(metric)] == []


def test_every_metric_says_what_it_means_and_what_to_do() -> None:
    assert [metric.name for metric in METRICS if not (metric.meaning.strip() and metric.remedy.strip())] == []


def test_every_write_of_a_metric_fits_the_table() -> None:
    findings = [finding for module in package_modules() for finding in wrong_writes(module)]
    assert not findings, report(findings)


def test_every_metric_of_the_table_is_written_somewhere() -> None:
    written = {name for module in package_modules() for _, _, name in writes(module)}
    findings = [f"{name}: nothing writes it; write it or take the row away" for name in sorted(set(TABLE) - written)]
    assert not findings, report(findings)


def test_every_metric_that_a_page_or_a_rule_names_exists() -> None:
    findings = [
        f"{path}: {series} is not in the table of metrics"
        for path, text in texts()
        if path.startswith(PLACES_OF_PROSE)
        for series in SERIES.findall(text)
        if metric_of(series) not in TABLE and not DATABASES.fullmatch(series)
    ]
    assert not findings, report(findings)


@pytest.mark.parametrize(
    "call",
    [
        "metrics.count('fengqiao_nothing_total')",
        "metrics.set('fengqiao_messages_total', 1)",
        "metrics.set('fengqiao_link_up', 1)",
        "metrics.set('fengqiao_link_up', 1, '371403', 'up', 'more')",
    ],
)
def test_a_wrong_write_is_found(call: str) -> None:
    assert wrong_writes(parsed(f"{PACKAGE}/bus/relay.py", call))
