"""Waiting for a centre that is away: again and again with growing pauses, until a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import TypeVar

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.entry.federation_client import Federation
from fengqiao.rpc.client import NodeClient

Answer = TypeVar("Answer")

AWAY = frozenset({Kind.UNAVAILABLE, Kind.DEADLINE})
"""The centre, or a part of it, is away or too slow; whether the command was carried out is not known."""


class Pauses:
    """Growing pauses between attempts, each half as long again up to a limit, and uneven so that callers spread."""

    def __init__(self, first_seconds: float, most_seconds: float, spread: Random) -> None:
        self._next_seconds = first_seconds
        self._most_seconds = most_seconds
        self._spread = spread

    async def wait(self, until: float) -> bool:
        """Pause; False without a pause when the deadline (a monotonic time) has come."""
        left = until - time.monotonic()
        if left <= 0:
            return False
        await asyncio.sleep(min(left, self._next_seconds * self._spread.uniform(0.8, 1.2)))
        self._next_seconds = min(self._most_seconds, self._next_seconds * 1.5)
        return True


async def steadily(
    federation: Federation, centre: str, call: Callable[[NodeClient], Awaitable[Answer]], deadline_seconds: float
) -> Answer:
    """Call a centre until it answers; only for what may be asked twice. Raises its refusal, or at last the latest."""
    until = time.monotonic() + deadline_seconds
    pauses = Pauses(0.2, 3.0, Random())  # noqa: S311 - it spreads retries over time and guards nothing
    while True:
        try:
            return await call(federation.client(centre))
        except Refusal as refusal:
            # A centre that is started again keeps its address; one without an address was not started at all.
            absent = refusal.code == "centre_not_running"
            if absent or refusal.kind not in AWAY or not await pauses.wait(until):
                raise
            federation.look_again()
