"""The boards of Grafana are fresh, hold the rules of dashboard-linter and ours, and lead where they say (F36)."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests import board_rules as rules
from tests.boards import FOLDER, Json, boards, panels_of, variables_of
from tests.tidy.tree import report
from tools.dashboards.__main__ import made, main
from tools.dashboards.naming import read_lists

Rule = Callable[[Json], Iterator[str]]
Broken = dict[str, Any]
KNOWN = {board["uid"]: set(variables_of(board)) for board in boards()}


def leads_nowhere(board: Json) -> Iterator[str]:
    return rules.leads_nowhere(board, KNOWN)


RULES: tuple[Rule, ...] = (
    rules.has_no_words,
    rules.is_open_to_change,
    rules.asks_another_source,
    rules.has_no_unit,
    rules.lacks_the_linters_variables,
    rules.has_idle_variables,
    rules.rates_over_fixed_times,
    rules.looks_far_back_at_every_step,
    rules.is_red_without_need,
    rules.has_no_way_on,
    rules.is_laid_out_badly,
    leads_nowhere,
)


def broken(how: Callable[[Broken], None]) -> Broken:
    """The board of a county with one thing wrong."""
    board = deepcopy(next(dict(board) for board in boards() if board["uid"] == "fengqiao-county"))
    how(board)
    return board


def first(board: Broken, kind: str) -> Broken:
    """The first panel of a kind."""
    found: Broken = next(panel for panel in panels_of(board) if panel["type"] == kind)
    return found


def test_the_committed_boards_are_those_that_the_code_makes() -> None:
    committed = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert committed == made(read_lists()), "run make dashboards"


def test_there_are_the_six_boards_of_the_order() -> None:
    assert {uid.removeprefix("fengqiao-") for uid in KNOWN} == {
        "city", "county", "centre", "transport", "limits", "node"
    }  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_no_board_breaks_a_rule(board: Json, rule: Rule) -> None:
    findings = list(rule(board))
    assert not findings, report(findings)


@pytest.mark.parametrize(
    ("rule", "how"),
    [
        (rules.has_no_words, lambda board: first(board, "stat").update(title="Overdue clocks")),
        (rules.has_no_words, lambda board: first(board, "stat").update(description="只有中文")),
        (rules.has_no_words, lambda board: first(board, "table").update(description="")),
        (rules.is_open_to_change, lambda board: board.update(editable=True)),
        (rules.is_open_to_change, lambda board: board.update(timezone="browser")),
        (rules.asks_another_source, lambda board: first(board, "stat").update(datasource={"uid": "fixed"})),
        (rules.asks_another_source, lambda board: first(board, "stat").update(targets=[])),
        (rules.has_no_unit, lambda board: first(board, "stat")["fieldConfig"]["defaults"].pop("unit")),
        (rules.has_no_unit, lambda board: first(board, "stat")["fieldConfig"]["defaults"].update(unit="apples")),
        (rules.lacks_the_linters_variables, lambda board: variables_of(board)["job"].update(allValue=".*")),
        (rules.lacks_the_linters_variables, lambda board: variables_of(board)["county"].update(refresh=1)),
        (rules.lacks_the_linters_variables, lambda board: variables_of(board)["datasource"].update(label="源")),
        (rules.has_idle_variables, lambda board: variables_of(board)["county"].update(name="unused")),
        (rules.rates_over_fixed_times, lambda board: ask(board, "rate(fengqiao_resends_total[5m])")),
        (rules.looks_far_back_at_every_step, lambda board: ask(board, "increase(fengqiao_resends_total[$__range])")),
        (rules.is_red_without_need, lambda board: first(board, "stat").update(title="死信")),
        (rules.has_no_way_on, lambda board: board.update(links=[])),
        (rules.is_laid_out_badly, lambda board: first(board, "table")["gridPos"].update(y=0)),
        (rules.is_laid_out_badly, lambda board: first(board, "table").update(id=1)),
        (leads_nowhere, lambda board: board["links"][1].update(url="${desk:raw}/${county}/nowhere")),
        (leads_nowhere, lambda board: board["links"][1].update(url="/d/fengqiao-nothing?var-county=1")),
        (leads_nowhere, lambda board: board["links"][1].update(url="/d/fengqiao-city?var-centre=1")),
        (leads_nowhere, lambda board: board["links"][1].update(url="http://elsewhere/")),
    ],
)
def test_a_board_that_breaks_a_rule_is_found(rule: Rule, how: Callable[[Broken], None]) -> None:
    assert list(rule(broken(how)))


def ask(board: Broken, expr: str) -> None:
    first(board, "timeseries")["targets"][0].update(expr=expr)


def test_the_names_of_classes_and_limits_come_from_the_lists_of_a_city(tmp_path: Path) -> None:
    catalogue, limits = tmp_path / "catalogue.toml", tmp_path / "limits.toml"
    catalogue.write_text('[[class]]\ncode = "01"\nname = "水利"\n', "utf-8")
    limits.write_text('[[limit]]\ncode = "own"\nname = "本市七日"\non = true\n', "utf-8")
    lists = ["--catalogue", str(catalogue), "--limits", str(limits), "--desk", "https://desk.example.org"]
    assert main([*lists, "--folder", str(tmp_path / "boards")]) == 0
    board = (tmp_path / "boards" / "fengqiao-limits.json").read_text("utf-8")
    assert "01 水利" in board
    assert "本市七日" in board
    assert '"query": "https://desk.example.org"' in board
    assert "水利" not in (FOLDER / "fengqiao-limits.json").read_text("utf-8")


def test_a_board_that_is_no_more_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "fengqiao-old.json").write_text("{}", "utf-8")
    assert main(["--folder", str(tmp_path)]) == 0
    assert {path.stem for path in tmp_path.iterdir()} == set(KNOWN)
