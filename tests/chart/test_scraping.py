"""The deployed configuration on a real Prometheus: it finds the centres and evaluates every rule (F36)."""

import json
import re
import shutil
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengqiao.domain.topology import Topology
from fengqiao.entry.scrape_targets import patterned_targets
from fengqiao.observe.metric import Metric, MetricKind
from fengqiao.observe.metrics import METRICS, NodeMetrics
from tests.chart.test_alerts import RULES
from tests.cities import CITY, made_topology
from tests.prometheus import DEPLOYED, hastened, promtool
from tests.watchers import asked, awaited, prometheus, serving

COUNTY, TOWNSHIP, DEAD = "371401", "371401001", "371401002"
KAFKA = b"""\
# TYPE kafka_topic_partition_current_offset gauge
kafka_topic_partition_current_offset{topic="fengqiao.up.371401001",partition="0"} 7
kafka_topic_partition_current_offset{topic="__consumer_offsets",partition="0"} 9
kafka_brokers 1
"""
POSTGRESQL = b"""\
# TYPE pg_stat_database_numbackends gauge
pg_stat_database_numbackends{datname="fengqiao_371401001"} 4
pg_stat_database_numbackends{datname="fengqiao_template"} 0
pg_stat_database_numbackends{datname="template1"} 0
pg_up 1
"""
# Values with which alerts have something to say; everything else is 1, and counters rise with each scrape.
VALUES = {
    "fengqiao_link_up": 0,
    "fengqiao_kafka_connected": 0,
    "fengqiao_postgresql_connected": 0,
    "fengqiao_outbox_oldest_age_seconds": 4000,
    "fengqiao_calendar_horizon_days": 40,
}
STEPS = ("registered", "returned", "arbitrated", "reopened", "extended")
LABEL_VALUES: dict[str, tuple[tuple[str, ...], ...]] = {
    "fengqiao_link_up": (("371400", "up"),),
    "fengqiao_limits_judged_total": (("article-assign", "township", "missed"),),
    "fengqiao_limits_ended_total": (("article-assign", "01", "township", "met"),),
    "fengqiao_limits_due_last_week": (("article-assign", "01", "township", "met"),),
    "fengqiao_inbox_held": (("waiting",),),
    "fengqiao_loop_turns_total": (("relay", "done"),),
    "fengqiao_case_steps_total": tuple((step, "01", "township") for step in STEPS),
    "fengqiao_cases_closed_total": (("solved", "no", "01", "township"), ("explained", "yes", "01", "township")),
    "fengqiao_evaluations_total": (("yes", "yes", "yes", "01", "township"),),
}
AT_ONCE = {
    "FengqiaoLimitsBurnFast", "FengqiaoLimitsBurnSteadily", "FengqiaoWarningsLate", "FengqiaoCalendarEndsSoon",
    "FengqiaoDueTimesProvisional", "FengqiaoLinkDown", "FengqiaoMessagesWait", "FengqiaoMessagesStuck",
    "FengqiaoInboxGap", "FengqiaoMessagesHeld", "FengqiaoDeadLetters", "FengqiaoMessagesRefused", "FengqiaoKafkaAway",
    "FengqiaoNodeAway", "FengqiaoDatabaseAway",
}  # fmt: skip
"""The alerts that these values raise within seconds; the others need hours, or the lack of something."""


class Centre:
    """A centre that shows our own metrics, every one of the table; its counters rise with each scrape."""

    def __init__(self, code: str) -> None:
        self._metrics = NodeMetrics(code)

    def show(self) -> bytes:
        """The next exposition."""
        for metric in METRICS:
            for labels in LABEL_VALUES.get(metric.name, (tuple(f"a-{label}" for label in metric.labels),)):
                self._write(metric, labels)
        return self._metrics.text()

    def _write(self, metric: Metric, labels: tuple[str, ...]) -> None:
        if metric.kind is MetricKind.COUNTER:
            self._metrics.count(metric.name, *labels, by=20)
        elif metric.kind is MetricKind.GAUGE:
            self._metrics.set(metric.name, VALUES.get(metric.name, 1), *labels)
        else:
            self._metrics.observe(metric.name, 1.0, *labels)


def write_targets(folder: Path, topology: Topology, server: str) -> None:
    """The files that service discovery reads: the centres as the command writes them, an exporter of each kind."""
    targets = folder / "targets"
    targets.mkdir()
    (targets / "nodes.json").write_text(json.dumps(patterned_targets(topology, server)), "utf-8")
    for job in ("kafka", "postgresql"):
        exporter = {"targets": [server], "labels": {"__metrics_path__": f"/{job}"}}
        (targets / f"{job}.json").write_text(json.dumps([exporter]), "utf-8")


