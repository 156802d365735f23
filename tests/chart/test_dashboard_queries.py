"""Every query of the boards is PromQL, asks only for series and labels that exist, and names its series (F36)."""

from functools import cache
from typing import Any

import pytest
import yaml

from fengqiao.observe.metric import MetricKind
from fengqiao.observe.metrics import METRICS
from tests.boards import (
    OF_LABELS,
    OF_SERIES,
    Json,
    Query,
    asked_variables,
    boards,
    filled,
    panels,
    queries,
    queries_of,
    variables_of,
)
from tests.promql import Labels, Selector, carried, selectors
from tests.stack import ROOT
from tests.tidy.tree import report

FROM_SCRAPE = {"job", "instance", "county", "county_name", "centre_name"}
"""The labels that Prometheus adds to each of our series: its own two, and the places by the scrape configuration."""
VALUES = {
    "job": ".+",
    "county": "990001",
    "centre": "990001001",
    "class": ".*",
    "limit": ".*",
    "__rate_interval": "1m",
    "__range": "1d",
}
CHOICES = {"county": 'county=~"$county"', "centre": 'centre=~"$centre"', "class": 'class=~"$class"'}
"""Variable -> the matcher that each selector of a board with it has, when its series has such a label."""
OF_THE_WHOLE_CITY = {"版本落后"}
"""Panels that hold the chosen centres against all others."""


@cache
def scraped() -> dict[str, Labels]:
    """Series of a node -> its labels; a histogram is three series."""
    found: dict[str, Labels] = {}
    for metric in METRICS:
        labels = frozenset({"centre", *metric.labels, *FROM_SCRAPE})
        if metric.kind is MetricKind.HISTOGRAM:
            found |= {f"{metric.name}_bucket": labels | {"le"}}
            found |= {f"{metric.name}{ending}": labels for ending in ("_sum", "_count")}
        else:
            found[metric.name] = labels
    return found


@cache
def recorded() -> dict[str, Labels]:
    """Series of the recording rules -> the labels that their expressions leave."""
    found: dict[str, Labels] = {}

    def known(series: str) -> Labels:
        return {**scraped(), **found}[series]

    for path in sorted((ROOT / "deploy" / "prometheus").glob("*.rules.yml")):
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
            for rule in group["rules"]:
                if "record" in rule:
                    found[rule["record"]] = carried(rule["expr"], known) | set(rule.get("labels", ()))
    return found


def labels_of(series: str) -> Labels:
    """The labels of a series; fails for one that nobody tells."""
    known = {**scraped(), **recorded()}
    assert series in known, f"nobody tells {series}"
    return known[series]


def unmatched(selector: Selector, variables: dict[str, Any]) -> list[str]:
    """The choices of a board that a selector leaves out although its series has the label."""
    if selector.series in recorded():
        wanted = {name: text for name, text in CHOICES.items() if name == "class" and name in variables}
    else:
        wanted = {"job": 'job=~"$job"'} | {name: text for name, text in CHOICES.items() if name in variables}
    return [
        text
        for name, text in wanted.items()
        if name in labels_of(selector.series) and selector.matchers.get(name) != text
    ]


def as_written(expr: str) -> str:
    """The query with its durations filled in and the choices left as they stand, which PromQL takes as text."""
    return expr.replace("$__rate_interval", "1m").replace("$__range", "1d")


def misnamed(query: Query) -> str:
    """What is wrong with the name of a query's series, or "" when a legend tells them all apart."""
    labels = carried(filled(query.expr, VALUES), labels_of)
    if query.kind == "table":
        return "" if not query.legend else "a table has columns and no legend"
    missing = [label for label in labels if f"{{{{{label}}}}}" not in query.legend]
    return f"the legend leaves out {missing}" if missing else ""


@pytest.mark.parametrize("query", queries(), ids=str)
def test_every_query_is_promql_about_series_and_labels_that_exist(query: Query) -> None:
    text = filled(query.expr, VALUES)
    assert selectors(text), "a query asks for a series"
    # What is shown is told apart by places and by our own labels: a job or a process means nothing to a reader.
    assert not carried(text, labels_of) & {"job", "instance"}


def test_every_selector_follows_the_choices_of_its_board() -> None:
    findings = [
        f"{query}: {selector.series} leaves out {left_out}"
        for board, panel in panels()
        if panel["title"] not in OF_THE_WHOLE_CITY
        for query in queries_of(board, panel)
        for selector in selectors(as_written(query.expr))
        if (left_out := unmatched(selector, variables_of(board)))
    ]
    assert not findings, report(findings)


def test_a_legend_tells_several_series_apart() -> None:
    findings = [f"{query}: {wrong}" for query in queries() if (wrong := misnamed(query))]
    assert not findings, report(findings)


def test_several_queries_of_a_panel_have_names_of_their_own() -> None:
    findings = []
    for board, panel in panels():
        names = [query.legend for query in queries_of(board, panel)]
        if panel["type"] != "table" and len(names) > 1 and (len(set(names)) < len(names) or "" in names):
            findings.append(f"{board['uid']}: {panel['title']}: {names}")
    assert not findings, report(findings)


def test_the_rows_of_a_table_are_told_by_the_same_labels_in_all_its_columns() -> None:
    findings = []
    for board, panel in panels():
        if panel["type"] == "table":
            keys = {carried(filled(query.expr, VALUES), labels_of) for query in queries_of(board, panel)}
            headings = named_columns(panel)
            if len(keys) != 1 or set(keys.pop()) != headings:
                findings.append(f"{board['uid']}: {panel['title']}: rows by {headings}")
    assert not findings, report(findings)


def named_columns(panel: Json) -> set[str]:
    """The labels that a table shows as columns, by the order of its transformations."""
    last = panel["transformations"][-1]["options"]
    if "rowField" in last:
        return {last["rowField"], last["columnField"]}
    return {name for name in last["indexByName"] if not name.startswith("Value")}


def test_every_variable_asks_for_labels_that_its_series_has() -> None:
    asked = [(board["uid"], name, text) for board in boards() for name, text in asked_variables(board).items()]
    assert len(asked) >= 12
    for uid, name, text in asked:
        values, series = OF_LABELS.fullmatch(text), OF_SERIES.fullmatch(text)
        if values is not None:
            assert values["label"] in carried(as_written(values["series"]), labels_of), (uid, name)
        else:
            assert series is not None, (uid, name)
            assert carried(as_written(series["query"]), labels_of) == {name, f"{name}_name"}, (uid, name)


@pytest.mark.parametrize(
    ("expr", "wrong"),
    [
        ('sum by (class) (fengqiao_dead_letters{job=~".+"})', "is asked of series"),
        ('fengqiao_dead_letters{class="01"}', "has no label"),
        ("fengqiao_nothing_total", "nobody tells"),
        ("histogram_quantile(0.9, sum by (step) (fengqiao_case_step_seconds_bucket))", "needs the buckets"),
    ],
)
def test_a_query_about_what_is_not_there_is_found(expr: str, wrong: str) -> None:
    with pytest.raises(AssertionError, match=wrong):
        carried(expr, labels_of)


def test_what_is_no_promql_is_found() -> None:
    with pytest.raises(ValueError, match="unclosed"):
        selectors("sum by (class (x)")
