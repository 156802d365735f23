"""A valid command of each name on the course of the case whose id is 1, for a unit test at EAST."""

from collections.abc import Mapping
from dataclasses import replace

from fengqiao.domain import merging
from fengqiao.domain.case import CaseFile, CommandName
from fengqiao.domain.course import ClosingKind, Grade, SuspensionReason
from fengqiao.domain.course_command import (
    AdmitCase,
    ApproveApplication,
    ArbitrateCase,
    ChallengeCase,
    ClassifyCase,
    CloseCase,
    CourseCommand,
    DeclineCase,
    DenyApplication,
    EvaluateCase,
    ExtendCase,
    GradeCase,
    InvolveUnits,
    MergeCase,
    ObjectToDispatch,
    ReopenCase,
    ReplyToCitizen,
    ResumeCase,
    RetractCase,
    ReturnCase,
    RevisitCitizen,
    SendBackResult,
    SignOffResult,
    SubmitResult,
    SuspendCase,
    TransferCase,
    UnmergeCase,
)
from fengqiao.domain.course_rules import decide_course
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Facts
from tests.unit.samples import EAST, MERGED, number, registered

ONE = number(1)
WHY = "等待当事人补充材料。"
COURSE_COMMANDS: Mapping[CommandName, CourseCommand] = {
    CommandName.ADMIT: AdmitCase(ONE),
    CommandName.DECLINE: DeclineCase(ONE, "已由法院受理。", "区人民法院"),
    CommandName.CLASSIFY: ClassifyCase(ONE, "0102"),
    CommandName.GRADE: GradeCase(ONE, Grade.MIDDLE),
    CommandName.TRANSFER: TransferCase(ONE, "water", "水管所致。"),
    CommandName.INVOLVE: InvolveUnits(ONE, ("water",)),
    CommandName.RETURN: ReturnCase(ONE, "不属于本单位职责。"),
    CommandName.OBJECT: ObjectToDispatch(ONE, number(60), "不属于本单位职责。"),
    CommandName.ARBITRATE: ArbitrateCase(ONE, "window", "由首接单位办理。"),
    CommandName.SUSPEND: SuspendCase(ONE, SuspensionReason.MATERIALS, 5, WHY),
    CommandName.EXTEND: ExtendCase(ONE, 5, WHY),
    CommandName.CHALLENGE: ChallengeCase(ONE, "要求超出法律规定。"),
    CommandName.APPROVE: ApproveApplication(ONE),
    CommandName.DENY: DenyApplication(ONE, "理由不足。"),
    CommandName.RESUME: ResumeCase(ONE),
    CommandName.SUBMIT: SubmitResult(ONE, "路灯已修复。", ClosingKind.SOLVED, (), "现场已核。"),
    CommandName.SIGN_OFF: SignOffResult(ONE),
    CommandName.SEND_BACK: SendBackResult(ONE, "照片不清。"),
    CommandName.REPLY: ReplyToCitizen(ONE, "路灯已修复，请查看。"),
    CommandName.REVISIT: RevisitCitizen(ONE, True, "满意。"),
    CommandName.EVALUATE: EvaluateCase(ONE, True, True),
    CommandName.CLOSE: CloseCase(ONE, ClosingKind.SOLVED),
    CommandName.REOPEN: ReopenCase(ONE, "又坏了。"),
    CommandName.RETRACT: RetractCase(ONE, "自行解决。"),
    CommandName.MERGE: MergeCase(ONE, MERGED),
    CommandName.UNMERGE: UnmergeCase(ONE, "不是同一件事。"),
}


def lead() -> CaseFile:
    """Give the file of another case at EAST, into which the case may be merged."""
    file = registered(EAST)
    return replace(file, case=replace(file.case, id=MERGED, number="371401-20261123-00007"))


def decided(file: CaseFile, command: CourseCommand, at: Facts) -> CaseDecision:
    """Hand a command to its rule."""
    match command:
        case MergeCase():
            return merging.merge(file, lead(), command, at)
        case UnmergeCase():
            return merging.unmerge(file, command, at)
        case _:
            return decide_course(file, command, (), at)
