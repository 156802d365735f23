"""A pytest plugin: a small federation as its users run it, `fengqiao local up` in a process of its own.

`running_stack` is shared by all tests of a session: one city, two counties, three townships. A test that has to break
a stack makes its own with `started_stack`; whatever it did, everything is stopped and removed at the end.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from fengqiao.domain.errors import Refusal
from fengqiao.domain.topology import Topology
from fengqiao.entry.lists import load_topology
from fengqiao.entry.local.prefetch import default_cache
from fengqiao.entry.local.running import read_status, stop_stack
from fengqiao.entry.settings import load_settings
from fengqiao.rpc.client import NodeClient
from tests.parts import end_parts

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "fengqiao-stack-"
READY_SECONDS = 240.0
STOP_SECONDS = 90.0


def whole_topology() -> Topology:
    """The list of centres that a stack started from this checkout uses."""
    return load_topology(load_settings())


def small_branch(topology: Topology) -> tuple[str, ...]:
    """One city, its first two counties, two townships of the first and one of the second."""
    first, second = topology.children(topology.city.code)[:2]
    townships = (*topology.children(first)[:2], *topology.children(second)[:1])
    return (topology.city.code, first, second, *townships)


class Stack:
    """One stack of a data folder, which is started, killed and started again as often as a test wants."""

    def __init__(self, data: Path, centres: Sequence[str]) -> None:
        self.data = data
        self.centres = tuple(centres)
        self.log = data / "nodes.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, deadline_seconds: float = READY_SECONDS) -> dict[str, Any]:
        """Starts it and waits until it is ready; gives its status."""
        command = ["local", "up", "--data", str(self.data), "--centres", ",".join(self.centres)]
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fengqiao", *command],
                cwd=ROOT,
                env=command_environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        until = time.monotonic() + deadline_seconds
        while time.monotonic() < until and self._process.poll() is None:
            found = self._found()
            if found is not None and found["pids"]["nodes"] == [self._process.pid]:
                return found
            time.sleep(0.05)
        raise AssertionError(f"the stack did not start: {self.log.read_text('utf-8', errors='replace')[-2000:]}")

    def status(self) -> dict[str, Any]:
        """What `fengqiao local status --json` prints."""
        return read_status(self.data)

    def client(self, centre: str, timeout_seconds: float = 20.0) -> NodeClient:
        """A client of a centre: `async with stack.client(code) as client`."""
        target = next(found["grpc"] for found in self.status()["centres"] if found["code"] == centre)
        return NodeClient(target, timeout_seconds=timeout_seconds)

    def kill_nodes(self) -> None:
        """SIGKILL for the process of the nodes; PostgreSQL and Kafka go on running."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """Stops everything in order, as Ctrl-C does, also what a killed one has left behind."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOP_SECONDS)
        stop_stack(self.data, default_cache(os.environ), lambda _part, _step: None)

    def end(self) -> None:
        """Leaves nothing running and no file behind, whatever state it is in."""
        try:
            self.kill_nodes()
        finally:
            end_parts(self.data)

    def _found(self) -> dict[str, Any] | None:
        try:
            return read_status(self.data)
        except Refusal:
            return None


@contextmanager
def started_stack(centres: Sequence[str]) -> Iterator[Stack]:
    """A stack of one's own; gone when the block ends."""
    end_forgotten_stacks()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)
    stack = Stack(folder, centres)
    try:
        stack.start()
        yield stack
    finally:
        stack.end()


@pytest.fixture(scope="session")
def running_stack() -> Iterator[Stack]:
    """A running federation of six centres for the whole session: use cases of your own, and leave it running."""
    with started_stack(small_branch(whole_topology())) as stack:
        yield stack


def command_environment(**variables: str) -> dict[str, str]:
    """The environment of a command of ours: this checkout's package, English sentences."""
    path = os.pathsep.join([str(ROOT / "services"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    return {**os.environ, "PYTHONPATH": path.rstrip(os.pathsep), "FENGQIAO_LANG": "en", **variables}


def run_command(*arguments: str, timeout_seconds: float = 240.0, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs `fengqiao ...` to its end, from the root of the checkout."""
    return subprocess.run(
        [sys.executable, "-m", "fengqiao", *arguments],
        cwd=ROOT,
        env=command_environment(**variables),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout_seconds,
        check=False,
    )


def printed_json(finished: subprocess.CompletedProcess[str]) -> Any:
    """What a command printed with --json; its errors are shown when that is no JSON."""
    try:
        return json.loads(finished.stdout)
    except ValueError as error:
        raise AssertionError(f"{finished.stdout[-500:]}\n{finished.stderr[-2000:]}") from error


def end_forgotten_stacks() -> None:
    """Ends the stacks of test runs that were killed: their folder is named for a process that lives no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        try:
            for pid in read_status(folder)["pids"]["nodes"]:
                os.kill(pid, signal.SIGKILL)
        except (Refusal, ProcessLookupError):
            pass
        end_parts(folder)
