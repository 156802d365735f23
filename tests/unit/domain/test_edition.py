from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain import edition_rules as rules
from fengqiao.domain.catalogue import Catalogue
from fengqiao.domain.edition import (
    YES,
    Book,
    DropDraft,
    Edition,
    EditionState,
    PublishDraft,
    PutRow,
    RemoveRow,
    Sheet,
    SheetField,
    SheetRow,
    Standing,
    sheet_row,
)
from fengqiao.domain.edition_diff import Change, differences
from fengqiao.domain.edition_faults import EDITION_CHARACTERS_LIMIT, catalogue_faults
from fengqiao.domain.errors import Kind
from fengqiao.domain.routing_faults import ROUTES_LIMIT, routing_faults
from fengqiao.domain.topology import Level
from fengqiao.domain.words import Language
from fengqiao.handlers.in_force import InForce
from tests.unit.domain.editions import CATALOGUE, CITY, COUNTY, TOPOLOGY, TOWNSHIP, UNITS, a_rule, changed, facts
from tests.unit.domain.editions import standing as fresh
from tests.unit.domain.refusals import refusal_of

CODES = {unit.code for unit in UNITS.by_level[Level.CITY]}
ROAD = next(row for row in CATALOGUE.rows if row.key == (Sheet.ITEM, "0102"))


def put(row: SheetRow, seen: str | None = None, book: Book = Book.CATALOGUE) -> PutRow:
    return PutRow(row, book, seen)


def drafted(name: str = "道路", actor: str = "王敏", on: Standing | None = None) -> Standing:
    now = on or fresh()
    row = next(row for row in now.edited.rows if row.key == ROAD.key)
    command = put(replace(row, values={**row.values, SheetField.NAME: name}), row.mark)
    return Standing(now.published, rules.put_row(now, command, facts(actor)))


BROKEN: tuple[tuple[str, tuple[SheetRow, ...], set[tuple[str, str]]], ...] = (
    ("duplicate code", (*CATALOGUE.rows, ROAD), {("item.0102.code", "row_duplicate")}),
    (
        "item without class",
        (*CATALOGUE.rows, sheet_row(Sheet.ITEM, "9901", {"name": "新", "name_en": "new"})),
        {("item.9901.code", "row_without_class")},
    ),
    ("two lead departments", changed(Sheet.CLASS, "01", lead="housing、urban"), {("class.01.lead", "row_two_leads")}),
    ("no lead department", changed(Sheet.CLASS, "01", lead=""), {("class.01.lead", "text_empty")}),
    ("unknown lead", changed(Sheet.CLASS, "01", lead="railways"), {("class.01.lead", "row_lead_unknown")}),
    (
        "unknown unit",
        (*CATALOGUE.rows, replace(CATALOGUE.rows[40], code="railways")),
        {("department.railways.code", "row_unit_unknown")},
    ),
    (
        "unknown item",
        changed(Sheet.WORKFLOW, "flow-0102", item="9999"),
        {("workflow.flow-0102.item", "row_item_unknown")},
    ),
    ("unknown form", changed(Sheet.DEPARTMENT, "tax", form="team"), {("department.tax.form", "enum_unknown")}),
    ("retired otherwise", changed(Sheet.ITEM, "0102", retired="soon"), {("item.0102.retired", "enum_unknown")}),
    ("name too long", changed(Sheet.ITEM, "0102", name="路" * 61), {("item.0102.name", "text_too_long")}),
    (
        "class without items",
        (*CATALOGUE.rows, sheet_row(Sheet.CLASS, "11", {"name": "新", "name_en": "new", "lead": "tax"})),
        {("class.11.code", "row_class_empty")},
    ),
    ("code of another form", (*CATALOGUE.rows, replace(ROAD, code="010x")), {("item.010x.code", "row_code_wrong")}),
    (
        "item that vanished",
        tuple(row for row in CATALOGUE.rows if row.code not in ("0102", "flow-0102")),
        {("item.0102.code", "row_gone")},
    ),
    (
        "too large to travel",
        changed(Sheet.DEPARTMENT, "tax", duties="税" * (EDITION_CHARACTERS_LIMIT + 1)),
        {("edition", "text_too_long"), ("department.tax.duties", "text_too_long")},
    ),
)


@pytest.mark.parametrize(("name", "rows", "expected"), BROKEN, ids=[one[0] for one in BROKEN])
def test_each_fault_of_a_catalogue_is_named_by_row_and_field_in_both_languages(
    name: str, rows: tuple[SheetRow, ...], expected: set[tuple[str, str]]
) -> None:
    found = catalogue_faults(rows, CODES, CATALOGUE.rows)
    assert {(one.field, one.code) for one in found} == expected, name
    for one in found:
        assert one.sentence(Language.ZH) != one.sentence(Language.EN)


