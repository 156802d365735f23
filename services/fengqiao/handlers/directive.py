"""Commands on a directive: load, decide, save with the messages, in one transaction (F39)."""

from fengqiao.domain import directive as rules
from fengqiao.domain.command import DirectiveCommand, IssueDirective
from fengqiao.domain.directive import DirectiveFile
from fengqiao.domain.errors import Kind, Refusal, not_found
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.saving import committed, put_directive
from fengqiao.store.changes import Changes
from fengqiao.store.queries import directive_by_id
from fengqiao.store.work import AlreadyThere, work


async def issue(context: Context, command: IssueDirective, actor: Actor) -> DirectiveFile:
    """Issue a directive to a child centre. Sent twice with one id, it is issued once.

    Raises INVALID, FORBIDDEN, or EXISTS when the id belongs to another centre's directive.
    """
    with context.metrics.handling("IssueDirective"):
        facts = context.facts(actor)
        rules.check_issue(command, facts)
        serial = await context.serials.draw(facts.at)
        changes = Changes(context.clock())
        file = put_directive(context, changes, rules.issue(command, serial, facts), new=True)
        try:
            await context.new_files.save(changes)
        except AlreadyThere as trouble:
            before = await directive_by_id(context.database, command.directive_id)
            if before is None or before.directive.issuer != context.centre.code:
                raise Refusal(Kind.EXISTS, "directive_exists", {"directive": str(command.directive_id)}) from trouble
            return before
        committed(context, changes)
        return file


async def carry_out(context: Context, command: DirectiveCommand, actor: Actor) -> DirectiveFile:
    """Carry out a command of either side; gives the directive as it is afterwards.

    Raises NOT_FOUND directive_unknown, and whatever the rules refuse; then nothing changed.
    """
    with context.metrics.handling(type(command).__name__):
        facts = context.facts(actor)
        changes = Changes(context.clock())
        async with work(context.database) as unit:
            loaded = await unit.load((command.directive_id,))
            file = loaded.directives.get(command.directive_id)
            if file is None:
                raise not_found("directive_unknown", directive=str(command.directive_id))
            stored = put_directive(context, changes, rules.decide(file, command, facts), new=False)
            await unit.save(changes)
        committed(context, changes)
        return stored
