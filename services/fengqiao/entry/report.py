"""Making a report from the command line, out of the database of a centre (F31)."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import date, datetime
from pathlib import Path

from fengqiao.bus.topics import feeds_read
from fengqiao.domain.catalogue import Catalogue
from fengqiao.domain.errors import Kind, Refusal, Violation, invalid
from fengqiao.domain.report import ReportSpan, days_of
from fengqiao.domain.topology import Topology
from fengqiao.domain.words import Language
from fengqiao.entry.verify import OPEN_SECONDS, Federation
from fengqiao.insight.report import Desk, report
from fengqiao.insight.report_document import report_document
from fengqiao.insight.report_sheet import report_sheet
from fengqiao.store.database import Database


async def make_report(
    federation: Federation,
    topology: Topology,
    catalogue: Catalogue,
    centre: str,
    span: ReportSpan,
    day: date,
    language: Language,
    now: datetime,
) -> Mapping[str, bytes]:
    """Make the report of the month or week of a day; gives its files by the ending of their names.

    Raises INVALID feeds_none for a centre that reads no facts, and UNAVAILABLE database_away.
    """
    if not feeds_read(topology, centre):
        raise invalid(Violation("--centre", "feeds_none", {"centre": centre}))
    async with AsyncExitStack() as stack:
        database = Database(federation.databases[centre], connections=1)
        stack.push_async_callback(database.close)
        await database.open(OPEN_SECONDS)
        desk = Desk(centre, topology, catalogue, language)
        made = await report(database, desk, span, days_of(span, day), now)
    return {"xlsx": report_sheet(made, language), "pdf": report_document(made, language)}


def save_report(files: Mapping[str, bytes], folder: Path, name: str) -> tuple[Path, ...]:
    """Write the files of a report into a folder, which is made; raises INVALID file_unwritable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = tuple(folder / f"{name}.{ending}" for ending in files)
        for path, content in zip(written, files.values(), strict=True):
            path.write_bytes(content)
    except OSError as error:
        raise Refusal(
            Kind.INVALID, "file_unwritable", {"path": str(folder), "detail": error.strerror or str(error)}
        ) from error
    return written
