"""A small city for the unit tests: its centres, units, facts, and a case or a directive in any situation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fengqiao.domain.case import Case, CaseFile, CaseState, Direction, Offer, Role
from fengqiao.domain.command import IssueDirective, RegisterCase
from fengqiao.domain.decision import Facts
from fengqiao.domain.directive import Directive, issue
from fengqiao.domain.intake import register
from fengqiao.domain.topology import Centre, Level, Topology
from fengqiao.domain.unit import WINDOW, Unit, UnitDirectory

CITY, EAST, WEST = "3714", "371401", "371402"
EAST_HILL, EAST_LAKE, WEST_TOWN = "371401001", "371401002", "371402001"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

CENTRES = (
    Centre(CITY, Level.CITY, "枫桥市", None),
    Centre(EAST, Level.COUNTY, "东县", CITY),
    Centre(WEST, Level.COUNTY, "西县", CITY),
    Centre(EAST_HILL, Level.TOWNSHIP, "东山镇", EAST),
    Centre(EAST_LAKE, Level.TOWNSHIP, "东湖镇", EAST),
    Centre(WEST_TOWN, Level.TOWNSHIP, "西镇", WEST),
)
THREE_LEVELS = Topology(CENTRES)
TWO_LEVELS = Topology(centre for centre in CENTRES if centre.level is not Level.TOWNSHIP)

_WINDOW = Unit(WINDOW, "受理窗口", "Reception window")
UNITS = UnitDirectory(
    {
        Level.CITY: (_WINDOW, Unit("roads", "市交通运输局", "City roads department")),
        Level.COUNTY: (
            _WINDOW,
            Unit("roads", "县交通运输局", "County roads department"),
            Unit("water", "水利局", "Water"),
        ),
        Level.TOWNSHIP: (
            _WINDOW,
            Unit("justice", "司法所", "Justice office"),
            Unit("police", "派出所", "Police station"),
        ),
    }
)


def number(n: int) -> UUID:
    """Give an id that reads as a number in a failure."""
    return UUID(int=n)


def facts(centre: str = EAST, event: int = 900, at: datetime = NOON, topology: Topology = THREE_LEVELS) -> Facts:
    """Give what a rule may know, at a centre."""
    return Facts(at, topology.centre(centre), topology, UNITS, "王芳", number(event))


def registered(centre: str = EAST, unit: str = "", *, urgent: bool = False) -> CaseFile:
    """Give the file of a case that was just taken in; its id is 1."""
    command = RegisterCase(number(1), "路灯不亮", "村口的路灯坏了三天。", unit=unit, urgent=urgent)
    return register(command, 7, facts(centre, event=100)).file


def offered(file: CaseFile, to: str, *, withdrawing: bool = False) -> CaseFile:
    """Give the holder's file with an open offer; the offer's id is 50."""
    case = file.case
    up = THREE_LEVELS.parent(case.holder) == to
    made = Offer(number(50), to, Direction.UP if up else Direction.DOWN, case.epoch + 1, "超出权限", NOON, withdrawing)
    return replace(file, case=replace(case, offer=made, version=case.version + (2 if withdrawing else 1)))


def seen_by(case: Case, role: Role, *audience: str) -> CaseFile:
    """Give the file of the same case at another centre."""
    return CaseFile(case, role, frozenset(audience))


def in_state(file: CaseFile, state: CaseState) -> CaseFile:
    """Give the file with the case in a state."""
    return replace(file, case=replace(file.case, state=state))


def issued(issuer: str = CITY, recipient: str = EAST) -> Directive:
    """Give a directive that was just issued; its id is 2."""
    command = IssueDirective(number(2), recipient, "roads", "修复路灯", "三日内修复。", NOON + timedelta(days=3))
    return issue(command, 3, facts(issuer, event=200)).file.directive


def situations() -> dict[str, CaseFile]:
    """Give the file of a case at EAST in each situation that a centre can be in, by its name on docs/states.md."""
    held = replace(registered(EAST), audience=frozenset({EAST_HILL}))
    below, above = registered(EAST_HILL), replace(registered(EAST).case, holder=CITY, epoch=2, version=4)
    offered_here, offered_west = offered(below, EAST).case, offered(seen_by(above, Role.HOLDER), WEST).case
    return {
        "holder, registered": held,
        "holder, assigned": in_state(held, CaseState.ASSIGNED),
        "holder, resolved": in_state(held, CaseState.RESOLVED),
        "holder, offer open": offered(held, CITY),
        "holder, withdrawal asked": offered(held, CITY, withdrawing=True),
        "candidate": seen_by(offered_here, Role.CANDIDATE),
        "candidate that follows": seen_by(offered_here, Role.CANDIDATE, CITY, EAST_HILL),
        "follower": seen_by(above, Role.FOLLOWER, CITY),
        "follower, offer open elsewhere": seen_by(offered_west, Role.FOLLOWER, CITY),
        "follower that has just refused": seen_by(offered_here, Role.FOLLOWER, CITY, EAST_HILL),
        "bystander": seen_by(offered_here, Role.BYSTANDER),
    }
