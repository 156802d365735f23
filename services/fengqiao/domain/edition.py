"""Editions: what a city or a centre settles as versioned rows, drafted by one person and published by another (F10).

A book is a set of sheets, a sheet a set of rows with named fields. An edition holds all rows of its book at one time:
a draft is edited, a published one never changes again, and the next one supersedes it. The catalogue is the city's book
and travels down to every centre; the routing rules are a book of each centre.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

FIRST = 1
"""The number of the edition that comes with the handbook file; it is not stored and belongs to nobody."""


class Book(StrEnum):
    """What is settled: the city's catalogue, or a centre's rules of where a case goes."""

    CATALOGUE = "catalogue"
    ROUTING = "routing"


class Sheet(StrEnum):
    """The kinds of rows."""

    CLASS = "class"
    ITEM = "item"
    DEPARTMENT = "department"
    WORKFLOW = "workflow"
    STANDARD = "standard"
    RULE = "rule"
    ROUTE = "route"


class SheetField(StrEnum):
    """The fields that rows have; `SHEETS` says which has which."""

    NAME = "name"
    NAME_EN = "name_en"
    LEAD = "lead"
    RETIRED = "retired"
    FORM = "form"
    DUTIES = "duties"
    TELEPHONE = "telephone"
    ITEM = "item"
    TEXT = "text"
    SOURCE = "source"
    ORDER = "order"
    ITEMS = "items"
    ORIGINS = "origins"
    PLACES = "places"
    GRADES = "grades"
    CHANNELS = "channels"
    KINDS = "kinds"
    UNIT = "unit"
    TO = "to"


class EditionState(StrEnum):
    """Draft, then published, then superseded by the next."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class DepartmentForm(StrEnum):
    """How a department takes part (F05): with a mass-work section, or with a dedicated post."""

    SECTION = "section"
    POST = "post"


_F = SheetField
_GUIDE = (_F.NAME, _F.NAME_EN, _F.ITEM, _F.TEXT, _F.SOURCE)
FIELDS: Mapping[Sheet, tuple[SheetField, ...]] = MappingProxyType(
    {
        Sheet.CLASS: (_F.NAME, _F.NAME_EN, _F.LEAD),
        Sheet.ITEM: (_F.NAME, _F.NAME_EN, _F.LEAD, _F.RETIRED),
        Sheet.DEPARTMENT: (_F.NAME, _F.NAME_EN, _F.FORM, _F.DUTIES, _F.TELEPHONE),
        Sheet.WORKFLOW: _GUIDE,
        Sheet.STANDARD: _GUIDE,
        Sheet.RULE: _GUIDE,
        Sheet.ROUTE: (
            *(_F.NAME, _F.ORDER, _F.ITEMS, _F.ORIGINS, _F.PLACES, _F.GRADES, _F.CHANNELS, _F.KINDS, _F.UNIT, _F.TO),
        ),
    }
)
SHEETS: Mapping[Book, tuple[Sheet, ...]] = MappingProxyType(
    {
        Book.CATALOGUE: tuple(sheet for sheet in Sheet if sheet is not Sheet.ROUTE),
        Book.ROUTING: (Sheet.ROUTE,),
    }
)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
YES = "yes"
"""The value of a field that is ticked, such as `retired`."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its code within the sheet, and the values of its fields; an empty value is left out."""

    sheet: Sheet
    code: str
    values: Mapping[str, str]

    def value(self, field: SheetField) -> str:
        """Give a value; empty when the row has none."""
        return self.values.get(field, "")

    @property
    def key(self) -> tuple[Sheet, str]:
        """What tells it from the other rows of its book."""
        return self.sheet, self.code

    @property
    def mark(self) -> str:
        """A short mark of what it says: a form that was read before somebody changed the row has another."""
        told = "\0".join(f"{name}\1{self.values[name]}" for name in sorted(self.values))
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def sheet_row(sheet: Sheet, code: str, values: Mapping[str, str]) -> SheetRow:
    """Make a row: only the fields of its sheet, those that are not empty, in their order."""
    return SheetRow(sheet, code, {field.value: values[field] for field in FIELDS[sheet] if values.get(field)})


@dataclass(frozen=True, slots=True)
class Edition:
    """All rows of a book at one time. `version` is what cases and people name it by.

    `revision` counts the changes of a draft; `drafted_by` is who changed it last, and someone else publishes it.
    """

    id: UUID
    book: Book
    number: int
    version: str
    state: EditionState
    revision: int
    rows: tuple[SheetRow, ...]
    centre: str
    drafted_by: str
    drafted_at: datetime
    published_by: str = ""
    published_at: datetime | None = None

    def row(self, sheet: Sheet, code: str) -> SheetRow | None:
        """Give a row, None when it has none of this code."""
        return next((row for row in self.rows if row.key == (sheet, code)), None)

    def sheet(self, sheet: Sheet) -> tuple[SheetRow, ...]:
        """Give the rows of a sheet in their order."""
        return tuple(row for row in self.rows if row.sheet is sheet)


def first_edition(book: Book, version: str, rows: tuple[SheetRow, ...], centre: str, *, superseded: bool) -> Edition:
    """Give the edition that comes with the handbook file: nobody drafted it, and its times say nothing."""
    state = EditionState.SUPERSEDED if superseded else EditionState.PUBLISHED
    return Edition(UUID(int=0), book, FIRST, version or str(FIRST), state, 0, rows, centre, "", _NEVER)


@dataclass(frozen=True, slots=True)
class Standing:
    """A book as it stands: what is in force, and the draft if there is one."""

    published: Edition
    draft: Edition | None

    @property
    def edited(self) -> Edition:
        """What an editor sees: the draft, else what is in force."""
        return self.draft or self.published


def standing_of(found: Iterable[Edition], first: Edition) -> Standing:
    """Give a book as it stands from the editions that are kept; `first` is in force while none was published."""
    by_state = {edition.state: edition for edition in found if edition.book is first.book}
    return Standing(by_state.get(EditionState.PUBLISHED, first), by_state.get(EditionState.DRAFT))


@dataclass(frozen=True, slots=True)
class CataloguePublished:
    """The city has published its catalogue: every centre applies it and passes it on to its children."""

    edition: Edition

    @property
    def events(self) -> tuple[()]:
        """It carries no event of a case."""
        return ()


@dataclass(frozen=True, slots=True)
class PutRow:
    """Write a row into the draft, which begins with it; `seen_mark` is that of the row that was read (None: new)."""

    row: SheetRow
    book: Book
    seen_mark: str | None = None


@dataclass(frozen=True, slots=True)
class RemoveRow:
    """Take a row out of the draft."""

    book: Book
    sheet: Sheet
    code: str
    seen_mark: str | None = None


@dataclass(frozen=True, slots=True)
class DropDraft:
    """Throw the draft away."""

    book: Book
    seen_revision: int | None = None


@dataclass(frozen=True, slots=True)
class PublishDraft:
    """Put the draft in force; by another person than who changed it last."""

    book: Book
    seen_revision: int | None = None


EditionCommand = PutRow | RemoveRow | DropDraft | PublishDraft
"""The commands on a book."""
