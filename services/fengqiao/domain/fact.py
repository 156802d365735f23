"""Facts: what a centre tells those above about each case that it took in, and nothing that names a person (F31, F36).

Each case is told by its origin, whose file follows the case wherever it goes, so no case is told twice. A fact says how
the case stands now; a newer one takes the place of an older one. No title, no words, no place, no name, no telephone
and no result: they stay where the case is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fengqiao.domain.calendar import WorkingCalendar, city_day
from fengqiao.domain.case import CaseFile, CaseKind, CaseState, Channel, RequestType
from fengqiao.domain.course import ClosingKind, Grade
from fengqiao.domain.event import Event, EventKind

Revision = tuple[int, int, int]
"""What orders the facts of one case: epoch, version, length of its journal."""


@dataclass(frozen=True, slots=True)
class FactLimit:
    """One clock of a case: when it is due, when it was met, when it stopped; None as long as it was or did not."""

    code: str
    due_at: datetime
    met_at: datetime | None
    ended_at: datetime | None

    @property
    def running(self) -> bool:
        """Whether it is neither met nor ended."""
        return self.ended_at is None

    @property
    def judged(self) -> bool:
        """Whether it can be said to have been kept or not; one that fell away never can."""
        return self.met_at is not None

    @property
    def in_time(self) -> bool:
        """Whether it was met by the time it was due."""
        return self.met_at is not None and self.met_at <= self.due_at


@dataclass(frozen=True, slots=True)
class CitizensWord:
    """What the citizen said of the result."""

    solved: bool
    satisfied: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """How a case stands, as its origin `centre` knows it.

    `revision` orders the facts of one case. `path` are the centres that held it, in order, its origin first. `item` is
    a code of the catalogue, empty while it is unclassified.
    """

    case_id: UUID
    number: str
    centre: str
    epoch: int
    version: int
    journal_length: int
    holder: str
    unit: str
    state: CaseState
    kind: CaseKind
    request_type: RequestType
    channel: Channel
    urgent: bool
    item: str
    grade: Grade | None
    path: tuple[str, ...]
    registered_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    closing: ClosingKind | None
    direct: bool
    offered: bool
    suspended: bool
    returned: int
    reopened: int
    extended: bool
    unreasonable: bool
    word: CitizensWord | None
    limits: tuple[FactLimit, ...]

    @property
    def revision(self) -> Revision:
        """What orders the facts of this case."""
        return self.epoch, self.version, self.journal_length

    @property
    def month(self) -> date:
        """The month in which it was registered, in the city's zone; it never changes."""
        return month_of(self.registered_at)

    @property
    def matter_class(self) -> str:
        """The two digits of its class, empty while it is unclassified."""
        return self.item[:2]

    @property
    def due_at(self) -> datetime | None:
        """When the nearest running clock is due; None when none runs."""
        return min((limit.due_at for limit in self.limits if limit.running), default=None)


def month_of(at: datetime) -> date:
    """Give the first day of the month of an instant, in the city's zone."""
    return city_day(at).replace(day=1)


def fact_of(file: CaseFile, hand_overs: Sequence[Event], calendar: WorkingCalendar) -> Fact:
    """Give the fact of a case at its origin; `hand_overs` are its accepted offers, as the journal has them."""
    case, course = file.case, file.case.course
    accepted = [event for event in hand_overs if event.kind is EventKind.OFFER_ACCEPTED]
    path = (case.origin, *(event.centre for event in sorted(accepted, key=lambda event: event.epoch)))
    word = course.evaluation
    return Fact(
        case_id=case.id,
        number=case.number,
        centre=case.origin,
        epoch=case.epoch,
        version=case.version,
        journal_length=file.journal_length,
        holder=case.holder,
        unit=case.unit,
        state=case.state,
        kind=case.kind,
        request_type=case.request_type,
        channel=case.channel,
        urgent=case.urgent,
        item=course.item,
        grade=course.grade,
        path=path,
        registered_at=case.registered_at,
        updated_at=case.updated_at,
        resolved_at=case.resolved_at,
        closing=case.closing,
        direct=case.state is CaseState.RESOLVED and not case.first_receiver.fixed,
        offered=case.offer is not None,
        suspended=course.suspension is not None,
        returned=len(course.returned),
        reopened=course.reopened,
        extended=course.extension is not None,
        unreasonable=course.unreasonable,
        word=CitizensWord(word.solved, word.satisfied) if word is not None else None,
        limits=_limits(file, calendar),
    )


def _limits(file: CaseFile, calendar: WorkingCalendar) -> tuple[FactLimit, ...]:
    """Give the clocks; one that fell away is not told, and of several rounds of one clock the last counts."""
    told = {
        limit.code: FactLimit(limit.code, limit.due_at(calendar), limit.met_at, limit.ended_at)
        for limit in file.case.limits
        if limit.running or limit.met_at is not None
    }
    return tuple(told[code] for code in sorted(told))
