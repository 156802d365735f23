"""The rules that every board of Grafana holds, each as a function from a board to what breaks it.

They are dashboard-linter's and ours (docs/grafana.md). The tests hold the committed boards to them, and see that broken
ones are found.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from fengqiao.web.desk.modules import MODULES
from tests.boards import VARIABLE, Json, asked_variables, panels_of, queries_of, variables_of
from tests.promql import ranges
from tools.dashboards import palette

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{3,} [A-Za-z]{2,}")
UNITS = {"none", "percentunit", "s", "d", "cps", "cpm", "bool_on_off", "string"}
"""The units that our boards use, all of Grafana's own list."""
CHOSEN = {"type": "prometheus", "uid": "${datasource}"}
BUILT_IN = {"__rate_interval", "__range", "__value", "__data", "__url_time_range", "__all"}
TO_BOARD = re.compile(r"/d/(?P<uid>[\w-]+)\?(?P<choices>.*)")
PLACES = r"\$\{(?:county|centre|__value\.raw|__data\.fields\.county|__data\.fields\.centre)\}"
TO_DESK = re.compile(rf"\$\{{desk:raw\}}/(?:{PLACES}/(?P<page>[a-z-]*))?")
PAGES = {"", *(place.path for places in MODULES.values() for place in places)}


def has_no_words(board: Json) -> Iterator[str]:
    """A title without Chinese; a description that lacks one of the two languages."""
    for each in (board, *panels_of(board)):
        said = each.get("description", "")
        if not CHINESE.search(each.get("title", "")) or not (CHINESE.search(said) and ENGLISH.search(said)):
            yield each.get("title", "")


def is_open_to_change(board: Json) -> Iterator[str]:
    """A board that the browser may change, that never refreshes, or that shows other hours than the city's."""
    if (
        board["editable"]
        or not board["refresh"]
        or board["timezone"] != "Asia/Shanghai"
        or "fengqiao" not in board["tags"]
    ):
        yield board["title"]


def asks_another_source(board: Json) -> Iterator[str]:
    """A panel or a query that does not take the chosen data source, or a panel that asks nothing."""
    for panel in panels_of(board):
        if not panel.get("targets") or any(each.get("datasource") != CHOSEN for each in (panel, *panel["targets"])):
            yield panel["title"]


def has_no_unit(board: Json) -> Iterator[str]:
    """A panel or a column whose unit is missing or not Grafana's."""
    for panel in panels_of(board):
        config = panel["fieldConfig"]
        units = [each["value"] for each in properties_of(config) if each["id"] == "unit"]
        for unit in (config["defaults"].get("unit"), *units):
            if unit not in UNITS:
                yield f"{panel['title']}: {unit}"


def lacks_the_linters_variables(board: Json) -> Iterator[str]:
    """No variable for data source or job as dashboard-linter has them; choices that time does not renew."""
    variables = variables_of(board)
    source, job = variables.get("datasource", {}), variables.get("job", {})
    if (source.get("type"), source.get("query"), source.get("label")) != ("datasource", "prometheus", "Data source"):
        yield "datasource"
    if (job.get("label"), job.get("multi"), job.get("allValue")) != ("Job", True, ".+"):
        yield "job"
    yield from (name for name in asked_variables(board) if variables[name].get("refresh") != 2)
    yield from (name for name in asked_variables(board) if variables[name].get("datasource") != CHOSEN)


def has_idle_variables(board: Json) -> Iterator[str]:
    """A variable that nothing uses, and a use of one that is not there."""
    texts = [json.dumps(part) for part in (board["panels"], board["links"], board["templating"])]
    used = {name for text in texts for name in VARIABLE.findall(text)} - BUILT_IN
    yield from set(variables_of(board)) ^ used


def rates_over_fixed_times(board: Json) -> Iterator[str]:
    """A rate over anything but `$__rate_interval`."""
    for panel in panels_of(board):
        for query in queries_of(board, panel):
            text = VARIABLE.sub("1s", query.expr.replace("$__rate_interval", "4711s"))
            if any(function in {"rate", "irate"} and seconds != 4711 for function, seconds in ranges(text)):
                yield str(query)


