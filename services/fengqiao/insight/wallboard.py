"""The wallboard: how every centre below stands by what it has told, and up to when it has told (F31, F36).

Four statements, whatever the number of cases: the sums of the days, what is overdue of them, what is open, the sources.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fengqiao.domain.figures import Rate
from fengqiao.domain.tally import Measure
from fengqiao.domain.topology import Topology
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.store import facts as store
from fengqiao.store.database import Database

SHOWN = (Measure.DAY_REGISTERED, Measure.DAY_CLOSED, Measure.DAY_DUE, Measure.DAY_ON_TIME)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the cases stand that one centre took in: what came in and was kept on some days, and what is open now.

    `as_of` is up to when the centre has told; None when it never has.
    """

    centre: str
    registered: int
    closed: int
    on_time: Rate
    open: int
    overdue: int
    offered: int
    suspended: int
    as_of: datetime | None


async def wallboard(
    database: Database, centres: Sequence[str], first: date, last: date, now: datetime
) -> tuple[Standing, ...]:
    """Give how some centres stand over days, the first and the last one included, in the order given."""
    counted: defaultdict[tuple[str, Measure], int] = defaultdict(int)
    for one in await store.sums(database, centres, first, last, SHOWN):
        counted[one.centre, one.measure] += one.many
    # What is overdue has missed its limit: a centre that finishes nothing does not look punctual.
    for (centre, _), many in (await store.overdue_days(database, centres, first, last, now)).items():
        counted[centre, Measure.DAY_DUE] += many
    open_now = {one.centre: one for one in await store.open_cases(database, centres, now)}
    as_of = {source.centre: source.told_until for source in await store.sources(database)}
    return tuple(_standing(centre, counted, open_now.get(centre), as_of.get(centre)) for centre in centres)


def _standing(
    centre: str,
    counted: defaultdict[tuple[str, Measure], int],
    open_now: store.OpenCases | None,
    as_of: datetime | None,
) -> Standing:
    return Standing(
        centre,
        counted[centre, Measure.DAY_REGISTERED],
        counted[centre, Measure.DAY_CLOSED],
        Rate("on_time", counted[centre, Measure.DAY_ON_TIME], counted[centre, Measure.DAY_DUE]),
        open_now.open if open_now else 0,
        open_now.overdue if open_now else 0,
        open_now.offered if open_now else 0,
        open_now.suspended if open_now else 0,
        as_of,
    )


def centres_below(topology: Topology, centre: str) -> tuple[str, ...]:
    """Give the centres whose cases a centre's wallboard shows: itself first, then all below, county by county."""
    children = sorted(topology.children(centre))
    return (centre, *(code for child in children for code in centres_below(topology, child)))


async def refresh_feed_gauges(database: Database, metrics: NodeMetrics, lag: int | None, now: datetime) -> None:
    """Set the gauges of the feeds that a centre reads; called when they are scraped."""
    told = [source.told_until for source in await store.sources(database)]
    if told:
        metrics.set("fengqiao_feed_oldest_seconds", max(0.0, (now - min(told)).total_seconds()))
    if lag is not None:
        metrics.set("fengqiao_feed_lag_records", lag)