BROKEN_RULES: tuple[tuple[str, tuple[SheetRow, ...], set[tuple[str, str]]], ...] = (
    ("no order", (a_rule("a", "", unit="police"),), {("route.a.order", "text_empty")}),
    ("order of words", (a_rule("a", "first", unit="police"),), {("route.a.order", "route_order_wrong")}),
    ("unknown unit", (a_rule("a", unit="railways"),), {("route.a.unit", "unit_unknown")}),
    ("no target", (a_rule("a"),), {("route.a.unit", "route_target")}),
    ("two targets", (a_rule("a", unit="police", to="up"),), {("route.a.unit", "route_target")}),
    ("to nobody", (a_rule("a", to="371499"),), {("route.a.to", "route_to_unknown")}),
    ("origin elsewhere", (a_rule("a", unit="police", origins=COUNTY),), {("route.a.origins", "route_origin_unknown")}),
    ("unknown item", (a_rule("a", unit="police", items="99"),), {("route.a.items", "route_item_unknown")}),
    ("unknown grade", (a_rule("a", unit="police", grades="huge"),), {("route.a.grades", "enum_unknown")}),
    (
        "duplicate code",
        (a_rule("a", unit="police", items="01"), a_rule("a", 2, unit="justice", items="02")),
        {("route.a.code", "row_duplicate")},
    ),
    (
        "can never match",
        (a_rule("a", unit="police", items="01"), a_rule("b", 2, unit="justice", items="0101 0102")),
        {("route.b.order", "route_never")},
    ),
    (
        "taken by two together",
        (
            a_rule("a", unit="police", kinds="request dispute"),
            a_rule("b", 2, unit="police", kinds="field_event opinion"),
            a_rule("c", 3, unit="justice", items="01"),
        ),
        {("route.c.order", "route_never")},
    ),
)


@pytest.mark.parametrize(("name", "rows", "expected"), BROKEN_RULES, ids=[one[0] for one in BROKEN_RULES])
def test_each_fault_of_a_rule_is_named_by_row_and_field_in_both_languages(
    name: str, rows: tuple[SheetRow, ...], expected: set[tuple[str, str]]
) -> None:
    found = routing_faults(rows, CATALOGUE, TOPOLOGY.centre(TOWNSHIP), TOPOLOGY, UNITS)
    assert {(one.field, one.code) for one in found} == expected, name
    for one in found:
        assert one.sentence(Language.ZH) != one.sentence(Language.EN)


def test_a_rule_that_speaks_of_a_retired_item_is_named() -> None:
    catalogue = with_retired_road()
    found = routing_faults(
        (a_rule("a", unit="police", items="0102"),), catalogue, TOPOLOGY.centre(TOWNSHIP), TOPOLOGY, UNITS
    )
    assert [(one.field, one.code) for one in found] == [("route.a.items", "route_item_retired")]


def with_retired_road() -> Catalogue:
    force = InForce()
    edition = rules.put_row(fresh(), put(replace(ROAD, values={**ROAD.values, "retired": YES}), ROAD.mark), facts())
    force.apply(replace(edition, state=EditionState.PUBLISHED))
    return force.handbook(facts().handbook).catalogue


def test_more_rules_than_anybody_can_read_are_refused() -> None:
    rows = tuple(a_rule(f"r{n}", n % 9000 + 1, unit="police", places=f"地点{n}") for n in range(ROUTES_LIMIT + 1))
    found = routing_faults(rows, CATALOGUE, TOPOLOGY.centre(TOWNSHIP), TOPOLOGY, UNITS)
    assert [one.code for one in found] == ["too_many"]


def test_a_draft_begins_with_the_first_change_and_counts_every_one() -> None:
    first = drafted("一")
    assert first.draft is not None
    assert (first.draft.number, first.draft.revision, first.draft.state) == (2, 1, EditionState.DRAFT)
    second = drafted("二", "赵刚", first)
    assert second.draft is not None
    assert (second.draft.id, second.draft.revision, second.draft.drafted_by) == (first.draft.id, 2, "赵刚")


def test_who_changed_the_draft_last_does_not_publish_it() -> None:
    now = drafted("一", "王敏", drafted("二", "赵刚"))
    own = refusal_of(rules.publish, now, PublishDraft(Book.CATALOGUE), facts("王敏"))
    assert (own.kind, own.code) == (Kind.FORBIDDEN, "edition_second_person")
    done = rules.publish(now, PublishDraft(Book.CATALOGUE), facts("赵刚"))
    assert (done.state, done.published_by, done.version) == (EditionState.PUBLISHED, "赵刚", "2026-11-23.2")


def test_a_draft_that_changes_nothing_is_not_published() -> None:
    back = drafted(ROAD.value(SheetField.NAME), "王敏", drafted("一"))
    refusal = refusal_of(rules.publish, back, PublishDraft(Book.CATALOGUE), facts("赵刚"))
    assert refusal.code == "edition_unchanged"


