"""The public page of performance (F33): a month of a city or county with its branches, as figures that name nobody.

What was worked out is kept for a minute, so that a thousand readers cost the database what one does.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from starlette.responses import Response

from fengqiao.domain.calendar import city_day
from fengqiao.domain.errors import Refusal, not_found
from fengqiao.domain.figures import Rate
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.league import LEAST
from fengqiao.domain.performance import DEFINITIONS, Indicator, moved_by, ripe
from fengqiao.domain.publication import PUBLISHED, ROUNDED_TO, is_published, published_count
from fengqiao.insight.publication import Publication, publication
from fengqiao.web.citizen.node import CitizenNode
from fengqiao.web.citizen.visit import CitizenVisit

MONTHS_OFFERED = 12
KEPT = timedelta(seconds=60)
FAILED = timedelta(seconds=5)
FULL = 100


@dataclass(frozen=True, slots=True)
class RateLine:
    """A rate: its share and among how many, or the sentence that says why there is none."""

    name: str
    share: str
    among: str
    bar: int | None
    why: str


@dataclass(frozen=True, slots=True)
class BranchLine:
    """A branch with its counts and shares as texts."""

    name: str
    href: str
    registered: str
    closed: str
    shares: Sequence[str]


@dataclass(frozen=True, slots=True)
class TrendLine:
    """A month: what came in as a bar in hundredths of the most, and what was on time."""

    name: str
    registered: str
    bar: int
    on_time: str


@dataclass(slots=True)
class _Place:
    """A place on the shelf: what was found last, and until when it stands."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    found: Publication | Refusal | None = None
    until: datetime | None = None


class PublicationShelf:
    """What was worked out within the last minute, by centre and month; whoever comes meanwhile waits for the same.

    What could not be worked out is not tried again for some seconds: a database that is away is not asked by everybody.
    """

    def __init__(self) -> None:
        self._places: defaultdict[tuple[str, date], _Place] = defaultdict(_Place)

    async def get(self, node: CitizenNode, month: date) -> Publication:
        """Give a month of a centre, at most a minute old. Raises UNAVAILABLE database_away."""
        place, now = self._places[node.centre.code, month], node.clock()
        async with place.turn:
            if place.found is None or place.until is None or now >= place.until:
                self._forget_before(moved_by(city_day(now), -MONTHS_OFFERED - 1))
                try:
                    place.found = await publication(node.database, node.topology, node.centre.code, month, now)
                    place.until = now + KEPT
                except Refusal as refusal:
                    place.found, place.until = refusal, now + FAILED
        if isinstance(place.found, Refusal):
            raise place.found
        return place.found

    def _forget_before(self, month: date) -> None:
        """Forget months that are offered no more, so that a shelf holds as many as there are centres and months."""
        for key in [key for key in self._places if key[1] < month]:
            del self._places[key]


async def performance_page(visit: CitizenVisit, node: CitizenNode, shelf: PublicationShelf) -> Response:
    """Show a month; the last one that is over unless the address names another. Raises NOT_FOUND page_unknown."""
    if not node.publishes:
        return _of_parent(visit, node)
    today = city_day(node.clock())
    months = [f"{moved_by(today, -ago):%Y-%m}" for ago in range(1, MONTHS_OFFERED + 1)]
    wanted = visit.query("month") or months[0]
    if wanted not in months:
        raise not_found("page_unknown")
    found = await shelf.get(node, date.fromisoformat(f"{wanted}-01"))
    response = visit.page(
        "performance.html",
        centre=node.centre,
        months=months,
        month=wanted,
        headline=visit.t(
            "headline", month=wanted, registered=_about(found.registered, visit), closed=_about(found.closed, visit)
        ),
        rates=[_rate_line(one, found, today, visit) for one in PUBLISHED],
        branches=_branch_lines(found, node, wanted, visit),
        indicators=[visit.word(f"indicator.{one}") for one in PUBLISHED],
        trend=_trend_lines(found, visit),
        as_of=f"{found.as_of.astimezone(CITY_ZONE):%Y-%m-%d %H:%M}" if found.as_of else "",
        least=LEAST,
        rounded_to=ROUNDED_TO,
    )
    response.headers["Cache-Control"] = f"public, max-age={KEPT.seconds}"
    return response


def _of_parent(visit: CitizenVisit, node: CitizenNode) -> Response:
    parent = node.topology.centre(node.centre.parent or node.centre.code)
    return visit.page("township.html", centre=node.centre, parent=parent)


def _rate_line(indicator: Indicator, found: Publication, today: date, visit: CitizenVisit) -> RateLine:
    rate, name = found.rates[indicator], visit.word(f"indicator.{indicator}")
    if is_published(rate) and rate.share is not None:
        return RateLine(name, share_of(rate), _about(rate.denominator, visit), round(rate.share * FULL), "")
    ripe_days = DEFINITIONS[indicator].ripe_days
    early = ripe_days > 0 and not ripe(found.month, ripe_days, today)
    return RateLine(name, "", "", None, visit.t("unripe") if early else visit.t("too_few", least=LEAST))


def _branch_lines(found: Publication, node: CitizenNode, month: str, visit: CitizenVisit) -> Sequence[BranchLine]:
    lines = []
    for one in found.branches:
        name, inner = node.topology.centre(one.centre).name, bool(node.topology.children(one.centre))
        itself = one.centre == node.centre.code
        lines.append(
            BranchLine(
                visit.t("itself", name=name) if itself else name,
                visit.url(one.centre, "performance", month=month) if inner and not itself else "",
                _count(one.registered, visit),
                _count(one.closed, visit),
                [share_of(one.rates[indicator]) for indicator in PUBLISHED],
            )
        )
    return lines


def share_of(rate: Rate) -> str:
    """Give a share as everybody may see it; a dash where it is not published."""
    return f"{rate.share * FULL:.1f} %" if is_published(rate) and rate.share is not None else "–"


def _about(many: int, visit: CitizenVisit) -> str:
    shown = published_count(many)
    if shown is None:
        return visit.t("few", count=ROUNDED_TO)
    return visit.t("about", count=f"{shown:,}") if shown else visit.t("none")


def _count(many: int, visit: CitizenVisit) -> str:
    shown = published_count(many)
    return visit.t("small", count=ROUNDED_TO) if shown is None else f"{shown:,}"


def _trend_lines(found: Publication, visit: CitizenVisit) -> Sequence[TrendLine]:
    most = max((published_count(one.registered) or 0 for one in found.trend), default=0)
    return [
        TrendLine(
            f"{one.month:%Y-%m}",
            _count(one.registered, visit),
            round((published_count(one.registered) or 0) / most * FULL) if most else 0,
            share_of(one.on_time),
        )
        for one in found.trend
    ]
