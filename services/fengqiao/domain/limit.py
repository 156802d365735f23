"""A running limit on a case: what is stored, and what follows from it (DESIGN section 5).

Stored are the start, the budget, the suspensions and the extensions; when it is due follows from them and the calendar,
and is never written into the shared state. So no edit of a case can restart a clock, and time that was suspended is
never counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from fengqiao.domain.calendar import Budget, Counting, Reached, WorkingCalendar
from fengqiao.domain.course import SuspensionReason
from fengqiao.domain.errors import Violation, invalid, wrong_state
from fengqiao.domain.text import REASON_LENGTH, clean, text_violations


class Scope(StrEnum):
    """Whose time a limit measures."""

    CITIZEN = "citizen"  # From the citizen's act on, through all hands.
    HOLDER = "holder"  # One centre's own time: from its custody to the hand-over.


@dataclass(frozen=True, slots=True)
class Rung:
    """A moment of a limit at which something is said: its name, and how long before or after the due time."""

    code: str
    before: bool
    budget: Budget


YELLOW, RED = "yellow", "red"


class LimitState(StrEnum):
    """How a limit stands at a moment."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    OVERDUE = "overdue"
    MET = "met"
    BREACHED = "breached"  # Met, but too late.
    ENDED = "ended"  # Over without a judgement: the custody passed on, the matter fell away.


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which a limit does not run: who stopped it, why, and until when at most; resumed earlier or not."""

    since: datetime
    until: datetime
    reason: SuspensionReason
    by: str
    resumed_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When the clock runs again."""
        return min(self.until, self.resumed_at) if self.resumed_at is not None else self.until


@dataclass(frozen=True, slots=True)
class Extension:
    """More time: how much, who asked for it and why, who approved it and when."""

    budget: Budget
    at: datetime
    by: str
    approved_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Limit:
    """One clock on a case. It carries its rule, so that the next holder goes on with it whatever its own table says.

    `centre` and `epoch` are those at which it was set; `set_by` says whose rule it is (city, county:…, unit:…).
    """

    id: UUID
    code: str
    centre: str
    epoch: int
    set_by: str
    scope: Scope
    legal: bool
    starts_at: datetime
    budget: Budget
    met_by: frozenset[str]
    ended_by: frozenset[str]
    rungs: tuple[Rung, ...]
    suspensions: tuple[Suspension, ...] = ()
    extensions: tuple[Extension, ...] = ()
    met_at: datetime | None = None
    ended_at: datetime | None = None
    """When it stopped, met or not."""

    @property
    def running(self) -> bool:
        """Whether it is neither met nor ended; a suspended one runs in this sense."""
        return self.ended_at is None

    @property
    def whole_budget(self) -> Budget:
        """The budget with all extensions."""
        return Budget(self.budget.counting, self.budget.amount + sum(one.budget.amount for one in self.extensions))

    def suspended_at(self, at: datetime) -> Suspension | None:
        """Give the suspension in which an instant lies."""
        return next((one for one in self.suspensions if one.since <= at < one.ends_at), None)

    def paused(self, calendar: WorkingCalendar, until: datetime | None = None) -> timedelta:
        """Give the counted time that its suspensions take out, all of it or up to an instant."""
        spans = ((one.since, one.ends_at if until is None else min(one.ends_at, until)) for one in self.suspensions)
        return sum((calendar.counted(self.budget.counting, *span) for span in spans), timedelta(0))

    def consumed(self, now: datetime, calendar: WorkingCalendar) -> timedelta:
        """Give the counted time that has run, to now or to its end, without what was suspended."""
        until = now if self.ended_at is None else min(now, self.ended_at)
        return calendar.counted(self.budget.counting, self.starts_at, until) - self.paused(calendar, until)

    def due(self, calendar: WorkingCalendar) -> Reached:
        """Give when it is due, with the days that did not count on the way."""
        return calendar.due(self.whole_budget, self.starts_at, self.paused(calendar))

    def due_at(self, calendar: WorkingCalendar) -> datetime:
        """Give when it is due."""
        return self.due(calendar).at

    def state(self, now: datetime, calendar: WorkingCalendar) -> LimitState:
        """Say how it stands."""
        due_at = self.due_at(calendar)
        if self.met_at is not None:
            return LimitState.MET if self.met_at <= due_at else LimitState.BREACHED
        if self.ended_at is not None:
            return LimitState.ENDED
        if self.suspended_at(now) is not None:
            return LimitState.SUSPENDED
        return LimitState.OVERDUE if now > due_at else LimitState.RUNNING

    def rung_times(self, calendar: WorkingCalendar, due_at: datetime) -> tuple[tuple[Rung, datetime], ...]:
        """Give each rung of a limit that is due then with its time, earliest first."""
        counting = self.budget.counting
        times = []
        for rung in self.rungs:
            if rung.code == RED:
                at = due_at
            elif rung.before:
                span = self.whole_budget.time - rung.budget.time + self.paused(calendar)
                at = calendar.reached(counting, self.starts_at, span).at
            else:
                at = calendar.reached(rung.budget.counting, due_at, rung.budget.time).at
            times.append((rung, at))
        return tuple(sorted(times, key=lambda timed: timed[1]))


