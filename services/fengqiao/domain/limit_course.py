"""How events move the clocks of a case: started, met, ended, put under a unit's rule; and what a clock itself says.

Called at one place for every decision of the holder (`with_limits`). New kinds of events need only entries in the table
of policies.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from fengqiao.domain import course
from fengqiao.domain.calendar import Budget, Counting, WorkingCalendar
from fengqiao.domain.case import Case, CaseFile, Role
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Outgoing
from fengqiao.domain.errors import Refusal
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.limit import (
    Extension,
    Limit,
    LimitState,
    Rung,
    Scope,
    Suspension,
    extend,
    nearest_first,
    over,
    reruled,
    resume,
    suspend,
)
from fengqiao.domain.limit_policy import CITY_RULE, LimitPolicy, LimitRules, county_of
from fengqiao.domain.message import CaseMessage, CaseProgress, OfferAccepted, OfferMade
from fengqiao.domain.topology import Topology

DAY_SECONDS = 86_400
CLOCK = "clock"
"""The actor of what a clock does."""

HANDED_OVER = "handed_over"
"""What became of a clock that runs on at the next holder."""


def with_limits(decision: CaseDecision, before: CaseFile | None, rules: LimitRules, topology: Topology) -> CaseDecision:
    """Give a decision with the clocks of the case moved by its events, in the file and in every message.

    Only the holder moves clocks, and only with a new version of the case: facts that are added change none.
    """
    case = decision.file.case
    unchanged = before is not None and not case.is_newer_than(before.case)
    if decision.file.role is not Role.HOLDER or unchanged:
        return decision
    moved = case
    for event in decision.events:
        moved = replace(moved, limits=limits_after(moved, event, rules, topology))
    if moved.limits == case.limits:
        return decision
    outgoing = tuple(_about(message, moved) for message in decision.outgoing)
    return replace(decision, file=replace(decision.file, case=moved), outgoing=outgoing)


def limits_after(case: Case, event: Event, rules: LimitRules, topology: Topology) -> tuple[Limit, ...]:
    """Give the clocks of a case after an event; `case` is as the event left it, with the clocks of before."""
    kinds = _kinds(event)
    if not kinds:
        return case.limits
    limits = tuple(_moved(limit, event, kinds) if limit.running else limit for limit in case.limits)
    limits = _granted(limits, case, event, rules)
    if EventKind.ASSIGNED in kinds:
        limits = tuple(_of_unit(limit, case, rules, topology) if limit.running else limit for limit in limits)
    level = topology.centre(case.holder).level
    for kind in kinds:
        for policy, set_by in rules.policies.starting(kind, county_of(topology, case.holder), case.unit):
            if policy.concerns(case, level) and not _runs(policy.code, limits):
                limits = (*limits, _started(policy, set_by, case, event, kinds))
    return limits


def _runs(code: str, limits: Iterable[Limit]) -> bool:
    return any(limit.running and limit.code == code for limit in limits)


def _kinds(event: Event) -> tuple[EventKind, ...]:
    # A case that is registered with its unit is assigned by that same act.
    if event.kind is EventKind.REGISTERED and event.details.get("unit"):
        return (EventKind.REGISTERED, EventKind.ASSIGNED)
    return (event.kind,)


def _moved(limit: Limit, event: Event, kinds: Iterable[EventKind]) -> Limit:
    names = {kind.value for kind in kinds}
    if names & limit.met_by:
        return over(limit, event.at, met=True)
    handed_over = limit.scope is Scope.HOLDER and event.kind is EventKind.OFFER_ACCEPTED
    if names & limit.ended_by or handed_over:
        return over(limit, event.at, met=False)
    return limit


def _granted(limits: tuple[Limit, ...], case: Case, event: Event, rules: LimitRules) -> tuple[Limit, ...]:
    """Carry what two people decided about the case over to its clocks, as far as their rules let them.

    A case may stand still although none of its clocks can be stopped: the legal ones never can.
    """
    with suppress(Refusal):
        match event.kind:
            case EventKind.SUSPENDED if case.course.suspension is not None:
                stands = case.course.suspension
                until = stands.since + timedelta(days=stands.days)
                return suspend(limits, Suspension(stands.since, until, stands.cause, stands.by), rules.calendar)
            case EventKind.RESUMED:
                return resume(limits, event.at)
            case EventKind.EXTENDED if case.course.extension is not None:
                return _extended(limits, case.course.extension, rules)
    return limits


def _extended(limits: tuple[Limit, ...], granted: course.Extension, rules: LimitRules) -> tuple[Limit, ...]:
    """Give more time to the nearest clock whose policy lets it have as much."""
    for limit in nearest_first(limits, rules.calendar):
        policy = rules.policies.by_code.get(limit.code)
        if not limit.running or policy is None or policy.extension is None:
            continue
        counting = limit.budget.counting
        amount = granted.days * DAY_SECONDS if counting is Counting.WALL_CLOCK else granted.days
        asked = Extension(Budget(counting, amount), granted.at, granted.by, granted.approved_by, granted.reason)
        with suppress(Refusal):
            return extend(limits, limit.code, asked, policy.extension, rules.calendar)
    return limits


def _of_unit(limit: Limit, case: Case, rules: LimitRules, topology: Topology) -> Limit:
    """Put a limit under the rule of the unit that was assigned, or back under the general one when it has none."""
    ours = rules.policies.of_unit(limit.code, case.unit)
    if limit.code not in rules.policies.by_code or (ours is None and not limit.set_by.startswith("unit:")):
        return limit
    policy, set_by = rules.policies.ruling(limit.code, county_of(topology, case.holder), case.unit)
    return limit if set_by == limit.set_by else reruled(limit, policy.budget, policy.rungs, set_by)


def _started(policy: LimitPolicy, set_by: str, case: Case, event: Event, kinds: Iterable[EventKind]) -> Limit:
    limit = Limit(
        id=uuid5(case.id, f"{policy.code} {event.id}"),
        code=policy.code,
        centre=case.holder,
        epoch=case.epoch,
        set_by=set_by,
        scope=policy.scope,
        legal=policy.legal,
        starts_at=event.at,
        budget=policy.budget,
        met_by=frozenset(kind.value for kind in policy.met_by),
        ended_by=frozenset(kind.value for kind in policy.ended_by),
        rungs=policy.rungs,
    )
    return over(limit, event.at, met=True) if policy.met_by.intersection(kinds) else limit


def _about(outgoing: Outgoing[CaseMessage], case: Case) -> Outgoing[CaseMessage]:
    message = outgoing.message
    if isinstance(message, OfferMade | OfferAccepted | CaseProgress) and message.case.id == case.id:
        return replace(outgoing, message=replace(message, case=case))
    return outgoing


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """What the sweeper has to know of a limit: when it is due and when each of its rungs fires, here.

    The rungs come with whether they are this centre's to fire: not those that lay in the time of the holder before, nor
    those after the end of the clock or after the hand-over. `moved` says that this centre had the clock before; a rung
    that was not its own then stays so. A clock that is handed over runs on elsewhere.
    """

    limit: Limit
    due_at: datetime
    provisional: bool
    rungs: tuple[tuple[Rung, datetime, bool], ...]
    running: bool
    moved: bool
    handed_over: bool = False

    @property
    def outcome(self) -> str | None:
        """What became of the clock here: met, breached, ended, handed_over; None while it runs."""
        if self.running:
            return None
        if self.handed_over or self.limit.ended_at is None:
            return HANDED_OVER
        if self.limit.met_at is None:
            return LimitState.ENDED
        return LimitState.MET if self.limit.met_at <= self.due_at else LimitState.BREACHED

    @property
    def next_at(self) -> datetime | None:
        """When the first of its rungs fires that are this centre's."""
        return next((at for _, at, ours in self.rungs if ours), None)


