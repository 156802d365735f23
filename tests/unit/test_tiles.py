"""The tiles of the federation page: one centre in trouble keeps no other from being shown, and ends no loop."""

import asyncio

import pytest

from fengqiao.domain.errors import unavailable
from fengqiao.entry import tiles
from fengqiao.entry.tiles import Tiles, unknown_tile
from fengqiao.web.desk.node import TileFigures
from tests.unit.samples import CITY, EAST, EAST_HILL

CENTRES = (CITY, EAST, EAST_HILL)


def figures(code: str, open_cases: int = 0) -> TileFigures:
    return TileFigures(code, True, True, 0.0, 0, 0, open_cases)


async def test_a_centre_in_trouble_is_unknown_and_the_others_are_fresh() -> None:
    troubles: dict[str, Exception] = {EAST: unavailable("database_away"), EAST_HILL: ZeroDivisionError()}
    rounds = 0

    async def ask(code: str) -> TileFigures:
        if code in troubles:
            raise troubles[code]
        return figures(code, rounds)

    board = Tiles(CENTRES, ask)
    await board.refresh()
    assert board.view() == (figures(CITY), unknown_tile(EAST), unknown_tile(EAST_HILL))
    rounds = 1
    del troubles[EAST]
    await board.refresh()
    assert board.view() == (figures(CITY, 1), figures(EAST, 1), unknown_tile(EAST_HILL))


async def test_the_loop_goes_on_after_any_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def ask(code: str) -> TileFigures:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ZeroDivisionError
        return figures(code)

    monkeypatch.setattr(tiles, "REFRESH_SECONDS", 0.01)
    board = Tiles((CITY,), ask)
    board.view()
    loop = asyncio.create_task(board.keep_fresh())
    try:
        async with asyncio.timeout(5):
            while board.view() != (figures(CITY),):  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.01)
    finally:
        loop.cancel()
    assert asked >= 2
