"""League tables: the centres of one class beside each other, with intervals, and no place that chance gave (F36)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from fengqiao.domain.league import LEAST, Band, League, Line, Peers, peers_of
from fengqiao.domain.performance import DEFINITIONS, Indicator
from fengqiao.insight import performance as insight
from fengqiao.web.desk.marks import Mark
from fengqiao.web.desk.performance import (
    FULL,
    RateCell,
    Wanted,
    frame,
    href,
    one_of,
    rate_cell,
    read_wanted,
    wanted_indicator,
)
from fengqiao.web.desk.visit import Visit

SHAPES: Mapping[Band, tuple[str, str]] = {
    Band.BETTER: ("full", "done"),
    Band.ALIKE: ("half", "done"),
    Band.WORSE: ("ask", "ask"),
    Band.TOO_FEW: ("dot", "sent"),
}


@dataclass(frozen=True, slots=True)
class LeagueRow:
    """One centre: the interval as a text and, in thousandths of the width, as a stroke with its point."""

    place: str
    centre: str
    above: str
    cell: RateCell
    interval: str
    low: int
    wide: int
    point: int
    band: Mark
    href: str


async def league_page(visit: Visit) -> Response:
    """Show the league of an indicator among the peers that are asked for."""
    wanted, indicator = read_wanted(visit), wanted_indicator(visit)
    classes = _peers(wanted, visit)
    peers = Peers(one_of("peers", visit.query("peers") or classes[-1].value, [one.value for one in classes]))
    context = visit.context
    found = await insight.league_of(context.database, context.topology, wanted.asked, indicator, peers)
    shared = await frame(visit, wanted, "league", of=indicator.value, peers=peers.value)
    choices = {
        "of": [(one.value, visit.word(f"indicator.{one}")) for one in Indicator],
        "peers": [(one.value, visit.word(f"peers.{one}")) for one in classes],
    }
    return visit.page(
        "performance_league.html",
        **shared,
        choices=choices,
        indicator=visit.word(f"indicator.{indicator}"),
        made_of=visit.word(f"indicator_of.{indicator}"),
        better=visit.t(f"performance.order_{DEFINITIONS[indicator].better}"),
        least=LEAST,
        median=rate_share(found.median),
        middle=_scaled(found.median, found) if found.median is not None else None,
        rows=[_row(line, found, indicator, wanted, visit) for line in found.lines],
    )


def rate_share(share: float | None) -> str:
    """Give a share in words."""
    return f"{share * FULL:.2f} %" if share is not None else "–"


def _peers(wanted: Wanted, visit: Visit) -> Sequence[Peers]:
    topology = visit.context.topology
    found = {peers_of(topology.centre(code)) for code in wanted.asked.centres}
    return [one for one in Peers if one in found]


def _row(line: Line, found: League, indicator: Indicator, wanted: Wanted, visit: Visit) -> LeagueRow:
    topology, here = visit.context.topology, line.interval
    centre = topology.centre(line.centre)
    low, high = (_scaled(here.low, found), _scaled(here.high, found)) if here else (0, 0)
    shape, tone = SHAPES[line.band]
    return LeagueRow(
        place=str(line.place) if line.place is not None else "",
        centre=centre.name,
        above=visit.name_of(centre.parent) if centre.parent else "",
        cell=rate_cell(line.rate),
        interval=f"{here.low * FULL:.1f} – {here.high * FULL:.1f} %" if here else "",
        low=low,
        wide=max(high - low, 4) if here else 0,
        point=_scaled(line.rate.share or 0.0, found),
        band=Mark(visit.word(f"band.{line.band}"), shape, tone),
        href=_cases(visit, wanted, indicator, line) if line.rate.denominator else "",
    )


def _cases(visit: Visit, wanted: Wanted, indicator: Indicator, line: Line) -> str:
    side = "missing" if line.rate.numerator < line.rate.denominator else "counted"
    return href(visit, "cases", wanted.kept, of=indicator.value, side=side, centre=line.centre)


def _scaled(share: float, found: League) -> int:
    """Give where a share lies in the picture, in thousandths: it begins at nought and ends where the highest does."""
    ends = [line.interval.high for line in found.lines if line.interval is not None]
    return round(share / max(max(ends, default=1.0), 0.01) * 1000)
