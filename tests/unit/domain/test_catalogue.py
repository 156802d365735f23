import copy
from collections.abc import Callable
from typing import Any

import pytest

from fengqiao.domain.catalogue import catalogue_from_tables
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.topology import Level
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


def test_a_file_that_is_no_handbook_is_refused(tmp_path: Any) -> None:
    for text in ("x = ", "version = '1'", "version = '1'\n[[class]]\ncode = '01'\n[handling]\nreopen_days = -1"):
        path = tmp_path / "catalogue.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(Refusal) as caught:
            load_handbook(str(path))
        assert caught.value.code in {"file_unreadable", "catalogue_broken"}
