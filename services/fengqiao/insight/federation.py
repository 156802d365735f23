"""How the edges of a centre stand, for the federation page, the metrics and the probes."""

from dataclasses import dataclass
from datetime import datetime

from fengqiao.insight.cases import case_counts
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.store import edges
from fengqiao.store.database import Database
from fengqiao.store.dead_letters import dead_letter_count
from fengqiao.store.inbox import held_counts


@dataclass(frozen=True, slots=True)
class EdgeStatus:
    """One edge: positions of both directions, what is unacknowledged and how old, what is held.

    `ahead` are those of the held messages that lie beyond a gap.
    """

    neighbour: str
    sent_seq: int
    acked_seq: int
    received_seq: int
    unpublished: int
    oldest_age_seconds: float
    held: int
    ahead: int


async def edge_status(database: Database, now: datetime) -> tuple[EdgeStatus, ...]:
    """Give the status of every edge of a centre."""
    return tuple(
        EdgeStatus(
            edge.neighbour,
            edge.sent_seq,
            edge.acked_seq,
            edge.received_seq,
            edge.unpublished,
            max(0.0, (now - edge.oldest_at).total_seconds()) if edge.oldest_at else 0.0,
            edge.held,
            edge.ahead,
        )
        for edge in await edges.edge_status(database)
    )


async def refresh_gauges(database: Database, metrics: NodeMetrics, now: datetime) -> None:
    """Set the gauges that come from the database; called when they are scraped."""
    counts = await case_counts(database)
    metrics.clear("fengqiao_cases")
    for (role, state), many in counts.by_role_state.items():
        metrics.set("fengqiao_cases", many, role.value, state.value)
    metrics.set("fengqiao_offers_waiting", counts.offers_waiting)
    metrics.set("fengqiao_offers_open", counts.offers_open)
    for edge in await edge_status(database, now):
        metrics.set("fengqiao_outbox_unpublished", edge.unpublished, edge.neighbour)
        metrics.set("fengqiao_outbox_oldest_age_seconds", edge.oldest_age_seconds, edge.neighbour)
        metrics.set("fengqiao_inbox_gaps", edge.ahead, edge.neighbour)
    held = await held_counts(database)
    for standing in ("waiting", "parked", "ahead"):
        metrics.set("fengqiao_inbox_held", held.get(standing, 0), standing)
    metrics.set("fengqiao_dead_letters", await dead_letter_count(database))
