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
    OfferCase,
    RefuseOffer,
    RegisterCase,
    ResolveCase,
    WithdrawOffer,
)
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import Kind, Refusal, not_found
from fengqiao.domain.event import Event
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.saving import committed, put_case
from fengqiao.store.changes import Changes
from fengqiao.store.queries import case_file_by_id, case_id_by_reference
from fengqiao.store.work import AlreadyThere, work


@dataclass(frozen=True, slots=True)
class Registered:
    """The case, and whether it is new or had been registered before (same id, or same reference)."""

    file: CaseFile
    new: bool


async def register(context: Context, command: RegisterCase, actor: Actor) -> Registered:
    """Take a case in (F01). Sent twice, it is registered once.

    One statement and one commit. Raises INVALID, or EXISTS when the id belongs to another centre's case.
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
        return Registered(file, new=True)


async def carry_out(context: Context, command: CaseCommand, actor: Actor) -> CaseFile:
    """Carry out a command on a case that this centre knows; gives the file as it is afterwards.

    Two statements and one commit. Raises NOT_FOUND case_unknown, and whatever the rules refuse; then nothing changed.
    """
    with context.metrics.handling(type(command).__name__):
        facts = context.facts(actor)
        changes = Changes(context.clock())
        histories = (command.case_id,) if isinstance(command, OfferCase) else ()
        async with work(context.database) as unit:
            loaded = await unit.load((command.case_id,), histories=histories)
            file = loaded.cases.get(command.case_id)
            if file is None:
                raise not_found("case_unknown", case=str(command.case_id))
            decision = decide(file, command, loaded.histories.get(command.case_id, ()), facts)
            stored = put_case(context, changes, decision, before=file)
            await unit.save(changes)
        committed(context, changes)
        return stored


def decide(file: CaseFile, command: CaseCommand, history: tuple[Event, ...], facts: Facts) -> CaseDecision:
    """Hand a command to its rule."""
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
        case_id = await case_id_by_reference(context.database, context.centre.code, command.reference) or case_id
    file = await case_file_by_id(context.database, case_id)
    if file is None or file.case.origin != context.centre.code:
        raise Refusal(Kind.EXISTS, "case_exists", {"case": str(command.case_id)})
    return file
