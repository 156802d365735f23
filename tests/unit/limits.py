"""Limits for the unit tests: the rules of the package, a policy of any kind, a running limit."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from fengqiao.domain.calendar import Budget, Counting
from fengqiao.domain.course import SuspensionReason
from fengqiao.domain.event import EventKind
from fengqiao.domain.limit import RED, YELLOW, Limit, Rung, Scope, Suspension
from fengqiao.domain.limit_policy import Certainty, LimitPolicies, LimitPolicy, LimitRules, PolicyOverride
from fengqiao.entry.limits import load_calendar, load_limits
from tests.unit.samples import NOON, THREE_LEVELS, UNITS

CALENDAR = load_calendar()
PACKAGED = load_limits("", THREE_LEVELS, UNITS)
RULES = LimitRules(PACKAGED, CALENDAR)
RED_RUNG = Rung(RED, before=False, budget=Budget(Counting.WALL_CLOCK, 0))


def hours(amount: int) -> Budget:
    return Budget(Counting.WALL_CLOCK, amount * 3600)


def working_days(amount: int) -> Budget:
    return Budget(Counting.WORKING_DAYS, amount)


def policy(code: str = "solve", **values: object) -> LimitPolicy:
    """Give a policy that is on: 3 hours from registration, met by the resolution, warned an hour before."""
    base = LimitPolicy(
        code=code,
        name="办结",
        name_en="Solved",
        starts_on=frozenset({EventKind.REGISTERED}),
        met_by=frozenset({EventKind.RESOLVED}),
        ended_by=frozenset(),
        budget=hours(3),
        scope=Scope.CITIZEN,
        legal=False,
        rungs=(Rung(YELLOW, before=True, budget=hours(1)), RED_RUNG),
        levels=frozenset(),
        kinds=frozenset(),
        channels=frozenset(),
        extension=hours(2),
        certainty=Certainty.READ,
        source="a test",
        on=True,
    )
    return replace(base, **values)  # type: ignore[arg-type]  # values of the test's own choosing


def rules(*policies: LimitPolicy, overrides: tuple[PolicyOverride, ...] = ()) -> LimitRules:
    return LimitRules(LimitPolicies(policies, overrides), CALENDAR)


def limit(code: str = "solve", *, starts_at: datetime = NOON, **values: object) -> Limit:
    """Give a running limit of 3 hours."""
    base = Limit(
        id=UUID(int=900),
        code=code,
        centre="371401",
        epoch=1,
        set_by="city",
        scope=Scope.CITIZEN,
        legal=False,
        starts_at=starts_at,
        budget=hours(3),
        met_by=frozenset({"resolved"}),
        ended_by=frozenset(),
        rungs=(Rung(YELLOW, before=True, budget=hours(1)), RED_RUNG),
    )
    return replace(base, **values)  # type: ignore[arg-type]  # values of the test's own choosing


def suspension(since: datetime, lasts: timedelta, reason: SuspensionReason = SuspensionReason.APPRAISAL) -> Suspension:
    return Suspension(since, since + lasts, reason, "李科长")
