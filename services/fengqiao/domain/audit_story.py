"""Where a case stands by its events, to hold its file against them (issue 3, point 10). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fengqiao.domain.case import Case, CaseState
from fengqiao.domain.event import Event, EventKind

# What leaves state and unit alone, whatever the rules of the loop say.
_FACTS = frozenset(
    {
        *(EventKind.NOTED, EventKind.ATTACHED, EventKind.OFFERED, EventKind.OFFER_REFUSED),
        *(EventKind.WITHDRAWAL_ASKED, EventKind.OFFER_WITHDRAWN),
        *(EventKind.LIMIT_WARNED, EventKind.LIMIT_BREACHED, EventKind.LIMIT_REPROJECTED),
    }
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who holds a case at which custody epoch, in which state, with which unit.

    `state` and `unit` are None once a step of the loop was taken: where it leads is for the rules to say, not for us.
    """

    holder: str
    epoch: int
    state: CaseState | None
    unit: str | None


def told_by(events: Iterable[Event]) -> Standing | None:
    """Follow the events in the order in which the holder took them in; None when none begins a custody.

    Only what the holder of the latest custody did counts: each custody begins anew, with nobody assigned.
    """
    standing: Standing | None = None
    for event in events:
        if event.kind in (EventKind.REGISTERED, EventKind.OFFER_ACCEPTED):
            if standing is None or event.epoch > standing.epoch:
                unit = event.details.get("unit", "")
                standing = Standing(event.centre, event.epoch, _state(unit), unit)
        elif standing is not None and (event.centre, event.epoch) == (standing.holder, standing.epoch):
            standing = _moved(standing, event)
    return standing


def differing_from(standing: Standing, case: Case) -> str:
    """Name what a case has otherwise than its events tell; empty when all is alike."""
    return ", ".join(
        f"{name} {getattr(case, name) or '-'} and not {getattr(standing, name) or '-'}"
        for name in ("holder", "epoch", "state", "unit")
        if getattr(standing, name) is not None and getattr(case, name) != getattr(standing, name)
    )


def _moved(standing: Standing, event: Event) -> Standing:
    if event.kind in _FACTS or standing.state is None:
        return standing
    if event.kind is EventKind.ASSIGNED:
        return replace(standing, state=CaseState.ASSIGNED, unit=event.details["unit"])
    if event.kind is EventKind.RESOLVED:
        return replace(standing, state=CaseState.RESOLVED)
    return replace(standing, state=None, unit=None)


def _state(unit: str) -> CaseState:
    return CaseState.ASSIGNED if unit else CaseState.REGISTERED
