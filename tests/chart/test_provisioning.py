"""The files that put the boards up name one Prometheus, one folder, and are closed to changes in the browser."""

from typing import Any

import yaml

from tests.boards import boards
from tests.stack import ROOT

FOLDER = ROOT / "deploy" / "grafana"


def provisioned(kind: str) -> list[dict[str, Any]]:
    (path,) = (FOLDER / "provisioning" / kind).glob("*.yaml")
    content = yaml.safe_load(path.read_text("utf-8"))
    assert content["apiVersion"] == 1
    found: list[dict[str, Any]] = content["datasources" if kind == "datasources" else "providers"]
    return found


def test_there_is_one_prometheus_and_its_address_comes_from_the_environment() -> None:
    (source,) = provisioned("datasources")
    assert (source["type"], source["access"], source["isDefault"]) == ("prometheus", "proxy", True)
    assert source["url"].startswith("$")
    assert source["editable"] is False
    assert source["jsonData"]["timeInterval"].endswith("s")


def test_the_boards_are_loaded_from_files_and_kept_as_they_are() -> None:
    (provider,) = provisioned("dashboards")
    assert (provider["type"], provider["allowUiUpdates"], provider["disableDeletion"]) == ("file", False, True)
    assert all(provider["folderUid"] in board["tags"] for board in boards())


def test_the_page_says_where_grafana_looks_for_them() -> None:
    (provider,), page = provisioned("dashboards"), (FOLDER / "README.md").read_text("utf-8")
    (source,) = provisioned("datasources")
    assert f"->  {provider['options']['path']}\n" in page
    assert f"{source['url'].strip('$')}=" in page
