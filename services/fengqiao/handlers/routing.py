"""What the routing rules in force suggest for a case, and how often people follow them (F10): never decided here."""

from fengqiao.domain.case import Case, CaseFile, Direction
from fengqiao.domain.command import AssignCase, CaseCommand, OfferCase, RegisterCase
from fengqiao.domain.routing import UNCLASSIFIED, UNGRADED, UP, Matter, Suggestion, Target, matter_of
from fengqiao.handlers.context import Context


def suggested(context: Context, case: Case) -> Suggestion | None:
    """Give what the rules say about a case at this centre."""
    return context.in_force.routes.suggestion(matter_of(case))


def suggested_at_intake(context: Context, place: str, channel: str, kind: str) -> Suggestion | None:
    """Give what the rules say about a case that is just being taken in; it has no item and no grade yet."""
    matter = Matter(UNCLASSIFIED, UNGRADED, place, context.centre.code, channel, kind)
    return context.in_force.routes.suggestion(matter)


def count_intake(context: Context, command: RegisterCase) -> None:
    """Count whether a case that was given to a unit at once went where the rules say."""
    if command.unit:
        found = suggested_at_intake(context, command.place, command.channel.value, command.kind.value)
        _count(context, "register", found, Target(unit=command.unit))


def count_decision(context: Context, before: CaseFile, command: CaseCommand) -> None:
    """Count whether a case was assigned or handed over as the rules say; other commands are no such decision."""
    match command:
        case AssignCase():
            _count(context, "assign", suggested(context, before.case), Target(unit=command.unit))
        case OfferCase():
            to = UP if command.direction is Direction.UP else command.to
            _count(context, "hand_over", suggested(context, before.case), Target(to=to))
        case _:
            return


def _count(context: Context, action: str, found: Suggestion | None, done: Target) -> None:
    if not context.in_force.routes.routes:
        return
    outcome = "none" if found is None else "followed" if found.target == done else "other"
    context.metrics.count("fengqiao_route_suggestions_total", action, outcome)
