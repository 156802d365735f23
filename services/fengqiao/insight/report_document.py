"""A report as a document for paper (F31): typeset by typst with the font of the package."""

from pathlib import Path

import orjson

from fengqiao.domain.figures import Rate
from fengqiao.domain.report import Cell, Report
from fengqiao.domain.words import Language
from fengqiao.insight.report import city_time
from fengqiao.insight.report_sheet import told
from fengqiao.insight.report_texts import report_text

ROOT = Path(__file__).resolve().parent
TEMPLATE = ROOT / "report.typ"
FONTS = ROOT / "fonts"
PERCENT = 100


def report_document(report: Report, language: Language) -> bytes:
    """Write a report as PDF."""
    # Here, for it takes 9 MB, which the nodes of townships never need.
    import typst

    data = {
        "language": language.value,
        "title": report.title,
        "centre": report.centre,
        "days": f"{report.days.first:%Y-%m-%d} – {report.days.last:%Y-%m-%d}",
        "told": told(report, language),
        "made": report_text("made_at", language, time=city_time(report.made_at)),
        "page": report_text("page", language, page="{page}", pages="{pages}"),
        "tables": [
            {
                "title": table.title,
                "note": table.note,
                "heads": table.heads,
                "rows": [[_words(cell) for cell in row] for row in table.rows],
            }
            for table in report.tables
        ],
    }
    written: bytes = typst.compile(
        str(TEMPLATE),
        root=str(ROOT),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": orjson.dumps(data).decode()},
    )
    return written


def _words(cell: Cell) -> list[str]:
    """Give a cell as its words, and the two numbers of a rate apart."""
    if cell is None:
        return ["", ""]
    if isinstance(cell, Rate):
        if cell.share is None:
            return ["–", ""]
        return [f"{cell.share * PERCENT:.2f} %", f"{cell.numerator:,} / {cell.denominator:,}"]
    return [f"{cell:,}" if isinstance(cell, int) else cell, ""]
