"""What people say in a replay: officers, reasons, notes and results, all invented, and which unit a text is for."""

from collections.abc import Mapping
from types import MappingProxyType

from fengqiao.domain.case import Direction, RequestType
from fengqiao.domain.course import ClosingKind

OFFICERS = ("王敏", "李强", "赵建国", "孙丽华", "周海涛", "吴秀英", "郑国栋", "冯雪", "陈立新", "褚文静")

ESCALATION_REASONS: Mapping[Direction, tuple[str, ...]] = MappingProxyType(
    {
        Direction.UP: (
            "涉及多个部门，本级协调后仍未解决，申请提级办理。",
            "属于上级主管部门职责，请上级中心受理。",
            "群众多次反映，诉求复杂，建议提级研究。",
            "需要跨区域协调，本级无权决定。",
        ),
        Direction.DOWN: (
            "按属地管理原则，请属地中心办理并答复群众。",
            "已核实情况，请就近上门处置。",
            "已研究明确意见，请按意见落实到位。",
            "请与群众见面沟通，三日内反馈进展。",
        ),
    }
)
REFUSAL_REASONS = (
    "现场核实不在本辖区范围内，请进一步核对地点。",
    "材料不全，请补充权属证明后再移交。",
    "职责不清，请明确牵头单位。",
)
HOLDER_NOTES = (
    "已电话联系群众，核实了基本情况。",
    "已到现场查看，拍照取证。",
    "已约双方见面协商，群众表示理解。",
    "已请技术人员评估，正在制定方案。",
)
FOLLOWER_NOTES = (
    "补充此前走访记录，供承办单位参考。",
    "群众来电询问进展，已告知由谁办理。",
    "本中心将配合现场协调。",
)
CLOSINGS: Mapping[ClosingKind, int] = MappingProxyType(
    {
        ClosingKind.SOLVED: 72,
        ClosingKind.EXPLAINED: 20,
        ClosingKind.REFERRED: 6,
        ClosingKind.WITHDRAWN: 2,
    }
)
RESULTS: Mapping[ClosingKind, tuple[str, ...]] = MappingProxyType(
    {
        ClosingKind.SOLVED: (
            "问题已整改到位，群众回访表示满意。",
            "已组织施工单位修复，现场恢复正常。",
            "经协调双方达成一致，款项已支付。",
        ),
        ClosingKind.EXPLAINED: ("已向群众说明政策规定，群众表示理解。", "经核查符合规定，已当面解释并书面答复。"),
        ClosingKind.REFERRED: ("该事项应通过诉讼途径解决，已引导群众申请法律援助。", "已引导至仲裁机构办理。"),
        ClosingKind.WITHDRAWN: ("群众来电表示问题已自行解决，撤回诉求。",),
    }
)

# Words in a text, and the units that are asked first; a level that lacks them draws one of its own.
_UNITS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("物业", "业委会", "电梯", "业主"), ("property", "housing")),
    (("房产证", "不动产", "拆迁", "征收", "宅基地", "土地"), ("land", "housing")),
    (("公积金",), ("fund", "housing")),
    (("工资", "欠薪", "社保", "劳动"), ("labour",)),
    (("学校", "老师", "学生", "入学", "培训", "幼儿园"), ("education",)),
    (("医院", "医生", "医保", "疫苗"), ("health", "insurance")),
    (("噪音", "噪声", "扰民", "污染", "油烟", "异味"), ("environment", "urban", "order")),
    (("公交", "地铁", "出租车", "红绿灯", "道路", "停车"), ("transport", "police", "urban")),
    (("诈骗", "治安", "传销", "打架"), ("police",)),
    (("消费", "价格", "退款", "食品", "假货"), ("market",)),
    (("农田", "灌溉", "水渠", "村委"), ("agriculture", "water")),
    (("低保", "养老", "残疾", "救助"), ("civil",)),
    (("垃圾", "路灯", "占道", "违建"), ("urban", "order")),
)
_TYPES: tuple[tuple[RequestType, tuple[str, ...]], ...] = (
    (RequestType.CONSULTATION, ("咨询", "请问", "想问")),
    (RequestType.REPORT, ("举报", "违法", "传销")),
    (RequestType.PROPOSAL, ("建议", "希望增设")),
    (RequestType.COMPLAINT, ("投诉", "扰民", "乱收费", "拖欠")),
)


def units_for(text: str) -> tuple[str, ...]:
    """Give the codes of the units that a text seems to be for, the fittest first."""
    return tuple(unit for words, units in _UNITS if any(word in text for word in words) for unit in units)


def request_type_of(text: str) -> RequestType:
    """Tell what a text seems to ask for; a request for help unless it says otherwise."""
    return next((kind for kind, words in _TYPES if any(word in text for word in words)), RequestType.HELP)
