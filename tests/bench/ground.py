"""What benchmarks stand on: PostgreSQL and Kafka of their own, branches of three centres, nodes here or beside."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from fengqiao.bus.topic_sync import sync_topics
from fengqiao.bus.topics import topics_for
from fengqiao.domain.topology import Centre, Level, Topology
from fengqiao.entry.limits import load_limit_rules
from fengqiao.entry.lists import load_units
from fengqiao.entry.local.parts import LocalParts
from fengqiao.entry.local.prefetch import default_cache
from fengqiao.entry.memory import settle_memory
from fengqiao.entry.node import Node
from fengqiao.entry.settings import Settings, load_settings
from fengqiao.store.template import TEMPLATE, clone_database, ensure_template
from tests.parts import PREFIX, end_forgotten_parts, end_parts
from tests.stack import ROOT, command_environment

READY_SECONDS = 120.0
STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Branch:
    """A township, its county and its city; each benchmark has codes, and so topics and databases, of its own."""

    topology: Topology
    city: str
    county: str
    township: str

    @property
    def codes(self) -> tuple[str, str, str]:
        """The codes from the top down."""
        return self.city, self.county, self.township


class Ground:
    """A temporary folder with running parts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = default_cache(os.environ)
        self.parts = LocalParts(folder, self.cache)
        self._numbers = count(10)

    def start(self) -> None:
        """Start PostgreSQL and Kafka, and make the template that databases are cloned from."""
        self.parts.start()
        ensure_template(self.parts.postgres.dsn(), self.parts.postgres.dsn(TEMPLATE), datetime.now(UTC))

    def dsn(self, database: str) -> str:
        """Give the connection string of a database."""
        return self.parts.postgres.dsn(database)

    def database(self, name: str) -> str:
        """Make a database with our tables; gives its connection string."""
        clone_database(self.dsn("postgres"), name)
        return self.dsn(name)

    def bare_database(self, name: str) -> str:
        """Make an empty database; gives its connection string."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.dsn(name)

    def branch(self) -> Branch:
        """Make a new branch with its databases and topics."""
        number = next(self._numbers)
        city, county, township = f"80{number}00", f"80{number}01", f"80{number}01001"
        centres = [
            Centre(city, Level.CITY, "测试市", None),
            Centre(county, Level.COUNTY, "测试县", city),
            Centre(township, Level.TOWNSHIP, "测试镇", county),
        ]
        branch = Branch(Topology(centres), city, county, township)
        for code in branch.codes:
            self.database(f"bench_{code}")
        sync_topics(self.parts.kafka.bootstrap, topics_for(branch.topology))
        return branch

    def settings(self) -> Settings:
        """Give the settings of a node on these parts."""
        return load_settings(database=self.dsn("bench_{centre}"), kafka=(self.parts.kafka.bootstrap,))

    @asynccontextmanager
    async def nodes(self, branch: Branch, codes: Sequence[str]) -> AsyncIterator[dict[str, Node]]:
        """Run centres of a branch in this process, Links included."""
        units, ports = load_units(""), dict[str, int]()
        limits = load_limit_rules(self.settings(), branch.topology, units)
        nodes = {code: Node(code, branch.topology, units, limits, self.settings()) for code in codes}
        try:
            for code, node in nodes.items():
                await node.start_store()
                ports[code] = await node.start_server(0)
            await asyncio.gather(*(node.start_transport(_target(node, ports)) for node in nodes.values()))
            await wait_until(lambda: all(_joined(node, ports) for node in nodes.values()))
            settle_memory()
            yield nodes
        finally:
            await asyncio.gather(*(node.stop() for node in nodes.values()))

    @contextmanager
    def node_process(self, branch: Branch, codes: Sequence[str], **variables: str) -> Iterator["NodeProcess"]:
        """Run centres of a branch as their users run them: `fengqiao node run` in a process of its own."""
        process = NodeProcess(self, branch, codes, variables)
        try:
            process.wait_ready()
            yield process
        finally:
            process.end()


class NodeProcess:
    """A process of nodes; `grpc` gives host:port by code."""

    def __init__(self, ground: Ground, branch: Branch, codes: Sequence[str], variables: dict[str, str]) -> None:
        self._codes = tuple(codes)
        self.log = ground.folder / f"nodes-{codes[-1]}.log"
        listed = ground.folder / f"centres-{branch.city}.csv"
        rows = (f"{c.code},{c.level},{c.name},{c.parent or ''}" for c in branch.topology.centres.values())
        listed.write_text("\n".join(("code,level,name,parent", *rows, "")), "utf-8")
        environment = command_environment(
            FENGQIAO_TOPOLOGY_FILES=str(listed),
            FENGQIAO_DATABASE=ground.dsn("bench_{centre}"),
            FENGQIAO_KAFKA=ground.parts.kafka.bootstrap,
            FENGQIAO_LOG_LEVEL="WARNING",
            PYTHONUNBUFFERED="1",
            **variables,
        )
        centres = [word for code in codes for word in ("--centre", code)]
        with self.log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fengqiao", "node", "run", *centres],
                env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        self.grpc: dict[str, str] = {}

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Wait until every centre has told its addresses."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            words = [line.split() for line in self.log.read_text("utf-8", "replace").splitlines()]
            self.grpc = {word[0]: word[2] for word in words if len(word) > 2 and word[1] == "grpc"}
            if self.grpc.keys() >= set(self._codes):
                return
            time.sleep(0.05)
        raise AssertionError(f"the nodes did not start: {self.log.read_text('utf-8', 'replace')[-2000:]}")

    def end(self) -> None:
        """Stop in order, or at once when that takes too long."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)


@contextmanager
def started_ground() -> Iterator[Ground]:
    """Parts in a folder of their own; whatever happens, nothing of it is left."""
    end_forgotten_parts()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-bench-"))
    folder.chmod(0o755)
    try:
        yield Ground(folder)
    finally:
        end_parts(folder)


async def wait_until(holds: Callable[[], bool], timeout_seconds: float = 30.0) -> None:
    """Wait until a condition holds, looking every 10 ms; raises TimeoutError."""
    async with asyncio.timeout(timeout_seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event to wait on
            await asyncio.sleep(0.01)


def cpu_seconds(pids: Sequence[int]) -> float:
    """Add up the processor time of processes and of all their children, ended ones included."""
    total = 0.0
    for pid in pids:
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        times = psutil.Process(pid).cpu_times()
        total += times.children_user + times.children_system
    return total


def _target(node: Node, ports: dict[str, int]) -> str | None:
    parent = node.context.centre.parent
    return f"127.0.0.1:{ports[parent]}" if parent in ports else None


def _joined(node: Node, ports: dict[str, int]) -> bool:
    parent = node.context.centre.parent
    linked = parent not in ports or node.links.up(parent)
    return linked and node.carrier.health().assigned