def clock_times(file: CaseFile, before: CaseFile | None, calendar: WorkingCalendar) -> tuple[ClockTimes, ...]:
    """Give the clocks that a decision has moved, for the centre that holds the case or has just handed it over.

    Each rung belongs to who held the case at its time: the acceptance divides them. A clock that is over keeps the
    rungs that lay before its end, so that what was due meanwhile is still said.
    """
    case, known = file.case, {limit.id: limit for limit in before.case.limits} if before is not None else {}
    held_before = before is not None and before.role is Role.HOLDER
    if file.role is Role.HOLDER:
        since = None if held_before or before is None else case.updated_at
        changed = (limit for limit in case.limits if not held_before or known.get(limit.id) != limit)
        return tuple(
            _times(limit, calendar, since, limit.ended_at, moved=held_before and limit.id in known) for limit in changed
        )
    if held_before:
        passed_on = (limit for limit in case.limits if limit.id in known and known[limit.id].running)
        return tuple(_passed_on(limit, calendar, case.updated_at) for limit in passed_on)
    return ()


def firing_id(limit_id: UUID, rung: str, fire_at: datetime) -> UUID:
    """Give the id of the event of a rung that fires at a time."""
    return uuid5(limit_id, f"{rung} {fire_at.astimezone(UTC).isoformat()}")


def fired_event(case_id: UUID, limit: Limit, rung: Rung, fire_at: datetime, due_at: datetime) -> Event:
    """Make the event of a rung: the same at whichever centre it fires, so that two who fire it have said one thing."""
    kind = EventKind.LIMIT_WARNED if rung.before else EventKind.LIMIT_BREACHED
    details = {
        "limit": limit.code,
        "rung": rung.code,
        "due_at": due_at.astimezone(UTC).isoformat(),
        "set_by": limit.set_by if limit.set_by != CITY_RULE else "",
    }
    return Event(
        firing_id(limit.id, rung.code, fire_at), case_id, kind, limit.centre, CLOCK, fire_at, limit.epoch, details
    )


def projected(limit: Limit, calendar: WorkingCalendar) -> ClockTimes:
    """Give the times of a running limit by the calendar as it is now, when nothing else has moved it."""
    return _times(limit, calendar, None, limit.ended_at, moved=True)


def _passed_on(limit: Limit, calendar: WorkingCalendar, at: datetime) -> ClockTimes:
    times = _times(limit, calendar, None, min(at, limit.ended_at or at), moved=True)
    return replace(times, running=False, provisional=False, handed_over=True)


def _times(
    limit: Limit, calendar: WorkingCalendar, since: datetime | None, until: datetime | None, *, moved: bool
) -> ClockTimes:
    due = limit.due(calendar)
    rungs = tuple(
        (rung, at, (since is None or at >= since) and (until is None or at < until))
        for rung, at in limit.rung_times(calendar, due.at)
    )
    return ClockTimes(limit, due.at, due.provisional and limit.running, rungs, limit.running, moved)
