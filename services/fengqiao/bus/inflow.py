"""What Kafka brings to a node: each topic belongs to one neighbour, and every batch goes through the inbox."""

from collections.abc import Callable, Mapping, Sequence

from fengqiao.bus.carrier import Record
from fengqiao.bus.topics import down_topic, up_topic
from fengqiao.handlers.context import Context
from fengqiao.handlers.inbox import Delivery, TakenIn, take_in


class Inflow:
    """The receiver that a carrier is given; returns after the commit of the inbox, raises when the database is away."""

    def __init__(self, context: Context, taken_in: Callable[[TakenIn], None]) -> None:
        self._context = context
        self._taken_in = taken_in
        self._neighbours = _neighbours_by_topic(context)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that this node reads."""
        return tuple(self._neighbours)

    async def receive(self, records: Sequence[Record]) -> None:
        """Take a batch in."""
        deliveries = [
            Delivery(
                self._neighbours[record.topic],
                record.value,
                "kafka",
                record.topic,
                record.partition,
                record.offset,
            )
            for record in records
        ]
        self._taken_in(await take_in(self._context, deliveries))


def _neighbours_by_topic(context: Context) -> Mapping[str, str]:
    here, parent = context.centre.code, context.centre.parent
    from_above = {down_topic(here): parent} if parent is not None else {}
    return from_above | {up_topic(child): child for child in context.topology.children(here)}
