"""What the charts tell the program is what it understands: settings, commands, ports, probes and times to stop."""

import os
import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from fengqiao.bus.faust_settings import CarrierSettings
from fengqiao.entry import listener, node
from fengqiao.entry.cli.main import build_app
from fengqiao.entry.settings import Settings, load_settings
from fengqiao.web.ops import PROBE_SECONDS, build_ops
from tests.chart.rendering import LIBRARY, NODE, ci_values, containers, pods, rendered, variables

PREFIX = "FENGQIAO_"
NOT_FOR_A_POD = {
    "topology_files": "candidates for a laptop; a pod is given one list",
    "federation": "for import, replay and story, which a person runs",
    "data": "the local stack",
    "cache": "the local stack",
    "log_json": "on, as the program has it",
}
LIBRARIES_OWN = {"LANG", "HOME", "PGPASSWORD"}


def node_pod(values: str, *options: str) -> Mapping[str, Any]:
    found = rendered(NODE, "--values", str(NODE / "ci" / f"{values}-values.yaml"), *options)
    return next(pod for name, pod in pods(found) if name.startswith(("Deployment", "StatefulSet")))


def settings_of(pod: Mapping[str, Any]) -> dict[str, str]:
    return variables(pod["containers"][0])


def test_every_variable_of_a_pod_is_a_setting_of_the_program() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | LIBRARIES_OWN
    for chart, values in ci_values():
        for name, pod in pods(rendered(chart, "--values", str(values))):
            for container in containers(pod):
                if "env" in container:
                    assert set(variables(container)) <= known, name


def test_every_setting_of_the_program_is_given_or_left_out_for_a_reason() -> None:
    given: set[str] = set()
    for chart, values in ci_values():
        for _, pod in pods(rendered(chart, "--values", str(values))):
            given |= {key for one in containers(pod) if "env" in one for key in variables(one)}
    more = rendered(
        NODE,
        *("--values", str(NODE / "ci" / "topology-values.yaml")),
        *("--set", "formSecret.name=f,kafka.username=u,kafka.passwordSecret.name=p,kafka.caSecret.name=c"),
        *("--set", "files.handbook=x,files.supervision=x"),
    )
    given |= {key for _, pod in pods(more) for one in containers(pod) if "env" in one for key in variables(one)}
    missing = {name for name in Settings.model_fields if PREFIX + name.upper() not in given}
    assert missing == set(NOT_FOR_A_POD)


@pytest.mark.parametrize("values", ["minimal", "topology", "far-township", "ingress"])
def test_the_program_takes_the_settings_of_a_pod(values: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = settings_of(node_pod(values))
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    if ca_file := told.get("FENGQIAO_KAFKA_CA_FILE"):
        # The file lies in the pod; here stands another one for it.
        assert ca_file == "/etc/fengqiao/kafka/ca.crt"
        told["FENGQIAO_KAFKA_CA_FILE"] = __file__
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.bind, settings.grpc_port, settings.desk_port, settings.ops_port) == ("0.0.0.0", 7400, 8080, 9090)  # noqa: S104 - a pod has one address, and its network policy
    assert settings.kafka
    assert "{" not in settings.database_of("371403")
    assert settings.parent_of("371403").count(":") == 1
    assert settings.demo is (values == "far-township")


def test_each_process_of_several_has_a_name_of_its_own_that_it_keeps() -> None:
    assert settings_of(node_pod("replicas"))["FENGQIAO_REPLICA"] == "from fieldRef"
    assert settings_of(node_pod("minimal"))["FENGQIAO_REPLICA"] == "0"


def test_every_command_of_a_pod_is_one_of_the_program() -> None:
    seen = set()
    app = typer.main.get_command(build_app())
    for chart, values in ci_values():
        for _, pod in pods(rendered(chart, "--values", str(values))):
            for container in containers(pod):
                if container["command"] == ["fengqiao"]:
                    seen.add(tuple(container["args"]))
    words = {tuple(takewhile(lambda word: not word.startswith("--"), arguments)) for arguments in seen}
    assert words == {("node", "run"), ("node", "check"), ("migrate",), ("topics", "sync")}
    for arguments in seen:
        command: Any = app
        rest = list(arguments)
        while isinstance(command, TyperGroup):
            command = command.commands[rest.pop(0)]
        # Reads every option and its value as the program does, and fails for one that it would refuse.
        assert command.make_context("pod", rest).params


def test_the_probes_ask_pages_that_the_program_has() -> None:
    async def nothing() -> bytes:
        raise AssertionError("no page is opened here")

    paths = {getattr(route, "path", "") for route in build_ops({}, nothing).routes}
    container = node_pod("minimal")["containers"][0]
    assert container["livenessProbe"]["httpGet"]["path"] in paths
    assert container["readinessProbe"]["httpGet"]["path"].replace("371403001", "{centre}") in paths
    assert "/metrics" in paths


def test_a_probe_waits_longer_than_the_page_waits_for_its_parts() -> None:
    container = node_pod("minimal")["containers"][0]
    assert container["readinessProbe"]["timeoutSeconds"] > PROBE_SECONDS


def test_a_start_has_more_time_than_the_program_waits_for_its_parts() -> None:
    probe = node_pod("minimal")["containers"][0]["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] >= 2 * (node.OPEN_SECONDS + node.KAFKA_START_SECONDS)


def test_a_pod_has_more_time_to_stop_than_the_program_takes() -> None:
    # As Host.stop does it: desk and node side by side, then probes; a node stops its server, carrier and loops in turn.
    listening = listener.STOP_SECONDS + 2
    carrier = CarrierSettings("371403", ("a:1",)).stop_deadline_seconds + 2
    loops_seconds = 3.0
    stopping = max(listening, node.STOP_SECONDS + carrier + loops_seconds) + listening
    told = re.search(r"stopSeconds\" -}}(\d+)", (LIBRARY / "templates" / "_checks.tpl").read_text("utf-8"))
    assert told is not None
    assert stopping <= int(told.group(1))
    pod = node_pod("minimal")
    assert (
        pod["terminationGracePeriodSeconds"]
        >= int(told.group(1)) + pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    )


def test_a_migration_knows_its_database_as_the_node_does() -> None:
    for chart, values in ci_values():
        found = dict(pods(rendered(chart, "--values", str(values))))
        for name, pod in found.items():
            migrations = [one for one in containers(pod) if one.get("args", [""])[0] == "migrate"]
            for migration in migrations:
                code = migration["args"][-1]
                run = next(
                    variables(other["containers"][0])
                    for other in found.values()
                    if other["containers"][0].get("args") == ["node", "run", "--centre", code]
                )
                assert variables(migration).items() <= run.items(), name
