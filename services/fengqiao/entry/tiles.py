"""The figures of all centres for the federation page, kept fresh while somebody looks at them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from fengqiao.domain.errors import Refusal
from fengqiao.observe.logging import logger
from fengqiao.web.desk.node import TileFigures

REFRESH_SECONDS = 5.0
WATCHED_SECONDS = 60.0
ASKED_AT_ONCE = 4

_log = logger("entry.tiles")


def unknown_tile(code: str) -> TileFigures:
    """Give the tile of a centre whose figures nobody here knows."""
    return TileFigures(code, False, False, 0.0, 0, 0, 0)


class Tiles:
    """The tiles of some centres, in their order; `ask` gives one of them anew."""

    def __init__(self, centres: Sequence[str], ask: Callable[[str], Awaitable[TileFigures]]) -> None:
        self._centres = centres
        self._ask = ask
        self._tiles: tuple[TileFigures, ...] = ()
        self._wanted_at = 0.0

    def view(self) -> Sequence[TileFigures]:
        """Give the tiles, and see to it that they are kept fresh for a while."""
        self._wanted_at = asyncio.get_running_loop().time()
        return self._tiles

    async def keep_fresh(self) -> None:
        """Refresh the tiles at the start and then while they are watched, until cancelled.

        The figures of 147 nodes cost 294 queries, so nobody asks for them when nobody looks.
        """
        while True:
            watched = asyncio.get_running_loop().time() - self._wanted_at < WATCHED_SECONDS
            if watched or not self._tiles:
                await self.refresh()
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self) -> None:
        """Ask for every tile, a few at once; one that cannot be had is unknown and keeps no other from being fresh."""
        turns = asyncio.Semaphore(ASKED_AT_ONCE)

        async def one(code: str) -> TileFigures:
            async with turns:
                return await self._asked(code)

        self._tiles = tuple(await asyncio.gather(*map(one, self._centres)))

    async def _asked(self, code: str) -> TileFigures:
        try:
            return await self._ask(code)
        except Refusal:
            return unknown_tile(code)
        except Exception:  # a fault in one tile must end neither the others nor the loop
            _log.exception("tile failed", centre=code)
            return unknown_tile(code)
