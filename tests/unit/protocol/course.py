"""Commands on the course of a case as the walks give them, who gives them, and when they are proper."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from fengqiao.domain.case import CaseFile, CaseState, CommandName
from fengqiao.domain.course import ClosingKind, Course, Grade, SuspensionReason
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
from fengqiao.domain.merging import can_lead
from tests.unit.protocol.node import Node
from tests.unit.samples import HANDBOOK, UNITS

ENDING = frozenset({CommandName.DECLINE, CommandName.RETRACT})
CLOSINGS = (ClosingKind.SOLVED, ClosingKind.EXPLAINED, ClosingKind.REFERRED)
WHY = "情况特殊。"

Build = Callable[[Node, UUID, int, UUID, int | None], CourseCommand]


def _other_unit(node: Node, case_id: UUID, pick: int) -> str:
    case = node.files[case_id].case
    codes = [unit.code for unit in UNITS.units(node.topology.centre(case.holder)) if unit.code != case.unit]
    return codes[pick % len(codes)]


def _closing(node: Node, case_id: UUID, pick: int) -> ClosingKind:
    unreasonable = node.files[case_id].case.course.unreasonable
    return ClosingKind.EXPLAINED if unreasonable else CLOSINGS[pick % len(CLOSINGS)]


def _lead(node: Node, case_id: UUID) -> UUID:
    return next((other for other in node.files if other != case_id), case_id)


def _signed(node: Node, case_id: UUID) -> ClosingKind:
    submission = node.files[case_id].case.course.submission
    return submission.closing if submission else ClosingKind.SOLVED


COURSE: Mapping[CommandName, Build] = {
    CommandName.ADMIT: lambda _, case, __, ___, seen: AdmitCase(case, seen),
    CommandName.DECLINE: lambda _, case, __, ___, seen: DeclineCase(case, WHY, "区人民法院", seen),
    CommandName.CLASSIFY: lambda _, case, pick, __, seen: ClassifyCase(case, ("0101", "0102")[pick % 2], seen),
    CommandName.GRADE: lambda _, case, pick, __, seen: GradeCase(case, tuple(Grade)[pick % 3], seen),
    CommandName.TRANSFER: lambda node, case, pick, __, seen: TransferCase(
        case, _other_unit(node, case, pick), WHY, seen
    ),
    CommandName.INVOLVE: lambda node, case, pick, __, seen: InvolveUnits(case, (_other_unit(node, case, pick),), seen),
    CommandName.RETURN: lambda _, case, __, ___, seen: ReturnCase(case, WHY, seen),
    CommandName.OBJECT: lambda _, case, __, new_id, seen: ObjectToDispatch(case, new_id, WHY, seen),
    CommandName.ARBITRATE: lambda node, case, pick, __, seen: ArbitrateCase(
        case, _other_unit(node, case, pick), WHY, seen
    ),
    CommandName.SUSPEND: lambda _, case, pick, __, seen: SuspendCase(
        case, tuple(SuspensionReason)[pick % 5], 5, WHY, seen
    ),
    CommandName.EXTEND: lambda _, case, __, ___, seen: ExtendCase(case, 5, WHY, seen),
    CommandName.CHALLENGE: lambda _, case, __, ___, seen: ChallengeCase(case, WHY, seen),
    CommandName.APPROVE: lambda _, case, __, ___, seen: ApproveApplication(case, seen),
    CommandName.DENY: lambda _, case, __, ___, seen: DenyApplication(case, WHY, seen),
    CommandName.RESUME: lambda _, case, __, ___, seen: ResumeCase(case, seen),
    CommandName.SUBMIT: lambda node, case, pick, __, seen: SubmitResult(
        case, "已修复。", _closing(node, case, pick), (), "现场已核。", seen
    ),
    CommandName.SIGN_OFF: lambda _, case, __, ___, seen: SignOffResult(case, seen),
    CommandName.SEND_BACK: lambda _, case, __, ___, seen: SendBackResult(case, WHY, seen),
    CommandName.REPLY: lambda _, case, __, ___, seen: ReplyToCitizen(case, "已修复，请查看。", seen),
    CommandName.REVISIT: lambda _, case, pick, __, seen: RevisitCitizen(case, pick % 2 == 0, "已问。", seen),
    CommandName.EVALUATE: lambda _, case, pick, __, seen: EvaluateCase(case, pick % 3 > 0, pick % 2 > 0, "", seen),
    CommandName.CLOSE: lambda node, case, __, ___, seen: CloseCase(case, _signed(node, case), seen),
    CommandName.REOPEN: lambda _, case, __, ___, seen: ReopenCase(case, WHY, seen),
    CommandName.RETRACT: lambda _, case, __, ___, seen: RetractCase(case, WHY, seen),
    CommandName.MERGE: lambda node, case, __, ___, seen: MergeCase(case, _lead(node, case), seen),
    CommandName.UNMERGE: lambda _, case, __, ___, seen: UnmergeCase(case, WHY, seen),
}


def first_person(course: Course, name: CommandName) -> str:
    """Give who took the step that another person has to decide about, empty when it is no such command."""
    if name in (CommandName.APPROVE, CommandName.DENY):
        return course.application.by if course.application else ""
    if name in (CommandName.SIGN_OFF, CommandName.SEND_BACK):
        return course.submission.by if course.submission else ""
    return course.arbitration.by if name is CommandName.ARBITRATE and course.arbitration else ""


def actor_for(node: Node, course: Course, name: CommandName) -> str:
    """Give a clerk of the centre who may decide."""
    one, two = (f"clerk {n} of {node.centre.code}" for n in (1, 2))
    return two if first_person(course, name) == one else one


def is_timely(file: CaseFile, name: CommandName, command: object, node: Node, now: datetime) -> bool:
    """Tell whether what a command needs beside the state is there: the window, the word of the citizen, a lead."""
    case, course = file.case, file.case.course
    if name is CommandName.REOPEN and case.state is CaseState.RESOLVED:
        return case.resolved_at is not None and now <= case.resolved_at + timedelta(days=HANDBOOK.reopen_days)
    if name is CommandName.CLOSE:
        if course.evaluation is None:
            return course.revisit is not None
        return course.evaluation.solved or _signed(node, case.id) is not ClosingKind.SOLVED
    if isinstance(command, MergeCase):
        return command.lead != case.id and can_lead(node.files[command.lead])
    return True
