"""The edges of a centre as its database knows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fengqiao.store.database import Database
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("edge")


@dataclass(frozen=True, slots=True)
class EdgePosition:
    """Where both directions of an edge stand."""

    neighbour: str
    sent_seq: int
    acked_seq: int
    received_seq: int


@dataclass(frozen=True, slots=True)
class EdgeStatus:
    """An edge for people and metrics: positions, unacknowledged messages, since when the oldest waits, held ones.

    `ahead` are those of the held ones that lie beyond a gap.
    """

    neighbour: str
    sent_seq: int
    acked_seq: int
    received_seq: int
    unpublished: int
    oldest_at: datetime | None
    held: int
    ahead: int


async def ensure_edges(database: Database, neighbours: Iterable[str]) -> None:
    """See to it that every neighbour has its row."""
    await database.run(_SQL["ensure"], {"neighbours": list(neighbours)})


async def edge_positions(database: Database) -> dict[str, EdgePosition]:
    """Give the positions of all edges by neighbour."""
    rows = await database.fetch(_SQL["positions"])
    return {row["neighbour"]: EdgePosition(**row) for row in rows}


async def edge_status(database: Database) -> tuple[EdgeStatus, ...]:
    """Give the status of all edges."""
    return tuple(EdgeStatus(**row) for row in await database.fetch(_SQL["status"]))
