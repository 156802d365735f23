"""Tables that people bring: CSV, gzipped CSV and XLSX read row by row, within bounds (issue 3, point 9).

A table is read twice, first to find its encoding, so nothing but the row in hand is kept. What cannot be a row carries
its fault with its line, and the rest is read on.
"""

import codecs
import csv
import gzip
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from fengqiao.domain.errors import Kind, Refusal, Violation

MIB = 1024 * 1024
CHUNK_BYTES = MIB
COLUMNS_LIMIT = 100
# What GB18030 decodes but UTF-8 does not is Chinese of an older system; the order matters, as GB18030 takes nearly all.
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class TableLimits:
    """How much of a file is read: MiB after unpacking, and rows. A small file that unpacks to more is refused."""

    mib: int = 256
    rows: int = 200_000


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the line on which it begins (the header is line 1), its cells by column, and what is wrong."""

    line: int
    cells: Mapping[str, str]
    fault: Violation | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """An open table: its column names, and its rows one after the other."""

    header: tuple[str, ...]
    rows: Iterator[TableRow]


@contextmanager
def opened_table(path: Path, limits: TableLimits | None = None) -> Iterator[Table]:
    """Open a table by the ending of its name.

    Raises NOT_FOUND file_missing, and INVALID file_type_unknown, file_unreadable or file_too_large; the last one may
    come while the rows are read.
    """
    bounds = limits or TableLimits()
    if not path.is_file():
        raise Refusal(Kind.NOT_FOUND, "file_missing", {"path": str(path)})
    name = path.name.lower()
    if not name.endswith((".csv", ".csv.gz", ".xlsx")):
        raise Refusal(Kind.INVALID, "file_type_unknown", {"path": str(path)})
    with ExitStack() as stack:
        try:
            lines_of = _sheet_lines if name.endswith(".xlsx") else _csv_lines
            yield _table(path, lines_of(path, bounds, stack), bounds)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, InvalidFileException) as error:
            raise _unreadable(path, str(error)) from error


def _table(path: Path, lines: "Iterator[_Line]", limits: TableLimits) -> Table:
    first = next(lines, None)
    if first is None or first.fault is not None:
        raise _unreadable(path, "no header")
    header = tuple(cell.strip() for cell in first.cells)
    return Table(header, _rows(path, header, lines, limits))


def _rows(path: Path, header: Sequence[str], lines: "Iterator[_Line]", limits: TableLimits) -> Iterator[TableRow]:
    for count, line in enumerate(lines, start=1):
        if count > limits.rows:
            raise _too_large(path, limits)
        if line.fault is not None:
            yield TableRow(line.number, {}, line.fault)
        elif not any(cell.strip() for cell in line.cells):
            continue
        elif len(line.cells) != len(header):
            widths = {"found": str(len(line.cells)), "wanted": str(len(header))}
            yield TableRow(
                line.number, dict(zip(header, line.cells, strict=False)), Violation("row", "row_columns", widths)
            )
        else:
            # Of two columns with one name the first is meant, as in a spreadsheet's own look-ups.
            yield TableRow(line.number, dict(reversed(list(zip(header, line.cells, strict=True)))))


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: Sequence[str]
    fault: Violation | None = None


# --- CSV -------------------------------------------------------------------------------------------------------------


def _csv_lines(path: Path, limits: TableLimits, stack: ExitStack) -> Iterator[_Line]:
    encoding = _encoding(path, limits)
    text = stack.enter_context(io.TextIOWrapper(_opened(path), encoding=encoding, newline=""))
    delimiter = _delimiter(text.readline())
    text.seek(0)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    return _read_csv(reader)


def _read_csv(reader: Any) -> Iterator[_Line]:
    while True:
        number = reader.line_num + 1
        try:
            yield _Line(number, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            # The reader begins anew with the next line, so one bad row costs no other.
            yield _Line(number, (), Violation("row", "row_malformed", {"detail": str(error)}))


def _encoding(path: Path, limits: TableLimits) -> str:
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ENCODINGS}
    total = 0
    with _opened(path) as source:
        while True:
            chunk = source.read(CHUNK_BYTES)
            total += len(chunk)
            if total > limits.mib * MIB:
                raise _too_large(path, limits)
            for name, decoder in list(decoders.items()):
                try:
                    decoder.decode(chunk, final=not chunk)
                except UnicodeDecodeError:
                    del decoders[name]
            if not decoders:
                raise _unreadable(path, "neither UTF-8 nor GB18030")
            if not chunk:
                return next(iter(decoders))


def _opened(path: Path) -> IO[bytes]:
    if path.name.lower().endswith(".gz"):
        return io.BufferedReader(gzip.GzipFile(path, "rb"))
    return path.open("rb")


def _delimiter(first_line: str) -> str:
    return max((",", "\t", ";"), key=first_line.count)


# --- XLSX ------------------------------------------------------------------------------------------------------------


def _sheet_lines(path: Path, limits: TableLimits, stack: ExitStack) -> Iterator[_Line]:
    with zipfile.ZipFile(path) as archive:
        # No more than the declared size of a member is ever unpacked.
        if sum(member.file_size for member in archive.infolist()) > limits.mib * MIB:
            raise _too_large(path, limits)
    with warnings.catch_warnings():
        # It warns of styles and validations that a reader of values does not need.
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(path, read_only=True, data_only=True)
        except (KeyError, ValueError, SyntaxError) as error:
            # XML that cannot be parsed is a SyntaxError there.
            raise _unreadable(path, str(error)) from error
    stack.callback(book.close)
    if not book.worksheets:
        raise _unreadable(path, "no sheet")
    return _read_sheet(path, book.worksheets[0])


def _read_sheet(path: Path, sheet: Any) -> Iterator[_Line]:
    # Some programs write a wrong size of the sheet; the rows themselves tell the truth.
    sheet.reset_dimensions()
    width = 0
    try:
        for number, values in enumerate(sheet.iter_rows(max_col=COLUMNS_LIMIT, values_only=True), start=1):
            cells = [_cell(value) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            width = width or len(cells)
            # A sheet has no short rows: what is empty at the end is only not written.
            yield _Line(number, cells + [""] * (width - len(cells)))
    except (KeyError, ValueError, SyntaxError) as error:
        raise _unreadable(path, str(error)) from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _unreadable(path: Path, detail: str) -> Refusal:
    return Refusal(Kind.INVALID, "file_unreadable", {"path": str(path), "detail": detail})


def _too_large(path: Path, limits: TableLimits) -> Refusal:
    params = {"path": str(path), "limit_mib": str(limits.mib), "limit_rows": str(limits.rows)}
    return Refusal(Kind.INVALID, "file_too_large", params)
