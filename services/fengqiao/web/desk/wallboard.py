"""The wallboard: what every centre below keeps and what is overdue there, readable from five metres (F31, F36, ui.md).

The figures are what the centres have told, each with the time up to which it has told them; a centre that has been
silent for a while is marked and keeps its last figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from fengqiao.domain.calendar import city_day
from fengqiao.domain.figures import Rate
from fengqiao.domain.topology import Centre
from fengqiao.insight.wallboard import Standing, centres_below, wallboard
from fengqiao.web.desk.times import moment
from fengqiao.web.desk.visit import Visit

DAYS = 7
SILENT_AFTER = timedelta(minutes=3)
"""An idle centre tells once a minute that there is nothing new."""

FULL = 100


@dataclass(frozen=True, slots=True)
class Tile:
    """One centre: `bar` is the share on time in hundredths, None when nothing was due; the figures are in words."""

    code: str
    name: str
    href: str
    here: bool
    silent: bool
    share: str
    bar: int | None
    overdue: int
    offered: int
    figures: Sequence[str]


@dataclass(frozen=True, slots=True)
class Branch:
    """A centre with those below it."""

    head: Tile
    tiles: Sequence[Tile]


@dataclass(frozen=True, slots=True)
class Total:
    """One figure over all centres; `tone` is `over` for what is overdue."""

    value: str
    name: str
    tone: str = ""


async def wallboard_page(visit: Visit) -> Response:
    """Show the centre and all below it."""
    topology, here = visit.context.topology, visit.centre.code
    last = city_day(visit.now)
    codes = centres_below(topology, here)
    found = await wallboard(visit.context.database, codes, last - timedelta(days=DAYS - 1), last, visit.now)
    hosted = {one.code for one in visit.shop.desk.settings.federation_view() if one.hosted}
    tiles = {one.centre: _tile(topology.centre(one.centre), one, hosted, visit) for one in found}
    return visit.page(
        "wallboard.html",
        head=tiles[here],
        branches=_branches(visit, tiles),
        totals=_totals(found, visit),
        as_of=_oldest(found, visit),
    )


def _branches(visit: Visit, tiles: Mapping[str, Tile]) -> Sequence[Branch]:
    """Give a row for each county of a city; the townships of a county are one row."""
    topology, here = visit.context.topology, visit.centre.code
    children = topology.children(here)
    if not any(topology.children(child) for child in children):
        return [Branch(tiles[here], [tiles[code] for code in children])]
    return [Branch(tiles[child], [tiles[code] for code in topology.children(child)]) for child in children]


def _tile(centre: Centre, standing: Standing, hosted: set[str], visit: Visit) -> Tile:
    rate = standing.on_time
    return Tile(
        code=centre.code,
        name=centre.name,
        href=f"/{centre.code}/cases" if centre.code in hosted else "",
        here=centre.code == visit.centre.code,
        silent=standing.as_of is None or visit.now - standing.as_of > SILENT_AFTER,
        share=_share(rate, 0),
        bar=round(rate.share * FULL) if rate.share is not None else None,
        overdue=standing.overdue,
        offered=standing.offered,
        figures=_figures(standing, visit),
    )


def _figures(standing: Standing, visit: Visit) -> Sequence[str]:
    as_of = standing.as_of
    return (
        _fraction(standing.on_time, visit),
        visit.t("wallboard.figure_open", count=f"{standing.open:,}"),
        visit.t("wallboard.figure_overdue", count=f"{standing.overdue:,}"),
        visit.t("wallboard.figure_offered", count=f"{standing.offered:,}"),
        visit.t("wallboard.figure_came", count=f"{standing.registered:,}", closed=f"{standing.closed:,}"),
        visit.t("wallboard.figure_as_of", time=moment(as_of, visit.now, visit.language).absolute)
        if as_of is not None
        else visit.t("wallboard.never"),
    )


def _totals(found: Sequence[Standing], visit: Visit) -> Sequence[Total]:
    on_time = Rate(
        "on_time", sum(one.on_time.numerator for one in found), sum(one.on_time.denominator for one in found)
    )
    overdue = sum(one.overdue for one in found)
    silent = sum(one.as_of is None or visit.now - one.as_of > SILENT_AFTER for one in found)
    fraction = f"{_share(on_time, 2)} · {on_time.numerator:,} / {on_time.denominator:,}" if on_time.denominator else "–"
    return (
        Total(fraction, visit.t("wallboard.on_time")),
        Total(f"{overdue:,}", visit.t("wallboard.overdue"), "over" if overdue else ""),
        Total(f"{sum(one.open for one in found):,}", visit.t("wallboard.open")),
        Total(f"{sum(one.offered for one in found):,}", visit.t("wallboard.offered")),
        Total(f"{sum(one.registered for one in found):,}", visit.t("wallboard.came")),
        Total(f"{silent:,} / {len(found):,}", visit.t("wallboard.silent")),
    )


def _oldest(found: Sequence[Standing], visit: Visit) -> str:
    """Say up to when all centres that are not silent have told."""
    times = [one.as_of for one in found if one.as_of is not None and visit.now - one.as_of <= SILENT_AFTER]
    return moment(min(times), visit.now, visit.language).full if times else visit.t("wallboard.never")


def _fraction(rate: Rate, visit: Visit) -> str:
    if rate.share is None:
        return visit.t("wallboard.none_due")
    return visit.t(
        "wallboard.fraction",
        share=_share(rate, 2),
        numerator=f"{rate.numerator:,}",
        denominator=f"{rate.denominator:,}",
    )


def _share(rate: Rate, places: int) -> str:
    return f"{rate.share * FULL:.{places}f} %" if rate.share is not None else ""
