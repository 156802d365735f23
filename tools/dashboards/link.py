"""Where a reader goes on from a board: to the other boards with the same choices, and to the desk."""

from collections.abc import Mapping

from grafana_foundation_sdk.models import dashboard

TAG = "fengqiao"
CELL = "${__value.raw}"
"""The value of the cell that a link stands in."""

Link = Mapping[str, object]
"""A link of a cell, in Grafana's form."""

KEPT = "${datasource:queryparam}&${job:queryparam}&${desk:queryparam}&${__url_time_range}"
"""What every link between boards takes along."""


def boards() -> dashboard.DashboardLink:
    """Make the menu of all boards, with the choices and the time taken along."""
    return dashboard.DashboardLink(
        "看板",
        dashboard.DashboardLinkType.DASHBOARDS,
        "apps",
        "枫桥的全部看板 All boards",
        tags=[TAG],
        as_dropdown=True,
        include_vars=True,
        keep_time=True,
    )


def desk_page(title: str, path: str, tooltip: str) -> dashboard.DashboardLink:
    """Make a link to a page of the desk; `path` begins with the centre's code or the variable that has it."""
    return dashboard.DashboardLink(
        title,
        dashboard.DashboardLinkType.LINK,
        "external link",
        tooltip,
        url=f"${{desk:raw}}/{path}",
        target_blank=True,
    )


def to_board(title: str, uid: str, **choices: str) -> Link:
    """Make a link of a cell to a board with what is chosen there, such as `CELL`."""
    chosen = "".join(f"var-{name}={value}&" for name, value in choices.items())
    return {"title": title, "url": f"/d/{uid}?{chosen}{KEPT}", "targetBlank": False}


def to_desk(title: str, centre: str, rest: str = "") -> Link:
    """Make a link of a cell to a page of a centre's desk."""
    return {"title": title, "url": f"${{desk:raw}}/{centre}/{rest}", "targetBlank": True}
