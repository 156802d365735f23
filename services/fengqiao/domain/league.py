"""League tables that do not lie: peers among peers, a minimum number, intervals, and no places that chance gave (F36).

A centre with four cases tops no list (domain-facts, pain 10). Each rate stands with its 95 % interval by Wilson's score
method. A place counts those peers only whose whole interval is better: who cannot be told apart shares a place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt
from statistics import median

from fengqiao.domain.figures import Rate
from fengqiao.domain.performance import Better
from fengqiao.domain.topology import Centre, Level

LEAST = 30
"""A rate of fewer than so many says too little to be set beside others."""

NORMAL_95 = 1.959964
"""The normal deviate of a two-sided 95 % interval."""


class Peers(StrEnum):
    """The classes of centres that may be set beside each other.

    A subdistrict has a town's streets, a township has fields: the names of the field tell them apart.
    """

    CITY = "city"
    COUNTY = "county"
    SUBDISTRICT = "subdistrict"
    TOWN = "town"
    TOWNSHIP = "township"
    OTHER = "other"


SUFFIXES: Mapping[str, Peers] = {"街道": Peers.SUBDISTRICT, "镇": Peers.TOWN, "乡": Peers.TOWNSHIP}
"""What the name of a township-level division ends with (the administrative divisions' own words)."""


class Band(StrEnum):
    """How a rate stands to the median of its peers, as far as its interval can tell."""

    BETTER = "better"
    ALIKE = "alike"
    WORSE = "worse"
    TOO_FEW = "too_few"


class Change(StrEnum):
    """How a rate stands to the one before it, as far as their intervals can tell."""

    BETTER = "better"
    WORSE = "worse"
    CHANGED = "changed"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which two shares the true one lies, 19 times in 20."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One centre in a league; without a place while it has too few, or where no way is the better one."""

    centre: str
    rate: Rate
    interval: Interval | None
    band: Band
    place: int | None


@dataclass(frozen=True, slots=True)
class League:
    """The peers in order, those with too few behind them; `median` is None when nobody has enough."""

    lines: tuple[Line, ...]
    median: float | None


def peers_of(centre: Centre) -> Peers:
    """Give the class of a centre."""
    if centre.level is not Level.TOWNSHIP:
        return Peers(centre.level.value)
    return next((peers for suffix, peers in SUFFIXES.items() if centre.name.endswith(suffix)), Peers.OTHER)


def interval_of(rate: Rate) -> Interval | None:
    """Give the interval of a rate; None when there was nothing to be counted."""
    share, many = rate.share, rate.denominator
    if share is None:
        return None
    square = NORMAL_95 * NORMAL_95
    middle = (share + square / (2 * many)) / (1 + square / many)
    half = NORMAL_95 / (1 + square / many) * sqrt(share * (1 - share) / many + square / (4 * many * many))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def league(rates: Mapping[str, Rate], better: Better, least: int = LEAST) -> League:
    """Set peers beside each other, the better ones first."""
    enough = {code: rate for code, rate in rates.items() if rate.denominator >= least}
    shares = [rate.share for rate in enough.values() if rate.share is not None]
    middle = median(shares) if shares else None
    intervals = {code: interval_of(rate) for code, rate in rates.items()}
    lines = [
        Line(
            code,
            rate,
            intervals[code],
            _band(intervals[code], middle, better) if code in enough else Band.TOO_FEW,
            _place(code, {one: intervals[one] for one in enough}, better) if code in enough else None,
        )
        for code, rate in rates.items()
    ]
    return League(_in_order(lines, better), middle)


def change_of(rate: Rate, before: Rate, better: Better) -> Change | None:
    """Say how a rate changed; a change is one when the intervals of the two do not meet. None when one has no rate."""
    here, there = interval_of(rate), interval_of(before)
    if here is None or there is None:
        return None
    if here.low <= there.high and there.low <= here.high:
        return Change.ALIKE
    if better is Better.NEITHER:
        return Change.CHANGED
    return Change.BETTER if (here.low > there.high) == (better is Better.HIGHER) else Change.WORSE


def _in_order(lines: Iterable[Line], better: Better) -> tuple[Line, ...]:
    """Put lines in order; a wide interval gives nobody a better place than one whose rate is better."""
    found, place = list[Line](), 0
    for line in sorted(lines, key=lambda line: _order(line, better)):
        if line.place is not None:
            place = max(place, line.place)
            found.append(replace(line, place=place))
        else:
            found.append(line)
    return tuple(found)


def _band(interval: Interval | None, middle: float | None, better: Better) -> Band:
    if interval is None or middle is None or better is Better.NEITHER or interval.low <= middle <= interval.high:
        return Band.ALIKE
    return Band.BETTER if (interval.low > middle) == (better is Better.HIGHER) else Band.WORSE


def _place(code: str, intervals: Mapping[str, Interval | None], better: Better) -> int | None:
    here = intervals[code]
    if here is None or better is Better.NEITHER:
        return None
    others = [one for one in intervals.values() if one is not None]
    ahead = [one for one in others if (one.low > here.high if better is Better.HIGHER else one.high < here.low)]
    return 1 + len(ahead)


def _order(line: Line, better: Better) -> tuple[bool, float, int, str]:
    share = line.rate.share or 0.0
    return line.band is Band.TOO_FEW, share if better is Better.LOWER else -share, -line.rate.denominator, line.centre
