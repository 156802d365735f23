"""What every handler is given of its node: a value, so that one process can host any number of centres."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fengqiao.domain.decision import Facts
from fengqiao.domain.edition import FIRST, Book, Edition, first_edition
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.handbook import Handbook
from fengqiao.domain.limit_policy import NO_RULES, LimitRules
from fengqiao.domain.supervision_rules import NO_SUPERVISION, SupervisionRules
from fengqiao.domain.topology import Centre, Topology
from fengqiao.domain.unit import UnitDirectory
from fengqiao.handlers.changes import ChangeHub
from fengqiao.handlers.in_force import InForce
from fengqiao.handlers.serials import SerialSource
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.store.database import Database
from fengqiao.store.new_files import NewFiles


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command, and for imported work the recorded time of the act."""

    name: str
    at: datetime | None = None


def _unwatched(_at: datetime) -> None:
    """Tell nobody; for tools that run no sweeper."""


@dataclass(frozen=True, slots=True)
class Context:
    """One centre as its handlers see it.

    `wake` tells the relay that the outbox has something new, `clock_set` the sweeper when the earliest of some rungs
    fires that were just stored. `first_handbook` is what the city's file says; what was published since is `in_force`.
    """

    centre: Centre
    topology: Topology
    units: UnitDirectory
    database: Database
    serials: SerialSource
    new_files: NewFiles
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    wake: Callable[[], None]
    changes: ChangeHub
    metrics: NodeMetrics
    first_handbook: Handbook
    limits: LimitRules = NO_RULES
    supervision: SupervisionRules = NO_SUPERVISION
    clock_set: Callable[[datetime], None] = _unwatched
    in_force: InForce = field(default_factory=InForce)

    @property
    def handbook(self) -> Handbook:
        """What a rule goes by now: the handbook of the file, with the catalogue that is in force."""
        return self.in_force.handbook(self.first_handbook)

    def first_edition(self, book: Book) -> Edition:
        """Give the edition of a book that the handbook file says; of the routing rules it has none."""
        catalogue, superseded = self.first_handbook.catalogue, self.in_force.number(book) > FIRST
        if book is Book.ROUTING:
            return first_edition(book, "", (), self.centre.code, superseded=superseded)
        return first_edition(book, catalogue.version, catalogue.rows, self.topology.city.code, superseded=superseded)

    def facts(self, actor: Actor) -> Facts:
        """Give the rules what they may know; a recorded time must not lie in the future."""
        now = self.clock()
        if actor.at is not None and actor.at > now:
            raise Refusal(Kind.INVALID, "time_future", {"value": actor.at.isoformat()})
        at = actor.at or now
        return Facts(at, self.centre, self.topology, self.units, actor.name, self.new_id(), self.handbook)
