"""The figures of one centre, worked out from the cases that it took in (F33, F34).

Each case is counted at its origin, whose file follows the case wherever it goes; so the figures of all centres add up
to those of the city, and none is counted twice.
"""

from datetime import datetime, timedelta
from uuid import UUID

from fengqiao.domain.calendar import WorkingCalendar
from fengqiao.domain.case import Case, CaseState
from fengqiao.domain.figures import CaseFacts, Figures, LimitOutcome, Period, figures
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.limit import LimitState
from fengqiao.domain.tally import SETTLED_WITHIN
from fengqiao.domain.topology import Topology
from fengqiao.store.database import Database
from fengqiao.store.queries import case_files_of_origin

PAGE = 500
DAY = timedelta(days=1)


async def centre_figures(
    database: Database, centre: str, period: Period, calendar: WorkingCalendar, topology: Topology, now: datetime
) -> Figures:
    """Work out the figures of a centre for a period; memory grows with its cases, a few hundred bytes each."""
    found: list[CaseFacts] = []
    last = UUID(int=0)
    while page := await case_files_of_origin(database, centre, last, PAGE):
        found.extend(case_facts(file.case, calendar, topology, now) for file in page)
        last = page[-1].case.id
    return figures(found, period)


def case_facts(case: Case, calendar: WorkingCalendar, topology: Topology, now: datetime) -> CaseFacts:
    """Give what the figures have to know of a case."""
    resolved_at, course = case.resolved_at, case.course
    taken = -(-(resolved_at - case.registered_at) // DAY) if resolved_at is not None else None
    return CaseFacts(
        registered_on=case.registered_at.astimezone(CITY_ZONE).date(),
        direct=case.state is CaseState.RESOLVED and not case.first_receiver.fixed,
        resolved_on=resolved_at.astimezone(CITY_ZONE).date() if resolved_at is not None else None,
        closing=case.closing,
        days_to_resolve=taken,
        age_days=(now - case.registered_at) // DAY,
        limits=_outcomes(case, calendar, now),
        reasonable=not course.unreasonable,
        satisfied=course.evaluation.satisfied if course.evaluation is not None else None,
        reopened=course.reopened > 0,
        extended=course.extension is not None,
        returned=bool(course.returned),
        contained=_contained(case, topology),
    )


def _outcomes(case: Case, calendar: WorkingCalendar, now: datetime) -> dict[str, LimitOutcome]:
    """What became of each limit; one that fell away is not judged, and of several rounds the last one counts."""
    found = {}
    for limit in case.limits:
        state = limit.state(now, calendar)
        if state is LimitState.ENDED:
            continue
        in_time = None if limit.met_at is None else state is LimitState.MET
        found[limit.code] = LimitOutcome(limit.due_at(calendar).astimezone(CITY_ZONE).date(), in_time)
    return found


def _contained(case: Case, topology: Topology) -> bool | None:
    grade = case.course.grade
    if grade is None or case.resolved_at is None:
        return None
    return topology.centre(case.holder).level in SETTLED_WITHIN[grade]
