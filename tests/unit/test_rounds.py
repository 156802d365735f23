"""Work that is shared in rounds: who comes alone waits for nobody, and many who come go together."""

import asyncio
from collections.abc import Sequence

from fengqiao.store.rounds import MANY, Rounds

FOR_EVER_SECONDS = 3600.0
MOMENT_SECONDS = 0.05


class Notes:
    """Carries rounds out, and remembers what went together."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []

    async def carry_out(self, items: Sequence[int]) -> Sequence[int | Exception]:
        self.rounds.append(list(items))
        return [ValueError(item) if item < 0 else item * 10 for item in items]


async def test_who_comes_alone_waits_for_nobody() -> None:
    notes = Notes()
    rounds = Rounds(notes.carry_out, FOR_EVER_SECONDS)
    async with asyncio.timeout(5):
        assert [await rounds.join(number) for number in range(10)] == [number * 10 for number in range(10)]
    assert notes.rounds == [[number] for number in range(10)]


async def test_after_a_round_of_many_the_next_one_gathers_those_who_come_a_moment_later() -> None:
    notes = Notes()
    rounds = Rounds(notes.carry_out, MOMENT_SECONDS)
    await asyncio.gather(*map(rounds.join, range(MANY)))
    first = asyncio.create_task(rounds.join(7))
    await asyncio.sleep(MOMENT_SECONDS / 5)
    assert list(await asyncio.gather(first, rounds.join(8))) == [70, 80]
    assert notes.rounds == [[0, 1, 2], [7, 8]]


async def test_each_of_a_round_hears_of_its_own_trouble() -> None:
    notes = Notes()
    rounds = Rounds(notes.carry_out)
    answers = await asyncio.gather(rounds.join(1), rounds.join(-2), rounds.join(3), return_exceptions=True)
    assert (answers[0], answers[2], str(answers[1])) == (10, 30, "-2")
    assert notes.rounds == [[1, -2, 3]]


async def test_who_gives_up_does_not_take_the_others_along() -> None:
    notes = Notes()
    rounds = Rounds(notes.carry_out)
    leaving, staying = asyncio.create_task(rounds.join(1)), asyncio.create_task(rounds.join(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == 20
