"""Supervision for the unit tests: the rules of the package, and a case that a centre supervises."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from fengqiao.domain.case import CaseFile, Role
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Facts
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.points import decide_points
from fengqiao.domain.supervision import decide_order
from fengqiao.domain.supervision_command import OrderCommand, PointsCommand
from fengqiao.entry.supervision import load_supervision
from tests.unit.limits import RULES
from tests.unit.samples import EAST, NOON, THREE_LEVELS, UNITS, facts, number, registered

SUPERVISION = load_supervision("", RULES, THREE_LEVELS, UNITS)
CASE, ORDER, ENTRY = number(1), number(700), number(800)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def event(kind: EventKind, at: datetime = NOON, centre: str = EAST, epoch: int = 1, **details: str) -> Event:
    """Give an event of the case."""
    return Event(uuid4(), CASE, kind, centre, "李科长", at, epoch, details)


RED = event(EventKind.LIMIT_BREACHED, limit="article-solve", rung="red", due_at=NOON.isoformat(), set_by="")


class Supervised:
    """A case with its journal, supervised by commands at one centre."""

    def __init__(self, *history: Event, file: CaseFile | None = None, centre: str = EAST) -> None:
        self.file = file or registered()
        self.history = list(history)
        self.centre = centre

    def facts(self, at: datetime, actor: str) -> Facts:
        """Give what a rule may know."""
        given = facts(self.centre, at=at, actor=actor)
        return Facts(given.at, given.centre, given.topology, given.units, given.actor, uuid4(), given.handbook)

    def order(self, command: OrderCommand, at: datetime = NOON, actor: str = "孙督查") -> Mapping[str, str]:
        """Carry out a command on an order; gives the details of its event."""
        facts_now = self.facts(at, actor)
        return self._kept(decide_order(self.file, command, tuple(self.history), facts_now, SUPERVISION))

    def points(self, command: PointsCommand, at: datetime = NOON, actor: str = "孙督查") -> Mapping[str, str]:
        """Carry out a command on points; gives the details of its event."""
        facts_now = self.facts(at, actor)
        return self._kept(decide_points(self.file, command, tuple(self.history), facts_now, SUPERVISION))

    def _kept(self, decision: CaseDecision) -> Mapping[str, str]:
        assert decision.file == self.file, "supervision changes nothing of the case itself"
        self.history.extend(decision.events)
        return decision.events[-1].details


def followed(role: Role = Role.FOLLOWER, holder: str = EAST) -> CaseFile:
    """Give the file of a case that this centre follows through a neighbour."""
    file = registered(holder)
    return CaseFile(file.case, role, frozenset({holder}), file.journal_length, file.journal_hash)


def fresh_id() -> UUID:
    """Draw an id."""
    return uuid4()
