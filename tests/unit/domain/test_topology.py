import csv
from pathlib import Path

import pytest

from fengqiao.domain.errors import Kind
from fengqiao.domain.topology import Level, topology_from_rows
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.samples import CITY, EAST, EAST_HILL, EAST_LAKE, THREE_LEVELS, WEST, WEST_TOWN

FOLDER = Path(__file__).parent / "broken_topologies"

# The defect that a file is named for, and what is said about it.
BROKEN = {
    "city_below_unknown": [("line 2", "topology_level_wrong")],
    "city_with_parent": [("line 2", "topology_level_wrong")],
    "code_in_full_width_digits": [("line 3", "topology_code_wrong")],
    "code_too_short": [("line 3", "topology_code_wrong")],
    "code_with_letters": [("line 3", "topology_code_wrong")],
    "comma_in_name": [("line 3", "topology_name_wrong")],
    "control_character_in_name": [("line 3", "topology_name_wrong")],
    "county_below_county": [("line 4", "topology_level_wrong")],
    "county_without_parent": [("line 3", "topology_level_wrong")],
    "duplicate_code": [("line 4", "topology_duplicate")],
    "empty": [("list", "topology_empty")],
    "empty_name": [("line 3", "topology_name_wrong")],
    "full_width_comma_in_name": [("line 3", "topology_name_wrong")],
    "level_unknown": [("line 3", "topology_level_unknown")],
    "line_feed_in_name": [("line 3", "topology_name_wrong")],
    "long_name": [("line 3", "topology_name_wrong")],
    "missing_column": [("line 1", "topology_column_missing")],
    "missing_columns": [("line 1", "topology_column_missing")] * 4,
    "no_city": [("list", "topology_no_city"), ("line 2", "topology_orphan")],
    "orphan": [("line 4", "topology_orphan")],
    "own_parent": [("line 3", "topology_level_wrong")],
    "several_faults": [
        ("line 3", "topology_code_wrong"),
        ("line 5", "topology_duplicate"),
        ("line 6", "topology_level_unknown"),
        ("line 6", "topology_name_wrong"),
        ("line 4", "topology_orphan"),
    ],
    "short_line": [("line 3", "topology_name_wrong")],
    "township_below_city": [("line 3", "topology_level_wrong")],
    "two_cities": [("list", "topology_two_cities")],
    "unquoted_comma_in_name": [("line 3", "topology_orphan")],
}


def rows_of(name: str) -> list[dict[str, str | None]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("name", "faults"), BROKEN.items())
def test_a_broken_list_is_refused_with_every_fault_and_its_line(name: str, faults: list[tuple[str, str]]) -> None:
    refusal = refusal_of(topology_from_rows, rows_of(name))
    assert (refusal.kind, refusal.code) == (Kind.INVALID, "topology_broken")
    assert faults_of(refusal) == faults
    assert refusal.params["count"] == str(len(faults))


def test_every_broken_list_has_its_answer_here() -> None:
    assert {path.stem for path in FOLDER.glob("*")} == set(BROKEN)


def test_a_whole_list_becomes_the_tree() -> None:
    rows = [
        {"code": c.code, "level": c.level.value, "name": c.name, "parent": c.parent or ""}
        for c in THREE_LEVELS.centres.values()
    ]
    built = topology_from_rows(rows)
    assert dict(built.centres) == dict(THREE_LEVELS.centres)
    assert built.city.level is Level.CITY
    assert built.children(CITY) == (EAST, WEST)
    assert built.edges() == ((EAST, CITY), (WEST, CITY), (EAST_HILL, EAST), (EAST_LAKE, EAST), (WEST_TOWN, WEST))


def test_the_parent_may_stand_below_its_children_in_the_list() -> None:
    rows = [
        {"code": "371401", "level": "county", "name": "东县", "parent": "3714"},
        {"code": "3714", "level": "city", "name": "枫桥市", "parent": ""},
    ]
    assert topology_from_rows(rows).parent("371401") == "3714"


def test_neighbours_are_the_parent_and_the_children() -> None:
    assert THREE_LEVELS.neighbours(EAST) == (CITY, EAST_HILL, EAST_LAKE)
    assert THREE_LEVELS.neighbours(CITY) == (EAST, WEST)
    assert THREE_LEVELS.neighbours(WEST_TOWN) == (WEST,)


@pytest.mark.parametrize(
    ("here", "there", "hop"),
    [
        (EAST_HILL, WEST_TOWN, EAST),
        (EAST, WEST_TOWN, CITY),
        (CITY, WEST_TOWN, WEST),
        (WEST, WEST_TOWN, WEST_TOWN),
        (CITY, CITY, CITY),
        (EAST_HILL, CITY, EAST),
    ],
)
def test_the_next_hop_lies_on_the_way(here: str, there: str, hop: str) -> None:
    assert THREE_LEVELS.next_hop(here, there) == hop


def test_below_means_anywhere_below() -> None:
    assert THREE_LEVELS.is_below(WEST_TOWN, CITY)
    assert THREE_LEVELS.is_below(WEST_TOWN, WEST)
    assert not THREE_LEVELS.is_below(WEST_TOWN, EAST)
    assert not THREE_LEVELS.is_below(CITY, CITY)


@pytest.mark.parametrize("ask", [THREE_LEVELS.centre, THREE_LEVELS.parent, THREE_LEVELS.children])
def test_an_unknown_centre_is_not_found(ask: "object") -> None:
    assert callable(ask)
    refusal = refusal_of(ask, "999999")
    assert (refusal.kind, refusal.code, refusal.params) == (Kind.NOT_FOUND, "centre_unknown", {"centre": "999999"})


def test_the_way_to_an_unknown_centre_is_not_found() -> None:
    assert refusal_of(THREE_LEVELS.next_hop, CITY, "999999").code == "centre_unknown"


def test_behind_another_centre_is_what_can_only_be_reached_through_it() -> None:
    topology = THREE_LEVELS
    assert topology.behind(CITY, EAST) == (EAST_HILL, EAST_LAKE)
    assert topology.behind(EAST_LAKE, EAST) == (CITY, WEST, EAST_HILL, WEST_TOWN)
    assert topology.behind(EAST_LAKE, CITY) == (WEST, WEST_TOWN)
    assert topology.behind(EAST_LAKE, WEST) == (WEST_TOWN,)
    assert topology.behind(CITY, EAST_LAKE) == ()