@pytest.fixture(scope="module")
def watcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that has looked at a city, a county, a township, one that is away, and two exporters."""
    folder = tmp_path_factory.mktemp("prometheus")
    topology = made_topology(counties=1, townships=2)
    centres = {f"/{code}/metrics": Centre(code).show for code in topology.centres if code != DEAD}
    with serving({**centres, "/kafka": lambda: KAFKA, "/postgresql": lambda: POSTGRESQL}) as server:
        config = hastened(folder)
        write_targets(folder, topology, server)
        with prometheus(config) as address:
            awaited(lambda: True if set(raised(address)) >= AT_ONCE else None, "the alerts")
            yield address
    shutil.rmtree(folder)


def query(watcher: str, expression: str) -> list[dict[str, str]]:
    """The label sets that a query gives."""
    found = asked(f"{watcher}/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
    return [one["metric"] for one in found["data"]["result"]]


def raised(watcher: str) -> dict[str, dict[str, Any]]:
    """The alerts that are pending or fire, by name; of several one."""
    return {one["labels"]["alertname"]: one for one in asked(f"{watcher}/api/v1/alerts")["data"]["alerts"]}


def rules(watcher: str) -> list[dict[str, Any]]:
    """Every rule with how its last evaluation went."""
    return [rule for group in asked(f"{watcher}/api/v1/rules")["data"]["groups"] for rule in group["rules"]]


def test_promtool_takes_the_configuration() -> None:
    told = promtool("check", "config", str(DEPLOYED / "prometheus.yml"))
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_centre_is_found_and_is_up_or_away(watcher: str) -> None:
    targets = asked(f"{watcher}/api/v1/targets")["data"]["activeTargets"]
    health = {(one["labels"]["job"], one["labels"].get("centre", "")): one["health"] for one in targets}
    assert health == {
        ("fengqiao", CITY): "up",
        ("fengqiao", COUNTY): "up",
        ("fengqiao", TOWNSHIP): "up",
        ("fengqiao", DEAD): "down",
        ("kafka", ""): "up",
        ("postgresql", ""): "up",
    }


def test_every_series_says_where_its_centre_stands(watcher: str) -> None:
    (dead_letters,) = query(watcher, f'fengqiao_dead_letters{{centre="{TOWNSHIP}"}}')
    assert dead_letters.pop("instance").startswith("127.0.0.1:")
    assert dead_letters == {
        "__name__": "fengqiao_dead_letters",
        "job": "fengqiao",
        "centre": TOWNSHIP,
        "centre_name": f"第{TOWNSHIP}镇",
        "county": COUNTY,
        "county_name": f"第{COUNTY}县",
        "level": "township",
    }
    assert {(one["county"], one["level"]) for one in query(watcher, f'up{{centre="{CITY}"}}')} == {(CITY, "city")}
    assert query(watcher, "{exported_centre!=''}") == []


def test_a_series_keeps_a_level_of_its_own(watcher: str) -> None:
    levels = {one["level"] for one in query(watcher, "fengqiao_supervision_orders_open")}
    assert levels == {"a-level"}


def test_a_topic_and_a_database_are_told_by_their_centre(watcher: str) -> None:
    (topic,) = query(watcher, "kafka_topic_partition_current_offset")
    assert (topic["centre"], topic["direction"]) == (TOWNSHIP, "up")
    (database,) = query(watcher, "pg_stat_database_numbackends")
    assert database["centre"] == TOWNSHIP
    assert "centre" not in query(watcher, "pg_up")[0]


def test_every_metric_of_the_product_is_stored(watcher: str) -> None:
    stored = set(asked(f"{watcher}/api/v1/label/__name__/values")["data"])
    assert [
        metric.name for metric in METRICS if metric.name not in stored and f"{metric.name}_count" not in stored
    ] == []


def test_every_rule_is_evaluated_without_error(watcher: str) -> None:
    found = rules(watcher)
    assert {rule["name"] for rule in found if rule["type"] == "alerting"} == set(RULES)
    assert [(rule["name"], rule.get("lastError")) for rule in found if rule["health"] != "ok"] == []


ROUNDS_SECONDS = 30.0


def test_every_recording_rule_has_something_to_record(watcher: str) -> None:
    # Three days are read by the hour, and this Prometheus has lived for seconds.
    later = {"increase3d", "ratio3d"}
    names = {rule["name"] for rule in rules(watcher) if rule["type"] == "recording"}
    asked_for = {name for name in names if name.rsplit(":", 1)[-1] not in later}
    assert asked_for
    # A rule that reads another one's result has nothing before the next round, and rounds are late on a busy machine.
    until = time.monotonic() + ROUNDS_SECONDS
    while (lacking := {name for name in asked_for if not query(watcher, name)}) and time.monotonic() < until:
        time.sleep(0.5)
    assert lacking == set()


def test_what_an_alert_says_names_its_place_and_has_no_fault_in_it(watcher: str) -> None:
    found = raised(watcher)
    assert set(found) >= AT_ONCE
    for name, alert in found.items():
        said = alert["annotations"]
        assert said["runbook_url"] == f"docs/runbooks/{name}.md"
        assert not re.search(r"<error|%!|<no value>|\{\{", " ".join(said.values())), said
        place = alert["labels"].get("centre") or alert["labels"].get("county")
        assert place is None or place in said["summary"]
        assert "county" in alert["labels"] or alert["labels"].get("audience") == "city", f"{name} has no route"


def test_a_centre_that_is_away_is_told_with_its_name(watcher: str) -> None:
    alert = raised(watcher)["FengqiaoNodeAway"]
    assert alert["labels"]["neighbour"] == alert["labels"]["centre"] == DEAD
    assert alert["annotations"]["summary"].startswith(f"第{DEAD}镇 {DEAD}：节点没有应答。")
