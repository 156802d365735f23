"""Reading the books of a centre in the databases of a federation, and writing a catalogue as a handbook file (F10)."""

import json
from collections.abc import Iterator

from fengqiao.domain.edition import Book, Edition, Sheet, SheetField, SheetRow, first_edition
from fengqiao.domain.errors import Violation, invalid, not_found
from fengqiao.domain.handbook import Handbook
from fengqiao.domain.routing import route_book
from fengqiao.domain.routing_trial import Trial
from fengqiao.entry.limit_lookup import opened
from fengqiao.entry.verify import Federation
from fengqiao.insight.editions import EditionView, book_standing, draft_view, edition_view
from fengqiao.insight.routing import routing_trial

DRAFT = "draft"
IN_FORCE = "in-force"
FILES = (Sheet.DEPARTMENT, Sheet.WORKFLOW, Sheet.STANDARD, Sheet.RULE)


async def edition_at(federation: Federation, centre: str, book: Book, which: str, handbook: Handbook) -> EditionView:
    """Give an edition as a centre keeps it: by its number, the draft, or what is in force.

    Raises NOT_FOUND edition_unknown, edition_no_draft, centre_unknown; INVALID for a word that names no edition.
    """
    by_number = which.isascii() and which.isdigit()
    if not by_number and which not in (DRAFT, IN_FORCE):
        raise invalid(Violation("edition", "edition_malformed", {"value": which}))
    city = federation.topology.city.code
    catalogue = handbook.catalogue if book is Book.CATALOGUE else None
    version, rows = (catalogue.version, catalogue.rows) if catalogue else ("", ())
    first = first_edition(book, version, rows, city if catalogue else centre, superseded=False)
    async with opened(federation, centre) as database:
        if by_number:
            return await edition_view(database, first, int(which))
        standing = await book_standing(database, first)
        if which == DRAFT:
            found = draft_view(standing)
            if found is None:
                raise not_found("edition_no_draft")
            return found
        return await edition_view(database, first, standing.published.number)


async def trial_at(federation: Federation, centre: str, which: str, cases: int, handbook: Handbook) -> Trial:
    """Run the routing rules of a centre over its newest cases."""
    edition = (await edition_at(federation, centre, Book.ROUTING, which, handbook)).edition
    book = route_book(edition.version, edition.sheet(Sheet.ROUTE))
    async with opened(federation, centre) as database:
        return await routing_trial(database, centre, book, cases)


def handbook_lines(edition: Edition, handbook: Handbook) -> Iterator[str]:
    """Write a catalogue as a handbook file in TOML, which `handbook_file` reads as it is."""
    yield f"version = {_quoted(edition.version)}"
    yield ""
    yield "[handling]"
    for name in ("suspension_days_limit", "extension_days_limit", "reopen_days", "revisit_per_mille"):
        yield f"{name} = {getattr(handbook, name)}"
    for row in edition.sheet(Sheet.CLASS):
        lead = edition.row(Sheet.DEPARTMENT, row.value(SheetField.LEAD))
        yield from ("", "[[class]]", f"code = {_quoted(row.code)}", f"name = {_quoted(row.value(SheetField.NAME))}")
        yield f"name_en = {_quoted(row.value(SheetField.NAME_EN))}"
        yield f"lead_unit = {_quoted(row.value(SheetField.LEAD))}"
        yield f"lead_name = {_quoted(lead.value(SheetField.NAME) if lead else row.value(SheetField.LEAD))}"
        yield "items = ["
        for item in edition.sheet(Sheet.ITEM):
            if item.code.startswith(row.code):
                yield f"  {{ {', '.join(_pairs(item))} }},"
        yield "]"
    for sheet in FILES:
        for row in edition.sheet(sheet):
            yield from ("", f"[[{sheet}]]", *_pairs(row))


def _pairs(row: SheetRow) -> list[str]:
    values = {"code": row.code, **row.values}
    return [f"{name} = {_quoted(value)}" for name, value in values.items()]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
