"""The catalogue and the routing rules at the desk: their rows with search, the draft, the history (F10)."""

from dataclasses import dataclass

from starlette.responses import Response

from fengqiao.domain.edition import FIRST, SHEETS, YES, Book, Edition, EditionState, Sheet, SheetField, SheetRow
from fengqiao.domain.edition_rules import faults_of, may_edit
from fengqiao.domain.errors import not_found
from fengqiao.domain.routing import UP
from fengqiao.domain.words import Language
from fengqiao.insight.editions import book_standing, draft_view, edition_history, edition_view, rows_with
from fengqiao.web.desk.listing import ViewLink, listed
from fengqiao.web.desk.times import Moment, moment
from fengqiao.web.desk.visit import Visit

COLUMNS = {
    Sheet.CLASS: (SheetField.LEAD,),
    Sheet.ITEM: (SheetField.LEAD, SheetField.RETIRED),
    Sheet.DEPARTMENT: (SheetField.FORM, SheetField.DUTIES, SheetField.TELEPHONE),
    Sheet.WORKFLOW: (SheetField.ITEM, SheetField.TEXT, SheetField.SOURCE),
    Sheet.STANDARD: (SheetField.ITEM, SheetField.TEXT, SheetField.SOURCE),
    Sheet.RULE: (SheetField.ITEM, SheetField.TEXT, SheetField.SOURCE),
    Sheet.ROUTE: (SheetField.ORDER, SheetField.ITEMS, SheetField.PLACES, SheetField.UNIT, SheetField.TO),
}
"""What a list shows of each sheet, beside code and name."""


@dataclass(frozen=True, slots=True)
class BookRow:
    """One row of a list."""

    code: str
    name: str
    href: str
    cells: tuple[str, ...]
    retired: bool


@dataclass(frozen=True, slots=True)
class DraftBanner:
    """What the page says while there is a draft: by whom, since when, and how much it changes."""

    person: str
    changed: Moment
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class EditionLine:
    """One edition of the history."""

    number: int
    version: str
    href: str
    state: str
    drafted_by: str
    published_by: str
    published: Moment | None


def book_of(visit: Visit) -> Book:
    """Tell which book the address is about."""
    return Book(visit.section)


async def book_page(visit: Visit) -> Response:
    """Show a sheet of a book: what the draft says, else what is in force, or an older edition by its number."""
    book = book_of(visit)
    first = visit.context.first_edition(book)
    standing = await book_standing(visit.context.database, first)
    query = {name: visit.query(name) for name in ("sheet", "q", "edition")}
    shown = standing.edited
    if query["edition"].isdigit():
        shown = (await edition_view(visit.context.database, first, int(query["edition"]))).edition
    sheet = Sheet(query["sheet"]) if query["sheet"] in SHEETS[book] else SHEETS[book][0]
    rows = rows_with(shown.sheet(sheet), query["q"])
    draft = draft_view(standing)
    return visit.page(
        "book.html",
        book=book.value,
        edition=edition_line(shown, visit),
        is_draft=shown.state is EditionState.DRAFT,
        sheet=sheet.value,
        views=[_view(one, sheet, shown, query, visit) for one in SHEETS[book]],
        columns=[visit.word(f"sheet_field.{field}") for field in COLUMNS[sheet]],
        rows=[book_row(row, shown, visit) for row in ordered(rows)],
        found=bool(query["q"]),
        draft=DraftBanner(
            draft.edition.drafted_by,
            moment(draft.edition.drafted_at, visit.now, visit.language),
            len(draft.differences),
            visit.url(book, "draft"),
        )
        if draft
        else None,
        faults=_faults(shown, visit) if not query["edition"] else [],
        editable=may_edit(book, visit.centre) and not query["edition"],
    )


async def history_page(visit: Visit) -> Response:
    """List the editions of a book."""
    book = book_of(visit)
    found = await edition_history(visit.context.database, visit.context.first_edition(book))
    return visit.page("editions.html", book=book.value, lines=[edition_line(one, visit) for one in found])


