"""Who wants to know at once that a case or a directive changed: pages by server-sent events, WatchCases streams."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

QUEUE_LIMIT = 256


@dataclass(frozen=True, slots=True)
class Change:
    """A case or a directive changed at this centre. Without a subject: some changes were not told, look again."""

    subject: UUID | None


class Subscription:
    """One listener with a bounded queue; when it is too slow it is told to look again instead."""

    def __init__(self, limit: int) -> None:
        self._queue: asyncio.Queue[Change] = asyncio.Queue(limit)

    def put(self, change: Change) -> None:
        """Queue a change, or replace everything queued by one mark when the listener is too slow."""
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            change = Change(None)
        self._queue.put_nowait(change)

    async def next(self, wait_seconds: float) -> Change | None:
        """Give the next change, or None when there was none in the time."""
        try:
            return await asyncio.wait_for(self._queue.get(), wait_seconds)
        except TimeoutError:
            return None

    def at_hand(self) -> list[Change]:
        """Give the changes that have come already, without waiting."""
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]

    async def changes(self, wait_seconds: float) -> AsyncIterator[Change | None]:
        """Give changes as they come, and None after each quiet stretch so that the caller can beat."""
        while True:
            yield await self.next(wait_seconds)


class ChangeHub:
    """Passes changes of this process to its listeners; other processes of the centre are seen by looking again."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()

    def publish(self, subjects: Iterable[UUID]) -> None:
        """Tell all listeners that these changed; never waits."""
        for subject in subjects:
            for subscription in self._subscriptions:
                subscription.put(Change(subject))

    @contextmanager
    def subscribed(self, limit: int = QUEUE_LIMIT) -> Iterator[Subscription]:
        """Listen for as long as the block lasts; beyond `limit` waiting changes the listener is told to look again."""
        subscription = Subscription(limit)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._subscriptions)
