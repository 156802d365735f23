"""A small city for the unit tests: its centres, units, facts, and a case or a directive in any situation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fengqiao.domain.case import Case, CaseFile, CaseState, Direction, FirstReceiver, Offer, Role
from fengqiao.domain.catalogue import Catalogue, Item, MatterClass
from fengqiao.domain.command import IssueDirective, RegisterCase
from fengqiao.domain.course import (
    Application,
    ApplicationKind,
    Arbitration,
    ClosingKind,
    Merged,
    Revisit,
    Submission,
    Suspension,
    SuspensionReason,
)
from fengqiao.domain.decision import Facts
from fengqiao.domain.directive import Directive, issue
from fengqiao.domain.handbook import Handbook
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

HANDBOOK = Handbook(
    Catalogue(
        "2026-11",
        (
            MatterClass(
                "01",
                "城乡建设",
                "Construction",
                "roads",
                "市住房和城乡建设局",
                (Item("0101", "住房", "Housing"), Item("0102", "道路", "Roads")),
            ),
        ),
    )
)


def number(n: int) -> UUID:
    """Give an id that reads as a number in a failure."""
    return UUID(int=n)


def facts(
    centre: str = EAST, event: int = 900, at: datetime = NOON, topology: Topology = THREE_LEVELS, actor: str = "王芳"
) -> Facts:
    """Give what a rule may know, at a centre."""
    return Facts(at, topology.centre(centre), topology, UNITS, actor, number(event), HANDBOOK)


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


WHO = "李强"
"""Who took the step before in every sample; `facts` are those of another person."""
MERGED = number(7)
SUBMITTED = Submission("路灯已修复。", ClosingKind.SOLVED, (), "现场照片已附。", WHO, NOON)


def coursed(file: CaseFile, state: CaseState = CaseState.ASSIGNED, **values: object) -> CaseFile:
    """Give the file with the case assigned to the unit `roads`, in a state, and with parts of its course."""
    course = replace(file.case.course, **values)  # type: ignore[arg-type]  # parts of the test's own choosing
    first = FirstReceiver(file.case.holder, "roads", fixed=True)
    return replace(file, case=replace(file.case, state=state, unit="roads", first_receiver=first, course=course))


def closed_as(file: CaseFile, closing: ClosingKind) -> CaseFile:
    """Give the file with the case closed at noon."""
    case = replace(file.case, state=CaseState.RESOLVED, closing=closing, result="路灯已修复。", resolved_at=NOON)
    return replace(file, case=case)


def asked(kind: ApplicationKind) -> Application:
    """Give what somebody has applied for."""
    cause = SuspensionReason.MATERIALS if kind is ApplicationKind.SUSPENSION else None
    return Application(kind, "等待补充材料", WHO, NOON, 5, cause)


def disputed(holder: str, to: str) -> CaseFile:
    """Give the holder's file of a case that waits for an arbitration; its id is 60."""
    question = Arbitration(number(60), to, "roads", "不属于本单位职责", WHO, NOON)
    file = coursed(registered(holder), CaseState.DISPUTED, arbitration=question, returned=(f"{holder}/water",))
    return replace(file, audience=file.audience | ({to} - {holder}))


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
        "holder, accepted": in_state(held, CaseState.ACCEPTED),
        "holder, assigned": coursed(held),
        "holder, assigned after a return": coursed(held, returned=(f"{EAST}/water",)),
        "holder, assigned by arbitration": coursed(held, returned=(f"{EAST}/water",), arbitrated=EAST),
        "holder, application open": coursed(held, application=asked(ApplicationKind.EXTENSION)),
        "holder, suspended": coursed(held, suspension=Suspension(SuspensionReason.MATERIALS, 5, WHO, "赵刚", NOON)),
        "holder, merged": coursed(held, merged_into=MERGED),
        "holder, leads a merged case": coursed(held, merged=(Merged(MERGED, "7", NOON),)),
        "holder, disputed": disputed(EAST, CITY),
        "holder, disputed, nobody above": disputed(EAST, EAST),
        "holder, submitted": coursed(held, CaseState.SUBMITTED, submission=SUBMITTED),
        "holder, signed off": coursed(held, CaseState.SIGNED_OFF, submission=SUBMITTED, signed_off_by="赵刚"),
        "holder, replied": coursed(
            held,
            CaseState.REPLIED,
            submission=SUBMITTED,
            signed_off_by="赵刚",
            reply="路灯已修复。",
            replied_at=NOON,
            revisit=Revisit(True, "满意。", WHO, NOON),
        ),
        "holder, resolved": closed_as(held, ClosingKind.SOLVED),
        "holder, offer open": offered(held, CITY),
        "holder, withdrawal asked": offered(held, CITY, withdrawing=True),
        "candidate": seen_by(offered_here, Role.CANDIDATE),
        "candidate that follows": seen_by(offered_here, Role.CANDIDATE, CITY, EAST_HILL),
        "arbiter": seen_by(disputed(EAST_HILL, EAST).case, Role.ARBITER, EAST_HILL),
        "follower": seen_by(above, Role.FOLLOWER, CITY),
        "follower, offer open elsewhere": seen_by(offered_west, Role.FOLLOWER, CITY),
        "follower that has just refused": seen_by(offered_here, Role.FOLLOWER, CITY, EAST_HILL),
        "bystander": seen_by(offered_here, Role.BYSTANDER),
    }
