"""Bringing batches to the receiver, again and again until it takes them (DESIGN section 4, verdict *crash*)."""

import asyncio
import logging
import random
from collections.abc import Sequence

from fengqiao.bus.carrier import Receiver, Record

_log = logging.getLogger(__name__)


def pause_seconds(attempt: int, *, first_seconds: float, cap_seconds: float) -> float:
    """The back-off before attempt number `attempt` (1 is the first): doubling, capped, a quarter of it random.

    The random part keeps 147 nodes of one process from coming back in step.
    """
    full: float = min(cap_seconds, first_seconds * 2 ** min(attempt - 1, 16))
    return full * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load, guards nothing


class Delivery:
    """Hands batches to one receiver, one at a time, and never gives up on one by itself.

    Whoever owns it may cancel `deliver` while `in_receiver` is false without cutting through a transaction.
    """

    def __init__(self, receiver: Receiver, *, first_pause_seconds: float = 0.1, cap_pause_seconds: float = 3.0) -> None:
        self._receiver = receiver
        self._first_pause_seconds = first_pause_seconds
        self._cap_pause_seconds = cap_pause_seconds
        self.failures = 0
        self.delivered_total = 0
        self.delivered_at = 0.0
        self.in_receiver = False

    async def deliver(self, records: Sequence[Record]) -> None:
        """Returns once the receiver has returned for exactly these records."""
        while not await self._attempt(records):
            self.failures += 1
            await asyncio.sleep(
                pause_seconds(
                    self.failures, first_seconds=self._first_pause_seconds, cap_seconds=self._cap_pause_seconds
                )
            )
        self.failures = 0
        self.delivered_total += len(records)
        self.delivered_at = asyncio.get_running_loop().time()

    async def _attempt(self, records: Sequence[Record]) -> bool:
        self.in_receiver = True
        try:
            await self._receiver(records)
        except Exception as error:  # the database being away must not lose the batch, whatever it raises
            _log.warning(
                "batch of %d from %s at %d refused, attempt %d: %r",
                len(records),
                records[0].topic,
                records[0].offset,
                self.failures + 1,
                error,
            )
            return False
        finally:
            self.in_receiver = False
        return True
