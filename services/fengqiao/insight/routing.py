"""Routing rules tried against the past cases of a centre (F10): nothing is decided, nothing is written."""

import asyncio

from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.routing import RouteBook
from fengqiao.domain.routing_trial import Trial, tried
from fengqiao.store.database import Database
from fengqiao.store.editions import past_cases

CASES_TRIED = 200
CASES_LIMIT = 5000


async def routing_trial(database: Database, centre: str, book: RouteBook, many: int = CASES_TRIED) -> Trial:
    """Run rules over the newest cases of a centre; raises INVALID with the field `cases`."""
    if not 1 <= many <= CASES_LIMIT:
        raise invalid(Violation("cases", "page_size_wrong", {"value": str(many), "limit": str(CASES_LIMIT)}))
    cases = await past_cases(database, centre, many)
    # Many rules over many cases take a second, in which the relays of this process have to go on.
    return await asyncio.to_thread(tried, book, cases)
