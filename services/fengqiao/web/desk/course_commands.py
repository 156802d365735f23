"""What the forms of the course send, made into commands (F09 to F15)."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import BeforeValidator
from starlette.datastructures import FormData

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
from fengqiao.domain.errors import Refusal, Violation, invalid
from fengqiao.insight.cases import find_case
from fengqiao.web.desk.forms import Form, Version, empty_is_none, typed
from fengqiao.web.desk.visit import Visit

MULTIPLE = ("units", "evidence")
"""Fields of which several values may be ticked; a form keeps them in one text, set apart by spaces."""

Value = TypeVar("Value", bound=StrEnum)


class CourseForm(Form):
    """What the form of any action of the course may send; the rules say what has to be there."""

    seen_version: Version = None
    offer_id: UUID | None = None
    unit: str = ""
    units: str = ""
    reason: str = ""
    referred_to: str = ""
    item: str = ""
    grade: Annotated[Grade | None, BeforeValidator(empty_is_none)] = None
    cause: Annotated[SuspensionReason | None, BeforeValidator(empty_is_none)] = None
    days: Version = None
    result: str = ""
    closing: ClosingKind = ClosingKind.SOLVED
    evidence: str = ""
    proof: str = ""
    text: str = ""
    words: str = ""
    reached: str = ""
    solved: str = ""
    satisfied: str = ""
    lead: str = ""


def typed_course(form: FormData) -> dict[str, str]:
    """Give the text fields of a form as they were typed, several ticks of one field as one text."""
    ticked = {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in MULTIPLE}
    return typed(form) | {name: " ".join(values) for name, values in ticked.items() if values}


def chosen(name: str, value: str) -> str:
    """Give what was chosen; raises INVALID when nothing was."""
    if not value:
        raise invalid(Violation(name, "choice_empty"))
    return value


async def merge_command(visit: Visit, case_id: UUID, form: CourseForm) -> MergeCase:
    """Make the command to merge; the lead is named by its number."""
    try:
        lead = await find_case(visit.context.database, chosen("lead", form.lead.strip()))
    except Refusal as refusal:
        raise refusal if refusal.violations else invalid(Violation("lead", refusal.code, refusal.params)) from refusal
    return MergeCase(case_id, lead, form.seen_version)


def _picked(name: str, value: Value | None) -> Value:
    if value is None:
        raise invalid(Violation(name, "choice_empty"))
    return value


def _yes(name: str, value: str) -> bool:
    return chosen(name, value) == "yes"


def _evaluated(case_id: UUID, form: CourseForm) -> EvaluateCase:
    faults = [Violation(name, "choice_empty") for name in ("solved", "satisfied") if not getattr(form, name)]
    if faults:
        raise invalid(*faults)
    return EvaluateCase(case_id, form.solved == "yes", form.satisfied == "yes", form.words, form.seen_version)


def _objected(case_id: UUID, form: CourseForm) -> ObjectToDispatch:
    if form.offer_id is None:
        raise invalid(Violation("offer_id", "text_empty"))
    return ObjectToDispatch(case_id, form.offer_id, form.reason, form.seen_version)


COURSE_BUILDERS: Mapping[str, Callable[[UUID, CourseForm], CourseCommand]] = {
    "admit": lambda case_id, form: AdmitCase(case_id, form.seen_version),
    "decline": lambda case_id, form: DeclineCase(case_id, form.reason, form.referred_to, form.seen_version),
    "classify": lambda case_id, form: ClassifyCase(case_id, chosen("item", form.item), form.seen_version),
    "grade": lambda case_id, form: GradeCase(case_id, _picked("grade", form.grade), form.seen_version),
    "transfer": lambda case_id, form: TransferCase(case_id, chosen("unit", form.unit), form.reason, form.seen_version),
    "involve": lambda case_id, form: InvolveUnits(case_id, tuple(form.units.split()), form.seen_version),
    "return": lambda case_id, form: ReturnCase(case_id, form.reason, form.seen_version),
    "object": _objected,
    "arbitrate": lambda case_id, form: ArbitrateCase(
        case_id, chosen("unit", form.unit), form.reason, form.seen_version
    ),
    "suspend": lambda case_id, form: SuspendCase(
        case_id, _picked("cause", form.cause), form.days or 0, form.reason, form.seen_version
    ),
    "extend": lambda case_id, form: ExtendCase(case_id, form.days or 0, form.reason, form.seen_version),
    "challenge": lambda case_id, form: ChallengeCase(case_id, form.reason, form.seen_version),
    "approve": lambda case_id, form: ApproveApplication(case_id, form.seen_version),
    "deny": lambda case_id, form: DenyApplication(case_id, form.reason, form.seen_version),
    "resume": lambda case_id, form: ResumeCase(case_id, form.seen_version),
    "submit": lambda case_id, form: SubmitResult(
        case_id, form.result, form.closing, tuple(form.evidence.split()), form.proof, form.seen_version
    ),
    "sign-off": lambda case_id, form: SignOffResult(case_id, form.seen_version),
    "send-back": lambda case_id, form: SendBackResult(case_id, form.reason, form.seen_version),
    "reply": lambda case_id, form: ReplyToCitizen(case_id, form.text, form.seen_version),
    "revisit": lambda case_id, form: RevisitCitizen(
        case_id, _yes("reached", form.reached), form.words, form.seen_version
    ),
    "evaluate": _evaluated,
    "close": lambda case_id, form: CloseCase(case_id, form.closing, form.seen_version),
    "reopen": lambda case_id, form: ReopenCase(case_id, form.reason, form.seen_version),
    "retract": lambda case_id, form: RetractCase(case_id, form.reason, form.seen_version),
    "unmerge": lambda case_id, form: UnmergeCase(case_id, form.reason, form.seen_version),
}
