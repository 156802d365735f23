"""`fengqiao figures`: the figures of one centre, or of all of a federation together (DESIGN section 11)."""

import asyncio
from contextlib import AsyncExitStack

from fengqiao.domain.calendar import WorkingCalendar
from fengqiao.domain.figures import Figures, Period, summed
from fengqiao.entry.clock import utc_now
from fengqiao.entry.verify import OPEN_AT_ONCE, OPEN_SECONDS, Federation
from fengqiao.insight.figures import centre_figures
from fengqiao.store.database import Database


async def federation_figures(
    federation: Federation, centres: tuple[str, ...], period: Period, calendar: WorkingCalendar
) -> Figures:
    """Add up the figures of some centres; raises UNAVAILABLE database_away when one of them cannot be asked."""
    gate = asyncio.Semaphore(OPEN_AT_ONCE)
    now = utc_now()

    async def one(code: str) -> Figures:
        async with gate, AsyncExitStack() as stack:
            database = Database(federation.databases[code], connections=1)
            stack.push_async_callback(database.close)
            await database.open(OPEN_SECONDS)
            return await centre_figures(database, code, period, calendar, federation.topology, now)

    return summed(await asyncio.gather(*(one(code) for code in centres)))
