"""A real Prometheus for tests, Prometheus' own programs, and what is deployed for them in a hurry.

Scraping and rules run every second here, so that a test need not wait for minutes; everything else is as in deploy/.
"""

import json
import re
import subprocess
import time
import urllib.error
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from tests.stack import ROOT
from tests.watchers import asked, awaited, prometheus

DEPLOYED = ROOT / "deploy" / "prometheus"
RULE_FILES = tuple(sorted(DEPLOYED.glob("*.rules.yml")))
INTERVAL = re.compile(r"^( *(?:scrape_|evaluation_)?interval:) \d+[sm]$", re.MULTILINE)
WAIT = re.compile(r"^( *for:) (\d+[mh])$", re.MULTILINE)
SCRAPE_SECONDS = 1
RATE_INTERVAL = f"{4 * SCRAPE_SECONDS}s"
"""What Grafana puts for $__rate_interval: four times the scrape interval."""


@dataclass(frozen=True, slots=True)
class Target:
    """One node to scrape: host:port, path, and the labels that the scrape configuration adds."""

    address: str
    path: str
    labels: Mapping[str, str]


class Prometheus:
    """A running server, asked over its API; raises AssertionError for a query that it refuses."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.began = time.time()

    def now(self, expr: str) -> list[Any]:
        """The result of an instant query."""
        found: list[Any] = self._asked("query", query=expr)["result"]
        return found

    def since_start(self, expr: str) -> list[Any]:
        """The result of a range query since the server came up, a step for each scrape."""
        span = {"start": str(self.began), "end": str(time.time()), "step": f"{SCRAPE_SECONDS}s"}
        found: list[Any] = self._asked("query_range", query=expr, **span)["result"]
        return found

    def values_of(self, label: str, selector: str) -> list[str]:
        """The values of a label among the series of a selector: what `label_values` of Grafana asks."""
        found: list[str] = self._asked(f"label/{label}/values", **{"match[]": selector})
        return found

    def _asked(self, what: str, **parameters: str) -> Any:
        try:
            return asked(f"{self._address}/api/v1/{what}?{urlencode(parameters)}")["data"]
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f"{parameters}: {refusal.read().decode()}") from refusal


@contextmanager
def running_prometheus(folder: Path, targets: Sequence[Target]) -> Iterator[Prometheus]:
    """A Prometheus of one's own in a folder; gone when the block ends."""
    config = folder / "prometheus.yml"
    config.write_text(json.dumps(_configuration(targets)), "utf-8")
    for path in RULE_FILES:
        (folder / path.name).write_text(_every_second(path), "utf-8")
    with prometheus(config) as address:
        yield Prometheus(address)


def until(holds: Callable[[], object], seconds: float, why: str) -> None:
    """Waits until something holds; fails with the reason when it does not in time."""
    awaited(lambda: True if holds() else None, why, seconds)


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run promtool."""
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=60, check=False)


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run amtool."""
    return subprocess.run(["amtool", *arguments], capture_output=True, text=True, timeout=60, check=False)


def rule_test(folder: Path, test: Mapping[str, Any], *, every: str) -> subprocess.CompletedProcess[str]:
    """Play one test of promtool on all rules that are deployed, evaluated at an interval."""
    file = folder / "test.yml"
    rules = [str(path) for path in RULE_FILES]
    file.write_text(json.dumps({"rule_files": rules, "evaluation_interval": every, "tests": [test]}), "utf-8")
    return promtool("test", "rules", str(file))


def hastened(folder: Path) -> Path:
    """A copy of what is deployed that looks every second; gives the configuration.

    What waits for two minutes waits for a second, everything else for four: causes still come before consequences.
    """
    for file in DEPLOYED.glob("*.yml"):
        text = INTERVAL.sub(r"\1 1s", file.read_text("utf-8"))
        text = WAIT.sub(lambda found: f"{found[1]} {1 if found[2] == '2m' else 4}s", text)
        (folder / file.name).write_text(text.replace("scrape_timeout: 10s", "scrape_timeout: 1s"), "utf-8")
    return folder / "prometheus.yml"


def _configuration(targets: Sequence[Target]) -> Mapping[str, Any]:
    jobs = [
        {
            "job_name": f"fengqiao-{number}",
            # Some of our series have a label `level` of their own, which the target's must not push aside.
            "honor_labels": True,
            "metrics_path": target.path,
            "static_configs": [{"targets": [target.address], "labels": dict(target.labels)}],
        }
        for number, target in enumerate(targets)
    ]
    every = {"scrape_interval": f"{SCRAPE_SECONDS}s", "evaluation_interval": f"{SCRAPE_SECONDS}s"}
    return {"global": every, "scrape_configs": jobs, "rule_files": ["*.rules.yml"]}


def _every_second(rules: Path) -> str:
    groups = yaml.safe_load(rules.read_text("utf-8"))["groups"]
    return json.dumps({"groups": [{**group, "interval": f"{SCRAPE_SECONDS}s"} for group in groups]})
