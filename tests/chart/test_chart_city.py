"""A whole city is rendered: all 147 centres, quickly, with just the topics and rights of the table, safe and small."""

import os
import statistics
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from fengqiao.bus.faust_settings import GROUP_PREFIX
from fengqiao.bus.topics import feeds_read, topics_for
from fengqiao.domain.limit_policy import county_of
from fengqiao.domain.topology import Level, Topology
from fengqiao.entry.lists import topology_from_text
from tests.chart.rendering import (
    FEDERATION,
    NODE,
    ci_values,
    containers,
    named,
    of_kind,
    pods,
    rendered,
    template,
    tool,
)
from tests.stack import ROOT

CENTRES = 147
SECONDS = 10.0
RELEASE_BYTES = 1024 * 1024
MADE_CITY = ROOT / "services" / "fengqiao" / "entry" / "data" / "made_city.csv"


def city() -> Topology:
    return topology_from_text(MADE_CITY.read_text("utf-8"))


def millicores(quantity: str | float) -> float:
    text = str(quantity)
    return float(text[:-1]) if text.endswith("m") else float(text) * 1000


def mebibytes(quantity: str) -> float:
    return float(quantity.removesuffix("Mi")) if quantity.endswith("Mi") else float(quantity.removesuffix("Gi")) * 1024


def cpu_seconds_of_children() -> float:
    used = os.times()
    return used.children_user + used.children_system


def test_147_centres_are_rendered_within_ten_seconds() -> None:
    took = []
    for _ in range(3):
        began, used = time.monotonic(), cpu_seconds_of_children()
        told = template(FEDERATION)
        assert told.returncode == 0, told.stderr
        assert told.stdout.count("\nkind: Deployment\n") == CENTRES
        took.append((time.monotonic() - began, cpu_seconds_of_children() - used))
    seconds, cpu_seconds = (statistics.median(column) for column in zip(*took, strict=True))
    # Processor time, which a busy machine does not stretch as it does the time on the wall.
    assert cpu_seconds <= SECONDS, f"{seconds:.2f} s, {cpu_seconds:.2f} s of processor time"


def test_a_release_of_147_centres_fits_into_its_secret(tmp_path: Path) -> None:
    # Helm keeps a release as JSON of chart, values and manifest, gzipped and then twice in base64.
    told = tool("helm", "package", str(FEDERATION), "--destination", str(tmp_path))
    assert told.returncode == 0, told.stderr
    package = next(tmp_path.glob("*.tgz")).stat().st_size
    manifest = len(
        subprocess.run(["gzip"], input=template(FEDERATION).stdout.encode(), capture_output=True, check=True).stdout
    )
    assert (package + manifest) * 16 / 9 < RELEASE_BYTES / 2


def test_every_centre_of_the_list_has_its_workload_service_policy_and_monitor() -> None:
    wanted = {f"fengqiao-{code}" for code in city().centres}
    assert len(wanted) == CENTRES
    for kind in ("Deployment", "Service", "NetworkPolicy", "ServiceMonitor"):
        assert set(of_kind(rendered(FEDERATION), kind)) == wanted
    run = [pod["containers"][0]["args"] for name, pod in pods(rendered(FEDERATION)) if name.startswith("Deployment")]
    assert sorted(args[-1] for args in run) == sorted(city().centres)


def test_every_name_is_used_once() -> None:
    for chart, values in ci_values():
        found = rendered(chart, "--values", str(values))
        names = Counter((one["apiVersion"], one["kind"], one["metadata"]["name"]) for one in found)
        assert [name for name, count in names.items() if count > 1] == []


def test_the_topics_are_those_of_the_table() -> None:
    table = {topic.name: topic for topic in topics_for(city())}
    made = of_kind(rendered(FEDERATION), "KafkaTopic")
    assert set(made) == set(table)
    assert len(made) == 2 * CENTRES + 2 * (CENTRES - 1)
    for name, document in made.items():
        spec, topic = document["spec"], table[name]
        assert spec["partitions"] == topic.partitions
        config = {key: str(value) for key, value in spec["config"].items()}
        assert config == {**topic.settings(), "min.insync.replicas": "2"}


