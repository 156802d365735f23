import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fengqiao.domain.catalogue import catalogue_from_tables, catalogue_of, catalogue_rows
from fengqiao.domain.edition import FIRST, Sheet, SheetField
from fengqiao.domain.edition_faults import catalogue_faults
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.topology import Level
from fengqiao.entry import handbook
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.lists import load_units
from tests.unit.domain.refusals import refusal_of

CATALOGUE = load_handbook("").catalogue
TABLES: list[dict[str, Any]] = [
    {
        "code": "01",
        "name": "城乡建设",
        "name_en": "Construction",
        "lead_unit": "housing",
        "lead_name": "市住房和城乡建设局",
        "items": [{"code": "0101", "name": "住房", "name_en": "Housing"}],
    }
]


def test_the_default_catalogue_has_ten_classes_and_twenty_two_items_each_with_one_lead_department() -> None:
    assert len(CATALOGUE.classes) == 10
    assert sum(len(matter.items) for matter in CATALOGUE.classes) == 22
    units = {unit.code for unit in load_units("").by_level[Level.CITY]}
    assert {matter.lead_unit for matter in CATALOGUE.classes} <= units
    assert CATALOGUE.class_of("0102").lead_name == "市住房和城乡建设局"


def test_the_default_catalogue_names_thirty_four_departments_each_with_its_form_and_duties() -> None:
    departments = [row for row in CATALOGUE.rows if row.sheet is Sheet.DEPARTMENT]
    assert Counter(row.value(SheetField.FORM) for row in departments) == {"section": 24, "post": 10}
    assert all(row.value(SheetField.DUTIES) for row in departments)
    units = {unit.code for unit in load_units("").by_level[Level.CITY]}
    assert catalogue_faults(CATALOGUE.rows, units) == ()


def test_what_is_ours_says_so_row_by_row() -> None:
    guides = [row for row in CATALOGUE.rows if row.sheet in (Sheet.WORKFLOW, Sheet.STANDARD, Sheet.RULE)]
    assert {row.sheet for row in guides} == {Sheet.WORKFLOW, Sheet.STANDARD, Sheet.RULE}
    assert all("自拟" in row.value(SheetField.SOURCE) for row in guides)
    items = {row.code for row in CATALOGUE.rows if row.sheet is Sheet.ITEM}
    assert {row.value(SheetField.ITEM) for row in guides if row.sheet is Sheet.WORKFLOW} == items


def test_a_catalogue_from_rows_is_the_one_that_came_as_tables() -> None:
    assert catalogue_of(CATALOGUE.version, FIRST, CATALOGUE.rows) == CATALOGUE


def test_a_file_without_departments_still_names_those_that_lead() -> None:
    rows = catalogue_rows(catalogue_from_tables("1", TABLES).classes)
    assert [row.code for row in rows if row.sheet is Sheet.DEPARTMENT] == ["housing"]
    assert catalogue_of("1", FIRST, rows).class_of("0101").lead_name == "市住房和城乡建设局"


def test_an_item_may_have_a_lead_of_its_own() -> None:
    rows = [
        replace(row, values={**row.values, SheetField.LEAD: "urban"}) if row.code == "0302" else row
        for row in CATALOGUE.rows
    ]
    changed = catalogue_of("2", 2, rows)
    assert (changed.lead_name("0302"), changed.lead_name("0301")) == ("市城市管理局", "市生态环境局")
    assert changed.lead_name("9901") == ""


def test_an_item_that_the_catalogue_has_not_is_refused_with_its_version() -> None:
    refusal = refusal_of(CATALOGUE.item, "01")
    assert (refusal.kind, refusal.violations[0].code) == (Kind.INVALID, "item_unknown")
    assert refusal.violations[0].params["version"] == CATALOGUE.version


def broken(change: Callable[[dict[str, Any]], object]) -> list[dict[str, Any]]:
    tables = copy.deepcopy(TABLES)
    change(tables[0])
    return tables


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ([], "choice_empty"),
        (broken(lambda one: one.update(code="1")), "catalogue_code_wrong"),
        (broken(lambda one: one["items"][0].update(code="0201")), "catalogue_code_wrong"),
        (broken(lambda one: one["items"][0].update(code="01")), "catalogue_code_wrong"),
        (broken(lambda one: one.update(items=[])), "choice_empty"),
        (broken(lambda one: one.update(name="")), "catalogue_text_wrong"),
        (broken(lambda one: one.update(lead_unit=7)), "catalogue_text_wrong"),
        (broken(lambda one: one["items"].append(one["items"][0])), "topology_duplicate"),
        ([*TABLES, *TABLES], "topology_duplicate"),
    ],
)
def test_a_broken_catalogue_is_refused_with_its_faults(tables: list[dict[str, Any]], code: str) -> None:
    refusal = refusal_of(catalogue_from_tables, "1", tables)
    assert refusal.code == "catalogue_broken"
    assert code in {violation.code for violation in refusal.violations}


def test_a_department_that_is_wrong_is_named_by_row_and_field(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.toml"
    text = (Path(handbook.__file__).parent / "data" / handbook.CATALOGUE).read_text("utf-8")
    path.write_text(f'{text}\n[[department]]\ncode = "tax"\nname = ""\n', encoding="utf-8")
    refusal = refusal_of(load_handbook, str(path))
    assert refusal.code == "catalogue_broken"
    assert {(one.field, one.code) for one in refusal.violations} == {
        ("department.tax.name", "text_empty"),
        ("department.tax.name_en", "text_empty"),
        ("department.tax.form", "text_empty"),
        ("department.tax.code", "row_duplicate"),
    }


def test_a_file_that_is_no_handbook_is_refused(tmp_path: Any) -> None:
    for text in ("x = ", "version = '1'", "version = '1'\n[[class]]\ncode = '01'\n[handling]\nreopen_days = -1"):
        path = tmp_path / "catalogue.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(Refusal) as caught:
            load_handbook(str(path))
        assert caught.value.code in {"file_unreadable", "catalogue_broken"}
