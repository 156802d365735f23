"""Flows between the tiers, and the heat of classes by branch and week (F31, F34)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from fengqiao.domain.figures import Rate
from fengqiao.domain.topology import Level
from fengqiao.insight import performance as insight
from fengqiao.insight.performance import Flow
from fengqiao.store.performance import WeekCount
from fengqiao.web.desk.performance import RateCell, Wanted, class_name, frame, href, rate_cell, read_wanted
from fengqiao.web.desk.visit import Visit

WEEKS = 8
HEAT_STEPS = 5
"""So many shades, each with its number in the cell: what is seen is never told by colour alone."""


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A branch: what came in, what rose to each tier, and what came back of it."""

    name: str
    registered: str
    rose: Sequence[RateCell]
    came_back: RateCell
    href: str


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A number with the step of its shade; nought is not shaded."""

    many: str
    step: int
    words: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One class at one branch, or at all: a number for each week, and how it moved in the last whole one."""

    branch: str
    matter: str
    cells: Sequence[HeatCell]
    total: str
    trend: str


async def flows_page(visit: Visit) -> Response:
    """Show what rose from where, and what came back down."""
    wanted, context = read_wanted(visit), visit.context
    found = await insight.flows(context.database, context.topology, wanted.asked, visit.centre.code)
    tiers = [level for level in (Level.COUNTY, Level.CITY) if any(flow.rose[level] for flow in found)] or [Level.COUNTY]
    return visit.page(
        "performance_flows.html",
        **await frame(visit, wanted, "flows"),
        tiers=[visit.t(f"performance.rose_{level}") for level in tiers],
        rows=[_flow_row(flow, tiers, wanted, visit) for flow in (*found, _sum(found))],
    )


async def heat_page(visit: Visit) -> Response:
    """Show what came in by class, branch and week."""
    wanted, context = read_wanted(visit), visit.context
    asked = wanted.asked
    found = await insight.heat(context.database, context.topology, visit.centre.code, asked.centres, WEEKS, asked.today)
    picked = [one for one in found if asked.matter_class in (None, one.matter_class)]
    monday = asked.today - timedelta(days=asked.today.weekday())
    weeks = [monday - timedelta(weeks=ago) for ago in reversed(range(WEEKS))]
    return visit.page(
        "performance_heat.html",
        **await frame(visit, wanted, "heat"),
        weeks=[f"{week:%m-%d}" for week in weeks],
        running=visit.t("performance.running"),
        rows=_heat_rows(picked, weeks, visit),
    )


def _flow_row(flow: Flow, tiers: Sequence[Level], wanted: Wanted, visit: Visit) -> FlowRow:
    rose = sum(flow.rose.values())
    # Of the centre itself the list would show those below it as well.
    leads = rose and flow.branch not in ("", visit.centre.code)
    return FlowRow(
        visit.name_of(flow.branch) if flow.branch else visit.t("performance.all"),
        f"{flow.registered:,}",
        [rate_cell(Rate("rose", flow.rose[level], flow.registered)) for level in tiers],
        rate_cell(Rate("came_back", flow.came_back, rose)),
        href(visit, "cases", wanted.kept, of="rose", side="counted", centre=flow.branch) if leads else "",
    )


def _sum(found: Sequence[Flow]) -> Flow:
    rose = {level: sum(flow.rose[level] for flow in found) for level in (Level.COUNTY, Level.CITY)}
    return Flow("", sum(flow.registered for flow in found), rose, sum(flow.came_back for flow in found))


def _heat_rows(found: Sequence[WeekCount], weeks: Sequence[date], visit: Visit) -> Sequence[HeatRow]:
    """Give a row for each class at each branch, the ones that grew most in the last whole week first."""
    counts: defaultdict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    for one in found:
        counts[one.branch, one.matter_class][one.week] = one.many
    most = max((one.many for one in found), default=1)
    rows = []
    for (branch, matter_class), by_week in counts.items():
        numbers = [by_week.get(week, 0) for week in weeks]
        grown = numbers[-2] - numbers[-3]
        rows.append((-grown, -sum(numbers), branch, matter_class, numbers))
    return [
        _heat_row(branch, matter_class, numbers, -grown, most, visit)
        for grown, _, branch, matter_class, numbers in sorted(rows)
    ]


def _heat_row(branch: str, matter_class: str, numbers: Sequence[int], grown: int, most: int, visit: Visit) -> HeatRow:
    name = class_name(matter_class, visit)
    cells = [HeatCell(f"{many:,}" if many else "", -(-many * HEAT_STEPS // most), name) for many in numbers]
    return HeatRow(visit.name_of(branch), name, cells, f"{sum(numbers):,}", f"{grown:+,}" if grown else "0")
