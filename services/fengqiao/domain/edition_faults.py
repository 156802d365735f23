"""What is wrong with the rows of a book: every fault by its row and field, so that a page and a list can name it (F10).

The field of a fault is `sheet.code.field`; a form about one row takes off what stands before the last dot.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType

from fengqiao.domain.edition import FIELDS, YES, DepartmentForm, Sheet, SheetField, SheetRow
from fengqiao.domain.errors import Violation
from fengqiao.domain.text import NAME_LENGTH, TEXT_LENGTH, TITLE_LENGTH, clean, text_violations

EDITION_CHARACTERS_LIMIT = 1_000_000
"""All texts of an edition together; it travels as one message."""

CODE_FIELD = "code"
CODES: Mapping[Sheet, re.Pattern[str]] = MappingProxyType(
    {
        Sheet.CLASS: re.compile(r"\d{2}"),
        Sheet.ITEM: re.compile(r"\d{4}"),
        **dict.fromkeys(
            (Sheet.DEPARTMENT, Sheet.WORKFLOW, Sheet.STANDARD, Sheet.RULE, Sheet.ROUTE),
            re.compile(r"[a-z0-9][a-z0-9-]{0,29}"),
        ),
    }
)
_REQUIRED = frozenset(
    {SheetField.NAME, SheetField.NAME_EN, SheetField.FORM, SheetField.TEXT, SheetField.SOURCE, SheetField.ORDER}
)
_LENGTHS = {
    SheetField.NAME: NAME_LENGTH,
    SheetField.NAME_EN: TITLE_LENGTH,
    SheetField.TEXT: TEXT_LENGTH,
    SheetField.DUTIES: TEXT_LENGTH,
}
_SEVERAL = re.compile(r"[\s,，、;；/]+")


def where(row: SheetRow, field: str) -> str:
    """Name a field of a row."""
    return f"{row.sheet}.{row.code}.{field}"


def cleaned(row: SheetRow) -> SheetRow:
    """Give a row as it is kept: texts cleaned, fields that its sheet does not have and empty ones left out."""
    values = {name: clean(value) for name, value in row.values.items()}
    return SheetRow(row.sheet, clean(row.code), {f.value: values[f] for f in FIELDS[row.sheet] if values.get(f)})


def row_faults(row: SheetRow) -> tuple[Violation, ...]:
    """Tell what is wrong with a row by itself."""
    found: list[Violation] = []
    if not CODES[row.sheet].fullmatch(row.code):
        found.append(Violation(where(row, CODE_FIELD), "row_code_wrong", {"code": row.code}))
    for field in FIELDS[row.sheet]:
        required = field in _REQUIRED or (field is SheetField.LEAD and row.sheet is Sheet.CLASS)
        limit = _LENGTHS.get(field, TITLE_LENGTH)
        found += text_violations(where(row, field), row.value(field), limit, required=required)
    form = row.value(SheetField.FORM)
    if form and form not in DepartmentForm.__members__.values():
        allowed = " ".join(f"word:department_form.{one}" for one in DepartmentForm)
        found.append(Violation(where(row, SheetField.FORM), "enum_unknown", {"value": form, "allowed": allowed}))
    if row.value(SheetField.RETIRED) not in ("", YES):
        found.append(
            Violation(
                where(row, SheetField.RETIRED), "enum_unknown", {"value": row.value(SheetField.RETIRED), "allowed": YES}
            )
        )
    if several(row.value(SheetField.LEAD)):
        found.append(
            Violation(
                where(row, SheetField.LEAD), "row_two_leads", {"code": row.code, "leads": row.value(SheetField.LEAD)}
            )
        )
    return tuple(found)


def several(text: str) -> bool:
    """Tell whether a field that names one thing names more than one."""
    return len(_SEVERAL.split(text.strip())) > 1


def duplicate_faults(rows: Iterable[SheetRow]) -> tuple[Violation, ...]:
    """Tell which codes stand twice in one sheet."""
    rows = tuple(rows)
    many = Counter(row.key for row in rows)
    twice = {row.key: row for row in rows if many[row.key] > 1}
    return tuple(Violation(where(row, CODE_FIELD), "row_duplicate", {"code": row.code}) for row in twice.values())


def size_faults(rows: Iterable[SheetRow]) -> tuple[Violation, ...]:
    """Tell whether an edition is too large to travel."""
    length = sum(len(value) for row in rows for value in row.values.values())
    if length <= EDITION_CHARACTERS_LIMIT:
        return ()
    return (Violation("edition", "text_too_long", {"length": str(length), "limit": str(EDITION_CHARACTERS_LIMIT)}),)


def catalogue_faults(
    rows: Sequence[SheetRow], units: AbstractSet[str], before: Iterable[SheetRow] = ()
) -> tuple[Violation, ...]:
    """Tell everything that is wrong with a catalogue.

    `units` are the codes of the city's units; `before` are the rows in force, of which no class and no item may vanish:
    cases that were classified by them have to stay readable.
    """
    found = [fault for row in rows for fault in row_faults(row)]
    found += duplicate_faults(rows)
    found += size_faults(rows)
    codes = {sheet: {row.code for row in rows if row.sheet is sheet} for sheet in Sheet}
    if not codes[Sheet.CLASS]:
        found.append(Violation("class", "choice_empty"))
    for row in rows:
        found += _reference_faults(row, codes, units)
    kept = (Sheet.CLASS, Sheet.ITEM)
    gone = (row for row in before if row.sheet in kept and row.code not in codes[row.sheet])
    found += (Violation(where(row, CODE_FIELD), "row_gone", {"code": row.code}) for row in gone)
    return tuple(found)


def _reference_faults(
    row: SheetRow, codes: Mapping[Sheet, AbstractSet[str]], units: AbstractSet[str]
) -> Iterable[Violation]:
    lead, item = row.value(SheetField.LEAD), row.value(SheetField.ITEM)
    if lead and not several(lead) and lead not in codes[Sheet.DEPARTMENT]:
        yield Violation(where(row, SheetField.LEAD), "row_lead_unknown", {"code": row.code, "lead": lead})
    if item and item not in codes[Sheet.ITEM]:
        yield Violation(where(row, SheetField.ITEM), "row_item_unknown", {"code": row.code, "item": item})
    if row.sheet is Sheet.ITEM and row.code[:2] not in codes[Sheet.CLASS]:
        yield Violation(where(row, CODE_FIELD), "row_without_class", {"code": row.code, "class": row.code[:2]})
    if row.sheet is Sheet.CLASS and not any(code.startswith(row.code) for code in codes[Sheet.ITEM]):
        yield Violation(where(row, CODE_FIELD), "row_class_empty", {"code": row.code})
    if row.sheet is Sheet.DEPARTMENT and row.code not in units:
        yield Violation(where(row, CODE_FIELD), "row_unit_unknown", {"unit": row.code})
