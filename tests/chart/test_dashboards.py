"""The boards of Grafana are fresh, hold the rules of dashboard-linter and ours, and lead where they say (F36)."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from fengqiao.web.desk.modules import MODULES
from tests.boards import FOLDER, VARIABLE, Json, asked_variables, boards, panels, panels_of, queries_of, variables_of
from tests.promql import ranges
from tests.tidy.tree import report
from tools.dashboards import palette
from tools.dashboards.__main__ import made
from tools.dashboards.naming import read_lists

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{3,} [A-Za-z]{2,}")
UNITS = {"none", "percentunit", "s", "d", "cps", "cpm", "bool_on_off", "string"}
"""The units that our boards use, all of Grafana's own list."""
BUILT_IN = {"__rate_interval", "__range", "__value", "__data", "__url_time_range", "__all"}
TO_BOARD = re.compile(r"/d/(?P<uid>[\w-]+)\?(?P<choices>.*)")
PLACES = r"\$\{(?:county|centre|__value\.raw|__data\.fields\.county|__data\.fields\.centre)\}"
TO_DESK = re.compile(rf"\$\{{desk:raw\}}/(?:{PLACES}/(?P<page>[a-z-]*))?")


def each(board: Json, panel: Json) -> str:
    return f"{board['uid']}: {panel.get('title') or panel['id']}"


def links() -> Iterator[tuple[str, str]]:
    """(where it stands, address) of each link of each board, panel and cell."""
    for board in boards():
        for link in board["links"]:
            if link["type"] == "link":
                yield board["uid"], link["url"]
        for panel in panels_of(board):
            config = panel["fieldConfig"]
            for link in (*panel.get("links", ()), *config["defaults"].get("links", ()), *links_of_columns(config)):
                yield each(board, panel), link["url"]


def links_of_columns(config: Json) -> list[Json]:
    properties = [each for override in config["overrides"] for each in override["properties"]]
    return [link for found in properties if found["id"] == "links" for link in found["value"]]


def colours(node: Any) -> Iterator[str]:
    """Every colour that a threshold somewhere below a node has."""
    if isinstance(node, dict):
        yield from (step["color"] for step in node.get("steps", ()) if isinstance(step, dict) and "color" in step)
        for value in node.values():
            yield from colours(value)
    elif isinstance(node, list):
        for value in node:
            yield from colours(value)


def test_the_committed_boards_are_those_that_the_code_makes() -> None:
    committed = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert committed == made(read_lists()), "run make dashboards"


def test_there_are_the_six_boards_of_the_order() -> None:
    names = {board["uid"].removeprefix("fengqiao-") for board in boards()}
    assert names == {"city", "county", "centre", "transport", "limits", "node"}


def test_every_board_has_words_a_time_and_is_changed_by_code_alone() -> None:
    wrong = [
        board["uid"]
        for board in boards()
        if not CHINESE.search(board["title"])
        or not (CHINESE.search(board["description"]) and ENGLISH.search(board["description"]))
        or board["editable"]
        or board["tags"] != ["fengqiao"]
        or not board["refresh"]
        or board["timezone"] != "Asia/Shanghai"
    ]
    assert wrong == []


def test_every_panel_has_a_chinese_title_and_says_what_it_means_in_both_languages() -> None:
    wrong = [
        each(board, panel)
        for board, panel in panels()
        if not CHINESE.search(panel["title"])
        or not (CHINESE.search(panel["description"]) and ENGLISH.search(panel["description"]))
    ]
    assert wrong == []


def test_no_title_stands_twice_on_a_board() -> None:
    counts = Counter(each(board, panel) for board, panel in panels())
    assert [name for name, many in counts.items() if many > 1] == []


def test_every_panel_and_every_query_takes_the_data_source_that_was_chosen() -> None:
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    wrong = [
        each(board, panel)
        for board, panel in panels()
        if any(asked.get("datasource") != chosen for asked in (panel, *panel["targets"])) or not panel["targets"]
    ]
    assert wrong == []


def test_every_panel_and_every_column_has_a_unit_of_grafanas_list() -> None:
    wrong = []
    for board, panel in panels():
        config = panel["fieldConfig"]
        properties = [found for override in config["overrides"] for found in override["properties"]]
        units = [config["defaults"].get("unit"), *(found["value"] for found in properties if found["id"] == "unit")]
        wrong += [f"{each(board, panel)}: {unit}" for unit in units if unit not in UNITS]
    assert wrong == []


