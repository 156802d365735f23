"""The whole way of an alert: our metrics, Prometheus, its rules, Alertmanager, and who hears of it (F36)."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fengqiao.domain.topology import Topology
from fengqiao.entry.alert_routes import alertmanager_config
from fengqiao.entry.scrape_targets import patterned_targets
from fengqiao.observe.metrics import NodeMetrics
from tests.cities import CITY, made_topology
from tests.prometheus import hastened
from tests.watchers import Heard, alertmanager, asked, awaited, prometheus, serving

AWAY, CHILD, TROUBLED = "371401", "371401001", "371402001"


def quiet_centre(topology: Topology, code: str) -> NodeMetrics:
    """A centre of which nothing is to be said but that its Links stand."""
    metrics = NodeMetrics(code)
    for neighbour in topology.neighbours(code):
        direction = "up" if neighbour == topology.parent(code) else "down"
        metrics.set("fengqiao_link_up", 1, neighbour, direction)
        metrics.set("fengqiao_outbox_oldest_age_seconds", 0, neighbour)
    metrics.set("fengqiao_postgresql_connected", 1)
    metrics.set("fengqiao_dead_letters", 0)
    return metrics


def write_watch(folder: Path, topology: Topology, server: str) -> tuple[Path, Path]:
    """The configuration of both programs, hastened, with our server as every receiver; gives both files."""
    config = alertmanager_config(topology, f"http://{server}/{{receiver}}")
    config["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    routes = folder / "alertmanager.yml"
    routes.write_text(json.dumps(config), "utf-8")
    (folder / "targets").mkdir()
    (folder / "targets" / "nodes.json").write_text(json.dumps(patterned_targets(topology, server)), "utf-8")
    return routes, hastened(folder)


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    """What was heard of a city in which a county is away and a township of another county has a dead letter."""
    topology = made_topology(counties=2, townships=2)
    centres = {code: quiet_centre(topology, code) for code in topology.centres if code != AWAY}
    centres[CHILD].set("fengqiao_link_up", 0, AWAY, "up")
    centres[CHILD].set("fengqiao_outbox_oldest_age_seconds", 9000, AWAY)
    centres[CITY].set("fengqiao_outbox_oldest_age_seconds", 9000, AWAY)
    centres[TROUBLED].set("fengqiao_dead_letters", 2)
    folder, told = tmp_path_factory.mktemp("way"), Heard()
    with ExitStack() as stack:
        server = stack.enter_context(
            serving({f"/{code}/metrics": metrics.text for code, metrics in centres.items()}, told)
        )
        routes, config = write_watch(folder, topology, server)
        address = stack.enter_context(alertmanager(routes)).removeprefix("http://")
        (folder / "targets" / "alertmanagers.json").write_text(json.dumps([{"targets": [address]}]), "utf-8")
        stack.enter_context(prometheus(config))
        awaited(
            lambda: (told.names("county-371401") and told.names("county-371402")) or None, "both counties have heard"
        )
        told.manager = address
        yield told


def test_a_county_and_the_city_hear_of_a_node_that_is_away(heard: Heard) -> None:
    assert heard.names("county-371401") == {"FengqiaoNodeAway"}
    awaited(lambda: "FengqiaoNodeAway" in heard.names("city-ops") or None, "the city has heard")


def test_another_county_hears_of_its_own_dead_letters_alone(heard: Heard) -> None:
    assert heard.names("county-371402") == {"FengqiaoDeadLetters"}
    assert "FengqiaoDeadLetters" not in heard.names("city-ops")


def test_nobody_hears_what_follows_from_the_node_that_is_away(heard: Heard) -> None:
    def suppressed() -> set[str]:
        raised = asked(f"http://{heard.manager}/api/v2/alerts")
        return {one["labels"]["alertname"] for one in raised if one["status"]["state"] == "suppressed"}

    consequences = {"FengqiaoLinkDown", "FengqiaoMessagesWait", "FengqiaoMessagesStuck"}
    awaited(lambda: suppressed() >= consequences or None, "the consequences are known and suppressed")
    said = set().union(*(heard.names(receiver) for receiver in heard.receivers))
    assert said & consequences == set()


def test_the_message_says_where_what_and_which_page(heard: Heard) -> None:
    (alert,) = heard.alerts("county-371402")[:1]
    said = alert["annotations"]
    assert re.match(rf"第{TROUBLED}镇 {TROUBLED}：2 条消息无法处理.*2 messages could not be handled", said["summary"])
    assert said["runbook_url"] == "docs/runbooks/FengqiaoDeadLetters.md"
