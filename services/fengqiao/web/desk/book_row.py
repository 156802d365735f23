"""One row of a book at the desk: its form, what is wrong beside each field, what was changed meanwhile (F10)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.responses import Response

from fengqiao.domain.case import CaseKind, Channel
from fengqiao.domain.course import Grade
from fengqiao.domain.edition import (
    FIELDS,
    YES,
    DepartmentForm,
    Edition,
    PutRow,
    RemoveRow,
    Sheet,
    SheetField,
    SheetRow,
    sheet_row,
)
from fengqiao.domain.edition_rules import may_edit
from fengqiao.domain.errors import Kind, Refusal, forbidden
from fengqiao.domain.routing import UP
from fengqiao.domain.text import clean
from fengqiao.domain.words import Language, word
from fengqiao.handlers import edition as editions
from fengqiao.insight.editions import book_standing
from fengqiao.web.desk.actions import Field
from fengqiao.web.desk.book import book_of, known_row, known_sheet, row_name, said
from fengqiao.web.desk.forms import FormView, typed
from fengqiao.web.desk.listing import Options, unit_options, worded
from fengqiao.web.desk.visit import Visit

NEW = "+"
"""What stands in the address of a row that is not there yet; no code looks like it."""

MULTIPLE = (SheetField.ITEMS, SheetField.GRADES, SheetField.CHANNELS, SheetField.KINDS)
AREAS = (SheetField.TEXT, SheetField.DUTIES)


@dataclass(frozen=True, slots=True)
class RowForm(FormView):
    """The form of a row, whose fields have the words of the domain."""

    language: Language = Language.ZH

    def label(self, name: str) -> str:
        """Give the name of a field."""
        return self.t("book.code") if name == "code" else word(f"sheet_field.{name}", self.language)


async def row_page(visit: Visit) -> Response:
    """Show a row, or the empty form of a new one."""
    edition = await _edited(visit)
    sheet = known_sheet(visit)
    if visit.request.path_params["code"] == NEW:
        if not may_edit(edition.book, visit.centre):
            raise forbidden("edition_city_only")
        return _page(visit, edition, sheet, None, RowForm(visit.t, language=visit.language))
    row = known_row(edition, visit)
    return _page(
        visit, edition, sheet, row, RowForm(visit.t, {**row.values, "code": row.code}, language=visit.language)
    )


async def save_row(visit: Visit) -> Response:
    """Write the row into the draft."""
    book, sheet = book_of(visit), known_sheet(visit)
    values = typed_row(visit.form) if visit.form else {}
    code = visit.request.path_params["code"]
    wanted = clean(values.get("code", "")) if code == NEW else code
    command = PutRow(sheet_row(sheet, wanted, values), book, None if code == NEW else values.get("seen_mark", ""))
    try:
        await editions.carry_out(visit.context, command, visit.actor)
    except Refusal as refusal:
        return await _refused(visit, values, refusal)
    return visit.go(f"{visit.url(book)}?sheet={sheet}", "done")


async def remove_row(visit: Visit) -> Response:
    """Take the row out of the draft."""
    book, sheet = book_of(visit), known_sheet(visit)
    values = typed_row(visit.form) if visit.form else {}
    command = RemoveRow(book, sheet, visit.request.path_params["code"], values.get("seen_mark", ""))
    try:
        await editions.carry_out(visit.context, command, visit.actor)
    except Refusal as refusal:
        return await _refused(visit, values, refusal)
    return visit.go(f"{visit.url(book)}?sheet={sheet}", "done")


def typed_row(form: FormData) -> dict[str, str]:
    """Give the fields as they were typed, several ticks of one field as one text."""
    ticked = {name.value: [one for one in form.getlist(name) if isinstance(one, str)] for name in MULTIPLE}
    return typed(form) | {name: " ".join(values) for name, values in ticked.items() if values}


async def _refused(visit: Visit, values: Mapping[str, str], refusal: Refusal) -> Response:
    if refusal.kind not in (Kind.INVALID, Kind.STALE):
        raise refusal
    edition, sheet = await _edited(visit), known_sheet(visit)
    row = None if visit.request.path_params["code"] == NEW else known_row(edition, visit)
    errors = {one.field.rpartition(".")[2]: one.sentence(visit.language) for one in refusal.violations}
    if refusal.kind is Kind.STALE and row is not None:
        # Beside each field that says something else by now stands what it says.
        errors = {
            field.value: visit.t("book.now_says", value=said(row, field, edition, visit) or visit.word("nothing"))
            for field in FIELDS[sheet]
            if row.value(field) != clean(values.get(field, ""))
        }
    form = RowForm(visit.t, values, errors, refusal.sentence(visit.language), language=visit.language)
    return _page(visit, edition, sheet, row, form, 422 if refusal.kind is Kind.INVALID else 409)


async def _edited(visit: Visit) -> Edition:
    first = visit.context.first_edition(book_of(visit))
    return (await book_standing(visit.context.database, first)).edited


def _page(
    visit: Visit, edition: Edition, sheet: Sheet, row: SheetRow | None, form: RowForm, status: int = 200
) -> Response:
    book = edition.book
    return visit.page(
        "book_row.html",
        status,
        book=book.value,
        sheet=sheet.value,
        title=f"{row.code} {row_name(row, visit)}" if row else visit.t("book.new", sheet=visit.word(f"sheet.{sheet}")),
        form=form,
        fields=[row_field(field, edition, visit) for field in FIELDS[sheet]],
        hints={
            SheetField.ORDER.value: visit.t("routing.hint_order"),
            SheetField.ORIGINS.value: visit.t("routing.hint_origins", centre=visit.centre.code),
            SheetField.PLACES.value: visit.t("routing.hint_places"),
        },
        mark=row.mark if row else "",
        action=visit.url(book, "rows", sheet, row.code if row else NEW),
        back=f"{visit.url(book)}?sheet={sheet}",
        is_new=row is None,
        editable=may_edit(book, visit.centre),
        facts=_facts(edition, sheet, row, visit) if row else [],
    )


def _facts(edition: Edition, sheet: Sheet, row: SheetRow, visit: Visit) -> list[tuple[str, str]]:
    return [(visit.word(f"sheet_field.{field}"), said(row, field, edition, visit)) for field in FIELDS[sheet]]


def row_field(field: SheetField, edition: Edition, visit: Visit) -> Field:
    """Make a field of the form of a row."""
    if field in CHOICES:
        widget = "choices" if field in MULTIPLE else "choice"
        empty = visit.t("form.choose" if field in (SheetField.LEAD, SheetField.FORM) else "book.none_chosen")
        return Field(field, widget, CHOICES[field](edition, visit), empty)
    if field in AREAS:
        return Field(field)
    return Field(field, "number" if field is SheetField.ORDER else "line")


def _row_options(sheet: Sheet) -> Callable[[Edition, Visit], Options]:
    def options(edition: Edition, visit: Visit) -> Options:
        return tuple((row.code, f"{row.code} {row_name(row, visit)}") for row in edition.sheet(sheet))

    return options


def _matters(_: Edition, visit: Visit) -> Options:
    rows = visit.context.handbook.catalogue.rows
    wanted = [row for row in rows if row.sheet in (Sheet.CLASS, Sheet.ITEM) and row.value(SheetField.RETIRED) != YES]
    return tuple((row.code, f"{row.code} {row_name(row, visit)}") for row in sorted(wanted, key=lambda row: row.code))


def _ways(_: Edition, visit: Visit) -> Options:
    up = ((UP, f"{visit.word('direction.up')} · {visit.name_of(visit.centre.parent)}"),) if visit.centre.parent else ()
    return (*up, *((code, visit.name_of(code)) for code in visit.children))


CHOICES: Mapping[SheetField, Callable[[Edition, Visit], Options]] = {
    SheetField.LEAD: _row_options(Sheet.DEPARTMENT),
    SheetField.ITEM: _row_options(Sheet.ITEM),
    SheetField.ITEMS: _matters,
    SheetField.FORM: lambda _, visit: worded(visit, "department_form", DepartmentForm),
    SheetField.RETIRED: lambda _, visit: ((YES, visit.word("sheet_field.retired")),),
    SheetField.GRADES: lambda _, visit: worded(visit, "grade", Grade),
    SheetField.CHANNELS: lambda _, visit: worded(visit, "channel", Channel),
    SheetField.KINDS: lambda _, visit: worded(visit, "kind", CaseKind),
    SheetField.UNIT: lambda _, visit: unit_options(visit, visit.centre.code),
    SheetField.TO: _ways,
}