def test_every_board_has_the_variables_that_dashboard_linter_asks_for() -> None:
    for board in boards():
        variables = variables_of(board)
        source, job = variables["datasource"], variables["job"]
        assert (source["type"], source["query"], source["label"]) == ("datasource", "prometheus", "Data source")
        assert (job["label"], job["multi"], job["allValue"]) == ("Job", True, ".+")
        assert job["datasource"]["uid"] == "${datasource}"
        assert all(variables[name]["refresh"] == 2 for name in asked_variables(board))


def test_every_variable_is_used_and_every_one_that_is_used_exists() -> None:
    findings = []
    for board in boards():
        named = set(variables_of(board))
        texts = [json.dumps(part) for part in (board["panels"], board["links"], board["templating"])]
        used = {name for text in texts for name in VARIABLE.findall(text)} - BUILT_IN
        findings += [f"{board['uid']}: {name}" for name in named ^ used]
    assert not findings, report(findings)


def test_every_rate_is_over_the_rate_interval_and_nothing_else_is() -> None:
    stands_for = 4711.0
    findings = []
    for board, panel in panels():
        for query in queries_of(board, panel):
            text = VARIABLE.sub("1s", query.expr.replace("$__rate_interval", "4711s"))
            for function, seconds in ranges(text):
                if function in {"rate", "irate"} and seconds != stands_for:
                    findings.append(f"{query}: {function} takes $__rate_interval")
    assert not findings, report(findings)


def test_red_is_for_what_is_overdue_and_for_nothing_else() -> None:
    findings = []
    for board, panel in panels():
        config = panel["fieldConfig"]
        if palette.RED in colours(config["defaults"]) and "超期" not in panel["title"]:
            findings.append(each(board, panel))
        findings += [
            f"{each(board, panel)}: {override['matcher']['options']}"
            for override in config["overrides"]
            if palette.RED in colours(override) and "超期" not in override["matcher"]["options"]
        ]
    assert not findings, report(findings)


def test_every_link_between_boards_leads_to_a_board_that_knows_the_choice() -> None:
    known = {board["uid"]: set(variables_of(board)) for board in boards()}
    found = [(where, match) for where, url in links() if (match := TO_BOARD.fullmatch(url))]
    assert len(found) >= 4
    wrong = [
        (where, match[0])
        for where, match in found
        if match["uid"] not in known or not set(re.findall(r"var-(\w+)=", match["choices"])) <= known[match["uid"]]
    ]
    assert wrong == []


def test_every_other_link_leads_to_a_page_of_the_desk() -> None:
    pages = {"", *(place.path for places in MODULES.values() for place in places)}
    wrong = [
        (where, url)
        for where, url in links()
        if not TO_BOARD.fullmatch(url) and not ((match := TO_DESK.fullmatch(url)) and (match["page"] or "") in pages)
    ]
    assert wrong == []


def test_every_board_leads_to_all_others_and_to_the_desk() -> None:
    for board in boards():
        menus = [link for link in board["links"] if link["type"] == "dashboards"]
        assert [(menu["tags"], menu["includeVars"], menu["keepTime"]) for menu in menus] == [(["fengqiao"], True, True)]
        assert any(link["type"] == "link" and link["url"].startswith("${desk:raw}/") for link in board["links"])


def test_no_panel_covers_another_and_each_has_a_number_of_its_own() -> None:
    for board in boards():
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        places = [panel["gridPos"] for panel in board["panels"]]
        assert all(place["x"] >= 0 and place["x"] + place["w"] <= 24 for place in places)
        assert [pair for pair in combinations(places, 2) if overlap(*pair)] == []


def overlap(one: Json, other: Json) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return not beside and not below


@pytest.mark.parametrize(
    ("one", "other", "covers"),
    [
        ({"x": 0, "y": 0, "w": 4, "h": 4}, {"x": 3, "y": 3, "w": 4, "h": 4}, True),
        ({"x": 0, "y": 0, "w": 4, "h": 4}, {"x": 4, "y": 0, "w": 4, "h": 4}, False),
    ],
)
def test_a_panel_over_another_is_found(one: Json, other: Json, covers: bool) -> None:
    assert overlap(one, other) is covers


def test_the_names_of_classes_and_limits_come_from_the_lists_of_a_city(tmp_path: Path) -> None:
    catalogue, limits = tmp_path / "catalogue.toml", tmp_path / "limits.toml"
    catalogue.write_text('[[class]]\ncode = "01"\nname = "水利"\n', "utf-8")
    limits.write_text('[[limit]]\ncode = "own"\nname = "本市七日"\non = true\n', "utf-8")
    files = made(read_lists(catalogue, limits), "https://desk.example.org")
    board = files["fengqiao-limits.json"]
    assert "01 水利" in board
    assert "本市七日" in board
    assert '"query": "https://desk.example.org"' in board
    assert "水利" not in (FOLDER / "fengqiao-limits.json").read_text("utf-8")
