"""How far the feeds of a federation were told and read, and how to have either done anew (F31)."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from fengqiao.bus.topics import feeds_read
from fengqiao.domain.topology import Topology
from fengqiao.entry.verify import OPEN_AT_ONCE, OPEN_SECONDS, Federation
from fengqiao.store import facts as store
from fengqiao.store.database import Database


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """Of one centre: up to when it has told, how many cases facts tell of, and who has not told anything.

    `reading` is the number of its present reading; 0 for a centre that reads no feed.
    """

    centre: str
    told_until: datetime | None
    reading: int
    facts: int
    sources: int
    oldest: datetime | None
    missing: tuple[str, ...]


async def feed_status(federation: Federation, topology: Topology, centres: Sequence[str]) -> tuple[FeedStatus, ...]:
    """Look at the feeds of some centres in their databases; raises UNAVAILABLE database_away."""
    gate = asyncio.Semaphore(OPEN_AT_ONCE)

    async def one(centre: str) -> FeedStatus:
        async with gate, AsyncExitStack() as stack:
            return await _status(await _opened(federation, centre, stack), topology, centre)

    return tuple(await asyncio.gather(*(one(centre) for centre in centres)))


async def read_again(federation: Federation, centre: str) -> int:
    """Have a centre forget what it was told and read the feeds from the start; gives the reading's number."""
    async with AsyncExitStack() as stack:
        return await store.begin_again(await _opened(federation, centre, stack))


async def tell_again(federation: Federation, centre: str) -> None:
    """Have a centre tell all its cases anew, within a minute: what a broker has lost is there again."""
    async with AsyncExitStack() as stack:
        await store.note_told(await _opened(federation, centre, stack), None)


async def _opened(federation: Federation, centre: str, stack: AsyncExitStack) -> Database:
    database = Database(federation.databases[centre], connections=1)
    stack.push_async_callback(database.close)
    await database.open(OPEN_SECONDS)
    return database


async def _status(database: Database, topology: Topology, centre: str) -> FeedStatus:
    reads = feeds_read(topology, centre)
    sources = await store.sources(database)
    heard = {source.centre for source in sources}
    below = [code for code in topology.centres if code == centre or topology.is_below(code, centre)] if reads else []
    return FeedStatus(
        centre,
        await store.told_until(database),
        await store.generation_of(database) if reads else 0,
        await store.facts_known(database),
        len(sources),
        min((source.told_until for source in sources), default=None),
        tuple(code for code in below if code not in heard),
    )
