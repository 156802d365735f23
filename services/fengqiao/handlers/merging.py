"""Merged cases: a command on one is carried to the others in the same statement and the same commit (F14)."""

from dataclasses import replace

from fengqiao.domain import merging
from fengqiao.domain.case import CaseFile
from fengqiao.domain.course_command import MergeCase, UnmergeCase
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import not_found
from fengqiao.handlers.context import Context
from fengqiao.store.work import Work


async def merge(unit: Work, context: Context, command: MergeCase, facts: Facts) -> tuple[CaseDecision, ...]:
    """Decide about the duplicate and its lead, both loaded and locked together. Raises NOT_FOUND case_unknown."""
    files = (await unit.load((command.case_id, command.lead))).cases
    for case_id in (command.case_id, command.lead):
        if case_id not in files:
            raise not_found("case_unknown", case=str(case_id))
    lead = files[command.lead]
    decision = merging.merge(files[command.case_id], lead, command, facts)
    return decision, merging.joined(lead, decision.file.case, other_event(context, facts))


async def unmerge(unit: Work, context: Context, command: UnmergeCase, facts: Facts) -> tuple[CaseDecision, ...]:
    """Decide about the duplicate, and about its lead as far as it is known here. Raises NOT_FOUND case_unknown."""
    files = (await unit.load((command.case_id,), partners=(command.case_id,))).cases
    if command.case_id not in files:
        raise not_found("case_unknown", case=str(command.case_id))
    file = files[command.case_id]
    decision = merging.unmerge(file, command, facts)
    lead = files.get(file.case.course.merged_into) if file.case.course.merged_into else None
    if lead is None:
        return (decision,)
    return decision, merging.parted(lead, decision.file.case, other_event(context, facts))


def told(
    context: Context, decision: CaseDecision, followers: tuple[CaseFile, ...], facts: Facts
) -> tuple[CaseDecision, ...]:
    """Give a decision on a lead with what it means for the cases that were merged into it."""
    (event,) = decision.events
    lead = decision.file.case
    others = (merging.told(file, lead, event, other_event(context, facts)) for file in followers)
    return (decision, *(other for other in others if other is not None))


def other_event(context: Context, facts: Facts) -> Facts:
    """Give the facts for a further event of the same act."""
    return replace(facts, event_id=context.new_id())
