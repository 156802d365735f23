"""Leagues: intervals as published, no place by chance, nobody on top with four cases (F36, pain 10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.figures import Rate
from fengqiao.domain.league import LEAST, Band, Change, Peers, change_of, interval_of, league, peers_of
from fengqiao.domain.performance import Better
from fengqiao.domain.topology import Centre, Level


def rate(numerator: int, denominator: int) -> Rate:
    return Rate("on_time", numerator, denominator)


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_newcombe_1998(numerator: int, denominator: int, low: float, high: float) -> None:
    found = interval_of(rate(numerator, denominator))
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_nothing_counted_has_no_interval() -> None:
    assert interval_of(rate(0, 0)) is None


@given(denominator=st.integers(1, 10_000), data=st.data())
def test_an_interval_holds_its_rate_and_stays_between_nought_and_one(denominator: int, data: st.DataObject) -> None:
    numerator = data.draw(st.integers(0, denominator))
    found = interval_of(rate(numerator, denominator))
    assert found is not None
    assert 0 <= found.low <= numerator / denominator + 1e-12
    assert numerator / denominator - 1e-12 <= found.high <= 1


def test_a_centre_with_four_cases_tops_no_list() -> None:
    found = league({"small": rate(4, 4), "a": rate(900, 1000), "b": rate(950, 1000)}, Better.HIGHER)
    assert [line.centre for line in found.lines] == ["b", "a", "small"]
    assert found.lines[-1].band is Band.TOO_FEW
    assert found.lines[-1].place is None
    assert found.median == pytest.approx(0.925)


def test_who_cannot_be_told_apart_shares_a_place() -> None:
    found = league({"a": rate(97, 100), "b": rate(95, 100), "c": rate(40, 100)}, Better.HIGHER)
    assert [(line.centre, line.place) for line in found.lines] == [("a", 1), ("b", 1), ("c", 3)]
    assert [line.band for line in found.lines] == [Band.ALIKE, Band.ALIKE, Band.WORSE]


def test_few_cases_and_a_wide_interval_give_no_better_place_than_a_better_rate_has() -> None:
    found = league({"a": rate(1900, 2000), "b": rate(27, 30), "c": rate(1820, 2000)}, Better.HIGHER)
    assert [(line.centre, line.place) for line in found.lines] == [("a", 1), ("c", 2), ("b", 2)]


def test_where_less_is_better_the_order_turns() -> None:
    found = league({"a": rate(60, 100), "b": rate(5, 100), "c": rate(20, 100)}, Better.LOWER)
    assert [line.centre for line in found.lines] == ["b", "c", "a"]
    assert [line.band for line in found.lines] == [Band.BETTER, Band.ALIKE, Band.WORSE]
    assert [line.place for line in found.lines] == [1, 2, 3]


def test_what_is_neither_good_nor_bad_places_nobody() -> None:
    found = league({"a": rate(90, 100), "b": rate(10, 100)}, Better.NEITHER)
    assert {(line.place, line.band) for line in found.lines} == {(None, Band.ALIKE)}


def test_without_peers_of_enough_cases_there_is_no_median() -> None:
    found = league({"a": rate(1, LEAST - 1)}, Better.HIGHER)
    assert found.median is None
    assert found.lines[0].band is Band.TOO_FEW


def test_a_change_is_one_when_the_intervals_do_not_meet() -> None:
    now, before = rate(900, 1000), rate(800, 1000)
    assert change_of(now, before, Better.HIGHER) is change_of(before, now, Better.LOWER) is Change.BETTER
    assert change_of(now, before, Better.LOWER) is change_of(before, now, Better.HIGHER) is Change.WORSE
    assert change_of(now, before, Better.NEITHER) is Change.CHANGED
    assert change_of(rate(9, 10), rate(8, 10), Better.HIGHER) is Change.ALIKE
    assert change_of(rate(9, 10), rate(0, 0), Better.HIGHER) is None


@pytest.mark.parametrize(
    ("level", "name", "peers"),
    [
        (Level.CITY, "德州市", Peers.CITY),
        (Level.COUNTY, "德城区", Peers.COUNTY),
        (Level.TOWNSHIP, "新湖街道", Peers.SUBDISTRICT),
        (Level.TOWNSHIP, "黄河涯镇", Peers.TOWN),
        (Level.TOWNSHIP, "抬头寺乡", Peers.TOWNSHIP),
        (Level.TOWNSHIP, "经济开发区", Peers.OTHER),
    ],
)
def test_peers_are_told_by_level_and_by_the_name_of_the_division(level: Level, name: str, peers: Peers) -> None:
    assert peers_of(Centre("1", level, name, None)) is peers
