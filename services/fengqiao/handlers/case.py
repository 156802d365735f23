"""Commands on a case: load, decide, save with the messages, in one transaction (DESIGN section 1)."""

from dataclasses import dataclass

from fengqiao.domain import custody, handling, intake
from fengqiao.domain.case import CaseFile
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    AssignCase,
    AttachFile,
    CaseCommand,
    CustodyCommand,
    OfferCase,
    RefuseOffer,
    RegisterCase,
    ResolveCase,
    WithdrawOffer,
)
from fengqiao.domain.course_command import (
    CloseCase,
    MergeCase,
    ObjectToDispatch,
    ReopenCase,
    ReplyToCitizen,
    SubmitResult,
    UnmergeCase,
)
from fengqiao.domain.course_rules import DecidedAlone, decide_course
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import Kind, Refusal, not_found
from fengqiao.domain.event import Event
from fengqiao.domain.text import clean
from fengqiao.handlers import merging
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.routing import count_decision, count_intake
from fengqiao.handlers.saving import committed, put_case
from fengqiao.store.attachments import Attachment
from fengqiao.store.changes import Changes
from fengqiao.store.queries import case_file_by_id, case_id_by_reference
from fengqiao.store.work import AlreadyThere, Work, work

WITH_HISTORY = (OfferCase, ObjectToDispatch, SubmitResult)
"""The commands whose rule wants the journal of the case."""

TOLD_ON = (ReplyToCitizen, CloseCase, ReopenCase, ResolveCase)
"""The commands that the reporters of merged cases hear of as well."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The case, and whether it is new or had been registered before (same id, or same reference)."""

    file: CaseFile
    new: bool


async def register(context: Context, command: RegisterCase, actor: Actor) -> Registered:
    """Take a case in (F01). Sent twice, it is registered once.

    A serial is drawn, then one statement and one commit. Raises INVALID, or EXISTS when the id belongs to another
    centre's case.
    """
    with context.metrics.handling("register"):
        facts = context.facts(actor)
        intake.check(command, facts)
        serial = await context.serials.draw(facts.at)
        changes = Changes(context.clock())
        file = put_case(context, changes, intake.register(command, serial, facts), before=None)
        try:
            await context.new_files.save(changes)
        except AlreadyThere:
            return Registered(await _registered_before(context, command), new=False)
        committed(context, changes)
        count_intake(context, command)
        return Registered(file, new=True)


async def carry_out(
    context: Context, command: CaseCommand, actor: Actor, content: Attachment | None = None
) -> CaseFile:
    """Carry out a command on a case that this centre knows; gives the file as it is afterwards.

    `content` is kept with it or not at all. Two statements and one commit (three with content). Raises NOT_FOUND
    case_unknown, and whatever the rules refuse; then nothing changed.
    """
    with context.metrics.handling(type(command).__name__):
        facts = context.facts(actor)
        changes = Changes(context.clock())
        async with work(context.database) as unit:
            decisions = await _decisions(unit, context, command, facts)
            stored, *_ = [
                put_case(context, changes, decision, before=unit.files[decision.file.case.id]) for decision in decisions
            ]
            if content is not None:
                await unit.keep(content, changes.now)
            await unit.save(changes)
        committed(context, changes)
        count_decision(context, unit.files[command.case_id], command)
        return stored


async def _decisions(unit: Work, context: Context, command: CaseCommand, facts: Facts) -> tuple[CaseDecision, ...]:
    """Load and decide: what becomes of the case itself stands first."""
    if isinstance(command, MergeCase):
        return await merging.merge(unit, context, command, facts)
    if isinstance(command, UnmergeCase):
        return await merging.unmerge(unit, context, command, facts)
    subjects = (command.case_id,)
    loaded = await unit.load(
        subjects,
        histories=subjects if isinstance(command, WITH_HISTORY) else (),
        leads=subjects if isinstance(command, TOLD_ON) else (),
    )
    file = loaded.cases.pop(command.case_id, None)
    if file is None:
        raise not_found("case_unknown", case=str(command.case_id))
    decision = decide(file, command, loaded.histories.get(command.case_id, ()), facts)
    return merging.told(context, decision, tuple(loaded.cases.values()), facts)


def decide(
    file: CaseFile, command: CustodyCommand | DecidedAlone, history: tuple[Event, ...], facts: Facts
) -> CaseDecision:
    """Hand a command to its rule."""
    if isinstance(command, CustodyCommand):
        return _decide_custody(file, command, history, facts)
    return decide_course(file, command, history, facts)


def _decide_custody(file: CaseFile, command: CustodyCommand, history: tuple[Event, ...], facts: Facts) -> CaseDecision:
    match command:
        case AssignCase():
            return handling.assign(file, command, facts)
        case AddNote():
            return handling.note(file, command, facts)
        case AttachFile():
            return handling.attach(file, command, facts)
        case ResolveCase():
            return handling.resolve(file, command, facts)
        case OfferCase():
            return custody.offer(file, command, history, facts)
        case WithdrawOffer():
            return custody.withdraw(file, command, facts)
        case AcceptOffer():
            return custody.accept(file, command, facts)
        case RefuseOffer():
            return custody.refuse(file, command, facts)


async def _registered_before(context: Context, command: RegisterCase) -> CaseFile:
    case_id = command.case_id
    if command.reference:
        reference = clean(command.reference)
        case_id = await case_id_by_reference(context.database, context.centre.code, reference) or case_id
    file = await case_file_by_id(context.database, case_id)
    if file is None or file.case.origin != context.centre.code:
        raise Refusal(Kind.EXISTS, "case_exists", {"case": str(command.case_id)})
    return file
