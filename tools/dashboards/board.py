"""A board as a value, and how it becomes a dashboard of Grafana: rows of panels laid out from left to right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json import dumps

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard

from tools.dashboards.link import TAG
from tools.dashboards.panel import Panel
from tools.dashboards.variable import Variable

WIDTH = 24
Placed = dashboard.Panel | dashboard.RowPanel


@dataclass(frozen=True, slots=True)
class Row:
    """A heading and the panels below it."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard: its lasting id, its words, how far back it looks, what can be chosen, where it leads."""

    uid: str
    title: str
    description: str
    since: str
    refresh: str
    variables: Sequence[Variable]
    links: Sequence[dashboard.DashboardLink]
    rows: Sequence[Row]


def written(board: Board) -> str:
    """Give the JSON that Grafana reads, in an order that never changes without a reason."""
    return dumps(_assembled(board), cls=JSONEncoder, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _assembled(board: Board) -> dashboard.Dashboard:
    return dashboard.Dashboard(
        uid=board.uid,
        title=board.title,
        description=board.description,
        tags=[TAG],
        timezone="Asia/Shanghai",
        week_start="monday",
        editable=False,
        graph_tooltip=dashboard.DashboardCursorSync.CROSSHAIR,
        time=dashboard.DashboardDashboardTime(board.since, "now"),
        refresh=board.refresh,
        panels=list(_laid_out(board.rows)),
        templating=dashboard.DashboardDashboardTemplating(list(board.variables)),
        links=list(board.links),
    )


def _laid_out(rows: Sequence[Row]) -> Iterator[Placed]:
    """Place panels beside each other until a line of the grid is full; ids count up."""
    number, y = 1, 0
    for row in rows:
        yield dashboard.RowPanel(title=row.title, grid_pos=dashboard.GridPos(1, WIDTH, 0, y), id_val=number)
        number, x, y, height = number + 1, 0, y + 1, 0
        for panel in row.panels:
            place = panel.grid_pos or dashboard.GridPos()
            if x + place.w > WIDTH:
                x, y, height = 0, y + height, 0
            panel.grid_pos = dashboard.GridPos(place.h, place.w, x, y)
            panel.id_val = number
            yield panel
            number, x, height = number + 1, x + place.w, max(height, place.h)
        y += height
