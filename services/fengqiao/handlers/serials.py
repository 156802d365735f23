"""Serial numbers of the day for cases and directives, drawn for all who wait in one statement."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from fengqiao.domain.identity import CITY_ZONE
from fengqiao.store.database import Database
from fengqiao.store.rounds import Rounds
from fengqiao.store.work import serials


class SerialSource:
    """Draws serials of one centre: whoever comes while a draw is under way shares the next one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rounds: Rounds[date, int] = Rounds(self._draw)

    async def draw(self, at: datetime) -> int:
        """Give the next serial of the day (in the city's zone) of a time."""
        return await self._rounds.join(at.astimezone(CITY_ZONE).date())

    async def _draw(self, days: Sequence[date]) -> Sequence[int]:
        drawn = {day: iter(sorted(await serials(self._database, day, many))) for day, many in Counter(days).items()}
        return [next(drawn[day]) for day in days]
