"""Two stories of the city, written down as steps for the centres that run (MISSION F16 and F18).

The railway track: reported to 12345, five units on site on 16 February, removed on 1 March, road open on 2 March. The
title deeds: housing without them since 2014, taken up from the township to the city, five bodies in one joint meeting,
whose decisions go down as directives with unit and date. What people say is invented.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fengqiao.domain.case import CaseKind, Channel, Direction, RequestType
from fengqiao.domain.command import (
    ApproveDirective,
    IssueDirective,
    ReceiveDirective,
    RegisterCase,
    ReportDirective,
    SendBackDirective,
)
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.topology import Topology
from fengqiao.domain.unit import WINDOW, UnitDirectory
from fengqiao.entry.journey import Journey, Step

NewId = Callable[[], UUID]


@dataclass(frozen=True, slots=True)
class Play:
    """One story: how its case is taken in, the steps after that, and between whom each of its directives passes."""

    feature: str
    register: RegisterCase
    origin: str
    actor: str
    at: datetime
    steps: tuple[Step, ...]
    directives: tuple[tuple[UUID, str, str], ...]
    """Id, issuer and recipient of each."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The centres that play: a branch from the city down, and another county when one runs."""

    topology: Topology
    units: UnitDirectory
    city: str
    county: str
    township: str
    other_county: str

    def unit(self, centre: str, *wanted: str) -> str:
        """Give the first unit of a centre among these codes, else its first one."""
        known = [unit.code for unit in self.units.units(self.topology.centre(centre)) if unit.code != WINDOW]
        return next((code for code in wanted if code in known), known[0])

    def unit_name(self, centre: str, *wanted: str) -> str:
        """Give the Chinese name of that unit; it is the actor when a unit speaks."""
        return self.units.unit(self.topology.centre(centre), self.unit(centre, *wanted)).name


def cast_of(topology: Topology, units: UnitDirectory) -> Cast:
    """Choose the first county with a township among the centres that run; raises STATE branch_not_running."""
    city = topology.city.code
    counties = topology.children(city)
    county = next((code for code in counties if topology.children(code)), None)
    if county is None:
        raise Refusal(Kind.STATE, "branch_not_running")
    other = next((code for code in counties if code != county), "")
    return Cast(topology, units, city, county, topology.children(county)[0], other)


def railway_track(cast: Cast, now: datetime, new_id: NewId) -> Play:
    """F16: one convener, many parties, one result."""
    year = year_past(now, 3, 3)
    city, county, township = cast.city, cast.county, cast.township

    def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(year, month, day, hour, minute, tzinfo=CITY_ZONE)

    register = RegisterCase(
        case_id=new_id(),
        title="废弃铁路专用线横穿道路，群众出行不便",
        text="停用多年的铁路专用线轨道仍横在路面上，电动车经过时多次摔倒，雨天尤其危险，希望尽快拆除。",
        request_type=RequestType.HELP,
        channel=Channel.HOTLINE,
        place="建设路与专用线交叉口",
    )
    way = Journey(register.case_id)
    down = way.offer(
        city, "热线坐席 冯雪", county, Direction.DOWN, "请属地牵头，一方召集、多方联动。", at(2, 10, 9, 40)
    )
    way.accept(county, "派单员 李强", down, at(2, 10, 10, 5))
    way.assign(county, "派单员 李强", cast.unit(county, "transport"), at(2, 10, 10, 20))
    further = way.offer(county, "派单员 李强", township, Direction.DOWN, "请组织现场联合办公。", at(2, 12, 8, 30))
    way.accept(township, "受理员 王敏", further, at(2, 12, 9, 0))
    way.assign(township, "受理员 王敏", cast.unit(township, "order"), at(2, 12, 9, 10))
    on_site = (
        (county, "transport", "现场勘查：专用线已停用，道口可以取消。"),
        (county, "urban", "现场勘查：拆除后由我局恢复路面。"),
        (county, "police", "现场勘查：施工期间派警力疏导交通。"),
        (township, "land", "现场勘查：轨道占地权属清楚，同意拆除。"),
        (township, "order", "现场议定：五家单位分工到位，三月一日前拆除，三月二日通车。"),
    )
    for minute, (centre, unit, words) in enumerate(on_site):
        way.note(centre, cast.unit_name(centre, unit), words, at(2, 16, 9, 30 + minute))
    directive = IssueDirective(
        directive_id=new_id(),
        recipient=township,
        unit=cast.unit(township, "order"),
        title="拆除废弃轨道并恢复通行",
        text="按现场议定事项组织拆除，完成后报告。",
        due_at=at(3, 1, 18),
        cases=(register.case_id,),
    )
    way.direct(county, "中心副主任 赵建国", directive, at(2, 16, 15))
    way.answer(township, "受理员 王敏", ReceiveDirective(directive.directive_id), at(2, 16, 15, 30))
    way.note(township, cast.unit_name(township, "order"), "轨道已全部拆除，正在平整路面。", at(3, 1, 16))
    report = ReportDirective(directive.directive_id, "轨道于三月一日拆除，路面平整完毕。")
    way.answer(township, "受理员 王敏", report, at(3, 1, 17))
    way.answer(county, "中心副主任 赵建国", ApproveDirective(directive.directive_id), at(3, 2, 8, 30))
    way.resolve(township, cast.unit_name(township, "order"), "轨道已拆除，三月二日恢复通车。", at=at(3, 2, 10))
    return Play(
        "F16",
        register,
        city,
        "热线坐席 冯雪",
        at(2, 10, 9, 12),
        tuple(way.steps),
        ((directive.directive_id, county, township),),
    )


