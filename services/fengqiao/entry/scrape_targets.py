"""Where Prometheus finds the centres, as the files that its service discovery reads (F36, F40).

A target carries what every series and every alert of it is told apart by: `centre`, `county` and `level`, and the names
that people know. The city stands as a county of its own, so that no alert is without one.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from fengqiao.domain.limit_policy import county_of
from fengqiao.domain.topology import Topology

METRICS_PATH = "/{centre}/metrics"
"""Where a process shows the metrics of one centre that it hosts, however many it hosts."""


def place_labels(topology: Topology, code: str) -> dict[str, str]:
    """Give the labels that say where a centre stands; raises NOT_FOUND centre_unknown."""
    centre = topology.centre(code)
    county = topology.centre(county_of(topology, code) or code)
    return {
        "centre": code,
        "county": county.code,
        "level": centre.level.value,
        "centre_name": centre.name,
        "county_name": county.name,
    }


def patterned_targets(topology: Topology, address: str, path: str = METRICS_PATH) -> list[dict[str, Any]]:
    """Give a target for each centre of the list, its address and path by patterns with {centre} and {county}."""

    def place(code: str) -> tuple[str, str]:
        labels = place_labels(topology, code)
        return _filled(address, labels), _filled(path, labels)

    return [_target(topology, code, place) for code in topology.centres]


def running_targets(topology: Topology, metrics: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give a target for each centre of a stack on this machine, from the address of its metrics."""

    def place(code: str) -> tuple[str, str]:
        parts = urlsplit(metrics[code])
        return parts.netloc, parts.path

    return [_target(topology, code, place) for code in metrics]


def _target(topology: Topology, code: str, place: Callable[[str], tuple[str, str]]) -> dict[str, Any]:
    address, path = place(code)
    return {"targets": [address], "labels": {"__metrics_path__": path, **place_labels(topology, code)}}


def _filled(pattern: str, labels: Mapping[str, str]) -> str:
    return pattern.replace("{centre}", labels["centre"]).replace("{county}", labels["county"])
