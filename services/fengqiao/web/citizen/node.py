"""What the citizens' pages are given of each hosted centre."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fengqiao.domain.topology import Centre, Topology
from fengqiao.store.database import Database


@dataclass(frozen=True, slots=True)
class CitizenNode:
    """A centre as everybody may see it."""

    centre: Centre
    topology: Topology
    database: Database
    clock: Callable[[], datetime]

    @property
    def publishes(self) -> bool:
        """Whether it counts the cases of others and so has figures of its own."""
        return bool(self.topology.children(self.centre.code))
