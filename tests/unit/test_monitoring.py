"""What Prometheus is told of the list of centres, and what stands in a node's registry before anything has happened."""

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from fengqiao.bus.link_session import Answerer
from fengqiao.bus.links import Links
from fengqiao.domain.limit_policy import LimitRules
from fengqiao.entry.counters import TURNING_LOOPS, begin_counters
from fengqiao.entry.limits import load_calendar, load_limits
from fengqiao.entry.lists import load_units
from fengqiao.entry.scrape_targets import patterned_targets, place_labels, running_targets
from fengqiao.handlers.context import Context
from fengqiao.observe.metrics import NodeMetrics
from tests.cities import CITY, made_topology, real_size_topology
from tests.unit.test_command_line import MADE_CITY, fengqiao

COUNTY, TOWNSHIP = "371401", "371401001"


def context_of(code: str) -> Context:
    """As much of a centre's context as a registry needs; it has no database."""
    topology = made_topology(counties=2, townships=2)
    limits = LimitRules(load_limits("", topology, load_units("")), load_calendar())
    parts = SimpleNamespace(
        centre=topology.centre(code),
        topology=topology,
        limits=limits,
        metrics=NodeMetrics(code),
        clock=lambda: datetime(2026, 11, 23, tzinfo=UTC),
    )
    return cast("Context", parts)


def samples(context: Context, name: str) -> dict[tuple[str, ...], float]:
    """Label values but the centre's -> value of every sample of a series."""
    return {
        tuple(value for label, value in sample.labels.items() if label != "centre"): sample.value
        for family in context.metrics.registry.collect()
        for sample in family.samples
        if sample.name == name
    }


def test_a_target_carries_where_its_centre_stands() -> None:
    topology = made_topology(counties=2, townships=2)
    assert place_labels(topology, TOWNSHIP) == {
        "centre": TOWNSHIP,
        "county": COUNTY,
        "level": "township",
        "centre_name": f"第{TOWNSHIP}镇",
        "county_name": f"第{COUNTY}县",
    }
    assert place_labels(topology, COUNTY)["county"] == COUNTY
    assert (place_labels(topology, CITY)["county"], place_labels(topology, CITY)["level"]) == (CITY, "city")


def test_patterns_name_address_and_path_of_every_centre() -> None:
    targets = patterned_targets(real_size_topology(), "node-{centre}.{county}.svc:9400")
    assert len(targets) == 147
    township = next(one for one in targets if one["labels"]["centre"] == TOWNSHIP)
    assert township["targets"] == [f"node-{TOWNSHIP}.{COUNTY}.svc:9400"]
    assert township["labels"]["__metrics_path__"] == f"/{TOWNSHIP}/metrics"
    exporters = patterned_targets(real_size_topology(), "pg-{county}:9187", "/metrics")
    assert {one["labels"]["__metrics_path__"] for one in exporters} == {"/metrics"}


def test_a_running_stack_is_found_where_it_listens() -> None:
    topology = made_topology(counties=1, townships=1)
    (city,) = running_targets(topology, {CITY: f"http://127.0.0.1:41001/{CITY}/metrics"})
    assert city["targets"] == ["127.0.0.1:41001"]
    assert city["labels"]["__metrics_path__"] == f"/{CITY}/metrics"


def test_the_command_writes_a_file_that_service_discovery_reads(tmp_path: Path) -> None:
    out = tmp_path / "nodes.json"
    out.write_text("old", "utf-8")
    command = ("monitoring", "targets", "--address", "node-{centre}:9400", "--out", str(out))
    ended = fengqiao(*command, folder=tmp_path, topology=str(MADE_CITY))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "147 targets.\n")
    targets = json.loads(out.read_text("utf-8"))
    assert {tuple(sorted(target)) for target in targets} == {("labels", "targets")}
    assert all(isinstance(value, str) for target in targets for value in target["labels"].values())
    assert [path.name for path in tmp_path.glob("nodes*")] == ["nodes.json"]


def test_the_command_finds_the_stack_of_this_machine(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    centre = {"code": "990000", "metrics": "http://127.0.0.1:41001/990000/metrics"}
    (data / "status.json").write_text(json.dumps({"pids": {"nodes": [os.getpid()]}, "centres": [centre]}), "utf-8")
    command = ("monitoring", "targets", "--local", "--data", str(data))
    ended = fengqiao(*command, folder=tmp_path, topology=str(MADE_CITY))
    assert ended.returncode == 0
    assert [target["targets"] for target in json.loads(ended.stdout)] == [["127.0.0.1:41001"]]
    (data / "status.json").unlink()
    ended = fengqiao(*command, folder=tmp_path, topology=str(MADE_CITY))
    assert (ended.returncode, "fengqiao local up" in ended.stderr) == (1, True)


def test_a_command_without_an_address_and_a_file_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    ended = fengqiao("monitoring", "targets", folder=tmp_path, topology=str(MADE_CITY))
    assert (ended.returncode, "--address" in ended.stderr) == (2, True)
    nowhere = str(tmp_path / "none" / "alertmanager.yml")
    ended = fengqiao("monitoring", "alertmanager", "--out", nowhere, folder=tmp_path, topology=str(MADE_CITY))
    assert (ended.returncode, f"The file {nowhere} cannot be written" in ended.stderr) == (1, True)
    assert "Traceback" not in ended.stderr


def test_a_token_is_named_and_never_read(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("very secret", "utf-8")
    token.chmod(stat.S_IWUSR)
    command = ("monitoring", "alertmanager", "--token-file", str(token))
    ended = fengqiao(*command, folder=tmp_path, topology=str(MADE_CITY))
    assert ended.returncode == 0
    assert str(token) in ended.stdout
    assert "very secret" not in ended.stdout


def test_counters_that_alerts_look_at_stand_at_nought_from_the_start() -> None:
    context = context_of(TOWNSHIP)
    begin_counters(context)
    judged = samples(context, "fengqiao_limits_judged_total")
    assert judged["article-assign", "township", "kept"] == judged["article-assign", "township", "missed"] == 0
    assert set(samples(context, "fengqiao_loop_turns_total")) == {(loop, "done") for loop in TURNING_LOOPS}
    assert samples(context, "fengqiao_limit_firings_late_total") == {(): 0}
    assert samples(context, "fengqiao_messages_refused_total") == {("kafka",): 0}


def test_a_limit_that_is_switched_off_begins_no_counter() -> None:
    context = context_of(TOWNSHIP)
    begin_counters(context)
    begun = {labels[0] for labels in samples(context, "fengqiao_limits_judged_total")}
    assert begun == {code for code, policy in context.limits.policies.by_code.items() if policy.on}
    assert "urgent-life" not in begun


@pytest.mark.parametrize(
    ("code", "links"),
    [
        (TOWNSHIP, {(COUNTY, "up"): 0.0}),
        (COUNTY, {(CITY, "up"): 0.0, (TOWNSHIP, "down"): 0.0}),
        (CITY, {("371401", "down"): 0.0, ("371402", "down"): 0.0}),
    ],
)
def test_a_link_that_never_stood_is_told_as_down_with_its_direction(
    code: str, links: dict[tuple[str, str], float]
) -> None:
    context = context_of(code)
    never = cast("Answerer", None)
    Links(context, "0.1.0", never, lambda _: None, lambda *_: None, lambda _: 0).refresh_gauges()
    assert samples(context, "fengqiao_link_up") == links
