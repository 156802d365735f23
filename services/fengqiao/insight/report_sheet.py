"""A report as a workbook (F31): a sheet for each table; a rate with its two numbers takes three columns."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from fengqiao.domain.figures import Rate
from fengqiao.domain.report import Cell, Report, Table
from fengqiao.domain.words import Language
from fengqiao.insight.report import city_time
from fengqiao.insight.report_texts import report_text

NAME_LENGTH = 31
"""A sheet's name may be so long, and contain none of the signs below."""

FORBIDDEN = str.maketrans("[]:*?/\\", "       ")
WIDE, NARROW = 26, 14


def report_sheet(report: Report, language: Language) -> bytes:
    """Write a report as XLSX."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    styles = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "count": book.add_format({"num_format": "#,##0"}),
        "share": book.add_format({"num_format": "0.00%"}),
        "note": book.add_format({"font_color": "#4b5760"}),
    }
    for number, table in enumerate(report.tables, start=1):
        name = f"{number} {table.title}".translate(FORBIDDEN)[:NAME_LENGTH].strip()
        _write(book.add_worksheet(name), report, table, styles, language)
    book.close()
    return written.getvalue()


def told(report: Report, language: Language) -> str:
    """Say up to when the centres had told."""
    if report.as_of is None:
        return report_text("silent", language)
    return report_text("as_of", language, time=city_time(report.as_of))


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    report: Report,
    table: Table,
    styles: Mapping[str, Any],
    language: Language,
) -> None:
    days = f"{report.days.first:%Y-%m-%d} – {report.days.last:%Y-%m-%d}"
    sheet.write_string(0, 0, f"{report.centre} · {report.title} · {table.title}", styles["title"])
    sheet.write_string(1, 0, f"{days} · {told(report, language)}", styles["note"])
    sheet.write_string(2, 0, table.note, styles["note"])
    rates = [any(isinstance(row[across], Rate) for row in table.rows) for across in range(len(table.heads))]
    at = 0
    for across, head in enumerate(table.heads):
        sheet.write_string(4, at, head, styles["head"])
        if rates[across]:
            sheet.write_string(4, at + 1, "", styles["head"])
            sheet.write_string(4, at + 2, "/", styles["head"])
        sheet.set_column(at, at, WIDE if across == 0 else NARROW)
        at += 3 if rates[across] else 1
    for down, row in enumerate(table.rows, start=5):
        _write_row(sheet, down, row, rates, styles)
    sheet.freeze_panes(5, 1)


def _write_row(
    sheet: xlsxwriter.worksheet.Worksheet,
    down: int,
    row: Sequence[Cell],
    rates: Sequence[bool],
    styles: Mapping[str, Any],
) -> None:
    at = 0
    for across, cell in enumerate(row):
        if isinstance(cell, Rate):
            if cell.share is not None:
                sheet.write_number(down, at, cell.share, styles["share"])
            sheet.write_number(down, at + 1, cell.numerator, styles["count"])
            sheet.write_number(down, at + 2, cell.denominator, styles["count"])
        elif isinstance(cell, int):
            sheet.write_number(down, at, cell, styles["count"])
        elif cell:
            # As a text: what begins like a formula is none.
            sheet.write_string(down, at, cell)
        at += 3 if rates[across] else 1
