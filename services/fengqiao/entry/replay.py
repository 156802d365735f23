"""A replay: the messages of a year driven through all centres over gRPC, each case along the way planned for it.

Cases go side by side, the steps of one case in order. A case that an earlier run of the same seed left half done is
taken up where it stands, and one that is finished is left alone.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fengqiao.domain.case import CaseState, Direction
from fengqiao.domain.command import OfferCase
from fengqiao.domain.errors import Kind, Refusal, Violation
from fengqiao.domain.event import EventKind
from fengqiao.domain.topology import Topology
from fengqiao.domain.unit import UnitDirectory
from fengqiao.entry.conductor import Conductor, is_away
from fengqiao.entry.importing_message import Message, MessageReader, Rejection, rejections_of
from fengqiao.entry.importing_table import TableRow
from fengqiao.entry.journey import Step
from fengqiao.entry.replay_plan import CasePlan, plan_case

CASES_AT_ONCE = 64
AWAY_LIMIT = 8
OPEN_CASES_LIMIT = 4096
"""How many cases may be open at once when a replay keeps to a speed; most of them are waiting for their next step."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that could not be brought to its end: what was to be done, where, and what was said."""

    reference: str
    case: str
    centre: str
    step: str
    refusal: Refusal


@dataclass(slots=True)
class ReplayCounts:
    """What a run has done; a step that an earlier run did is not counted again.

    `escalated` and `dispatched` are hand-overs that were accepted, up and down.
    """

    read: int = 0
    registered: int = 0
    known: int = 0
    resolved: int = 0
    assigned: int = 0
    offered: int = 0
    accepted: int = 0
    escalated: int = 0
    dispatched: int = 0
    refused: int = 0
    withdrawn: int = 0
    notes: int = 0
    commands: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    rejections: list[Rejection] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows were rejected for each reason."""
        return dict(Counter(rejection.violation.code for rejection in self.rejections))

    def count(self, step: Step, direction: Direction | None) -> None:
        """Count a step that has been carried out; `direction` is that of the offer it belongs to."""
        name = _COUNTERS.get(step.kind)
        if name is not None:
            setattr(self, name, getattr(self, name) + 1)
        if step.kind is EventKind.OFFER_ACCEPTED:
            self.escalated += direction is Direction.UP
            self.dispatched += direction is Direction.DOWN


_COUNTERS = {
    EventKind.ASSIGNED: "assigned",
    EventKind.NOTED: "notes",
    EventKind.OFFERED: "offered",
    EventKind.OFFER_ACCEPTED: "accepted",
    EventKind.OFFER_REFUSED: "refused",
    EventKind.WITHDRAWAL_ASKED: "withdrawn",
    EventKind.RESOLVED: "resolved",
}


def plans_of(
    rows: Iterable[TableRow],
    reader: MessageReader,
    topology: Topology,
    units: UnitDirectory,
    seed: int,
    counts: ReplayCounts,
    limit: int | None = None,
) -> list[CasePlan]:
    """Plan the cases of a table in the order of their times, from at most `limit` rows.

    Rows that are rejected, and rows that stand there twice, go into `counts`.
    """
    messages: dict[str, Message] = {}
    for row in rows:
        if limit is not None and counts.read >= limit:
            break
        counts.read += 1
        read = reader.read(row)
        if isinstance(read, Message) and read.reported_at is None:
            read = Rejection(read.line, read.reference, Violation(reader.columns.label("reported_at"), "text_empty"))
        if isinstance(read, Message) and read.centre and read.centre not in topology.centres:
            refusal = Refusal(Kind.NOT_FOUND, "centre_unknown", {"centre": read.centre})
            read = rejections_of(read.line, read.reference, refusal)
        if isinstance(read, Rejection):
            counts.rejections.append(read)
        else:
            # The same row twice is one case, as it is in an import.
            counts.known += read.reference in messages
            messages.setdefault(read.reference, read)
    plans = [plan_case(message, topology, units, seed, reader.now) for message in messages.values()]
    return sorted(plans, key=lambda plan: (plan.at, plan.message.reference))


class Replay:
    """One run over plans. `speed` is how many times faster than recorded; None is as fast as possible."""

    def __init__(self, conductor: Conductor, counts: ReplayCounts, speed: float | None, progress: Progress) -> None:
        self._conductor = conductor
        self._counts = counts
        self._speed = speed
        self._progress = progress
        self._began = 0.0
        self._first_at: datetime | None = None

    async def run(self, plans: Sequence[CasePlan], stop: asyncio.Event) -> None:
        """Drive all cases to the end of their plans, or until `stop` is set; the counts hold in both cases.

        When AWAY_LIMIT cases have waited in vain for centres that do not answer, the others are not made to wait too.
        """
        self._began = time.monotonic()
        self._first_at = plans[0].at if plans else None
        driving = asyncio.create_task(self._drive_all(plans, stop))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((driving, stopping), return_when=asyncio.FIRST_COMPLETED)
            self._counts.interrupted = not driving.done()
        finally:
            stopping.cancel()
            driving.cancel()
            await asyncio.gather(driving, stopping, return_exceptions=True)
            self._counts.commands = self._conductor.calls
            self._counts.seconds = time.monotonic() - self._began
        if not self._counts.interrupted:
            driving.result()

    async def _drive_all(self, plans: Sequence[CasePlan], stop: asyncio.Event) -> None:
        room = asyncio.Semaphore(CASES_AT_ONCE if self._speed is None else OPEN_CASES_LIMIT)
        ended = 0

        async def drive(plan: CasePlan) -> None:
            nonlocal ended
            try:
                failure = await self._drive(plan)
            finally:
                room.release()
            ended += 1
            self._progress("replay", ended, len(plans))
            if failure is not None:
                self._counts.failures.append(failure)
                if sum(is_away(one.refusal) for one in self._counts.failures) >= AWAY_LIMIT:
                    stop.set()

        async with asyncio.TaskGroup() as group:
            for plan in plans:
                await self._due(plan.at)
                await room.acquire()
                group.create_task(drive(plan))

    async def _drive(self, plan: CasePlan) -> Failure | None:
        """Drive one case; gives what went wrong, if something did."""
        centre, kind, case = plan.centre, EventKind.REGISTERED, str(plan.register.case_id)
        try:
            begun = await self._begin(plan)
            directions = {
                step.details["offer"]: step.command.direction
                for step in plan.steps
                if isinstance(step.command, OfferCase)
            }
            for number, step in enumerate(plan.steps[begun:], start=begun):
                await self._due(step.at)
                centre, kind = step.centre, step.kind
                before = plan.steps[number - 1].centre if number else plan.centre
                if await self._conductor.perform(step, follows=before):
                    self._counts.count(step, directions.get(step.details.get("offer", "")))
        except Refusal as refusal:
            if kind is EventKind.REGISTERED and refusal.kind is Kind.INVALID:
                self._counts.rejections.append(rejections_of(plan.message.line, plan.message.reference, refusal))
                return None
            return Failure(plan.message.reference, case, centre, kind.value, refusal)
        return None

    async def _begin(self, plan: CasePlan) -> int:
        """Take the case in; gives how many of its steps were done by an earlier run."""
        registered = await self._conductor.register(plan.centre, plan.register, plan.actor, plan.at)
        if registered.new:
            self._counts.registered += 1
            return 0
        self._counts.known += 1
        # A case with another id came in by an import, or in a replay of another seed, and goes its own way.
        case = registered.file.case
        if case.id != plan.register.case_id or case.state is CaseState.RESOLVED or not plan.steps:
            return len(plan.steps)
        if await self._conductor.was_done(plan.steps[-1]):
            return len(plan.steps)
        for number, step in enumerate(plan.steps):
            if not await self._conductor.was_done(step):
                return number
        return len(plan.steps)

    async def _due(self, at: datetime | None) -> None:
        if self._speed is None or at is None or self._first_at is None:
            return
        due = self._began + (at - self._first_at).total_seconds() / self._speed
        if (wait_seconds := due - time.monotonic()) > 0:
            await asyncio.sleep(wait_seconds)
