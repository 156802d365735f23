"""A list as a file: what the filters show, in columns that stay, streamed a page at a time (F32, pain 14)."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import xlsxwriter
from starlette.responses import Response, StreamingResponse

from fengqiao.domain.case import CaseState
from fengqiao.domain.errors import not_found
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.insight.case_search import every_page
from fengqiao.store.case_lines import CaseLine
from fengqiao.web.desk.case_query import Asked, asked_values, read_asked
from fengqiao.web.desk.course_facts import item_name
from fengqiao.web.desk.visit import Visit

EXPORT_COLUMNS = (
    "number", "title", "state", "closing", "kind", "request_type", "channel", "urgent", "item", "grade", "place",
    "origin", "holder", "first_centre", "first_unit", "unit", "registered", "due", "updated", "closed", "solved",
    "satisfied", "reopened",
)  # fmt: skip
"""The columns of every export, in this order for good: what is new comes behind."""

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ROWS_MOST = 1_048_575
"""A sheet has room for so many lines below its heads."""

CHUNK_BYTES = 64 * 1024
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet, whoever typed it."""


async def export(visit: Visit) -> Response:
    """Give the list of an address as CSV or XLSX."""
    kind = visit.request.path_params["format"]
    if kind not in MEDIA_TYPES:
        raise not_found("page_unknown")
    asked = read_asked(asked_values(visit.request.query_params, "holder"), visit)
    pages = _rows(visit, asked)
    body = _csv(pages) if kind == "csv" else _xlsx(visit, pages)
    name = f"{visit.centre.code}-{asked.view}-{visit.now.astimezone(CITY_ZONE):%Y%m%d-%H%M}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(body, media_type=MEDIA_TYPES[kind], headers=headers)


def cells(line: CaseLine, visit: Visit) -> Sequence[str]:
    """Give the cells of a line; times are those of the city, what is not there is empty."""

    def yes_no(value: bool | None) -> str:
        return "" if value is None else visit.t("answer.yes" if value else "answer.no")

    due_at = line.due_at if line.state != CaseState.RESOLVED else None
    times = (line.registered_at, due_at, line.updated_at, line.resolved_at)
    return (
        line.number, line.title, visit.word(f"state.{line.state}"),
        visit.word(f"closing.{line.closing}") if line.closing else "", visit.word(f"kind.{line.kind}"),
        visit.word(f"request_type.{line.request_type}"), visit.word(f"channel.{line.channel}"), yes_no(line.urgent),
        item_name(line.item, visit) if line.item else "", visit.word(f"grade.{line.grade}") if line.grade else "",
        line.place, visit.name_of(line.origin), visit.name_of(line.holder), visit.name_of(line.first_receiver_centre),
        visit.unit_name(line.first_receiver_centre, line.first_receiver_unit),
        visit.unit_name(line.holder, line.unit) if line.unit else "",
        *(f"{at.astimezone(CITY_ZONE):%Y-%m-%d %H:%M:%S}" if at else "" for at in times),
        yes_no(line.solved), yes_no(line.satisfied), str(line.reopened),
    )  # fmt: skip


def guarded(cell: str) -> str:
    """Give a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


async def _rows(visit: Visit, asked: Asked) -> AsyncIterator[Sequence[Sequence[str]]]:
    left = ROWS_MOST
    yield [[visit.t(f"export.{name}") for name in EXPORT_COLUMNS]]
    async for page in every_page(visit.context.database, asked.query, asked.order, visit.now):
        yield [cells(line, visit) for line in page.lines[:left]]
        left -= len(page.lines)
        if left <= 0:
            return


async def _csv(pages: AsyncIterator[Sequence[Sequence[str]]]) -> AsyncIterator[bytes]:
    yield "\ufeff".encode()  # by this mark a spreadsheet knows that the text is UTF-8
    async for rows in pages:
        text = io.StringIO()
        csv.writer(text).writerows([guarded(cell) for cell in row] for row in rows)
        yield text.getvalue().encode()


async def _xlsx(visit: Visit, pages: AsyncIterator[Sequence[Sequence[str]]]) -> AsyncIterator[bytes]:
    # A sheet is packed when it is whole: written to a folder of its own, never held in memory, and sent from there.
    with tempfile.TemporaryDirectory(prefix="fengqiao-export-") as folder:
        file = Path(folder) / "export.xlsx"
        book = xlsxwriter.Workbook(str(file), {"constant_memory": True, "tmpdir": folder})
        sheet, at = book.add_worksheet(visit.t("export.sheet")), 0
        sheet.freeze_panes(1, 1)
        async for rows in pages:
            await asyncio.to_thread(_write, sheet, at, rows)
            at += len(rows)
        await asyncio.to_thread(book.close)
        with await asyncio.to_thread(file.open, "rb") as packed:
            while chunk := await asyncio.to_thread(packed.read, CHUNK_BYTES):
                yield chunk


def _write(sheet: xlsxwriter.worksheet.Worksheet, at: int, rows: Sequence[Sequence[str]]) -> None:
    for down, row in enumerate(rows):
        for across, cell in enumerate(row):
            sheet.write_string(at + down, across, cell)
