"""Serial numbers of the day for cases and directives, drawn for all who wait in one statement."""

import asyncio
from datetime import date, datetime

from fengqiao.domain.identity import CITY_ZONE
from fengqiao.store.database import Database
from fengqiao.store.work import serials


class SerialSource:
    """Draws serials of one centre: whoever comes while a draw is under way shares the next one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[date, list[asyncio.Future[int]]] = {}
        self._drawing = asyncio.Lock()

    async def draw(self, at: datetime) -> int:
        """Give the next serial of the day (in the city's zone) of a time."""
        day = at.astimezone(CITY_ZONE).date()
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(day, []).append(future)
        async with self._drawing:
            if not future.done():
                await self._serve(day)
        return await future

    async def _serve(self, day: date) -> None:
        waiting = self._waiting.pop(day, [])
        try:
            drawn = await serials(self._database, day, len(waiting))
        except BaseException as trouble:  # whoever shares the draw has to hear of its failure, or would wait for ever
            for future in waiting:
                if not future.done():
                    future.set_exception(trouble)
            raise
        for future, serial in zip(waiting, sorted(drawn), strict=True):
            if not future.done():
                future.set_result(serial)
