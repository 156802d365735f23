"""Work that all who wait share: what comes while one round is under way goes with the next (DESIGN section 9, intake).

Sixteen clients who take cases in at once cost one statement, one commit and one fsync, not sixteen; a single one waits
no longer than alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
MOST = 100
MANY = 3
"""How many in a round show that more are on their way."""


class Rounds(Generic[Item, Answer]):
    """Gathers items into rounds of at most MOST; `carry_out` gives an answer or an error for each, in their order.

    After a round of many, the next one waits `gather_seconds` for company. A round belongs to none of its callers: one
    who gives up does not take the others along.
    """

    def __init__(
        self,
        carry_out: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]],
        gather_seconds: float = 0.0,
    ) -> None:
        self._carry_out = carry_out
        self._gather_seconds = gather_seconds
        self._came = 0
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._turning: asyncio.Task[None] | None = None

    async def join(self, item: Item) -> Answer:
        """Put an item into the next round; gives its answer, or raises its error."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._turning is None or self._turning.done():
            self._turning = asyncio.create_task(self._turn(), name="rounds")
        return await future

    async def _turn(self) -> None:
        while self._waiting:
            # Whoever is let in by the round before comes back within the same turn of the loop.
            await asyncio.sleep(self._gather_seconds if self._came >= MANY else 0)
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            self._came = len(batch)
            for (_, future), answer in zip(batch, await self._answers([item for item, _ in batch]), strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    async def _answers(self, items: Sequence[Item]) -> Sequence[Answer | Exception]:
        try:
            return await self._carry_out(items)
        except Exception as trouble:  # whoever shares the round has to hear of its failure, or would wait for ever
            return [trouble] * len(items)
