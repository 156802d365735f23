"""The federation at a glance: 147 tiles by county, with links, outboxes and offers (F37, ui.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from fengqiao.domain.topology import Centre
from fengqiao.web.desk.node import TileFigures
from fengqiao.web.desk.times import duration, rough
from fengqiao.web.desk.visit import Visit

LATE_SECONDS = 60.0
"""An outbox older than this is shown on the tile; younger is the usual second or two."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One centre: its name, link, offers waiting, what its outbox keeps back, and the figures in words."""

    name: str
    href: str
    tone: str
    here: bool
    hosted: bool
    connected: bool
    link_word: str
    open: str
    offers: int
    waiting: str
    figures: Sequence[str]


@dataclass(frozen=True, slots=True)
class Branch:
    """A county with its townships."""

    head: Tile
    townships: Sequence[Tile]


@dataclass(frozen=True, slots=True)
class Total:
    """One figure over all centres that are hosted here."""

    value: str
    name: str


async def federation_page(visit: Visit) -> Response:
    """Show all centres; the figures are of those that this process hosts."""
    seen = {one.code: one for one in visit.shop.desk.settings.federation_view()}
    topology = visit.context.topology
    tiles = {code: tile(centre, seen.get(code), visit) for code, centre in topology.centres.items()}
    city = topology.city.code
    return visit.page(
        "federation.html",
        city=tiles[city],
        counties=[
            Branch(tiles[county], [tiles[code] for code in topology.children(county)])
            for county in topology.children(city)
        ],
        totals=totals(seen, visit),
    )


def tile(centre: Centre, figures: TileFigures | None, visit: Visit) -> Tile:
    """Make a tile; a centre that is not hosted here has no figures."""
    hosted = figures is not None and figures.hosted
    if figures is None or not hosted:
        return Tile(
            centre.name, "", "unknown", centre.code == visit.centre.code, False, False, "", "", 0, "",
            (visit.t("federation.not_here"),),
        )  # fmt: skip
    top = centre.parent is None
    link_word = visit.t("federation.top") if top else visit.t("link.up" if figures.link_connected else "link.down")
    late = figures.outbox_oldest_seconds >= LATE_SECONDS
    age = duration(figures.outbox_oldest_seconds, visit.language)
    return Tile(
        name=centre.name,
        href=f"/{centre.code}/cases",
        tone="up" if figures.link_connected or top else "cut",
        here=centre.code == visit.centre.code,
        hosted=True,
        connected=figures.link_connected or top,
        link_word=link_word,
        open=visit.t("federation.open_short", count=f"{figures.open_cases:,}"),
        offers=figures.offers_waiting,
        waiting=rough(figures.outbox_oldest_seconds, visit.language) if late else "",
        figures=(
            visit.t("federation.open", count=f"{figures.open_cases:,}"),
            visit.t("federation.waiting", count=f"{figures.offers_waiting:,}"),
            visit.t("federation.unpublished", count=f"{figures.unpublished:,}"),
            visit.t("federation.oldest", time=age if figures.unpublished else visit.t("federation.none")),
        ),
    )


def totals(seen: Mapping[str, TileFigures], visit: Visit) -> Sequence[Total]:
    """Sum up what is hosted here."""
    hosted = [one for one in seen.values() if one.hosted]
    edges = [one for one in hosted if one.code != visit.context.topology.city.code]
    linked = sum(one.link_connected for one in edges)
    return (
        Total(f"{len(hosted):,} / {len(visit.context.topology.centres):,}", visit.t("federation.hosted")),
        Total(f"{linked:,} / {len(edges):,}", visit.t("federation.linked")),
        Total(f"{sum(one.open_cases for one in hosted):,}", visit.t("federation.total_open")),
        Total(f"{sum(one.offers_waiting for one in hosted):,}", visit.t("federation.total_offers")),
        Total(f"{sum(one.unpublished for one in hosted):,}", visit.t("federation.total_unpublished")),
    )
