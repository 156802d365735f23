"""`fengqiao node check` on a running federation: what works is told as well, what does not in a sentence (F37).

`helm test` runs this command, so it is held here, where doors, databases and topics are real.
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.stack import Stack, run_command, whole_topology

CENTRE_PLACE = "{centre}"


def connections(stack: Stack) -> Mapping[str, str]:
    """Where the parts of a stack are, as settings of a node hosted alone; the doors are those of its first centre."""
    first = stack.status()["centres"][0]
    return {
        "FENGQIAO_GRPC_PORT": first["grpc"].rpartition(":")[2],
        "FENGQIAO_OPS_PORT": str(urlsplit(first["metrics"]).port),
        "FENGQIAO_DATABASE": first["dsn"].replace(first["code"], CENTRE_PLACE),
        "FENGQIAO_KAFKA": stack.status()["kafka"]["bootstrap"],
    }


@pytest.fixture
def checked(running_stack: Stack) -> "Checked":
    return Checked(running_stack)


class Checked:
    """Runs the command on the first centre of a stack."""

    def __init__(self, stack: Stack) -> None:
        self.settings = connections(stack)
        self.centre = stack.centres[0]

    def __call__(self, *options: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """Run it with some settings changed."""
        return checked_with({**self.settings, **changed}, "--centre", self.centre, *options)


def checked_with(settings: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Runs the command with settings."""
    return run_command("node", "check", *options, timeout_seconds=120.0, **settings)


def test_a_centre_that_runs_is_well(checked: Checked) -> None:
    told = checked()
    assert (told.returncode, told.stdout) == (0, "1 of 1 centres are well.\n"), told.stderr


def test_doors_that_nobody_opens_are_told_with_their_addresses(checked: Checked) -> None:
    told = checked("--part", "doors", FENGQIAO_OPS_PORT="1", FENGQIAO_GRPC_PORT="1")
    assert told.returncode == 1
    assert f"{checked.centre}: The probes at 127.0.0.1:1 do not answer.\n" in told.stdout
    assert "gRPC at 127.0.0.1:1 does not serve: no neighbour can reach it." in told.stdout
    assert told.stdout.endswith("0 of 1 centres are well.\n")


def test_a_door_behind_which_another_centre_lives_is_told(checked: Checked) -> None:
    *_, elsewhere = whole_topology().centres
    told = checked("--centre", elsewhere, "--part", "doors")
    assert told.returncode == 1
    assert f"{elsewhere}: Another centre is hosted at 127.0.0.1:{checked.settings['FENGQIAO_OPS_PORT']}." in told.stdout
    assert told.stdout.endswith("1 of 2 centres are well.\n")


def test_a_database_that_was_never_migrated_is_told_with_what_to_run(checked: Checked) -> None:
    dsn = checked.settings["FENGQIAO_DATABASE"].replace(f"fengqiao_{CENTRE_PLACE}", "template1")
    told = checked("--part", "schema", FENGQIAO_DATABASE=dsn)
    assert told.returncode == 1
    assert f"run fengqiao migrate --centre {checked.centre}." in told.stdout


def test_a_database_and_a_broker_that_are_away_are_told(checked: Checked) -> None:
    told = checked(
        *("--part", "schema", "--part", "topics"),
        FENGQIAO_DATABASE="host=127.0.0.1 port=1",
        FENGQIAO_KAFKA="127.0.0.1:1",
    )
    assert told.returncode == 1
    assert "The database does not answer." in told.stdout
    assert "Kafka at 127.0.0.1:1 does not answer." in told.stdout


def test_topics_that_are_missing_are_named(checked: Checked, tmp_path: Path) -> None:
    topology = tmp_path / "city.csv"
    topology.write_text("code,level,name,parent\n880000,city,别市,\n880001,county,别县,880000\n", "utf-8")
    settings = {**checked.settings, "FENGQIAO_TOPOLOGY": str(topology)}
    told = checked_with(settings, "--all", "--part", "topics")
    assert told.returncode == 1
    assert "880001: 4 topics are missing or may not be seen (fengqiao." in told.stdout
    assert told.stdout.endswith("run fengqiao topics sync.\n0 of 2 centres are well.\n")
    assert "880000: " in told.stdout


def test_doors_without_ports_are_refused(checked: Checked) -> None:
    told = checked("--part", "doors", FENGQIAO_OPS_PORT="0")
    assert told.returncode == 2
    assert "FENGQIAO_OPS_PORT" in told.stderr
