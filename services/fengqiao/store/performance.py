"""What facts come to: sums of months, weeks by class and branch, and the cases behind a rate (F31, F33, F34)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.performance import Definition, Months, MonthSum, moved_by
from fengqiao.domain.tally import Measure
from fengqiao.store.database import Database
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("performance")
LOOK_BACK_MONTHS = 24
"""A case that is closed or due in a month came in at most so long before; older ones are in no list of cases."""


class By(StrEnum):
    """What sums are kept apart by."""

    ALL = "all"
    CENTRE = "centre"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class WeekCount:
    """How many cases of a class came in at a branch in the week that begins then."""

    branch: str
    matter_class: str
    week: date
    many: int


@dataclass(frozen=True, slots=True)
class FactLine:
    """A case in a list, as its origin has told of it."""

    case_id: UUID
    number: str
    centre: str
    holder: str
    unit: str
    state: str
    item: str
    registered_at: datetime
    resolved_at: datetime | None
    due_at: datetime | None


async def month_sums(
    database: Database,
    by: By,
    centres: Sequence[str],
    months: Months,
    measures: Iterable[Measure],
    matter_class: str | None = None,
) -> tuple[MonthSum, ...]:
    """Give the sums of some measures over months; of one class, an empty one being what is unclassified, or of all."""
    params = {
        "by": by.value,
        "months": list(months.days),
        "measures": sorted(measures),
        "centres": list(centres),
        "matter_class": matter_class,
    }
    return tuple(
        MonthSum(row["key"], row["since"], Measure(row["measure"]), row["detail"], row["many"])
        for row in await database.fetch_list(_SQL["sums"], params)
    )


async def overdue(
    database: Database, by: By, centres: Sequence[str], months: Months, matter_class: str | None, now: datetime
) -> tuple[MonthSum, ...]:
    """Count what fell due in some months and is overdue now, as limits that were due and not met in time."""
    params = {
        "by": by.value,
        "centres": list(centres),
        "matter_class": matter_class,
        "now": now,
        **_span(months.days),
    }
    return tuple(
        MonthSum(row["key"], row["since"].astimezone(CITY_ZONE).date(), Measure.DUE, "", row["many"])
        for row in await database.fetch_list(_SQL["overdue"], params)
    )


async def weeks(
    database: Database, branches: Mapping[str, str], first: datetime, until: datetime
) -> tuple[WeekCount, ...]:
    """Count what came in between two instants, by class and week; `branches` says which branch each centre is in."""
    months = Months(first.astimezone(CITY_ZONE).date(), until.astimezone(CITY_ZONE).date())
    params = {
        "centres": list(branches),
        "branches": list(branches.values()),
        "months": list(months.days),
        "first": first,
        "until": until,
    }
    return tuple(
        WeekCount(row["branch"], row["matter_class"], row["week"].astimezone(CITY_ZONE).date(), row["many"])
        for row in await database.fetch_list(_SQL["weeks"], params)
    )


async def cases_behind(
    database: Database,
    definition: Definition,
    centres: Sequence[str],
    months: Sequence[date],
    matter_class: str | None,
    limit: int,
    now: datetime,
    *,
    missing: bool,
    after: tuple[datetime, UUID] | None = None,
) -> tuple[FactLine, ...]:
    """List the cases that a rate counts, or with `missing` those that it does not, the latest to come in first."""
    params = {
        "counted": definition.counted.measure,
        "counted_detail": definition.counted.detail,
        "among": definition.among.measure,
        "among_detail": definition.among.detail,
        "apart": definition.apart.measure if definition.apart else "",
        "months": list(months),
        "first_month": moved_by(min(months), -LOOK_BACK_MONTHS),
        "last_month": max(months),
        "centres": list(centres),
        "matter_class": matter_class,
        "missing": missing,
        "overdue": missing and definition.among.measure is Measure.DUE,
        "now": now,
        **_span(months),
        "after_at": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    return tuple(FactLine(**row) for row in await database.fetch_list(_SQL["behind"], params))


def _span(months: Sequence[date]) -> dict[str, datetime]:
    """Give when the first month begins and the last one ends."""
    return {
        "first": datetime.combine(min(months), time(), CITY_ZONE),
        "until": datetime.combine(moved_by(max(months), 1), time(), CITY_ZONE),
    }