async def edition_page(visit: Visit) -> Response:
    """Say what an edition changed."""
    book, first = book_of(visit), visit.context.first_edition(book_of(visit))
    view = await edition_view(visit.context.database, first, visit.request.path_params["number"])
    return visit.page(
        "edition.html",
        book=book.value,
        line=edition_line(view.edition, visit),
        before=edition_line(view.before, visit) if view.before else None,
        differences=[one.sentence(visit.language) for one in view.differences],
    )


def edition_line(edition: Edition, visit: Visit) -> EditionLine:
    """Make the line of an edition; that of the handbook file was drafted by nobody."""
    at = edition.published_at
    return EditionLine(
        edition.number,
        edition.version if edition.state is not EditionState.DRAFT else visit.word("edition_state.draft"),
        visit.url(edition.book, "editions", edition.number),
        visit.word(f"edition_state.{edition.state}"),
        edition.drafted_by if edition.number != FIRST else visit.t("book.from_file"),
        edition.published_by,
        moment(at, visit.now, visit.language) if at else None,
    )


def ordered(rows: tuple[SheetRow, ...]) -> list[SheetRow]:
    """Give rows as people read them: rules in the order in which they are asked, others by their code."""

    def place(row: SheetRow) -> tuple[int, str]:
        order = row.value(SheetField.ORDER)
        return int(order) if order.isdigit() else 0, row.code

    return sorted(rows, key=place)


def book_row(row: SheetRow, edition: Edition, visit: Visit) -> BookRow:
    """Make a row of a list."""
    return BookRow(
        row.code,
        row_name(row, visit),
        visit.url(edition.book, "rows", row.sheet, row.code),
        tuple(said(row, field, edition, visit) for field in COLUMNS[row.sheet]),
        row.value(SheetField.RETIRED) == YES,
    )


def row_name(row: SheetRow, visit: Visit) -> str:
    """Give the name of a row in the language of the visit."""
    english = row.value(SheetField.NAME_EN) if visit.language is Language.EN else ""
    return english or row.value(SheetField.NAME)


def said(row: SheetRow, field: SheetField, edition: Edition, visit: Visit) -> str:
    """Say a value as people know it: a department by its name, a unit by its name, a choice by its word."""
    value = row.value(field)
    if not value:
        return visit.t("book.all_items") if field in (SheetField.ITEM, SheetField.ITEMS) else ""
    match field:
        case SheetField.LEAD | SheetField.ITEM:
            found = edition.row(Sheet.DEPARTMENT if field is SheetField.LEAD else Sheet.ITEM, value)
            return row_name(found, visit) if found else value
        case SheetField.FORM:
            return visit.word(f"department_form.{value}")
        case SheetField.RETIRED:
            return visit.word("sheet_field.retired")
        case SheetField.UNIT:
            return visit.unit_name(visit.centre.code, value)
        case SheetField.TO:
            return visit.word("direction.up") if value == UP else visit.name_of(value)
        case _:
            return value


def known_row(edition: Edition, visit: Visit) -> SheetRow:
    """Find the row that the address names; raises NOT_FOUND."""
    path = visit.request.path_params
    sheet = known_sheet(visit)
    found = edition.row(sheet, path["code"])
    if found is None:
        raise not_found("row_unknown", row=path["code"])
    return found


def known_sheet(visit: Visit) -> Sheet:
    """Read the sheet that the address names; raises NOT_FOUND page_unknown."""
    name = visit.request.path_params["sheet"]
    if name not in SHEETS[book_of(visit)]:
        raise not_found("page_unknown")
    return Sheet(name)


def _faults(shown: Edition, visit: Visit) -> list[str]:
    # What is in force may come to be wrong by itself: the city retires an item, a unit leaves the list.
    if shown.book is not Book.ROUTING:
        return []
    facts = visit.context.facts(visit.actor)
    return [one.sentence(visit.language) for one in faults_of(shown.book, shown.rows, (), facts)]


def _view(sheet: Sheet, current: Sheet, shown: Edition, query: dict[str, str], visit: Visit) -> ViewLink:
    href = listed(visit, book_of(visit), {"edition": query["edition"]}, sheet=sheet)
    return ViewLink(visit.word(f"sheet.{sheet}"), href, sheet is current, str(len(shown.sheet(sheet))))
