"""Reports in the background (F31): wanted by a person or by the calendar, taken by whichever process comes first.

A process that dies leaves its report lying; after two minutes another takes it over, three times at most.
"""

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from fengqiao.domain.calendar import city_day
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.report import Days, ReportSpan, days_of, last_whole
from fengqiao.domain.words import Language
from fengqiao.handlers.context import Context
from fengqiao.store import reports as store
from fengqiao.store.reports import ReportTask

STALE = timedelta(minutes=2)
TRIES_MOST = 3
KEPT = timedelta(days=400)
DAY = timedelta(days=1)
MONTH_WAITS = timedelta(days=3)
_NAMES = UUID("6f1d7a0e-6a3b-5f0e-9d53-0b5a6f7c3c11")


def report_id(centre: str, span: ReportSpan, days: Days, language: Language) -> UUID:
    """Give the id of a report: who wants the same one gets the same one."""
    return uuid5(_NAMES, f"{centre} {span} {days.first} {language}")


async def want_report(
    context: Context, span: ReportSpan, day: date, language: Language, wanted_by: str, *, again: bool = True
) -> UUID:
    """Want the report of the month or week that a day lies in; one that is there is made again unless told otherwise.

    Raises INVALID report_too_early when that is not over, and UNAVAILABLE database_away.
    """
    days, now = days_of(span, day), context.clock()
    if days.last >= city_day(now):
        raise Refusal(Kind.INVALID, "report_too_early", {"last": f"{days.last:%Y-%m-%d}"})
    identity = report_id(context.centre.code, span, days, language)
    over_at = datetime.combine(days.last + DAY, time(), CITY_ZONE)
    await store.want(context.database, identity, span, days, language, wanted_by, now, again=again, over_at=over_at)
    return identity


async def want_last(context: Context) -> None:
    """Want the reports of the last whole month and week, in Chinese; very old ones go.

    That of a month waits until its last cases have had three days. One that is there stays, unless a centre had
    not told of all its days yet.
    """
    today = city_day(context.clock())
    for span in ReportSpan:
        days = last_whole(span, today)
        if span is ReportSpan.WEEK or days.last + MONTH_WAITS < today:
            await want_report(context, span, days.first, Language.ZH, "", again=False)
    await store.forget(context.database, context.clock() - KEPT)


async def take_report(context: Context, maker: str) -> ReportTask | None:
    """Take the next report that waits or was left lying; None when there is none."""
    now = context.clock()
    return await store.take(context.database, maker, now, now - STALE, TRIES_MOST)


async def note_progress(context: Context, task: ReportTask, maker: str, percent: int) -> None:
    """Note how far a report is, and that its maker lives."""
    await store.note_progress(context.database, task.id, maker, percent, context.clock())


async def keep_report(
    context: Context, task: ReportTask, maker: str, sheet: bytes, document: bytes, as_of: datetime | None
) -> bool:
    """Keep what was made; False when somebody else has taken the report over meanwhile."""
    return await store.finish(context.database, task.id, maker, sheet, document, as_of, context.clock())


async def put_back(context: Context, task: ReportTask, maker: str) -> None:
    """Put a report back that could not be made; after three tries it has failed."""
    await store.give_up(context.database, task.id, maker, TRIES_MOST, context.clock())
