"""What differs between two editions of a book, row by row and in plain sentences (F10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fengqiao.domain.edition import FIELDS, YES, DepartmentForm, Sheet, SheetField, SheetRow
from fengqiao.domain.words import Language, word

QUOTED_LENGTH = 40
"""How much of a long text a sentence repeats."""


class Change(StrEnum):
    """What became of a row or of one of its fields."""

    ADDED = "added"
    REMOVED = "removed"
    RETIRED = "retired"
    REVIVED = "revived"
    CHANGED = "changed"


SENTENCES = {
    Change.ADDED: ("新增{sheet} {code}“{name}”。", "The {sheet} {code} '{name}' is added."),
    Change.REMOVED: ("删除{sheet} {code}“{name}”。", "The {sheet} {code} '{name}' is removed."),
    Change.RETIRED: ("停用{sheet} {code}“{name}”。", "The {sheet} {code} '{name}' is retired."),
    Change.REVIVED: ("重新启用{sheet} {code}“{name}”。", "The {sheet} {code} '{name}' is in use again."),
    Change.CHANGED: (
        "{sheet} {code}“{name}”的{field}由“{before}”改为“{after}”。",
        "The {field} of the {sheet} {code} '{name}' changes from '{before}' to '{after}'.",
    ),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; `field`, `before` and `after` only where a field has changed."""

    change: Change
    sheet: Sheet
    code: str
    name: str
    field: SheetField | None = None
    before: str = ""
    after: str = ""

    def sentence(self, language: Language) -> str:
        """Say it in one language."""
        chinese, english = SENTENCES[self.change]
        return (chinese if language is Language.ZH else english).format(
            sheet=word(f"sheet.{self.sheet}", language),
            code=self.code,
            name=self.name,
            field=word(f"sheet_field.{self.field}", language) if self.field else "",
            before=_said(self.before, language),
            after=_said(self.after, language),
        )


def differences(before: Iterable[SheetRow], after: Iterable[SheetRow]) -> tuple[Difference, ...]:
    """Give what differs, sheet by sheet and in the order of the codes."""
    old, new = {row.key: row for row in before}, {row.key: row for row in after}
    order = tuple(Sheet)
    keys = sorted(old.keys() | new.keys(), key=lambda key: (order.index(key[0]), key[1]))
    return tuple(found for key in keys for found in _of_row(old.get(key), new.get(key)))


def _of_row(old: SheetRow | None, new: SheetRow | None) -> Iterable[Difference]:
    if old is None or new is None:
        for row, change in ((new, Change.ADDED), (old, Change.REMOVED)):
            if row is not None:
                yield Difference(change, row.sheet, row.code, _name(row))
        return
    for field in FIELDS[new.sheet]:
        before, after = old.value(field), new.value(field)
        if before == after:
            continue
        if field is SheetField.RETIRED:
            change = Change.RETIRED if after == YES else Change.REVIVED
            yield Difference(change, new.sheet, new.code, _name(new))
        else:
            yield Difference(Change.CHANGED, new.sheet, new.code, _name(new), field, before, after)


def _name(row: SheetRow) -> str:
    return row.value(SheetField.NAME)


def _said(value: str, language: Language) -> str:
    if not value:
        return word("nothing", language)
    if value in DepartmentForm.__members__.values():
        return word(f"department_form.{value}", language)
    line = " ".join(value.split())
    return line if len(line) <= QUOTED_LENGTH else f"{line[: QUOTED_LENGTH - 1]}…"
