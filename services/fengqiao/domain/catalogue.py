"""The catalogue of matters (F04, F05, F10): classes with one lead department each, and their items.

It is data with a version, and a city replaces it; the events say which version an item was chosen from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fengqiao.domain.edition import FIRST, YES, Sheet, SheetField, SheetRow, sheet_row
from fengqiao.domain.errors import Kind, Refusal, Violation, invalid
from fengqiao.domain.text import NAME_LENGTH


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its code of four digits, of which the first two are the class, and its names.

    `lead_unit` is empty where the department of its class leads. A retired item is not chosen any more, but read.
    """

    code: str
    name: str
    name_en: str
    lead_unit: str = ""
    lead_name: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True)
class MatterClass:
    """One class: its code of two digits, names, lead department (a unit code and its official name), and items."""

    code: str
    name: str
    name_en: str
    lead_unit: str
    lead_name: str
    items: tuple[Item, ...]

    @property
    def offered(self) -> tuple[Item, ...]:
        """The items that may be chosen."""
        return tuple(item for item in self.items if not item.retired)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All classes at one version; the empty catalogue knows no item. `rows` are what it was made from."""

    version: str = ""
    classes: tuple[MatterClass, ...] = ()
    number: int = FIRST
    rows: tuple[SheetRow, ...] = ()

    def item(self, code: str) -> Item:
        """Give an item that may be chosen; raises INVALID with the field `item`."""
        found = self.known_item(code)
        if found is None:
            raise invalid(Violation("item", "item_unknown", {"item": code, "version": self.version or "-"}))
        if found.retired:
            raise invalid(Violation("item", "item_retired", {"item": code, "version": self.version}))
        return found

    def known_item(self, code: str) -> Item | None:
        """Give an item to read, retired or not; None when this version does not have it."""
        return next((item for matter in self.classes for item in matter.items if item.code == code), None)

    def known_class(self, code: str) -> MatterClass | None:
        """Give a class to read; None when this version does not have it."""
        return next((matter for matter in self.classes if matter.code == code), None)

    def class_of(self, code: str) -> MatterClass:
        """Give the class of an item; raises INVALID with the field `item`."""
        self.item(code)
        return next(matter for matter in self.classes if code.startswith(matter.code))

    def lead_name(self, code: str) -> str:
        """Give the official name of the one department that leads on an item; empty when the item is unknown."""
        item = self.known_item(code)
        matter = next((matter for matter in self.classes if code.startswith(matter.code)), None)
        if item is None or matter is None:
            return ""
        return item.lead_name or matter.lead_name


def catalogue_of(version: str, number: int, rows: Sequence[SheetRow]) -> Catalogue:
    """Build the catalogue from the rows of an edition that was checked."""
    departments = {row.code: row.value(SheetField.NAME) for row in rows if row.sheet is Sheet.DEPARTMENT}
    classes = (row for row in rows if row.sheet is Sheet.CLASS)
    return Catalogue(
        version,
        tuple(
            MatterClass(
                row.code,
                row.value(SheetField.NAME),
                row.value(SheetField.NAME_EN),
                row.value(SheetField.LEAD),
                departments.get(row.value(SheetField.LEAD), row.value(SheetField.LEAD)),
                tuple(_item(one, departments) for one in _items_of(row.code, rows)),
            )
            for row in sorted(classes, key=lambda row: row.code)
        ),
        number,
        tuple(rows),
    )


def catalogue_rows(classes: Sequence[MatterClass]) -> tuple[SheetRow, ...]:
    """Give the rows of a catalogue that came as classes: those, their items, and the departments that lead."""
    departments = {matter.lead_unit: matter.lead_name for matter in classes}
    return (
        *(sheet_row(Sheet.CLASS, one.code, _names(one) | {SheetField.LEAD: one.lead_unit}) for one in classes),
        *(sheet_row(Sheet.ITEM, item.code, _item_values(item)) for one in classes for item in one.items),
        *(
            sheet_row(Sheet.DEPARTMENT, code, {SheetField.NAME: name, SheetField.NAME_EN: code})
            for code, name in departments.items()
        ),
    )


def _names(named: MatterClass | Item) -> dict[str, str]:
    return {SheetField.NAME: named.name, SheetField.NAME_EN: named.name_en}


def _item_values(item: Item) -> dict[str, str]:
    return _names(item) | {SheetField.LEAD: item.lead_unit, SheetField.RETIRED: YES if item.retired else ""}


def _items_of(code: str, rows: Sequence[SheetRow]) -> list[SheetRow]:
    found = (row for row in rows if row.sheet is Sheet.ITEM and row.code.startswith(code))
    return sorted(found, key=lambda row: row.code)


def _item(row: SheetRow, departments: Mapping[str, str]) -> Item:
    lead = row.value(SheetField.LEAD)
    return Item(
        row.code,
        row.value(SheetField.NAME),
        row.value(SheetField.NAME_EN),
        lead,
        departments.get(lead, lead),
        row.value(SheetField.RETIRED) == YES,
    )


def catalogue_from_tables(version: str, classes: Sequence[Mapping[str, object]]) -> Catalogue:
    """Check a catalogue and build it; raises INVALID catalogue_broken with every fault, and nothing is used then.

    A class is a table with code, name, name_en, lead_unit, lead_name and items, each item one with code, name, name_en.
    """
    faults: list[Violation] = []
    found = tuple(_class(table, faults) for table in classes)
    if not version:
        faults.append(Violation("version", "text_empty"))
    if not found:
        faults.append(Violation("class", "choice_empty"))
    codes = [matter.code for matter in found] + [item.code for matter in found for item in matter.items]
    faults += [
        Violation(code, "topology_duplicate", {"code": code}) for code in sorted(set(codes)) if codes.count(code) > 1
    ]
    if faults:
        raise Refusal(Kind.INVALID, "catalogue_broken", {"count": str(len(faults))}, tuple(faults))
    return Catalogue(version, found)


def _class(table: Mapping[str, object], faults: list[Violation]) -> MatterClass:
    code = _code(table, 2, "", faults)
    listed = table.get("items")
    tables = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    if not tables:
        faults.append(Violation(f"{code}.items", "choice_empty"))
    items = tuple(
        Item(
            _code(one, 4, code, faults),
            _text(one, "name", code, faults),
            _text(one, "name_en", code, faults),
            str(one.get("lead", "")),
            retired=one.get("retired") == YES,
        )
        for one in tables
    )
    name, name_en, lead_unit, lead_name = (
        _text(table, key, code, faults) for key in ("name", "name_en", "lead_unit", "lead_name")
    )
    return MatterClass(code, name, name_en, lead_unit, lead_name, items)


def _code(table: Mapping[str, object], digits: int, prefix: str, faults: list[Violation]) -> str:
    code = table.get("code")
    if not (isinstance(code, str) and code.isascii() and code.isdigit() and len(code) == digits):
        faults.append(Violation(f"{prefix or 'class'}.code", "catalogue_code_wrong", {"code": str(code)}))
        return str(code)
    if not code.startswith(prefix):
        faults.append(Violation(f"{prefix}.code", "catalogue_code_wrong", {"code": code}))
    return code


def _text(table: Mapping[str, object], key: str, code: str, faults: list[Violation]) -> str:
    text = table.get(key)
    if not isinstance(text, str) or not text.strip() or len(text) > NAME_LENGTH or not text.isprintable():
        faults.append(Violation(f"{code}.{key}", "catalogue_text_wrong", {"field": key, "code": code}))
    return str(text)