def test_each_centre_may_do_what_the_table_says_and_nothing_else() -> None:
    wanted: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for topic in topics_for(city()):
        wanted[topic.writer].add(("Write", topic.name))
        for reader in topic.readers:
            wanted[reader].add(("Read", topic.name))
    made = of_kind(rendered(FEDERATION), "KafkaUser")
    assert set(made) == {f"fengqiao-{code}" for code in city().centres}
    for code in city().centres:
        acls = made[f"fengqiao-{code}"]["spec"]["authorization"]["acls"]
        rights = {
            (operation, acl["resource"]["name"])
            for acl in acls
            for operation in acl["operations"]
            if acl["resource"]["type"] == "topic" and operation != "Describe"
        }
        assert rights == wanted[code]
        groups = {
            (acl["resource"]["name"], acl["resource"]["patternType"])
            for acl in acls
            if acl["resource"]["type"] == "group"
        }
        # The readings of a centre's feeds are groups with numbers; the code of a county begins those of its townships.
        readings = {(f"{GROUP_PREFIX}{code}.feed.", "prefix")} if feeds_read(city(), code) else set()
        assert groups == {(f"{GROUP_PREFIX}{code}", "literal")} | readings
        topics = [acl["resource"]["patternType"] for acl in acls if acl["resource"]["type"] == "topic"]
        assert set(topics) == {"literal"}


def test_the_real_list_may_have_any_codes(tmp_path: Path) -> None:
    text = (
        "name,parent,level,code\n德州市,,city,371400\n齐河县,371400,county,371425\n晏城街道,371425,township,371425001\n"
    )
    file = tmp_path / "divisions.csv"
    file.write_text(text, "utf-8")
    found = rendered(FEDERATION, "--set-file", f"topology={file}")
    topology = topology_from_text(text)
    assert set(of_kind(found, "KafkaTopic")) == {topic.name for topic in topics_for(topology)}
    assert of_kind(found, "ConfigMap")["city-topology"]["data"]["topology.csv"] == text


def test_every_pod_keeps_to_the_restricted_profile() -> None:
    seen = 0
    for chart, values in ci_values():
        for name, pod in pods(rendered(chart, "--values", str(values))):
            seen += 1
            assert restricted_faults(pod) == [], name
    assert seen > CENTRES


def restricted_faults(pod: Mapping[str, Any]) -> list[str]:
    """What Pod Security's restricted profile, and we, would not have."""
    context = pod.get("securityContext", {})
    faults = [
        *([] if context.get("runAsNonRoot") is True and context.get("runAsUser", 0) > 0 else ["root"]),
        *([] if context.get("seccompProfile") == {"type": "RuntimeDefault"} else ["seccomp"]),
        *([] if pod.get("automountServiceAccountToken") is False else ["token"]),
        *(["host"] if {"hostNetwork", "hostPID", "hostIPC"} & set(pod) else []),
        *(
            ["volume"]
            if any({*volume} - {"name", "emptyDir", "configMap", "secret"} for volume in pod.get("volumes", []))
            else []
        ),
    ]
    for container in containers(pod):
        inner = container.get("securityContext", {})
        faults += [
            *([] if inner.get("allowPrivilegeEscalation") is False else ["escalation"]),
            *([] if inner.get("readOnlyRootFilesystem") is True else ["root to write to"]),
            *([] if inner.get("capabilities") == {"drop": ["ALL"]} else ["capabilities"]),
            *(["privileged"] if inner.get("privileged") else []),
        ]
    return faults


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        (("securityContext", "runAsUser"), 0, "root"),
        (("securityContext", "seccompProfile"), None, "seccomp"),
        (("automountServiceAccountToken",), True, "token"),
        (("hostNetwork",), True, "host"),
        (("containers", 0, "securityContext", "readOnlyRootFilesystem"), False, "root to write to"),
        (("containers", 0, "securityContext", "capabilities"), {"add": ["NET_ADMIN"]}, "capabilities"),
    ],
)
def test_a_pod_outside_of_the_profile_is_found(place: tuple[Any, ...], value: object, fault: str) -> None:
    found = rendered(NODE, "--values", str(NODE / "ci" / "minimal-values.yaml"))
    pod: Any = deepcopy(next(pod for _, pod in pods(found)))
    assert restricted_faults(pod) == []
    inner = pod
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    assert restricted_faults(pod) == [fault]


@pytest.mark.parametrize(("chart", "values"), ci_values(), ids=named)
def test_no_node_asks_for_more_than_a_tenth_of_a_core_and_192_mebibytes(chart: Path, values: Path) -> None:
    for name, pod in pods(rendered(chart, "--values", str(values))):
        for container in containers(pod):
            requests = container["resources"]["requests"]
            assert millicores(requests["cpu"]) <= 100, name
            assert mebibytes(requests["memory"]) <= 192, name
            assert mebibytes(container["resources"]["limits"]["memory"]) >= mebibytes(requests["memory"]), name