def title_deeds(cast: Cast, now: datetime, new_id: NewId) -> Play:
    """F18: a joint meeting, with decisions that are followed to the end."""
    year = year_past(now, 4, 11)
    city, county, township = cast.city, cast.county, cast.township

    def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(year, month, day, hour, minute, tzinfo=CITY_ZONE)

    register = RegisterCase(
        case_id=new_id(),
        title="小区自2014年交付至今未办理不动产权证",
        text="全体业主2014年入住，购房款早已付清，但因开发企业欠缴税费、用地手续不全，至今办不了证，孩子入学和房屋买卖都受影响。",
        kind=CaseKind.DISPUTE,
        request_type=RequestType.COMPLAINT,
        channel=Channel.WINDOW,
        place="和平小区",
    )
    way = Journey(register.case_id)
    way.assign(township, "受理员 王敏", cast.unit(township, "property"), at(1, 8, 10))
    first = way.offer(township, "受理员 王敏", county, Direction.UP, "涉及用地和税费，乡镇无权处理。", at(1, 10, 9))
    way.accept(county, "派单员 李强", first, at(1, 11, 9))
    way.assign(county, "派单员 李强", cast.unit(county, "land"), at(1, 11, 9, 30))
    second = way.offer(county, "派单员 李强", city, Direction.UP, "历史遗留问题，需多部门联席研究。", at(1, 20, 16))
    way.accept(city, "督查员 周海涛", second, at(1, 21, 9))
    way.assign(city, "督查员 周海涛", cast.unit(city, "land"), at(1, 21, 10))
    opinions = (
        ("land", "联席会议：用地手续可以补办，先行受理登记。"),
        ("housing", "联席会议：竣工资料齐全，出具证明。"),
        ("tax", "联席会议：企业欠税与业主办证分开处理。"),
        ("finance", "联席会议：垫付公共维修资金缺口。"),
        ("approval", "联席会议：开设专窗，集中办理。"),
    )
    for minute, (unit, words) in enumerate(opinions):
        way.note(city, cast.unit_name(city, unit), words, at(2, 5, 14, 10 * minute))
    directives = _decisions(cast, register.case_id, new_id, at)
    for directive in directives:
        way.direct(city, "联席会议秘书 吴秀英", directive, at(2, 5, 16, 30))
        way.answer(directive.recipient, "派单员 李强", ReceiveDirective(directive.directive_id), at(2, 6, 9))
    for number, directive in enumerate(directives):
        identity = directive.directive_id
        way.answer(directive.recipient, "派单员 李强", ReportDirective(identity, "已按议定事项办理。"), at(3, 10, 9))
        if number == 0:
            reason = "只补办了一期，二期用地手续仍未受理，请继续办理。"
            way.answer(city, "督查员 周海涛", SendBackDirective(identity, reason), at(3, 11, 9))
            again = ReportDirective(identity, "一期、二期用地手续均已补办完毕。")
            way.answer(directive.recipient, "派单员 李强", again, at(3, 14, 15))
        way.answer(city, "督查员 周海涛", ApproveDirective(identity), at(3, 16, 9))
    way.resolve(city, "督查员 周海涛", "用地手续补办完毕，首批业主已领取不动产权证。", at=at(4, 10, 10))
    between = tuple((directive.directive_id, city, directive.recipient) for directive in directives)
    return Play("F18", register, township, "受理员 王敏", at(1, 8, 9), tuple(way.steps), between)


def _decisions(cast: Cast, case: UUID, new_id: NewId, at: Callable[[int, int, int], datetime]) -> list[IssueDirective]:
    def decided(county: str, unit: str, title: str, text: str, due_at: datetime) -> IssueDirective:
        return IssueDirective(new_id(), county, cast.unit(county, unit), title, text, due_at, cases=(case,))

    found = [
        decided(cast.county, "land", "补办用地手续", "为该小区补办用地手续，先行受理登记申请。", at(3, 15, 18)),
        decided(cast.county, "tax", "欠税与办证分开处理", "向开发企业追缴税费，不影响业主办证。", at(3, 15, 18)),
    ]
    if cast.other_county:
        survey = "排查本县同类小区，列出清单。"
        found.append(decided(cast.other_county, "approval", "排查同类小区", survey, at(3, 31, 18)))
    return found


def year_past(now: datetime, month: int, day: int) -> int:
    """Give the latest year in which this day has passed, in the city's zone."""
    here = now.astimezone(CITY_ZONE)
    return here.year if (here.month, here.day) > (month, day) else here.year - 1
