"""Serial numbers of the day for cases and directives, drawn for all who wait in one statement."""

from collections import Counter, deque
from collections.abc import Sequence
from datetime import date, datetime

from fengqiao.domain.identity import CITY_ZONE
from fengqiao.store.database import Database
from fengqiao.store.rounds import Rounds
from fengqiao.store.work import serials

AHEAD = 4
"""How many numbers are drawn ahead for each that is wanted beside another one."""


class SerialSource:
    """Draws serials of one centre: whoever comes while a draw is under way shares the next one.

    One who comes alone is given the very next number. Where many come at once some are drawn ahead, for the latest day
    only; those that a process leaves behind when it ends are left out.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rounds: Rounds[date, int] = Rounds(self._draw)
        self._day = date.min
        self._ahead: deque[int] = deque()
        self._wanted = 1

    async def draw(self, at: datetime) -> int:
        """Give the next serial of the day (in the city's zone) of a time."""
        day = at.astimezone(CITY_ZONE).date()
        if day == self._day and self._ahead:
            return self._ahead.popleft()
        return await self._rounds.join(day)

    async def _draw(self, days: Sequence[date]) -> Sequence[int]:
        latest, drawn = max(days), dict[date, deque[int]]()
        # Those who come when little is left are few, however many have come before.
        busiest, self._wanted = max(len(days), self._wanted), len(days)
        for day, wanted in Counter(days).items():
            ahead = AHEAD * (busiest - 1) if day == latest >= self._day else 0
            drawn[day] = deque(sorted(await serials(self._database, day, wanted + ahead)))
        given = [drawn[day].popleft() for day in days]
        if latest >= self._day:
            if latest > self._day:
                self._day, self._ahead = latest, deque()
            self._ahead.extend(drawn[latest])
        return given
