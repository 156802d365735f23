"""`fengqiao verify`: finds the databases and topics of a federation and audits them (issue 3, point 10)."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fengqiao.bus.kafka_access import PLAIN, KafkaAccess
from fengqiao.bus.topic_sync import SyncReport, sync_topics
from fengqiao.bus.topics import topics_for
from fengqiao.domain.audit import Finding, Rule
from fengqiao.domain.errors import Refusal, wrong_state
from fengqiao.domain.topology import Topology
from fengqiao.entry.clock import utc_now
from fengqiao.entry.local.ports import LOOPBACK, PortBook, node_port
from fengqiao.entry.local.postgres import EmbeddedPostgres
from fengqiao.entry.settings import Settings
from fengqiao.insight.audit import AuditCounts, Auditor, Progress
from fengqiao.store.audit import centres_with_database
from fengqiao.store.database import Database
from fengqiao.store.template import database_name

OPEN_SECONDS = 10.0
OPEN_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Federation:
    """Where a federation keeps its data: a connection string by centre, and the broker (empty: not looked at).

    `lost` are centres that had a database and have none any more.
    """

    topology: Topology
    databases: Mapping[str, str]
    kafka: str
    lost: frozenset[str] = frozenset()
    access: KafkaAccess = PLAIN


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome: what was looked at, what is wrong, and what an operator should know."""

    counts: AuditCounts
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def subjects(self) -> tuple[str, ...]:
        """The ids of the cases and directives that something is wrong with."""
        return tuple(sorted({str(one.subject) for one in self.findings if one.subject is not None}))


def local_federation(data: Path, topology: Topology) -> Federation:
    """Find the federation of a local stack by its data folder; its nodes may be dead, its PostgreSQL has to run.

    Which centres were ever made the ports tell: a node is given its port after its database.

    Raises STATE stack_not_running, UNAVAILABLE database_away.
    """
    ports = PortBook(data).remembered()
    if not {"postgres", "kafka"} <= ports.keys():
        raise wrong_state("stack_not_running")
    server = EmbeddedPostgres(data / "postgres", ports["postgres"])
    centres = centres_with_database(server.dsn(), topology.centres)
    databases = {code: server.dsn(database_name(code)) for code in centres}
    made = {code for code in topology.centres if node_port(code) in ports}
    return Federation(topology, databases, f"{LOOPBACK}:{ports['kafka']}", frozenset(made - databases.keys()))


def settings_federation(settings: Settings, topology: Topology) -> Federation:
    """Take the federation that the settings name, all its centres."""
    databases = {code: settings.database_of(code) for code in topology.centres}
    return Federation(topology, databases, ",".join(settings.kafka), access=settings.kafka_access())


async def verify(
    federation: Federation,
    *,
    wait_seconds: float,
    dead_letters_allowed: bool,
    progress: Progress,
    facts_held: bool = False,
) -> Verified:
    """Audit a federation, after waiting until it has drained.

    Facts that a centre above lacks are only told, unless they are held against it: a broker that has lost its disk
    loses facts and no case, and `fengqiao feeds tell-again` brings them back.

    With a wait, what was under way at its beginning and still is at its end counts as wrong; without, it does not.
    """
    away: list[Finding] = []
    async with AsyncExitStack() as stack:
        databases = await _opened(federation, stack, away)
        unread = federation.databases.keys() - databases.keys()
        auditor = Auditor(databases, federation.topology, progress, away=unread, lost=federation.lost)
        began = utc_now()
        stuck_before = None
        if wait_seconds and not await auditor.drained(utc_now, wait_seconds):
            stuck_before = began + timedelta(microseconds=1)
        report = await auditor.run(utc_now(), stuck_before)
    topics = await asyncio.to_thread(_topic_findings, federation) if federation.kafka else ()
    lost = [Finding(Rule.DATABASE, code, "the database is gone") for code in sorted(federation.lost)]
    everything = (*lost, *away, *topics, *report.findings, *report.dead_letters)
    allowed = {rule for rule, may in ((Rule.DEAD_LETTER, dead_letters_allowed), (Rule.FACT, not facts_held)) if may}
    findings = tuple(one for one in everything if one.rule not in allowed)
    return Verified(report.counts, findings, tuple(one for one in everything if one.rule in allowed))


async def _opened(federation: Federation, stack: AsyncExitStack, away: list[Finding]) -> dict[str, Database]:
    gate = asyncio.Semaphore(OPEN_AT_ONCE)
    opened: dict[str, Database] = {}

    async def one(code: str, dsn: str) -> None:
        database = Database(dsn, connections=1)
        stack.push_async_callback(database.close)
        async with gate:
            try:
                await database.open(OPEN_SECONDS)
            except Refusal:
                away.append(Finding(Rule.READABLE, code, "the database cannot be reached"))
                return
        opened[code] = database

    await asyncio.gather(*(one(code, dsn) for code, dsn in federation.databases.items()))
    return {code: opened[code] for code in federation.databases if code in opened}


def _topic_findings(federation: Federation) -> tuple[Finding, ...]:
    try:
        security = federation.access.admin_options()
        report = sync_topics(federation.kafka, topics_for(federation.topology), dry_run=True, security=security)
    except Refusal as refusal:
        return (Finding(Rule.TOPIC, "", f"not looked at: {refusal.code}"),)
    return _drift(report)


def _drift(report: SyncReport) -> tuple[Finding, ...]:
    missing = [Finding(Rule.TOPIC, "", f"{name} is missing") for name in report.created]
    altered = [
        Finding(Rule.TOPIC, "", f"{one.topic} has {one.setting}={one.found}, not {one.wanted}")
        for one in report.altered
    ]
    drift = [Finding(Rule.TOPIC, "", f"{one.topic} {one.reason}: {one.found} ({one.wanted})") for one in report.drift]
    return (*missing, *altered, *drift)
