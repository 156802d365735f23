"""The example for Argo CD makes the city that the chart of the city makes: each centre at the same places, in order."""

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from fengqiao.entry.lists import topology_from_text
from tests.chart.rendering import FEDERATION, Document, of_kind, rendered, variables
from tests.stack import ROOT

EXAMPLE = ROOT / "deploy" / "argocd"
MADE_CITY = ROOT / "services" / "fengqiao" / "entry" / "data" / "made_city.csv"
SAME = ("FENGQIAO_DATABASE", "FENGQIAO_KAFKA", "FENGQIAO_KAFKA_USERNAME", "FENGQIAO_KAFKA_CA_FILE", "FENGQIAO_REPLICA")


def example(name: str) -> Any:
    return yaml.safe_load((EXAMPLE / name).read_text("utf-8"))


def centres() -> list[dict[str, str]]:
    found: list[dict[str, str]] = example("centres.yaml")
    return found


@cache
def the_city() -> dict[str, Document]:
    return of_kind(rendered(FEDERATION), "Deployment")


def filled(value: Any, centre: dict[str, str]) -> Any:
    """What the ApplicationSet makes of its template for one centre."""
    if isinstance(value, str):
        return re.sub(r"\{\{\.(\w+)\}\}", lambda found: centre[found[1]], value)
    if isinstance(value, list):
        return [filled(one, centre) for one in value]
    return {key: filled(one, centre) for key, one in value.items()} if isinstance(value, dict) else value


def application(centre: dict[str, str]) -> Any:
    return filled(example("nodes.yaml")["spec"]["template"], centre)


def deployed(centre: dict[str, str]) -> tuple[Document, ...]:
    """What helm makes of the Application of one centre."""
    source = application(centre)["spec"]["source"]
    chart = ROOT / source["path"]
    files = [(chart / one).resolve() for one in source["helm"]["valueFiles"]]
    values = [option for file in files if file.exists() for option in ("--values", str(file))]
    options = [
        option
        for one in source["helm"]["parameters"]
        for option in ("--set-string" if one.get("forceString") else "--set", f"{one['name']}={one['value']}")
    ]
    return rendered(chart, *values, *options)


def test_the_example_has_every_centre_of_the_made_city_with_its_level_and_its_county() -> None:
    topology = topology_from_text(MADE_CITY.read_text("utf-8"))
    counties = {code: one.parent if one.level == "township" else code for code, one in topology.centres.items()}
    wanted = [
        {
            "code": code,
            "level": one.level.value,
            "county": county,
            "name": one.name,
            "county_name": topology.centre(county or "").name,
        }
        for (code, one), county in zip(topology.centres.items(), counties.values(), strict=True)
    ]
    assert centres() == wanted


def test_the_line_that_makes_the_list_is_the_one_that_made_it() -> None:
    text = (EXAMPLE / "centres.yaml").read_text("utf-8")
    line = next(line.removeprefix("#   ") for line in text.splitlines() if line.startswith("#   awk "))
    command = line.replace("divisions.csv", str(MADE_CITY))
    made = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
    assert text.endswith(made)
    assert yaml.safe_load(made) == centres()


@pytest.mark.parametrize("position", [0, 1, 13, 146])
def test_a_centre_finds_kafka_and_its_database_where_the_platform_makes_them(position: int) -> None:
    centre = centres()[position]
    own = of_kind(deployed(centre), "Deployment")[f"fengqiao-{centre['code']}"]
    city = the_city()[f"fengqiao-{centre['code']}"]
    mine, theirs = (variables(one["spec"]["template"]["spec"]["containers"][0]) for one in (own, city))
    assert {name: mine[name] for name in SAME} == {name: theirs[name] for name in SAME}
    assert own["spec"]["template"]["spec"]["volumes"] == city["spec"]["template"]["spec"]["volumes"]
    monitors = [
        of_kind(found, "ServiceMonitor")[f"fengqiao-{centre['code']}"]["spec"]["endpoints"]
        for found in (deployed(centre), rendered(FEDERATION))
    ]
    assert monitors[0] == monitors[1]
    sizes = [one["spec"]["template"]["spec"]["containers"][0]["resources"] for one in (own, city)]
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("position", [0, 1, 13])
def test_a_centre_is_migrated_before_it_is_upgraded(position: int) -> None:
    jobs = of_kind(deployed(centres()[position]), "Job")
    hooks = [one["metadata"]["annotations"]["helm.sh/hook"] for one in jobs.values()]
    assert hooks == ["pre-install,pre-upgrade"]


def test_the_platform_makes_no_node_and_all_else() -> None:
    source = example("platform.yaml")["spec"]["source"]
    assert source["helm"]["valuesObject"] == {"nodes": {"enabled": False}}
    found = rendered(ROOT / source["path"], "--set", "nodes.enabled=false")
    assert of_kind(found, "Deployment") == {}
    assert of_kind(found, "ConfigMap").keys() >= {f"{source['helm']['releaseName']}-topology"}
    assert len(of_kind(found, "KafkaUser")) == len(centres())


def test_an_upgrade_goes_from_the_townships_to_the_city_and_leaves_nobody_out() -> None:
    spec = example("nodes.yaml")["spec"]
    assert spec["strategy"]["type"] == "RollingSync"
    steps = [step["matchExpressions"][0] for step in spec["strategy"]["rollingSync"]["steps"]]
    assert [step["values"] for step in steps] == [["township"], ["county"], ["city"]]
    labels = {application(one)["metadata"]["labels"][steps[0]["key"]] for one in centres()}
    assert labels == {"township", "county", "city"}


def test_both_are_of_one_repository_and_one_release() -> None:
    texts = [(EXAMPLE / name).read_text("utf-8") for name in ("platform.yaml", "nodes.yaml")]
    places = {found for text in texts for found in re.findall(r"repoURL: (\S+)", text)}
    releases = {found for text in texts for found in re.findall(r"(?:targetRevision|revision): (\S+)", text)}
    assert (len(places), len(releases)) == (1, 1)
    assert all(Path(EXAMPLE / "values" / f"{level}.yaml").exists() for level in ("city", "county", "township"))
