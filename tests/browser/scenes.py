"""Work that lies on the desks of a stand: cases in every standing, a hand-over in the air, directives at each step."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fengqiao.domain.case import Direction
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    AssignCase,
    IssueDirective,
    OfferCase,
    ReceiveDirective,
    RegisterCase,
    ReportDirective,
    ResolveCase,
)
from fengqiao.handlers import case as cases
from fengqiao.handlers import directive as directives
from fengqiao.web.desk.node import TileFigures
from tests.browser.rig import Stand
from tests.cities import real_size_topology
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, new_id

LONG = "新河路这段铁轨二十年没有通车，下雨天骑车的人常在这里摔倒。" * 130


@dataclass(frozen=True, slots=True)
class Scene:
    """The numbers of what lies there."""

    open: str
    offered: str
    resolved: str
    directive: str


async def laid_out(desk: Stand) -> Scene:
    """Lay work out on the desks of a township, its county and the city."""
    numbers = []
    for title, urgent in (("铁轨横卧路中", True), ("小区停车难" * 30, False), ("楼下烧烤扰民", False)):
        command = RegisterCase(new_id(), title, LONG[:4000], place="新河路", urgent=urgent)
        registered = await cases.register(desk[TOWNSHIP], command, CLERK)
        numbers.append((registered.file.case.id, registered.file.case.number))
    (stays, _), (goes, _), (ends, _) = numbers
    await cases.carry_out(desk[TOWNSHIP], AssignCase(stays, "police"), CLERK)
    await cases.carry_out(desk[TOWNSHIP], AddNote(stays, LONG[:800]), CLERK)
    await cases.carry_out(desk[TOWNSHIP], ResolveCase(ends, "已劝离，双方和解。"), CLERK)
    await cases.carry_out(desk[TOWNSHIP], OfferCase(goes, new_id(), Direction.UP, "涉及两个乡镇"), CLERK)
    await desk.settle()
    await cases.carry_out(desk[COUNTY], AcceptOffer(goes), CLERK)
    await cases.carry_out(desk[COUNTY], OfferCase(goes, new_id(), Direction.UP, "产权不在本县"), CLERK)
    await desk.settle()
    due = datetime.now(UTC) + timedelta(hours=3)
    order = IssueDirective(new_id(), TOWNSHIP, "police", "排查废弃道口", LONG[:500], due, (goes,), urgent=True)
    directive = (await directives.issue(desk[COUNTY], order, CLERK)).directive
    await desk.settle()
    await directives.carry_out(desk[TOWNSHIP], ReceiveDirective(directive.id), CLERK)
    await directives.carry_out(desk[TOWNSHIP], ReportDirective(directive.id, "已排查十四处"), CLERK)
    await desk.settle()
    desk.figures[:] = [
        TileFigures(code, index % 29 != 0, index % 11 != 0, 90.0 * (index % 3), index % 5, index % 4, index)
        for index, code in enumerate(real_size_topology().centres, start=1)
    ]
    return Scene(numbers[0][1], numbers[1][1], numbers[2][1], directive.number)


def pages(scene: Scene) -> tuple[tuple[str, str], ...]:
    """Give every page as (centre, path); forms are shown open."""
    return (
        (TOWNSHIP, "work"),
        (TOWNSHIP, "work?scope=all"),
        (TOWNSHIP, "cases"),
        (TOWNSHIP, "cases?view=unassigned"),
        (TOWNSHIP, "cases?view=in_hand"),
        (TOWNSHIP, "cases?view=sign_off"),
        (TOWNSHIP, "cases?view=all&reachable=no"),
        (TOWNSHIP, "cases?view=all&q=铁轨"),
        (COUNTY, "cases?view=offered_out"),
        (CITY, "cases?view=offered"),
        (TOWNSHIP, "cases?view=all&state=registered"),
        (TOWNSHIP, "cases?view=offered"),
        (TOWNSHIP, "cases/new"),
        (TOWNSHIP, f"cases/{scene.open}?act=resolve"),
        (TOWNSHIP, f"cases/{scene.open}?from=mine"),
        (TOWNSHIP, f"cases/{scene.resolved}"),
        (COUNTY, f"cases/{scene.offered}?act=withdraw"),
        (CITY, f"cases/{scene.offered}?act=refuse"),
        (COUNTY, "directives"),
        (COUNTY, "directives/new"),
        (COUNTY, f"directives/{scene.directive}?act=send_back"),
        (CITY, "wallboard"),
        (COUNTY, "wallboard"),
        (CITY, "federation"),
        (TOWNSHIP, "dead-letters"),
        (TOWNSHIP, "keys"),
        (TOWNSHIP, "cases/no-such-case"),
    )
