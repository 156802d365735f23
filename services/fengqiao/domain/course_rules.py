"""Which rule decides a command on the course of a case; merging is about two cases and is decided apart."""

from collections.abc import Iterable

from fengqiao.domain import acceptance, application, assignment, evaluation, grading, result
from fengqiao.domain.case import CaseFile
from fengqiao.domain.course_command import (
    AdmitCase,
    ApproveApplication,
    ArbitrateCase,
    ChallengeCase,
    ClassifyCase,
    CloseCase,
    DeclineCase,
    DenyApplication,
    EvaluateCase,
    ExtendCase,
    GradeCase,
    InvolveUnits,
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
)
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Facts
from fengqiao.domain.event import Event

AcceptanceCommand = AdmitCase | DeclineCase | RetractCase | ClassifyCase | GradeCase
AssignmentCommand = TransferCase | InvolveUnits | ReturnCase | ObjectToDispatch | ArbitrateCase
ApplicationCommand = SuspendCase | ExtendCase | ChallengeCase | ApproveApplication | DenyApplication | ResumeCase
ResultCommand = SubmitResult | SignOffResult | SendBackResult | ReplyToCitizen | CloseCase
EvaluationCommand = RevisitCitizen | EvaluateCase | ReopenCase
DecidedAlone = AcceptanceCommand | AssignmentCommand | ApplicationCommand | ResultCommand | EvaluationCommand


def decide_course(file: CaseFile, command: DecidedAlone, history: Iterable[Event], facts: Facts) -> CaseDecision:
    """Hand a command to its rule; `history` is the journal for those that want it."""
    if isinstance(command, AcceptanceCommand):
        return _acceptance(file, command, facts)
    if isinstance(command, AssignmentCommand):
        return _assignment(file, command, history, facts)
    if isinstance(command, ApplicationCommand):
        return _application(file, command, facts)
    if isinstance(command, ResultCommand):
        return _result(file, command, history, facts)
    match command:
        case RevisitCitizen():
            return evaluation.revisit(file, command, facts)
        case EvaluateCase():
            return evaluation.evaluate(file, command, facts)
        case ReopenCase():
            return evaluation.reopen(file, command, facts)


def _acceptance(file: CaseFile, command: AcceptanceCommand, facts: Facts) -> CaseDecision:
    match command:
        case AdmitCase():
            return acceptance.admit(file, command, facts)
        case DeclineCase():
            return acceptance.decline(file, command, facts)
        case RetractCase():
            return acceptance.retract(file, command, facts)
        case ClassifyCase():
            return grading.classify(file, command, facts)
        case GradeCase():
            return grading.grade(file, command, facts)


def _assignment(file: CaseFile, command: AssignmentCommand, history: Iterable[Event], facts: Facts) -> CaseDecision:
    match command:
        case TransferCase():
            return assignment.transfer(file, command, facts)
        case InvolveUnits():
            return assignment.involve(file, command, facts)
        case ReturnCase():
            return assignment.give_back(file, command, facts)
        case ObjectToDispatch():
            return assignment.object_to_dispatch(file, command, history, facts)
        case ArbitrateCase():
            return assignment.arbitrate(file, command, facts)


def _application(file: CaseFile, command: ApplicationCommand, facts: Facts) -> CaseDecision:
    match command:
        case SuspendCase():
            return application.suspend(file, command, facts)
        case ExtendCase():
            return application.extend(file, command, facts)
        case ChallengeCase():
            return application.challenge(file, command, facts)
        case ApproveApplication():
            return application.approve(file, command, facts)
        case DenyApplication():
            return application.deny(file, command, facts)
        case ResumeCase():
            return application.resume(file, command, facts)


def _result(file: CaseFile, command: ResultCommand, history: Iterable[Event], facts: Facts) -> CaseDecision:
    match command:
        case SubmitResult():
            return result.submit(file, command, history, facts)
        case SignOffResult():
            return result.sign_off(file, command, facts)
        case SendBackResult():
            return result.send_back(file, command, facts)
        case ReplyToCitizen():
            return result.reply(file, command, facts)
        case CloseCase():
            return result.close(file, command, facts)
