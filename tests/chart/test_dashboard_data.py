"""Every panel and every variable of the boards is answered by a real Prometheus that scraped nodes (F36).

The nodes are simulated here, in a quiet city and in a troubled one; tests/federation asks real ones.
"""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from fengqiao.observe.metrics import METRICS
from tests.boards import (
    OF_SERIES,
    Json,
    Query,
    asked,
    asked_variables,
    boards,
    choices,
    filled,
    panels,
    queries,
    queries_of,
    variables_of,
    without_choices,
    without_data,
)
from tests.chart.simulated_city import SimulatedCity, scraped_city
from tests.prometheus import RATE_INTERVAL, Prometheus, running_prometheus, until
from tests.tidy.tree import report
from tools.dashboards import palette

VALUES = {
    "job": ".+",
    "county": "990001",
    "centre": "990001001",
    "class": ".*",
    "limit": ".*",
    "__rate_interval": RATE_INTERVAL,
    "__range": "5m",
}
"""What a reader has chosen: one county and one of its townships, everything else."""
SETTLED = "count(count_over_time(fengqiao_kafka_connected[1m]) >= 8)"
"""How many nodes have been scraped so often that every rate has two samples to go by, also of recorded series."""
MONTHLY = "count(fengqiao:satisfied_reasonable:ratio)"


@pytest.fixture(scope="module", params=["quiet", "troubled"])
def weather(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def city(weather: str) -> SimulatedCity:
    return SimulatedCity(troubled=weather == "troubled")


@pytest.fixture(scope="module")
def prometheus(city: SimulatedCity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("prometheus")
    with scraped_city(city) as targets, running_prometheus(folder, targets) as server:
        until(lambda: number(server.now(SETTLED)) == len(city.nodes), 60, "the nodes were not scraped")
        until(lambda: server.now(MONTHLY), 60, "the rules were not evaluated")
        yield server


def number(result: list[Any]) -> float:
    """The value of a result of one series; NaN for none."""
    return float(result[0]["value"][1]) if result else math.nan


def test_every_panel_has_data(prometheus: Prometheus) -> None:
    findings = without_data(prometheus, VALUES)
    assert not findings, report(findings)


def test_every_variable_has_something_to_choose(prometheus: Prometheus) -> None:
    findings = without_choices(prometheus, VALUES)
    assert not findings, report(findings)


def test_places_are_chosen_by_their_names(prometheus: Prometheus) -> None:
    (board,) = [board for board in boards() if board["uid"] == "fengqiao-centre"]
    for name, codes in (("county", 3), ("centre", 3)):
        series = OF_SERIES.fullmatch(filled(asked_variables(board)[name], VALUES))
        assert series is not None
        found = choices(variables_of(board)[name], prometheus.now(series["query"]))
        assert found == [(f"{NAMES[name]}{code}", code) for _, code in found]
        assert len(found) == codes


NAMES = {"county": "县", "centre": "中心"}


def faults() -> list[tuple[Json, Query]]:
    """(panel, query) of each figure that turns orange from one fault on, or red from one clock overdue."""
    found = []
    for board, panel in panels():
        steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
        if panel["type"] == "stat" and [step["color"] for step in steps] in (
            [palette.GREEN, palette.ORANGE],
            [palette.GREEN, palette.RED],
        ):
            found += [(panel, query) for query in queries_of(board, panel)]
    return found


def test_faults_are_nought_in_a_quiet_city_and_seen_in_a_troubled_one(prometheus: Prometheus, weather: str) -> None:
    assert len(faults()) >= 12
    findings = []
    for panel, query in faults():
        last = asked(prometheus, query, VALUES)[-1]
        # Nobody has fallen silent in either city: that panel has a test of its own.
        expected_some = weather == "troubled" and "失联" not in panel["title"]
        if (last > 0) is not expected_some:
            findings.append(f"{weather}: {query.board}: {panel['title']}: {last}")
    assert not findings, report(findings)


def test_a_budget_burns_where_limits_are_missed_and_nowhere_else(prometheus: Prometheus, weather: str) -> None:
    (query,) = [each for each in queries() if each.panel == "余量消耗速度（近 1 小时）"]
    assert "scalar(fengqiao:limits_objective:ratio)" in query.expr
    # A twentieth may be missed; in the troubled city nine of ten are, which is eighteen times as much.
    expected = 18 if weather == "troubled" else 0

    def burnt() -> list[float]:
        return [float(series["value"][1]) for series in prometheus.now(filled(query.expr, VALUES))]

    until(lambda: burnt() and all(abs(one - expected) < 1 for one in burnt()), 30, f"no burn of {expected}")


def test_a_database_that_is_away_is_seen_by_its_centre(prometheus: Prometheus, weather: str) -> None:
    (query,) = [each for each in queries() if each.panel == "数据库的连接"]
    standing = 0 if weather == "troubled" else 1
    assert set(asked(prometheus, query, VALUES)) == {standing}
    (away,) = [each for each in queries() if each.panel == "数据库断开"]
    assert asked(prometheus, away, VALUES)[-1] == 1 - standing


def test_a_centre_that_falls_silent_is_seen_until_it_is_back(prometheus: Prometheus, city: SimulatedCity) -> None:
    (query,) = [each for each in queries() if each.board == "fengqiao-city" and each.panel == "失联中心"]

    def silent() -> float:
        return number(prometheus.now(filled(query.expr, VALUES)))

    assert silent() == 0
    city.silent.add("990002002")
    until(lambda: silent() == 1, 20, "nobody saw that a centre fell silent")
    city.silent.clear()
    until(lambda: silent() == 0, 20, "the centre was not seen again")


def test_the_simulation_tells_every_metric_that_nodes_have() -> None:
    troubled = SimulatedCity(troubled=True)
    for node in troubled.nodes.values():
        node.pass_time()
        told = {family.name for family in node.metrics.registry.collect() if family.samples}
        assert {metric.name for metric in METRICS if metric.name.removesuffix("_total") not in told} == set()


def test_places_without_names_are_chosen_by_their_codes() -> None:
    variable = next(variables_of(board)["county"] for board in boards() if "county" in variables_of(board))
    named = {"metric": {"county": "990001", "county_name": "东柳县"}}
    assert choices(variable, [named, {"metric": {"county": "990002"}}]) == [("东柳县", "990001"), ("990002", "990002")]
