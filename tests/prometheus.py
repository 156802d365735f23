"""A real Prometheus for tests: it scrapes what it is told, evaluates our recording rules, and answers queries.

Scraping and rules run every second here, so that a test need not wait for minutes; everything else is as in deploy/.
"""

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from tests.stack import ROOT

RULES = ROOT / "deploy" / "prometheus"
SCRAPE_SECONDS = 1
RATE_INTERVAL = f"{4 * SCRAPE_SECONDS}s"
"""What Grafana puts for $__rate_interval: four times the scrape interval."""
READY_SECONDS = 30.0
STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Target:
    """One node to scrape: host:port, path, and the labels that the scrape configuration adds."""

    address: str
    path: str
    labels: Mapping[str, str]


class Prometheus:
    """A running server, asked over its API; raises AssertionError for a query that it refuses."""

    def __init__(self, port: int) -> None:
        self._port = port
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

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            return self._got("/-/ready")[0] == HTTPStatus.OK
        except OSError:
            return False

    def _asked(self, what: str, **parameters: str) -> Any:
        status, body = self._got(f"/api/v1/{what}?{urlencode(parameters)}")
        assert status == HTTPStatus.OK, f"{parameters}: {body.decode()}"
        return json.loads(body)["data"]

    def _got(self, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def running_prometheus(folder: Path, targets: Sequence[Target]) -> Iterator[Prometheus]:
    """A Prometheus of one's own in a folder; gone when the block ends."""
    (folder / "prometheus.yml").write_text(json.dumps(_configuration(targets)), "utf-8")
    for path in RULES.glob("*.rules.yml"):
        (folder / path.name).write_text(_every_second(path), "utf-8")
    port = _free_port()
    log = folder / "prometheus.log"
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            yield _started(port, process, log)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def until(holds: Any, seconds: float, why: str) -> None:
    """Waits until something holds; fails with the reason when it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, why
        time.sleep(0.2)


def _started(port: int, process: subprocess.Popen[bytes], log: Path) -> Prometheus:
    server = Prometheus(port)

    def is_up() -> bool:
        assert process.poll() is None, log.read_text("utf-8")
        return server.ready()

    until(is_up, READY_SECONDS, f"Prometheus did not start: {log}")
    return server


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


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