def test_sizes_follow_the_level() -> None:
    cpu: dict[Level, set[float]] = defaultdict(set)
    deployments = of_kind(rendered(FEDERATION), "Deployment")
    for code, centre in city().centres.items():
        pod = deployments[f"fengqiao-{code}"]["spec"]["template"]["spec"]
        cpu[centre.level].add(millicores(pod["containers"][0]["resources"]["requests"]["cpu"]))
    assert cpu == {Level.CITY: {100.0}, Level.COUNTY: {100.0}, Level.TOWNSHIP: {50.0}}


def test_every_centre_has_a_database_and_its_cluster_has_room_for_all() -> None:
    clusters, extra = of_kind(rendered(FEDERATION), "Cluster"), of_kind(rendered(FEDERATION), "Database")
    own = {one["spec"]["bootstrap"]["initdb"]["database"]: name for name, one in clusters.items()}
    more = {one["spec"]["name"]: one["spec"]["cluster"]["name"] for one in extra.values()}
    assert set(own) & set(more) == set()
    places = own | more
    assert set(places) == {f"fengqiao_{code}" for code in city().centres}
    wanted: Counter[str] = Counter()
    for name, pod in pods(rendered(FEDERATION)):
        if not name.startswith("Deployment"):
            continue
        env = {one["name"]: one for one in pod["containers"][0]["env"]}
        code = pod["containers"][0]["args"][-1]
        assert f"host={places[f'fengqiao_{code}']}-rw " in env["FENGQIAO_DATABASE"]["value"]
        wanted[places[f"fengqiao_{code}"]] += int(env["FENGQIAO_DATABASE_CONNECTIONS"]["value"])
    for name, cluster in clusters.items():
        assert int(cluster["spec"]["postgresql"]["parameters"]["max_connections"]) >= wanted[name] + 10


def test_the_metrics_of_a_centre_say_where_it_stands() -> None:
    topology = city()
    for name, monitor in of_kind(rendered(FEDERATION), "ServiceMonitor").items():
        code = name.removeprefix("fengqiao-")
        county = topology.centre(county_of(topology, code) or code)
        told = {one["targetLabel"]: one["replacement"] for one in monitor["spec"]["endpoints"][0]["relabelings"]}
        assert told == {
            "centre": code,
            "level": topology.centre(code).level.value,
            "county": county.code,
            "centre_name": topology.centre(code).name,
            "county_name": county.name,
        }


def test_the_rules_are_those_of_deploy() -> None:
    made = [one["spec"] for one in of_kind(rendered(FEDERATION), "PrometheusRule").values()]
    files = sorted((ROOT / "deploy" / "prometheus").glob("*.rules.yml"))
    assert files
    assert sorted(made, key=str) == sorted((yaml.safe_load(path.read_text("utf-8")) for path in files), key=str)


def test_the_boards_are_those_of_deploy(tmp_path: Path) -> None:
    package = packaged_with_board(tmp_path)
    boards = {
        key: one
        for one in of_kind(rendered(package), "ConfigMap").values()
        for key in one["data"]
        if key.endswith(".json")
    }
    files = {path.name for path in (ROOT / "deploy" / "grafana" / "dashboards").glob("*.json")}
    assert set(boards) == files | {"Probe_board.json"}
    probe = boards["Probe_board.json"]
    assert probe["data"]["Probe_board.json"] == BOARD
    assert probe["metadata"]["name"] == "city-board-probe-board"
    assert probe["metadata"]["labels"]["grafana_dashboard"] == "1"


BOARD = '{"title": "探针 {{centre}}", "panels": [{"expr": "up{centre=\\"$centre\\"}"}]}\n'


def packaged_with_board(folder: Path) -> Path:
    """A copy of the chart, links followed, with one board more."""
    copy = folder / FEDERATION.name
    subprocess.run(["cp", "-rL", str(FEDERATION), str(copy)], check=True)
    (copy / "files" / "grafana" / "dashboards" / "Probe_board.json").write_text(BOARD, "utf-8")
    return copy


def test_a_changed_list_restarts_the_nodes(tmp_path: Path) -> None:
    text = MADE_CITY.read_text("utf-8")
    before = marks(text, tmp_path)
    assert marks(text, tmp_path) == before
    after = marks(text.replace("枫桥示例市", "枫桥市"), tmp_path)
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())


def marks(text: str, folder: Path) -> dict[str, str]:
    # A name for each content: what was rendered once is remembered by its options.
    file = folder / f"{abs(hash(text))}.csv"
    file.write_text(text, "utf-8")
    found = rendered(FEDERATION, "--set-file", f"topology={file}", "--set-json", 'nodes.only=["990000","990001"]')
    return {
        name: one["spec"]["template"]["metadata"]["annotations"]["fengqiao/tables"]
        for name, one in of_kind(found, "Deployment").items()
    }
