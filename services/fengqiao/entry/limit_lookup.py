"""Finding a case with its clocks, and the clocks of a centre, in the databases of a federation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from fengqiao.domain.case import Case
from fengqiao.domain.errors import not_found
from fengqiao.domain.limit_policy import LimitRules
from fengqiao.entry.verify import Federation
from fengqiao.insight.cases import case_view, find_case
from fengqiao.insight.limits import LimitStory, limit_stories
from fengqiao.store.database import Database
from fengqiao.store.limits import RunningLimit, running_limits

OPEN_SECONDS = 10.0
MOST_HOPS = 4


@dataclass(frozen=True, slots=True)
class CaseClocks:
    """A case as its holder has it, with every clock explained; `centre` is where it was read."""

    case: Case
    centre: str
    stories: tuple[LimitStory, ...]


async def case_clocks(federation: Federation, key: str, centre: str, rules: LimitRules, now: datetime) -> CaseClocks:
    """Explain the clocks of a case by its number, or by its id with a centre that knows it.

    It is read where it was taken in, and then at whoever holds it by then. Raises NOT_FOUND.
    """
    at = centre or key.partition("-")[0]
    if not centre and at not in federation.topology.centres:
        # What was typed is no number of a case: to speak of a centre would send the reader looking in the wrong place.
        raise not_found("case_key_unknown", case=key)
    case = await _case_at(federation, at, key)
    for _ in range(MOST_HOPS):
        if case.holder == at or case.holder not in federation.databases:
            break
        at = case.holder
        case = await _case_at(federation, at, str(case.id))
    return CaseClocks(case, at, limit_stories(case, rules, now))


async def centre_clocks(
    federation: Federation, centre: str, code: str | None, before: datetime | None, limit: int
) -> tuple[RunningLimit, ...]:
    """List the clocks that run at a centre, nearest first."""
    async with opened(federation, federation.topology.centre(centre).code) as database:
        return await running_limits(database, code=code, before=before, limit=limit)


async def _case_at(federation: Federation, centre: str, key: str) -> Case:
    async with opened(federation, centre) as database:
        return (await case_view(database, await find_case(database, key))).file.case


@asynccontextmanager
async def opened(federation: Federation, centre: str) -> AsyncIterator[Database]:
    """Open the database of a centre for a look; raises NOT_FOUND centre_unknown."""
    if centre not in federation.databases:
        raise not_found("centre_unknown", centre=centre)
    database = Database(federation.databases[centre], connections=1)
    try:
        await database.open(OPEN_SECONDS)
        yield database
    finally:
        await database.close()
