"""A small city to break: six centres as `fengqiao local up` runs them, with hands on each of its processes."""

import asyncio
import http.client
import json
import os
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from fengqiao.domain.case import Direction
from fengqiao.domain.command import OfferCase, RefuseOffer, RegisterCase
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.entry.local.kafka import EmbeddedKafka
from fengqiao.entry.local.parts import LocalParts
from fengqiao.entry.local.postgres import EmbeddedPostgres
from fengqiao.entry.local.prefetch import default_cache
from fengqiao.rpc.client import NodeClient
from tests.fault.workload import OFFICER, Officers, Told
from tests.stack import Stack, run_command, whole_topology

DRAIN_SECONDS = 90.0
SAMPLE = re.compile(r"^(fengqiao_\w+)(?:\{(.*)\})? (\S+)$")
STAMP = re.compile(r"^(\d{4}-\d\d-\d\dT[\d:.]+Z) ")
LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass
class Ground:
    """The city under test. `told` is what its nodes said was done, over all tests of a session."""

    stack: Stack
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        self.topology = whole_topology()
        self.city, self.county, self.other_county, self.township = self.stack.centres[:4]
        self.read_status()

    def read_status(self) -> None:
        status = self.stack.status()
        self.targets: dict[str, str] = {found["code"]: found["grpc"] for found in status["centres"]}
        self.databases: dict[str, str] = {found["code"]: found["dsn"] for found in status["centres"]}
        self.metrics_url: str = status["centres"][0]["metrics"].replace(f"/{self.city}/", "/")
        self.ops_address = self.metrics_url.split("/")[2]

    @property
    def postgres(self) -> EmbeddedPostgres:
        return self._parts().postgres

    @property
    def kafka(self) -> EmbeddedKafka:
        return self._parts().kafka

    def _parts(self) -> LocalParts:
        return LocalParts(self.stack.data, default_cache(os.environ))

    def mend(self) -> None:
        """See to it that everything runs, whatever the test before has left."""
        self.postgres.start()
        self.kafka.start()
        if not self.nodes_live():
            self.stack.start()
            self.read_status()

    def nodes_live(self) -> bool:
        process = self.stack._process
        return process is not None and process.poll() is None

    def client(self, centre: str) -> NodeClient:
        return NodeClient(self.targets[centre], timeout_seconds=10.0)

    def officers(self, seed: str) -> Officers:
        return Officers(self.topology, self.targets, seed, self.told)

    @asynccontextmanager
    async def load(self, seed: str, many: int = 3) -> AsyncIterator[Told]:
        """Work while the block runs; gives what this work was told, which also counts for the city."""
        officers = self.officers(seed)
        before = Counter(self.told.done)
        async with officers.at_work(many):
            yield self.told
        print(f"done {dict(self.told.done - before)}, asked again {self.told.asked_again}")

    async def offered(self, child: str, *, urgent: bool = False) -> UUID:
        """Register a case and offer it to the parent."""
        case = uuid4()
        command = RegisterCase(case, "铁轨横卧路中", "新河路一段废弃铁轨，行人常被绊倒。", urgent=urgent)
        async with self.client(child) as client:
            await client.register(command, OFFICER)
            await client.carry_out(OfferCase(case, uuid4(), Direction.UP, "超出职权"), OFFICER)
        self.told.cases[case] = child
        return case

    async def knows(self, centre: str, case: UUID, seconds: float) -> float:
        """Wait until a centre knows a case; gives how long it took."""

        async def there() -> bool:
            return bool(await self.rows(centre, "SELECT 1 FROM case_file WHERE case_id = %s", case))

        return await until(there, seconds, f"{case} at {centre}")

    async def exchange(self) -> None:
        """Have every edge of the city carry a message each way."""

        async def one(child: str, parent: str) -> None:
            case = await self.offered(child)
            await self.knows(parent, case, 30)
            async with self.client(parent) as client:
                try:
                    await client.carry_out(RefuseOffer(case, "请先核实"), OFFICER)
                except Refusal as refusal:
                    # An officer at work was quicker, and has answered.
                    if refusal.kind is not Kind.STATE:
                        raise

        await asyncio.gather(*(one(child, parent) for child, parent in self.edges()))

    async def drained(self) -> bool:
        """Whether everything that was sent has been acknowledged."""
        return not any([await self.rows(centre, "SELECT 1 FROM outbox LIMIT 1") for centre in self.stack.centres])

    def edges(self) -> list[tuple[str, str]]:
        """The edges between centres of the city, as (child, parent)."""
        here = set(self.stack.centres)
        return [edge for edge in self.topology.edges() if here >= set(edge)]

    async def settled(self, *options: str) -> dict[str, Any]:
        """Wait until everything has been delivered, and prove that nothing is wrong and nothing is missing."""
        finished = await asyncio.to_thread(
            run_command, "verify", "--data", str(self.stack.data), "--json", "--wait", f"{DRAIN_SECONDS:.0f}", *options
        )
        assert finished.returncode in {0, 1}, finished.stderr
        report: dict[str, Any] = json.loads(finished.stdout)
        assert report["findings"] == [], await self._told_of(report["findings"])
        assert finished.returncode == 0
        missing = await self.told.missing(self.databases)
        assert missing == [], f"{len(missing)} reports were answered with OK and are not there: {missing[:10]}"
        assert report["counts"]["cases"] >= len(self.told.cases)
        print(
            f"verified {report['counts']}, accepted reports: {len(self.told.cases)} cases, {len(self.told.notes)} notes"
        )
        return report

    async def _told_of(self, findings: list[dict[str, Any]]) -> str:
        """What was found, and how the city stands, for whoever has to find the cause."""
        edges = {
            centre: await self.rows(centre, "SELECT neighbour, sent_seq, acked_seq, received_seq FROM edge ORDER BY 1")
            for centre in self.stack.centres
        }
        _, live = await asyncio.to_thread(fetched, f"http://{self.ops_address}/live")
        log = self.stack.log.read_text("utf-8", errors="replace")[-3000:]
        return "\n".join([json.dumps(findings, ensure_ascii=False, indent=1), str(edges), live, log])

    async def metrics(self, centre: str = "") -> Mapping[tuple[str, frozenset[tuple[str, str]]], float]:
        """All samples of a centre, or of all."""
        url = f"http://{self.ops_address}/{centre}/metrics" if centre else self.metrics_url
        _, text = await asyncio.to_thread(fetched, url)
        found = (SAMPLE.match(line) for line in text.splitlines())
        return {(one[1], frozenset(LABEL.findall(one[2] or ""))): float(one[3]) for one in found if one}

    async def taken(self, centre: str = "", /, **labels: str) -> Counter[str]:
        """How many messages each centre has taken in since its process began, of those with the labels."""
        counts: Counter[str] = Counter()
        for (name, found), value in (await self.metrics(centre)).items():
            if name == "fengqiao_messages_total" and set(labels.items()) <= found:
                counts[dict(found).get("centre", centre)] += int(value)
        return counts

    async def rows(self, centre: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database of a centre behind the back of its node."""
        async with await psycopg.AsyncConnection.connect(self.databases[centre], autocommit=True) as connection:
            cursor = await connection.execute(statement.encode(), values or None)
            return await cursor.fetchall() if cursor.description else []

    async def kafka_connected(self) -> bool:
        """Whether every centre of the city is connected to Kafka."""
        found = {
            dict(labels)["centre"]: value
            for (name, labels), value in (await self.metrics()).items()
            if name == "fengqiao_kafka_connected"
        }
        return len(found) == len(self.stack.centres) and all(found.values())

    def log_mark(self) -> int:
        """Where the log of the nodes ends now."""
        return self.stack.log.stat().st_size

    def busiest_minute(self, mark: int) -> list[str]:
        """The lines of the log since a mark, of those sixty seconds in which most were written."""
        with self.stack.log.open("rb") as log:
            log.seek(mark)
            lines = log.read().decode("utf-8", "replace").splitlines()
        times: list[datetime] = []
        for line in lines:
            stamp = STAMP.match(line)
            # A line without a time belongs to the one before it.
            times.append(
                datetime.fromisoformat(stamp[1]) if stamp else (times or [datetime.min.replace(tzinfo=UTC)])[-1]
            )
        minutes = (
            [line for line, at in zip(lines, times, strict=True) if start <= at < start + timedelta(minutes=1)]
            for start in times
        )
        return max(minutes, key=len, default=[])

    def readiness(self) -> int:
        """What the probe of the process answers now: 200, or 503; 0 when nobody answers."""
        return fetched(f"http://{self.ops_address}/ready")[0]


def fetched(url: str) -> tuple[int, str]:
    """The status and the text of a page; 0 when nobody answers."""
    address, _, path = url.removeprefix("http://").partition("/")
    try:
        with closing(http.client.HTTPConnection(address, timeout=10)) as connection:
            connection.request("GET", f"/{path}")
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
    except OSError:
        return 0, ""


async def until(what: Callable[[], Any], seconds: float, name: str) -> float:
    """Wait until something is so; gives how long it took. `what` may be a coroutine function."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        found = what()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return time.monotonic() - began
        await asyncio.sleep(0.05)
    raise AssertionError(f"{name}: not within {seconds:.0f} s")
