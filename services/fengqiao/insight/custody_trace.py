"""Who had a case, when and for how long, read from its events (F32)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fengqiao.domain.case import Case, CaseState
from fengqiao.domain.event import Event, EventKind


@dataclass(frozen=True, slots=True)
class CustodyInterval:
    """One centre's time with the case: since its custody began until it passed on (None: still there); its units."""

    centre: str
    epoch: int
    since: datetime
    until: datetime | None
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TraceStep:
    """What one centre on the way knows: who holds the case, in which version and state, and since when."""

    centre: str
    holder: str
    epoch: int
    version: int
    state: CaseState
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TraceGap:
    """A centre that could not be asked, and the code and parameters of the sentence that says why."""

    centre: str
    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trace:
    """The way to the holder. With gaps the last step is the last known state."""

    case_id: UUID
    number: str
    steps: tuple[TraceStep, ...]
    custody: tuple[CustodyInterval, ...]
    gaps: tuple[TraceGap, ...]


def custody_intervals(events: Iterable[Event], case: Case) -> tuple[CustodyInterval, ...]:
    """Give the custody chain of a case, oldest first, as far as these events tell it."""
    ordered = sorted(events, key=lambda event: (event.epoch, event.at, event.id))
    starts = [
        (event.epoch, event.centre, event.at)
        for event in ordered
        if event.kind in (EventKind.REGISTERED, EventKind.OFFER_ACCEPTED)
    ]
    intervals: list[CustodyInterval] = []
    for index, (epoch, centre, since) in enumerate(starts):
        last = index + 1 == len(starts)
        until = case.resolved_at if last else starts[index + 1][2]
        units = [
            event.details["unit"]
            for event in ordered
            if event.epoch == epoch and event.centre == centre and event.details.get("unit")
        ]
        intervals.append(CustodyInterval(centre, epoch, since, until, tuple(units)))
    return tuple(intervals)
