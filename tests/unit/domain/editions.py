"""Books for tests of their rules: the default catalogue with the units and centres that it speaks of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fengqiao.domain.decision import Facts
from fengqiao.domain.edition import Book, Sheet, SheetField, SheetRow, Standing, first_edition, sheet_row
from fengqiao.domain.handbook import Handbook
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.lists import load_units
from tests.cities import made_topology

CITY, COUNTY, TOWNSHIP = "371400", "371401", "371401001"
TOPOLOGY = made_topology(counties=1, townships=1)
UNITS = load_units("")
CATALOGUE = load_handbook("").catalogue
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def facts(actor: str = "王敏", centre: str = CITY, number: int = 1) -> Facts:
    """What a rule is given at a centre."""
    at, here = NOON + timedelta(minutes=number), TOPOLOGY.centre(centre)
    return Facts(at, here, TOPOLOGY, UNITS, actor, UUID(int=number), Handbook(CATALOGUE))


def standing(book: Book = Book.CATALOGUE) -> Standing:
    """A book as it comes: nothing was published, nothing is drafted."""
    rows = CATALOGUE.rows if book is Book.CATALOGUE else ()
    return Standing(first_edition(book, "1", rows, CITY, superseded=False), None)


def changed(sheet: Sheet, code: str, **values: str) -> tuple[SheetRow, ...]:
    """The default catalogue with other values in one row."""
    return tuple(
        replace(row, values={**row.values, **values}) if row.key == (sheet, code) else row for row in CATALOGUE.rows
    )


def a_rule(code: str, order: object = 1, **values: str) -> SheetRow:
    """A routing rule."""
    return sheet_row(Sheet.ROUTE, code, {SheetField.NAME: f"规则{code}", SheetField.ORDER: str(order), **values})
