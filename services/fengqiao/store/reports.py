"""Reports that are wanted, are being made, and are there to be fetched (F31)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fengqiao.domain.report import Days, ReportSpan, ReportState
from fengqiao.domain.words import Language
from fengqiao.store.database import Database
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("report")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report in the list; `percent` is how far it is."""

    id: UUID
    span: ReportSpan
    days: Days
    language: Language
    wanted_by: str
    wanted_at: datetime
    state: ReportState
    percent: int
    moved_at: datetime
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class ReportTask:
    """A report that somebody has taken to make, for the `tries`th time."""

    id: UUID
    span: ReportSpan
    days: Days
    language: Language
    tries: int


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report as it can be fetched."""

    span: ReportSpan
    first: date
    language: Language
    content: bytes


async def want(
    database: Database,
    identity: UUID,
    span: ReportSpan,
    days: Days,
    language: Language,
    wanted_by: str,
    now: datetime,
    *,
    again: bool,
    over_at: datetime,
) -> bool:
    """Note that a report is wanted; False when it is under way, or there and whole, unless it is wanted `again`.

    It is whole when everybody had told of its days until `over_at`.
    """
    params = {
        "id": identity,
        "span": span,
        "first": days.first,
        "last": days.last,
        "language": language,
        "wanted_by": wanted_by,
        "now": now,
        "again": again,
        "over_at": over_at,
    }
    return bool(await database.run(_SQL["want"], params))


async def take(database: Database, maker: str, now: datetime, stale: datetime, most: int) -> ReportTask | None:
    """Take the next report to make; one whose maker has not moved since `stale` is taken over, `most` times in all."""
    rows = await database.fetch(_SQL["take"], {"maker": maker, "now": now, "stale": stale, "most": most})
    if not rows:
        return None
    row = rows[0]
    days = Days(row["first"], row["last"])
    return ReportTask(row["id"], ReportSpan(row["span"]), days, Language(row["language"]), row["tries"])


async def note_progress(database: Database, identity: UUID, maker: str, percent: int, now: datetime) -> None:
    """Note how far a report is."""
    await database.run(_SQL["progress"], {"id": identity, "maker": maker, "percent": percent, "now": now})


async def finish(
    database: Database,
    identity: UUID,
    maker: str,
    sheet: bytes,
    document: bytes,
    as_of: datetime | None,
    now: datetime,
) -> bool:
    """Keep what was made; False when somebody else has taken it over."""
    params = {"id": identity, "maker": maker, "sheet": sheet, "document": document, "as_of": as_of, "now": now}
    return bool(await database.run(_SQL["finish"], params))


async def give_up(database: Database, identity: UUID, maker: str, most: int, now: datetime) -> None:
    """Put a report back that could not be made; after so many tries it has failed."""
    await database.run(_SQL["give_up"], {"id": identity, "maker": maker, "most": most, "now": now})


async def report_lines(database: Database, limit: int) -> tuple[ReportLine, ...]:
    """List the reports, the latest first."""
    return tuple(
        ReportLine(
            row["id"],
            ReportSpan(row["span"]),
            Days(row["first"], row["last"]),
            Language(row["language"]),
            row["wanted_by"],
            row["wanted_at"],
            ReportState(row["state"]),
            row["percent"],
            row["moved_at"],
            row["as_of"],
        )
        for row in await database.fetch(_SQL["list"], {"limit": limit})
    )


async def report_file(database: Database, identity: UUID, form: str) -> ReportFile | None:
    """Give one of the files of a report, `xlsx` or `pdf`; None while it is not made."""
    rows = await database.fetch(_SQL["file"], {"id": identity, "format": form})
    if not rows:
        return None
    row = rows[0]
    return ReportFile(ReportSpan(row["span"]), row["first"], Language(row["language"]), bytes(row["content"]))


async def forget(database: Database, before: datetime) -> int:
    """Forget reports that were wanted before a time; gives how many."""
    return await database.run(_SQL["forget"], {"before": before})
