"""A whole city on one machine: embedded PostgreSQL and Kafka, a database per centre, all nodes in this process.

`fengqiao local up` holds the lock of the data folder for as long as it runs; `status` and `down` find it by that.
"""

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fengqiao.bus.topic_sync import sync_topics
from fengqiao.bus.topics import topics_for
from fengqiao.domain.limit_policy import LimitRules
from fengqiao.domain.topology import Topology
from fengqiao.domain.unit import UnitDirectory
from fengqiao.entry.clock import utc_now
from fengqiao.entry.demo import seed_demo_accounts
from fengqiao.entry.host import Host
from fengqiao.entry.hosted import Hosted, Progress
from fengqiao.entry.local.folders import prepare_folder, write_whole
from fengqiao.entry.local.lock import StackLock
from fengqiao.entry.local.parts import LocalParts
from fengqiao.entry.local.ports import LOOPBACK, PortBook, node_port
from fengqiao.entry.local.running import STATUS_FILE
from fengqiao.entry.settings import Settings
from fengqiao.store.migrate import migrate
from fengqiao.store.template import TEMPLATE, clone_database, database_name, ensure_template

CLONES_AT_ONCE = 4
TOPICS_CALL_SECONDS = 60.0
POOLED_CONNECTIONS = 450
"""How many connections all nodes of a stack may hold together; what the server has beyond is for tools and people."""


@dataclass(frozen=True, slots=True)
class StackOptions:
    """What to run: the centres, the data folder, the cache of libraries."""

    centres: tuple[str, ...]
    data: Path
    cache: Path


class LocalStack:
    """The stack of one data folder."""

    def __init__(
        self,
        options: StackOptions,
        topology: Topology,
        units: UnitDirectory,
        limits: LimitRules,
        settings: Settings,
        progress: Progress,
        report: Callable[[str, str], None],
    ) -> None:
        self._options = options
        self._topology = topology
        self._units = units
        self._limits = limits
        self._settings = settings
        self._progress = progress
        self._report = report

    def run(self, on_ready: Callable[[tuple[Hosted, ...]], None]) -> None:
        """Start everything, serve until SIGTERM or SIGINT, stop everything in order."""
        folder = prepare_folder(self._options.data)
        with StackLock(folder):
            parts = LocalParts(folder, self._options.cache, self._report)
            parts.start()
            try:
                self._prepare(parts)
                asyncio.run(self._serve(folder, parts, on_ready))
            finally:
                (folder / STATUS_FILE).unlink(missing_ok=True)
                parts.stop()

    def _prepare(self, parts: LocalParts) -> None:
        with ThreadPoolExecutor(2) as pool:
            databases = pool.submit(self._prepare_databases, parts)
            topics = pool.submit(self._prepare_topics, parts)
            databases.result()
            topics.result()

    def _prepare_topics(self, parts: LocalParts) -> None:
        # A machine that starts everything at once answers late, and that is no reason to give up.
        sync_topics(parts.kafka.bootstrap, topics_for(self._topology), call_seconds=TOPICS_CALL_SECONDS)
        parts.kafka.await_groups(TOPICS_CALL_SECONDS)

    def _prepare_databases(self, parts: LocalParts) -> None:
        admin, template = parts.postgres.dsn(), parts.postgres.dsn(TEMPLATE)
        ensure_template(admin, template, utc_now())
        asyncio.run(seed_demo_accounts(template))
        total = len(self._options.centres)
        done = 0

        def one(code: str) -> None:
            nonlocal done
            if not clone_database(admin, database_name(code)):
                migrate(parts.postgres.dsn(database_name(code)), utc_now())
            done += 1
            self._progress("databases", done, total)

        with ThreadPoolExecutor(CLONES_AT_ONCE) as pool:
            for task in [pool.submit(one, code) for code in self._options.centres]:
                task.result()

    async def _serve(self, folder: Path, parts: LocalParts, on_ready: Callable[[tuple[Hosted, ...]], None]) -> None:
        book = PortBook(folder)
        names = ["desk", "citizen", "ops", *map(node_port, self._options.centres)]
        ports = book.allocate(names)
        settings = self._settings.model_copy(
            update={
                "database": parts.postgres.dsn(database_name("{centre}")),
                "database_connections": pool_size(self._settings.database_connections, len(self._options.centres)),
                "kafka": (parts.kafka.bootstrap,),
                "desk_port": ports["desk"],
                "citizen_port": ports["citizen"],
                "ops_port": ports["ops"],
                "bind": LOOPBACK,
                "demo": True,
                "secure_cookies": False,
            }
        )
        host = Host(self._options.centres, self._topology, self._units, self._limits, settings)
        grpc_ports = {code: ports[node_port(code)] for code in self._options.centres}
        try:
            hosted = await host.start(self._progress, grpc_ports)
            self._write_status(folder, parts, settings, hosted)
            on_ready(hosted)
            await host.run_until_stopped(lambda: self._report("nodes", "stopping"))
        finally:
            await host.stop()
            self._report("nodes", "stopped")

    def _write_status(self, folder: Path, parts: LocalParts, settings: Settings, hosted: Sequence[Hosted]) -> None:
        centres = []
        for found in hosted:
            centre = self._topology.centre(found.code)
            centres.append(
                {
                    "code": found.code,
                    "level": centre.level.value,
                    "name": centre.name,
                    "ready": True,
                    "desk": found.desk,
                    "citizen": found.citizen or None,
                    "open311": None,
                    "grpc": found.grpc,
                    "metrics": found.metrics,
                    "dsn": settings.database_of(found.code),
                }
            )
        pids = {"nodes": [os.getpid()], **parts.pids()}
        kafka = {"bootstrap": parts.kafka.bootstrap}
        status = {"pids": pids, "kafka": kafka, "data": str(folder), "centres": centres}
        write_whole(folder / STATUS_FILE, json.dumps(status, ensure_ascii=False, indent=1) + "\n")


def pool_size(wanted: int, centres: int) -> int:
    """Give how many connections each node of a stack may open, so that under load the server does not run out."""
    return max(2, min(wanted, POOLED_CONNECTIONS // centres))
