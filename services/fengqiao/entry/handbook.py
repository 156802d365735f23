"""The handbook that a city brings: its catalogue and the days of its loop, read from a file and checked whole."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from fengqiao.domain.catalogue import Catalogue, catalogue_from_tables, catalogue_of, catalogue_rows
from fengqiao.domain.edition import FIELDS, FIRST, Sheet, SheetRow, sheet_row
from fengqiao.domain.edition_faults import duplicate_faults, row_faults
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.handbook import WHOLE, Handbook

CATALOGUE = "catalogue.toml"
GUIDES = (Sheet.DEPARTMENT, Sheet.WORKFLOW, Sheet.STANDARD, Sheet.RULE)
"""The sheets that a file may have beside classes and items."""


def load_handbook(path: str) -> Handbook:
    """Read a handbook; an empty path names that of the package.

    Raises INVALID catalogue_broken with every fault of the catalogue, or INVALID file_unreadable.
    """
    source = Path(path) if path else files("fengqiao.entry") / "data" / CATALOGUE
    try:
        tables = tomllib.loads(source.read_text(encoding="utf-8"))
        classes = catalogue_from_tables(str(tables.get("version", "")), tables["class"])
        catalogue = _whole(classes, tables)
        days = {name: _number(tables["handling"], name) for name in ("suspension_days_limit", "extension_days_limit")}
        reopen_days = _number(tables["handling"], "reopen_days")
        revisit = _number(tables["handling"], "revisit_per_mille", WHOLE)
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        detail = str(error) or type(error).__name__
        raise Refusal(Kind.INVALID, "file_unreadable", {"path": path or CATALOGUE, "detail": detail}) from error
    return Handbook(catalogue, **days, reopen_days=reopen_days, revisit_per_mille=revisit)


def _whole(classes: Catalogue, tables: dict[str, Any]) -> Catalogue:
    """Add departments, workflows, standards and rules; without departments those that lead are all there are."""
    guides = [_guide(sheet, table) for sheet in GUIDES for table in tables.get(sheet.value, ())]
    named = {(row.sheet, row.code) for row in guides}
    rows = (*(row for row in catalogue_rows(classes.classes) if row.key not in named), *guides)
    faults = [fault for row in guides for fault in row_faults(row)] + [*duplicate_faults(rows)]
    if faults:
        raise Refusal(Kind.INVALID, "catalogue_broken", {"count": str(len(faults))}, tuple(faults))
    return catalogue_of(classes.version, FIRST, rows)


def _guide(sheet: Sheet, table: dict[str, Any]) -> SheetRow:
    return sheet_row(
        sheet, str(table.get("code", "")), {field.value: str(table.get(field, "")) for field in FIELDS[sheet]}
    )


def _number(table: dict[str, Any], name: str, most: int = 3650) -> int:
    value = table[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{name} is not a number from 0 to {most}")
    return value
