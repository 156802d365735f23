"""Commands on a book, and catalogues that come from above: drafted, published, applied, passed on (F10)."""

from fengqiao.domain import edition_rules as rules
from fengqiao.domain.edition import (
    FIRST,
    Book,
    DropDraft,
    Edition,
    EditionCommand,
    PublishDraft,
    PutRow,
    RemoveRow,
    Standing,
    standing_of,
)
from fengqiao.domain.errors import Kind, Refusal, forbidden
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.saving import apply_edition, committed, put_edition_messages, tell_numbers
from fengqiao.store import editions as kept
from fengqiao.store.changes import Changes
from fengqiao.store.work import AlreadyThere, Work, work

SYSTEM = Actor("system")


async def carry_out(context: Context, command: EditionCommand, actor: Actor) -> Edition:
    """Carry out a command on a book; gives the draft, the one thrown away, or what is in force by now.

    Three statements and one commit. Raises what the rules refuse, and STALE when two begin a draft at once; then
    nothing changed.
    """
    with context.metrics.handling(type(command).__name__):
        changes = Changes(context.clock())
        async with work(context.database) as unit:
            found = await kept.standing_locked(unit.transaction, command.book)
            now = standing_of(found, context.first_edition(command.book))
            if isinstance(command, DropDraft):
                draft = rules.drop_draft(now, command, context.facts(actor))
                await kept.drop_draft(unit.transaction, draft)
                return draft
            edition = _decided(now, command, context, actor)
            await _save(context, unit, changes, edition, actor)
        committed(context, changes)
        apply_edition(context, edition)
        return edition


def take_in_edition(context: Context, changes: Changes, edition: Edition, sender: str) -> None:
    """Take in a catalogue that came from above: applied when it is newer than what is in force, and then passed on.

    One that comes twice, or after a newer one, changes nothing but the history. Raises FORBIDDEN edition_city_only when
    it does not come from above.
    """
    if sender != context.centre.parent or edition.centre != context.topology.city.code:
        raise forbidden("edition_city_only")
    known = (context.in_force.number(edition.book), *(one.number for one, _ in changes.editions))
    newer = edition.number > max(known)
    outgoing = rules.told_below(edition, context.facts(SYSTEM)) if newer else ()
    put_edition_messages(context, changes, edition, outgoing)
    changes.editions.append((edition, tuple(one.to for one in outgoing)))


async def refresh_in_force(context: Context) -> None:
    """Apply what is in force by the database: at the start, and when another process of this centre was told first."""
    numbers = await kept.numbers_in_force(context.database)
    late = [book for book, number in numbers.items() if number > context.in_force.number(book)]
    if late:
        for edition in await kept.standing_editions(context.database, late):
            apply_edition(context, edition)
    tell_numbers(context)


async def catch_up(context: Context) -> int:
    """Send the catalogue in force to children that were never sent it, such as a new centre; gives how many."""
    children, number = context.topology.children(context.centre.code), context.in_force.number(Book.CATALOGUE)
    if not children or number == FIRST:
        return 0
    changes = Changes(context.clock())
    async with work(context.database) as unit:
        behind = await kept.note_sent(unit.transaction, children, number)
        if not behind:
            return 0
        edition = standing_of(
            await kept.standing_locked(unit.transaction, Book.CATALOGUE), context.first_edition(Book.CATALOGUE)
        ).published
        told = rules.told_below(edition, context.facts(SYSTEM))
        put_edition_messages(context, changes, edition, tuple(one for one in told if one.to in behind))
        await unit.save(changes)
    committed(context, changes)
    return len(behind)


def _decided(now: Standing, command: PutRow | RemoveRow | PublishDraft, context: Context, actor: Actor) -> Edition:
    facts = context.facts(actor)
    match command:
        case PutRow():
            return rules.put_row(now, command, facts)
        case RemoveRow():
            return rules.remove_row(now, command, facts)
        case PublishDraft():
            return rules.publish(now, command, facts)


async def _save(context: Context, unit: Work, changes: Changes, edition: Edition, actor: Actor) -> None:
    outgoing = rules.told_below(edition, context.facts(actor))
    try:
        follows = await unit.keep_edition(edition, tuple(one.to for one in outgoing), changes.now)
    except AlreadyThere:
        follows = False
    if not follows:
        raise Refusal(Kind.STALE, "edition_stale")
    put_edition_messages(context, changes, edition, outgoing)
    await unit.save(changes)
