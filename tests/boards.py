"""The committed boards of Grafana as tests read them: their panels, queries, variables and links."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.prometheus import Prometheus
from tests.stack import ROOT

FOLDER = ROOT / "deploy" / "grafana" / "dashboards"
Json = dict[str, Any]
VARIABLE = re.compile(r"\$\{?(\w+)")
OF_LABELS = re.compile(r"label_values\((?P<series>.*), (?P<label>\w+)\)")
OF_SERIES = re.compile(r"query_result\((?P<query>.*)\)")


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a panel."""

    board: str
    panel: str
    kind: str
    expr: str
    legend: str
    instant: bool

    def __str__(self) -> str:
        return f"{self.board}: {self.panel}: {self.expr}"


@cache
def boards() -> tuple[Json, ...]:
    """Every board that is committed, by the names of their files."""
    return tuple(json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json")))


def panels_of(board: Json) -> list[Json]:
    """The panels of a board that show something; headings of rows are left out."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def panels() -> Iterator[tuple[Json, Json]]:
    """Each (board, panel)."""
    for board in boards():
        for panel in panels_of(board):
            yield board, panel


def queries_of(board: Json, panel: Json) -> list[Query]:
    """The queries of a panel."""
    return [
        Query(
            board["uid"],
            panel["title"],
            panel["type"],
            target["expr"],
            target.get("legendFormat", ""),
            target.get("instant", False),
        )
        for target in panel["targets"]
    ]


def queries() -> list[Query]:
    """Every query of every panel."""
    return [query for board, panel in panels() for query in queries_of(board, panel)]


def variables_of(board: Json) -> dict[str, Json]:
    """The variables of a board by name."""
    return {variable["name"]: variable for variable in board["templating"]["list"]}


def asked_variables(board: Json) -> dict[str, str]:
    """Variable -> the query that gives its choices: values of a label, or the names of places beside their codes."""
    return {name: each["query"] for name, each in variables_of(board).items() if each["type"] == "query"}


def choices(variable: Json, result: list[Json]) -> list[tuple[str, str]]:
    """(text, value) as Grafana makes them of the series of a `query_result`: written out, then cut by the regex."""
    cut = re.compile(variable["regex"].strip("/").replace("(?<", "(?P<"))
    found = []
    for series in result:
        written = "{" + ",".join(f'{name}="{value}"' for name, value in sorted(series["metric"].items())) + "}"
        match = cut.search(written)
        if match is not None:
            found.append((match["text"] or match["value"], match["value"]))
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """A query with its variables replaced; raises KeyError for one that nobody gave a value."""
    return VARIABLE.sub(lambda found: values[found[1]], text)


def asked(server: Prometheus, query: Query, values: Mapping[str, str]) -> list[float]:
    """Every figure that Grafana would be given for a query, with the variables as a reader has chosen them."""
    text = filled(query.expr, values)
    result = server.now(text) if query.instant else server.since_start(text)
    samples = (sample for series in result for sample in series.get("values", [series.get("value")]))
    return [float(value) for _, value in samples]


def without_data(server: Prometheus, values: Mapping[str, str]) -> list[str]:
    """The queries of panels that have no figure at all."""
    return [str(query) for query in queries() if all(map(math.isnan, asked(server, query, values)))]


def without_choices(server: Prometheus, values: Mapping[str, str]) -> list[str]:
    """The variables of boards for which there is nothing to choose."""
    findings = []
    for board in boards():
        for name, text in asked_variables(board).items():
            given = filled(text, values)
            listed, series = OF_LABELS.fullmatch(given), OF_SERIES.fullmatch(given)
            if listed is not None:
                found: list[Any] = server.values_of(listed["label"], listed["series"])
            else:
                found = choices(variables_of(board)[name], server.now(series["query"])) if series else []
            if not found:
                findings.append(f"{board['uid']}: {name}")
    return findings
