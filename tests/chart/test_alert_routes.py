"""Each county hears of its own, the city of what is critical or only it can mend; a cause silences (F36)."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fengqiao.entry.alert_routes import alertmanager_config
from fengqiao.entry.cli.monitoring import HEADING
from fengqiao.entry.lists import topology_from_text
from tests.chart.test_alerts import RULES
from tests.cities import made_topology
from tests.prometheus import amtool
from tests.stack import ROOT
from tests.watchers import alertmanager, asked, awaited

COMMITTED = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
MADE_CITY = ROOT / "services" / "fengqiao" / "entry" / "data" / "made_city.csv"
COUNTY, TOWNSHIP, OTHER = "990001", "990001001", "990002"


def routed(**labels: str) -> list[str]:
    """Whom Alertmanager tells of an alert with such labels."""
    words = [f"{label}={value}" for label, value in labels.items()]
    told = amtool("config", "routes", "test", f"--config.file={COMMITTED}", *words)
    assert told.returncode == 0, told.stderr
    return told.stdout.strip().split(",")


def test_amtool_takes_the_configuration() -> None:
    told = amtool("check-config", str(COMMITTED))
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_committed_example_is_what_the_command_makes() -> None:
    config = alertmanager_config(topology_from_text(MADE_CITY.read_text("utf-8")))
    remedy = f"FENGQIAO_TOPOLOGY={MADE_CITY.relative_to(ROOT)} fengqiao monitoring alertmanager --out {COMMITTED.name}"
    assert COMMITTED.read_text("utf-8") == HEADING + json.dumps(config, ensure_ascii=False, indent=1) + "\n", remedy


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({"severity": "warning", "county": COUNTY}, [f"county-{COUNTY}"]),
        ({"severity": "critical", "county": COUNTY}, ["city-ops", f"county-{COUNTY}"]),
        ({"severity": "warning", "county": OTHER}, [f"county-{OTHER}"]),
        ({"severity": "warning", "county": COUNTY, "audience": "city"}, ["city-ops"]),
        ({"severity": "critical", "county": COUNTY, "audience": "city"}, ["city-ops"]),
        ({"severity": "warning", "county": "990000"}, ["city-ops"]),  # the city's own centre
        ({"severity": "critical", "county": "990000"}, ["city-ops"]),
        ({"severity": "warning"}, ["city-ops"]),
        ({"severity": "warning", "county": "123456"}, ["city-ops"]),  # a county that nobody has listed yet
    ],
)
def test_whom_an_alert_reaches(labels: Mapping[str, str], receivers: list[str]) -> None:
    assert routed(**labels) == receivers


def test_every_alert_reaches_somebody_who_can_do_something() -> None:
    for name, body in RULES.items():
        labels = dict(re.findall(r"(severity|audience): (\w+)", body))
        found = routed(alertname=name, county=COUNTY, **labels)
        county_hears, city_hears = f"county-{COUNTY}" in found, "city-ops" in found
        assert city_hears == (labels["severity"] == "critical" or "audience" in labels), name
        assert county_hears == ("audience" not in labels), name


def test_a_receiver_and_a_route_for_each_county_of_any_list() -> None:
    config = alertmanager_config(made_topology(counties=3, townships=9), "https://bridge.example/{receiver}")
    names = [receiver["name"] for receiver in config["receivers"]]
    assert names == ["city-ops", "county-371401", "county-371402", "county-371403"]
    assert config["receivers"][1]["webhook_configs"][0]["url"] == "https://bridge.example/county-371401"


def test_no_secret_stands_in_it() -> None:
    config = alertmanager_config(made_topology(1, 1), token_file="/etc/alertmanager/token")
    text = json.dumps(config)
    assert '"credentials_file": "/etc/alertmanager/token"' in text
    assert not re.search(r'"(credentials|password|api_secret|api_key|token)"', text)


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running Alertmanager with the committed configuration."""
    folder = tmp_path_factory.mktemp("alertmanager")
    config = folder / "alertmanager.yml"
    config.write_text(COMMITTED.read_text("utf-8"), "utf-8")
    with alertmanager(config) as address:
        yield address


def states(manager: str, *alerts: Mapping[str, str]) -> list[str]:
    """How Alertmanager takes these alerts, raised together: active or suppressed, in their order."""
    asked(f"{manager}/api/v2/alerts", [{"labels": dict(labels)} for labels in alerts])

    def found() -> list[str] | None:
        told: list[dict[str, Any]] = asked(f"{manager}/api/v2/alerts")
        by_labels = [next((one for one in told if one["labels"] == labels), None) for labels in alerts]
        known = [one["status"]["state"] for one in by_labels if one is not None]
        return known if len(known) == len(alerts) and "unprocessed" not in known else None

    return awaited(found, "Alertmanager has looked at the alerts")


def edge_alert(name: str, centre: str, neighbour: str) -> dict[str, str]:
    return {"alertname": name, "centre": centre, "county": COUNTY, "neighbour": neighbour, "severity": "warning"}


def test_a_node_that_is_away_silences_what_its_neighbours_say_of_it_and_nothing_else(manager: str) -> None:
    away = edge_alert("FengqiaoNodeAway", "990003", "990003")
    found = states(
        manager,
        away,
        edge_alert("FengqiaoLinkDown", "990003001", "990003"),
        edge_alert("FengqiaoMessagesStuck", "990000", "990003"),
        edge_alert("FengqiaoLinkDown", "990003", "990000"),
        edge_alert("FengqiaoLinkDown", "990004001", "990004"),
        edge_alert("FengqiaoDeadLetters", "990003001", "990003"),
    )
    assert found == ["active", "suppressed", "suppressed", "suppressed", "active", "active"]


def test_a_database_that_is_away_silences_the_loops_of_its_own_centre(manager: str) -> None:
    def alert(name: str, centre: str) -> dict[str, str]:
        return {"alertname": name, "centre": centre, "county": "990005", "severity": "critical"}

    found = states(
        manager,
        alert("FengqiaoDatabaseAway", "990005001"),
        alert("FengqiaoSweeperStandsStill", "990005001"),
        alert("FengqiaoSweeperStandsStill", "990005002"),
    )
    assert found == ["active", "suppressed", "active"]


def test_a_fast_burn_silences_the_slow_one_of_the_same_limit_and_county(manager: str) -> None:
    def burn(name: str, county: str, code: str) -> dict[str, str]:
        return {"alertname": name, "county": county, "code": code, "severity": "critical"}

    found = states(
        manager,
        burn("FengqiaoLimitsBurnFast", "990006", "article-assign"),
        burn("FengqiaoLimitsBurnSlowly", "990006", "article-assign"),
        burn("FengqiaoLimitsBurnSlowly", "990006", "article-solve"),
        burn("FengqiaoLimitsBurnSlowly", "990007", "article-assign"),
    )
    assert found == ["active", "suppressed", "active", "active"]


def test_a_configuration_that_amtool_refuses_is_found(tmp_path: Path) -> None:
    config = alertmanager_config(made_topology(1, 1))
    config["receivers"] = config["receivers"][:1]
    broken = tmp_path / "alertmanager.yml"
    broken.write_text(json.dumps(config), "utf-8")
    told: subprocess.CompletedProcess[str] = amtool("check-config", str(broken))
    assert told.returncode != 0
