"""Routing rules tried against the past cases of a centre (F10): nothing is decided, nothing is written."""

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
    return tried(book, await past_cases(database, centre, many))