def test_without_a_draft_there_is_nothing_to_publish_or_to_drop() -> None:
    now = fresh(Book.ROUTING)
    assert refusal_of(rules.publish, now, PublishDraft(Book.ROUTING), facts()).code == "edition_no_draft"
    assert refusal_of(rules.drop_draft, now, DropDraft(Book.ROUTING), facts()).code == "edition_no_draft"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (put(a_rule("a", unit="police")), "edition_wrong_book"),
        (put(ROAD), "row_duplicate"),
        (put(replace(ROAD, values={"name": ""}), ROAD.mark), "text_empty"),
    ],
)
def test_a_row_that_may_not_be_written_is_refused_with_its_field(command: PutRow, code: str) -> None:
    refusal = refusal_of(rules.put_row, fresh(), command, facts())
    assert refusal.kind is Kind.INVALID
    assert code in {one.code for one in refusal.violations}
    assert all("." not in one.field for one in refusal.violations)


def test_a_row_that_is_not_there_cannot_be_taken_out() -> None:
    refusal = refusal_of(rules.remove_row, fresh(), RemoveRow(Book.CATALOGUE, Sheet.ITEM, "9999"), facts())
    assert (refusal.kind, refusal.code) == (Kind.NOT_FOUND, "row_unknown")


@pytest.mark.parametrize("centre", [COUNTY, TOWNSHIP])
def test_the_catalogue_is_edited_at_the_city_alone_and_rules_everywhere(centre: str) -> None:
    assert refusal_of(rules.put_row, fresh(), put(ROAD, ROAD.mark), facts(centre=centre)).code == "edition_city_only"
    rule = put(a_rule("a", unit="police"), book=Book.ROUTING)
    assert rules.put_row(fresh(Book.ROUTING), rule, facts(centre=centre)).rows == (rule.row,)


def test_a_catalogue_in_force_is_told_to_every_child_and_rules_to_nobody() -> None:
    done = rules.publish(drafted(), PublishDraft(Book.CATALOGUE), facts("赵刚"))
    assert [one.to for one in rules.told_below(done, facts())] == [COUNTY]
    assert rules.told_below(replace(done, state=EditionState.DRAFT), facts()) == ()
    assert rules.told_below(replace(done, book=Book.ROUTING), facts()) == ()
    assert rules.told_below(done, facts(centre=TOWNSHIP)) == ()


def test_differences_are_said_in_plain_sentences() -> None:
    new = sheet_row(Sheet.RULE, "night", {"name": "夜间值守", "name_en": "Nights"})
    after = [
        *(row for row in changed(Sheet.ITEM, "0402", retired=YES) if row.code not in ("dog-first", "0102")),
        replace(ROAD, values={**ROAD.values, "lead": "transport"}),
        new,
    ]
    found = differences(CATALOGUE.rows, after)
    assert [one.sentence(Language.ZH) for one in found] == [
        "事项 0102“市政与道路”的牵头部门由“无”改为“transport”。",
        "停用事项 0402“文化体育”。",
        "删除制度 dog-first“养犬纠纷先上门”。",
        "新增制度 night“夜间值守”。",
    ]
    assert found[0].sentence(Language.EN) == (
        "The lead department of the item 0102 '市政与道路' changes from 'nothing' to 'transport'."
    )
    assert [one.change for one in differences(after, CATALOGUE.rows)][1] is Change.REVIVED
    assert differences(after, reversed(after)) == ()


def published(number: int) -> Edition:
    return Edition(
        facts(number=number).event_id,
        Book.CATALOGUE,
        number,
        f"v{number}",
        EditionState.PUBLISHED,
        1,
        CATALOGUE.rows,
        CITY,
        "王敏",
        facts().at,
        "赵刚",
        facts().at,
    )


@given(st.lists(st.integers(2, 9), max_size=12))
def test_whatever_order_editions_come_in_the_newest_is_in_force(numbers: list[int]) -> None:
    force, seen = InForce(), 1
    for number in numbers:
        force.apply(published(number))
        seen = max(seen, number)
        assert force.number(Book.CATALOGUE) == seen
    assert force.handbook(facts().handbook).catalogue.number == seen


@given(st.lists(st.sampled_from(["一", "二", "三"]), min_size=1, max_size=6))
def test_a_number_only_rises_and_a_version_names_one_edition(names: list[str]) -> None:
    now, versions = fresh(), []
    for name in names:
        at = drafted(name, "王敏", now)
        if not differences(now.published.rows, at.edited.rows):
            continue
        done = rules.publish(at, PublishDraft(Book.CATALOGUE), facts("赵刚"))
        assert done.number == now.published.number + 1
        versions.append(done.version)
        now = Standing(done, None)
    assert len(set(versions)) == len(versions)