def looks_far_back_at_every_step(board: Json) -> Iterator[str]:
    """A query over time that reads an hour or more for each of its steps; at one moment that is fine."""
    for panel in panels_of(board):
        for query in queries_of(board, panel):
            text = query.expr.replace("$__rate_interval", "1m").replace("$__range", "7d")
            if not query.instant and any(seconds >= 3600 for _, seconds in ranges(VARIABLE.sub("any", text))):
                yield str(query)


def is_red_without_need(board: Json) -> Iterator[str]:
    """A red threshold for what is not overdue."""
    for panel in panels_of(board):
        config = panel["fieldConfig"]
        parts = [(panel["title"], config["defaults"])]
        parts += [(str(override["matcher"]["options"]), override) for override in config["overrides"]]
        yield from (
            f"{panel['title']}: {name}" for name, part in parts if palette.RED in levels(part) and "超期" not in name
        )


def leads_nowhere(board: Json, known: dict[str, set[str]]) -> Iterator[str]:
    """A link to a board that is not there or does not know the choice, or to no page of the desk."""
    for where, url in links(board):
        to_board, to_desk = TO_BOARD.fullmatch(url), TO_DESK.fullmatch(url)
        if to_board:
            chosen = set(re.findall(r"var-(\w+)=", to_board["choices"]))
            if to_board["uid"] not in known or not chosen <= known[to_board["uid"]]:
                yield f"{where}: {url}"
        elif to_desk is None or (to_desk["page"] or "") not in PAGES:
            yield f"{where}: {url}"


def has_no_way_on(board: Json) -> Iterator[str]:
    """No menu of all boards that takes the choices along, or no link to the desk."""
    menus = [link for link in board["links"] if link["type"] == "dashboards"]
    if [(menu["tags"], menu["includeVars"], menu["keepTime"]) for menu in menus] != [(["fengqiao"], True, True)]:
        yield f"{board['title']}: no menu"
    if not any(link["type"] == "link" and TO_DESK.fullmatch(link["url"]) for link in board["links"]):
        yield f"{board['title']}: no desk"


def is_laid_out_badly(board: Json) -> Iterator[str]:
    """Panels that cover each other or reach over the edge, and numbers or titles that stand twice."""
    for counted in ([panel["id"] for panel in board["panels"]], [panel["title"] for panel in panels_of(board)]):
        yield from (f"{name} stands {many} times" for name, many in Counter(counted).items() if many > 1)
    places = [panel["gridPos"] for panel in board["panels"]]
    yield from (str(place) for place in places if place["x"] + place["w"] > 24)
    yield from (f"{one} covers {other}" for one, other in combinations(places, 2) if overlap(one, other))


def overlap(one: Json, other: Json) -> bool:
    """Whether two places of the grid share a cell."""
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return not beside and not below


def links(board: Json) -> Iterator[tuple[str, str]]:
    """(where it stands, address) of each link of a board, its panels and its cells; menus of boards left out."""
    yield from ((board["uid"], link["url"]) for link in board["links"] if link["type"] == "link")
    for panel in panels_of(board):
        columns = [each["value"] for each in properties_of(panel["fieldConfig"]) if each["id"] == "links"]
        for link in (*panel.get("links", ()), *(link for column in columns for link in column)):
            yield panel["title"], link["url"]


def properties_of(config: Json) -> list[Json]:
    """What the overrides of a panel set."""
    return [each for override in config["overrides"] for each in override["properties"]]


def levels(node: Any) -> Iterator[str]:
    """Every colour that a threshold somewhere below a node has."""
    if isinstance(node, dict):
        yield from (step["color"] for step in node.get("steps", ()) if isinstance(step, dict) and "color" in step)
        for value in node.values():
            yield from levels(value)
    elif isinstance(node, list):
        for value in node:
            yield from levels(value)
