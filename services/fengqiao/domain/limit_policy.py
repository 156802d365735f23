"""Limits as data (DESIGN section 5): which clock starts on what, what meets it, how long it runs, who is warned when.

A policy is a value from a table that the deploying city edits. `LimitPolicies` answers which apply to a case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from fengqiao.domain.calendar import FURTHEST, Budget, WorkingCalendar, weekdays_only
from fengqiao.domain.case import Case, CaseKind, Channel
from fengqiao.domain.event import EventKind
from fengqiao.domain.limit import Rung, Scope
from fengqiao.domain.topology import Level, Topology


class Certainty(StrEnum):
    """How well the source of a rule is known (domain-facts)."""

    READ = "V"
    COPY = "v"
    MEMORY = "M"


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """One rule on time. Empty sets of levels, kinds or channels mean all of them."""

    code: str
    name: str
    name_en: str
    starts_on: frozenset[EventKind]
    met_by: frozenset[EventKind]
    ended_by: frozenset[EventKind]
    budget: Budget
    scope: Scope
    legal: bool
    rungs: tuple[Rung, ...]
    levels: frozenset[Level]
    kinds: frozenset[CaseKind]
    channels: frozenset[Channel]
    extension: Budget | None
    certainty: Certainty
    source: str
    on: bool
    confirmed_by: str = ""

    @property
    def marked(self) -> bool:
        """Whether the deploying city still has to confirm the rule."""
        return self.certainty is not Certainty.READ and not self.confirmed_by

    def concerns(self, case: Case, level: Level) -> bool:
        """Tell whether the rule is about such a case at a centre of this level."""
        return (
            self.on
            and (not self.levels or level in self.levels)
            and (not self.kinds or case.kind in self.kinds)
            and (not self.channels or case.channel in self.channels)
        )


@dataclass(frozen=True, slots=True)
class PolicyOverride:
    """What a county or a unit has otherwise; one of `county` and `unit` is named. None leaves the rule as it is."""

    limit: str
    county: str = ""
    unit: str = ""
    budget: Budget | None = None
    on: bool | None = None

    @property
    def owner(self) -> str:
        """Who set the rule, as a running limit remembers it: `county:371401`, `unit:roads`."""
        return f"county:{self.county}" if self.county else f"unit:{self.unit}"


CITY_RULE = "city"
"""Who set a rule that nobody has otherwise."""


class LimitPolicies:
    """All policies and overrides. A value: made once, never changed."""

    def __init__(self, policies: Iterable[LimitPolicy], overrides: Iterable[PolicyOverride] = ()) -> None:
        self.by_code: Mapping[str, LimitPolicy] = MappingProxyType({policy.code: policy for policy in policies})
        self.overrides = tuple(overrides)
        self._by_owner = {(one.owner, one.limit): one for one in self.overrides}
        # Most events of most cases start nothing; the few that do are found without going through the table.
        self._starting = {
            kind: tuple(code for code, policy in self.by_code.items() if kind in policy.starts_on) for kind in EventKind
        }
        self._by_city = {
            kind: tuple((self.by_code[code], CITY_RULE) for code in codes) for kind, codes in self._starting.items()
        }
        self._owners = {owner for owner, _ in self._by_owner}

    def ruling(self, code: str, county: str, unit: str) -> tuple[LimitPolicy, str]:
        """Give a policy as it stands for a unit of a county, and who set it; raises KeyError for an unknown code."""
        policy, owner = self.by_code[code], CITY_RULE
        for candidate in (f"county:{county}", f"unit:{unit}"):
            if override := self._by_owner.get((candidate, code)):
                budget = override.budget or policy.budget
                on = policy.on if override.on is None else override.on
                policy, owner = replace(policy, budget=budget, on=on), candidate
        return policy, owner

    def starting(self, kind: EventKind, county: str, unit: str) -> tuple[tuple[LimitPolicy, str], ...]:
        """Give the policies that an event of this kind starts, on or off, each with who set it."""
        if self._owners.isdisjoint((f"county:{county}", f"unit:{unit}")):
            return self._by_city[kind]
        return tuple(self.ruling(code, county, unit) for code in self._starting[kind])

    def of_unit(self, code: str, unit: str) -> PolicyOverride | None:
        """Give what a unit has otherwise about a limit."""
        return self._by_owner.get((f"unit:{unit}", code))


@dataclass(frozen=True, slots=True)
class LimitRules:
    """What decides about time: the policies and the calendar. A node is given one."""

    policies: LimitPolicies
    calendar: WorkingCalendar


NO_RULES = LimitRules(LimitPolicies(()), weekdays_only(FURTHEST))
"""Rules without any limit; for tools that measure something else."""


def county_of(topology: Topology, centre: str) -> str:
    """Give the county that a centre belongs to: itself or its parent; empty for the city."""
    here = topology.centre(centre)
    if here.level is Level.CITY:
        return ""
    return here.code if here.level is Level.COUNTY else (here.parent or "")
