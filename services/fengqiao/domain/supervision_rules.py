"""What a city settles for supervision (F13, F20): the levels of an order, what costs points, the terms of the ledger.

Every level is a body, never somebody's superior: that a chair is empty changes nothing (domain-facts, fault 8).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from fengqiao.domain.calendar import FURTHEST, Budget, WorkingCalendar, weekdays_only
from fengqiao.domain.errors import Violation, invalid


class Ground(StrEnum):
    """Why an order may be opened or go a level up; found in the journal of the case, never just claimed."""

    RED_WARNING = "red_warning"
    UNSATISFIED = "unsatisfied"
    REPEATED_RETURN = "repeated_return"
    REOPENED = "reopened"
    NOT_REMEDIED = "not_remedied"
    LIMIT_PASSED = "limit_passed"


OPENING = frozenset({Ground.RED_WARNING, Ground.UNSATISFIED, Ground.REPEATED_RETURN, Ground.REOPENED})
RAISING = frozenset({Ground.NOT_REMEDIED, Ground.LIMIT_PASSED})


class RootCause(StrEnum):
    """Why a matter came up at all (即感知成因, F21); what a city improves is of one of these kinds."""

    POLICY = "policy"  # A rule is missing, unclear or unknown.
    PLANNING = "planning"  # Planned or built in a way that had to end so.
    UPKEEP = "upkeep"  # Not maintained, not cleaned, not inspected.
    SERVICE = "service"  # An office did not do, say or answer what it should have.
    TRADE = "trade"  # A contract or a business between people and firms.
    NEIGHBOURS = "neighbours"  # Families and neighbours.
    OTHER = "other"


class Outcome(StrEnum):
    """How a level ends; all but one close the order."""

    REMEDIED = "remedied"
    EXPLAINED = "explained"  # Nothing was wrong, or nothing can be put right: said so to the citizen.
    NOT_REMEDIED = "not_remedied"
    TRANSFERRED = "transferred"  # Handed to a procedure of its own, such as a disciplinary one.


class Evidence(StrEnum):
    """What an outcome has to rest on, beside the words that are always needed."""

    CITIZEN = "citizen"  # A re-visit or an evaluation since the level began.
    FILE = "file"  # At least one file of the case.


@dataclass(frozen=True, slots=True)
class OrderLevel:
    """One level of the ladder. `outside` bodies see a case only by a grant, for at most `access_days`."""

    number: int
    name: str
    name_en: str
    body: str
    body_name: str
    body_name_en: str
    outside: bool
    entry: frozenset[Ground]
    evidence: frozenset[Evidence]
    outcomes: frozenset[Outcome]
    budget: Budget
    access_days: int
    source: str


@dataclass(frozen=True, slots=True)
class PointsRule:
    """What costs how many points: a rung of some limits (none named: of every limit), or a finding entered by hand."""

    code: str
    name: str
    name_en: str
    points: int
    rung: str
    limits: frozenset[str]
    by_hand: bool
    source: str


@dataclass(frozen=True, slots=True)
class LedgerTerms:
    """Calendar days within which a unit may appeal; cases below which nothing is compared (domain-facts, pain 10)."""

    appeal_days: int = 10
    least_cases: int = 30


class SupervisionRules:
    """All of it. A value: made once, never changed."""

    def __init__(
        self,
        levels: Iterable[OrderLevel],
        points: Iterable[PointsRule],
        terms: LedgerTerms,
        calendar: WorkingCalendar,
    ) -> None:
        self.levels = tuple(levels)
        self.points: Mapping[str, PointsRule] = MappingProxyType({rule.code: rule for rule in points})
        self.terms = terms
        self.calendar = calendar
        self._of_rung = {
            (limit, rule.rung): rule
            for rule in self.points.values()
            if not rule.by_hand
            for limit in rule.limits or ("",)
        }

    @property
    def top(self) -> int:
        """The number of the highest level; 0 when there are none."""
        return len(self.levels)

    def level(self, number: int) -> OrderLevel:
        """Give a level that exists; raises KeyError."""
        if not 1 <= number <= self.top:
            raise KeyError(number)
        return self.levels[number - 1]

    def of_rung(self, limit: str, rung: str) -> PointsRule | None:
        """Give what a rung costs: the rule that names its limit, else the one for every limit, else nothing."""
        return self._of_rung.get((limit, rung)) or self._of_rung.get(("", rung))

    def by_hand(self, code: str) -> PointsRule:
        """Give a rule for entries by hand; raises INVALID with the field `rule`."""
        rule = self.points.get(code)
        if rule is None or not rule.by_hand:
            allowed = ", ".join(one.code for one in self.points.values() if one.by_hand)
            raise invalid(Violation("rule", "points_rule_unknown", {"value": code, "allowed": allowed}))
        return rule

    def outside_bodies(self) -> frozenset[str]:
        """Give the bodies that read by grants only."""
        return frozenset(level.body for level in self.levels if level.outside)


NO_SUPERVISION = SupervisionRules((), (), LedgerTerms(), weekdays_only(FURTHEST))
"""No levels and nothing that costs points; for tools and tests of something else."""
