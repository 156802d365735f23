"""What stands beside a case: other cases of its reporter, open ones near by; about this case, never about a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fengqiao.domain.stage import Stage
from fengqiao.store.case_lines import CaseLine, lines_nearby, lines_of_reporter
from fengqiao.store.database import Database

NEARBY_SINCE = timedelta(weeks=12)
NEARBY_MOST = 6
REPORTER_MOST = 100
SHOWN = 5


@dataclass(frozen=True, slots=True)
class BesideCase:
    """Related cases: the newest of the reporter with counts of all (of at most REPORTER_MOST), and those near by."""

    of_reporter: tuple[CaseLine, ...]
    reporter_many: int
    reporter_open: int
    nearby: tuple[CaseLine, ...]
    more_nearby: bool


async def case_beside(database: Database, case_id: UUID, now: datetime) -> BesideCase:
    """Give what stands beside a case, in two statements with a bound."""
    known = await lines_of_reporter(database, case_id, REPORTER_MOST)
    near = await lines_nearby(database, case_id, now - NEARBY_SINCE, NEARBY_MOST)
    still_open = sum(line.stage not in (Stage.CLOSED, Stage.ASIDE) for line in known)
    return BesideCase(known[:SHOWN], len(known), still_open, near[:SHOWN], len(near) > SHOWN)
