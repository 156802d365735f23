"""The audit of a whole federation from its databases: one holder per case, whole journals, gapless edges (issue 3, 10).

Databases are read one range of ids at a time, so memory follows the size of a range and not that of the federation.
They are read one after another and not at one instant: whatever looks wrong is looked at again before it is told, and
rules that only hold once no message is under way are not held against a case about which one is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

from fengqiao.domain.audit import CaseCopy, DirectiveCopy, Finding, case_findings, directive_findings
from fengqiao.domain.audit_edges import (
    EdgeEnd,
    absent_findings,
    edge_findings,
    missing_findings,
    stuck_findings,
)
from fengqiao.domain.topology import Topology
from fengqiao.insight.audit_facts import audit_facts
from fengqiao.store.audit import (
    CopiesRead,
    EdgesRead,
    IdRange,
    SubjectKind,
    case_copies,
    directive_copies,
    edges_read,
    event_count,
    id_marks,
    stray_events,
    subjects_under_way,
)
from fengqiao.store.database import Database

READ_AT_ONCE = 8
MARKS_IN_RANGE = 40
LOOKED_AGAIN = 2000
ROUNDS = 6
PAUSE_SECONDS = 0.5
FIRST_ID, LAST_ID = UUID(int=0), UUID(int=2**128 - 1)

Progress = Callable[[str, int, int], None]
Answer = TypeVar("Answer")
Copy = TypeVar("Copy", CaseCopy, DirectiveCopy)


@dataclass(slots=True)
class AuditCounts:
    """What was looked at, for whoever has to believe that nothing is wrong."""

    centres: int = 0
    cases: int = 0
    case_copies: int = 0
    directives: int = 0
    directive_copies: int = 0
    events: int = 0
    edges: int = 0
    messages: int = 0
    under_way: int = 0


@dataclass(slots=True)
class AuditReport:
    """The counts and everything that was found; `dead_letters` stand apart, for the caller may allow them."""

    counts: AuditCounts = field(default_factory=AuditCounts)
    findings: list[Finding] = field(default_factory=list)
    dead_letters: list[Finding] = field(default_factory=list)


class Auditor:
    """One audit over the databases of some centres.

    `away` are centres that have a database which cannot be read now, `lost` those whose database is gone: what they
    should know is missing.
    """

    def __init__(
        self,
        databases: Mapping[str, Database],
        topology: Topology,
        progress: Progress,
        *,
        away: AbstractSet[str] = frozenset(),
        lost: AbstractSet[str] = frozenset(),
    ) -> None:
        self._databases = databases
        self._topology = topology
        self._told = away | lost
        self._hosted = frozenset(databases) | lost
        self._progress = progress
        self._gate = asyncio.Semaphore(READ_AT_ONCE)
        self._report = AuditReport()

    async def drained(self, now: Callable[[], datetime], wait_seconds: float) -> bool:
        """Wait until no message is under way, at most so long; True when that came about."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_seconds
        while (under_way := sum(end.under_way for end in await self._ends(now()))) and loop.time() < until:
            self._progress("under way", under_way, 0)
            await asyncio.sleep(PAUSE_SECONDS)
        return under_way == 0

    async def run(self, now: datetime, stuck_before: datetime | None) -> AuditReport:
        """Audit everything. What was under way before `stuck_before` and still is counts as found; None: never."""
        self._report.counts.centres = len(self._databases)
        await self._audit_edges(now, stuck_before)
        await self._audit_kind("case")
        await self._audit_kind("directive")
        for strays in await self._each(stray_events_of):
            self._report.findings += strays
        self._report.findings += await audit_facts(
            self._databases, self._topology, self._case_ranges, self._progress, now
        )
        self._report.counts.events = sum(await self._each(lambda _, database: event_count(database)))
        return self._report

    async def _audit_edges(self, now: datetime, stuck_before: datetime | None) -> None:
        found: set[Finding] = set()
        read: list[EdgesRead] = []
        ends: dict[tuple[str, str], EdgeEnd] = {}
        for _ in range(ROUNDS):
            before, found = found, set()
            read = await self._each(lambda centre, database: edges_read(database, centre, now))
            ends = {(end.centre, end.neighbour): end for one in read for end in one.ends}
            for (centre, neighbour), end in ends.items():
                found.update(edge_findings(end, ends.get((neighbour, centre))))
            found.update(self._one_sided(ends))
            if not found or found == before:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        self._report.findings += sorted(found, key=lambda one: (one.rule, one.centre, one.detail))
        # What is on its way to a centre that is not looked at may stay so.
        inside = [end for end in ends.values() if end.neighbour in self._databases]
        if stuck_before is not None:
            self._report.findings += [one for end in inside for one in stuck_findings(end, stuck_before)]
        self._report.dead_letters += [letter for one in read for letter in one.letters]
        counts = self._report.counts
        counts.edges = len({frozenset(key) for key in ends})
        counts.messages = sum(end.sent_seq for end in ends.values())
        counts.under_way = sum(end.under_way for end in inside)

    def _one_sided(self, ends: Mapping[tuple[str, str], EdgeEnd]) -> list[Finding]:
        """Find edges of which a row is missing, or whose other centre has lost its database."""
        with_rows = {centre for centre, _ in ends}
        absent = [end for end in ends.values() if end.neighbour not in self._databases.keys() | self._told]
        found = [one for end in absent for one in absent_findings(end)]
        for centre in self._databases:
            for neighbour in self._topology.neighbours(centre):
                if (centre, neighbour) not in ends:
                    other = ends.get((neighbour, centre))
                    found += missing_findings(centre, neighbour, other, others_here=centre in with_rows)
        return found

    async def _case_ranges(self, centre: str) -> list[IdRange]:
        return _ranges(await id_marks(self._databases[centre], "case"))

    async def _audit_kind(self, kind: SubjectKind) -> None:
        under_way = await self._under_way()
        suspects: dict[UUID, tuple[Finding, ...]] = {}
        ranges = _ranges([mark for marks in await self._each(lambda _, d: id_marks(d, kind)) for mark in marks])
        for done, wanted in enumerate(ranges, start=1):
            suspects |= await self._look(kind, wanted, under_way)
            self._progress(kind, done, len(ranges))
        again = dict(list(suspects.items())[:LOOKED_AGAIN])
        self._report.findings += [one for found in list(suspects.values())[LOOKED_AGAIN:] for one in found]
        for one in (await self._looked_again(kind, again)).values():
            self._report.findings += one

    async def _looked_again(
        self, kind: SubjectKind, suspects: dict[UUID, tuple[Finding, ...]]
    ) -> dict[UUID, tuple[Finding, ...]]:
        """Look at what seemed wrong until it looks right, or twice the same."""
        certain: dict[UUID, tuple[Finding, ...]] = {}
        for _ in range(ROUNDS):
            if not suspects:
                break
            await asyncio.sleep(PAUSE_SECONDS)
            before = await self._under_way()
            first = await self._look(kind, list(suspects), before, counted=False)
            after = before | await self._under_way()
            if after != before:
                first = await self._look(kind, list(suspects), after, counted=False)
            certain |= {subject: found for subject, found in first.items() if found == suspects[subject]}
            suspects = {subject: found for subject, found in first.items() if subject not in certain}
        return certain | suspects

    async def _look(
        self, kind: SubjectKind, wanted: IdRange | Sequence[UUID], under_way: set[UUID], *, counted: bool = True
    ) -> dict[UUID, tuple[Finding, ...]]:
        """Audit some subjects; gives what was found, by subject."""
        counts = self._report.counts
        found: dict[UUID, tuple[Finding, ...]] = {}
        if kind == "case":
            cases, unreadable = _by_subject(await self._each(lambda c, d: case_copies(d, c, wanted)), _case_id)
            for subject, copies in cases.items():
                found[subject] = case_findings(copies, settled=subject not in under_way, hosted=self._hosted)
            if counted:
                counts.cases += len(cases)
                counts.case_copies += sum(len(copies) for copies in cases.values())
        else:
            orders, unreadable = _by_subject(
                await self._each(lambda c, d: directive_copies(d, c, wanted)), _directive_id
            )
            for subject, both in orders.items():
                found[subject] = directive_findings(both, settled=subject not in under_way, hosted=self._hosted)
            if counted:
                counts.directives += len(orders)
                counts.directive_copies += sum(len(both) for both in orders.values())
        for one in unreadable:
            if one.subject is not None:
                found[one.subject] = (*found.get(one.subject, ()), one)
        return {subject: findings for subject, findings in found.items() if findings}

    async def _under_way(self) -> set[UUID]:
        return set().union(*await self._each(lambda _, database: subjects_under_way(database)))

    async def _ends(self, now: datetime) -> list[EdgeEnd]:
        read = await self._each(lambda centre, database: edges_read(database, centre, now))
        return [end for one in read for end in one.ends if end.neighbour in self._databases]

    async def _each(self, ask: Callable[[str, Database], Awaitable[Answer]]) -> list[Answer]:
        """Ask every database, a few at once; the answers in the order of the centres."""

        async def one(centre: str, database: Database) -> Answer:
            async with self._gate:
                return await ask(centre, database)

        return list(await asyncio.gather(*(one(centre, database) for centre, database in self._databases.items())))


async def stray_events_of(centre: str, database: Database) -> tuple[Finding, ...]:
    """Find events of one centre whose case or directive is not there."""
    return await stray_events(database, centre)


def _ranges(marks: Sequence[UUID]) -> list[IdRange]:
    cuts = [FIRST_ID, *sorted(marks)[MARKS_IN_RANGE::MARKS_IN_RANGE], LAST_ID]
    return [IdRange(after, until) for after, until in pairwise(cuts)]


def _by_subject(
    read: Sequence[CopiesRead[Copy]], identity: Callable[[Copy], UUID]
) -> tuple[dict[UUID, list[Copy]], list[Finding]]:
    gathered: dict[UUID, list[Copy]] = {}
    for one in read:
        for copy in one.copies:
            gathered.setdefault(identity(copy), []).append(copy)
    return gathered, [finding for one in read for finding in one.unreadable]


def _case_id(copy: CaseCopy) -> UUID:
    return copy.file.case.id


def _directive_id(copy: DirectiveCopy) -> UUID:
    return copy.file.directive.id