def nearest_first(limits: Iterable[Limit], calendar: WorkingCalendar) -> tuple[Limit, ...]:
    """Order limits for a reader: those that run by their due time, then those that are over, the last one first."""
    dated = [(limit, limit.due_at(calendar)) for limit in limits]
    open_ones = sorted((pair for pair in dated if pair[0].running), key=lambda pair: (pair[1], pair[0].code))
    over = sorted((pair for pair in dated if not pair[0].running), key=lambda pair: pair[0].ended_at or pair[1])
    return tuple(limit for limit, _ in (*open_ones, *reversed(over)))


def nearest(limits: Iterable[Limit], calendar: WorkingCalendar) -> Limit | None:
    """Give the running limit that is due first."""
    return next((limit for limit in nearest_first(limits, calendar) if limit.running), None)


def suspend(limits: tuple[Limit, ...], suspension: Suspension, calendar: WorkingCalendar) -> tuple[Limit, ...]:
    """Stop every service clock that runs; a legal one goes on, whatever the reason.

    Raises INVALID for an end that is not after the beginning; STATE limit_none_to_suspend when no clock can be stopped
    (all are legal, suspended, overdue or over).
    """
    if suspension.until <= suspension.since:
        raise invalid(Violation("until", "limit_until_wrong"))
    may = {
        limit.id
        for limit in limits
        if not limit.legal
        and limit.state(suspension.since, calendar) is LimitState.RUNNING
        and _apart(limit, suspension)
    }
    if not may:
        raise wrong_state("limit_none_to_suspend")
    return tuple(
        replace(limit, suspensions=(*limit.suspensions, suspension)) if limit.id in may else limit for limit in limits
    )


def resume(limits: tuple[Limit, ...], at: datetime) -> tuple[Limit, ...]:
    """Let every suspended clock run again from now on; raises STATE limit_not_suspended when there is none."""
    if not any(limit.running and limit.suspended_at(at) for limit in limits):
        raise wrong_state("limit_not_suspended")
    return tuple(_resumed(limit, at) if limit.running else limit for limit in limits)


def extend(
    limits: tuple[Limit, ...], code: str, extension: Extension, cap: Budget | None, calendar: WorkingCalendar
) -> tuple[Limit, ...]:
    """Give the running limit of a code more time, within what its policy allows in all (`LimitPolicy.extension`).

    Raises STATE when it does not run, is overdue or may not be extended (so much); INVALID when nobody else approved
    it, without a reason, or counted otherwise than the limit.
    """
    limit = next((one for one in limits if one.code == code and one.running), None)
    if limit is None:
        raise wrong_state("limit_not_running", limit=code)
    if extension.at > limit.due_at(calendar):
        raise wrong_state("limit_overdue", limit=code)
    _check_extension(limit, extension)
    asked = sum(one.budget.amount for one in (*limit.extensions, extension))
    if cap is None or asked > cap.amount:
        raise wrong_state("limit_extension_cap", limit=code, days=str(cap.amount if cap else 0))
    longer = replace(limit, extensions=(*limit.extensions, extension))
    return tuple(longer if one.id == limit.id else one for one in limits)


def reruled(limit: Limit, budget: Budget, rungs: tuple[Rung, ...], set_by: str) -> Limit:
    """Put a running limit under another rule; its start, suspensions and extensions stay, so consumed time is kept.

    A legal one is never made longer.
    """
    if limit.legal and budget.time > limit.budget.time:
        return limit
    same = limit.budget.counting is budget.counting
    extensions = limit.extensions if same else tuple(_counted_otherwise(one, budget) for one in limit.extensions)
    return replace(limit, budget=budget, rungs=rungs, extensions=extensions, set_by=set_by)


def over(limit: Limit, at: datetime, *, met: bool) -> Limit:
    """End a limit, met or not; a suspension that is open ends with it."""
    resumed = _resumed(limit, at)
    return replace(resumed, ended_at=at, met_at=at if met else None)


def _apart(limit: Limit, suspension: Suspension) -> bool:
    return all(one.ends_at <= suspension.since for one in limit.suspensions)


def _resumed(limit: Limit, at: datetime) -> Limit:
    if limit.suspended_at(at) is None:
        return limit
    return replace(
        limit,
        suspensions=tuple(
            replace(one, resumed_at=at) if one.since <= at < one.ends_at else one for one in limit.suspensions
        ),
    )


def _counted_otherwise(extension: Extension, budget: Budget) -> Extension:
    seconds = int(extension.budget.time.total_seconds())
    amount = seconds if budget.counting is Counting.WALL_CLOCK else -(-seconds // 86_400)
    return replace(extension, budget=Budget(budget.counting, amount))


def _check_extension(limit: Limit, extension: Extension) -> None:
    faults = [*text_violations("reason", clean(extension.reason), REASON_LENGTH)]
    if not extension.approved_by or extension.approved_by == extension.by:
        faults.append(Violation("approved_by", "limit_not_approved"))
    if extension.budget.counting is not limit.budget.counting or extension.budget.amount <= 0:
        faults.append(Violation("budget", "limit_extension_counting", {"limit": limit.code}))
    if faults:
        raise invalid(*faults)
