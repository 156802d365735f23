"""The Alertmanager of the federation chart tells whom the command's configuration tells, for any list (F36)."""

import json
from pathlib import Path
from typing import Any

import pytest

from fengqiao.domain.topology import Topology
from fengqiao.entry.alert_routes import alertmanager_config
from fengqiao.entry.lists import topology_from_text
from tests.chart.rendering import FEDERATION, of_kind, rendered
from tests.prometheus import amtool
from tests.stack import ROOT

MADE_CITY = ROOT / "services" / "fengqiao" / "entry" / "data" / "made_city.csv"
REAL = "name,parent,level,code\n德州市,,city,371400\n齐河县,371400,county,371425\n陵城区,371400,county,371403\n"
WEBHOOK = "https://bridge.example/{receiver}"
ROUTE = {
    "groupBy": "group_by",
    "groupWait": "group_wait",
    "groupInterval": "group_interval",
    "repeatInterval": "repeat_interval",
}
"""What the operator calls differently from Alertmanager."""


def written(matchers: list[dict[str, str]]) -> list[str]:
    """Matchers of the operator as Alertmanager writes them."""
    return [f'{one["name"]}{one["matchType"]}"{one["value"]}"' for one in matchers]


def as_alertmanager(route: dict[str, Any]) -> dict[str, Any]:
    """A route of the operator as Alertmanager has it."""
    found = {ROUTE.get(key, key): value for key, value in route.items()}
    if "matchers" in found:
        found["matchers"] = written(found["matchers"])
    if "routes" in found:
        found["routes"] = [as_alertmanager(child) for child in found["routes"]]
    return found


def receiver(found: dict[str, Any]) -> dict[str, Any]:
    """A receiver of the operator as Alertmanager has it."""
    hooks = [{"url": hook["url"], "send_resolved": hook["sendResolved"]} for hook in found["webhookConfigs"]]
    return {"name": found["name"], "webhook_configs": hooks}


def configuration(spec: dict[str, Any]) -> dict[str, Any]:
    """The configuration that the operator makes of an AlertmanagerConfig of ours, names and namespaces aside."""
    return {
        "route": as_alertmanager(spec["route"]),
        "inhibit_rules": [
            {
                "source_matchers": written(rule["sourceMatch"]),
                "target_matchers": written(rule["targetMatch"]),
                "equal": rule["equal"],
            }
            for rule in spec["inhibitRules"]
        ],
        "receivers": [receiver(one) for one in spec["receivers"]],
    }


def made(folder: Path, text: str) -> dict[str, Any]:
    """What the chart makes of a list."""
    file = folder / "centres.csv"
    file.write_text(text, "utf-8")
    alerts = json.dumps({"mode": "resource", "webhook": WEBHOOK})
    found = rendered(FEDERATION, "--set-file", f"topology={file}", "--set-json", f"monitoring.alertmanager={alerts}")
    return configuration(of_kind(found, "AlertmanagerConfig")["city-alerts"]["spec"])


@pytest.mark.parametrize("text", [MADE_CITY.read_text("utf-8"), REAL], ids=["made", "real"])
def test_the_chart_tells_whom_the_command_tells(tmp_path: Path, text: str) -> None:
    topology: Topology = topology_from_text(text)
    assert made(tmp_path, text) == alertmanager_config(topology, WEBHOOK)


def test_alertmanager_takes_what_the_operator_is_given_and_tells_the_county(tmp_path: Path) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(json.dumps(made(tmp_path, REAL)), "utf-8")
    told = amtool("check-config", str(file))
    assert told.returncode == 0, told.stdout + told.stderr
    told = amtool("config", "routes", "test", f"--config.file={file}", "severity=critical", "county=371403")
    assert told.stdout.strip() == "city-ops,county-371403"


def test_the_rules_stay_beside_it() -> None:
    alerts = json.dumps({"mode": "resource", "webhook": WEBHOOK})
    found = rendered(FEDERATION, "--set-json", f"monitoring.alertmanager={alerts}")
    assert of_kind(found, "PrometheusRule") == of_kind(rendered(FEDERATION), "PrometheusRule")
    assert set(of_kind(found, "Alertmanager")) == {"city-alerts"}
