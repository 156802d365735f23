"""Merging duplicates (F14): a link and no destruction. Each reporter keeps a case, is told, and may judge.

The duplicate follows its lead: it stands still, is told what its lead's reporter is told, and closes with it while both
are held by one centre. The earliest registration rules (`Case.waiting_since`). Undone, it goes on from where it stood.
"""

from dataclasses import replace

from fengqiao.domain.acceptance import closed
from fengqiao.domain.case import Case, CaseFile, CaseState, CommandName, Role
from fengqiao.domain.course import Merged
from fengqiao.domain.course_command import MergeCase, UnmergeCase
from fengqiao.domain.custody import CaseDecision, check_may, facts_added, own_event, state_changed
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import Violation, invalid, wrong_state
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.text import filled

# What the reporters of merged cases are told of as well: the text of each stands in a detail of the event.
TOLD = {
    EventKind.REPLIED: "text",
    EventKind.REOPENED: "reason",
}
CLOSING = frozenset({EventKind.CLOSED, EventKind.RESOLVED})


def merge(file: CaseFile, lead: CaseFile, command: MergeCase, facts: Facts) -> CaseDecision:
    """Let the duplicate follow its lead; what becomes of the lead tells `joined`."""
    check_may(file, CommandName.MERGE, facts, command.seen_version)
    if lead.case.id == file.case.id:
        raise invalid(Violation("lead", "merge_itself"))
    if not can_lead(lead):
        raise wrong_state("lead_unfit", lead=lead.case.number)
    changed = replace(file.case, course=replace(file.case.course, merged_into=lead.case.id))
    details = {"lead": str(lead.case.id), "number": lead.case.number}
    return state_changed(file, changed, own_event(file, EventKind.MERGED, facts, details), facts)


def joined(lead: CaseFile, duplicate: Case, facts: Facts) -> CaseDecision:
    """Note a duplicate on its lead, with the time since which its reporter waits."""
    merged = Merged(duplicate.id, duplicate.number, duplicate.waiting_since)
    changed = replace(lead.case, course=replace(lead.case.course, merged=(*lead.case.course.merged, merged)))
    details = {"case": str(duplicate.id), "number": duplicate.number}
    return state_changed(lead, changed, own_event(lead, EventKind.JOINED, facts, details), facts)


def unmerge(file: CaseFile, command: UnmergeCase, facts: Facts) -> CaseDecision:
    """Let the case go its own way again, from the state that it had; what becomes of the lead tells `parted`."""
    check_may(file, CommandName.UNMERGE, facts, command.seen_version)
    details = {"lead": str(file.case.course.merged_into), "reason": filled("reason", command.reason)}
    changed = replace(file.case, course=replace(file.case.course, merged_into=None))
    return state_changed(file, changed, own_event(file, EventKind.UNMERGED, facts, details), facts)


def parted(lead: CaseFile, duplicate: Case, facts: Facts) -> CaseDecision:
    """Take a duplicate off its lead. Where another centre decides about the lead now, the fact alone is told."""
    details = {"case": str(duplicate.id), "number": duplicate.number}
    event = own_event(lead, EventKind.PARTED, facts, details)
    if lead.role is not Role.HOLDER or lead.case.offer is not None:
        return facts_added(lead, event)
    left = tuple(one for one in lead.case.course.merged if one.id != duplicate.id)
    return state_changed(lead, replace(lead.case, course=replace(lead.case.course, merged=left)), event, facts)


def told(file: CaseFile, lead: Case, event: Event, facts: Facts) -> CaseDecision | None:
    """Carry to a duplicate what its lead's event means for its reporter: an answer is told, a closing closes it.

    None when the event is none of the reporter's, or the duplicate is closed already and only the lead goes on.
    """
    is_open = file.case.state is not CaseState.RESOLVED
    if event.kind in CLOSING and is_open and lead.closing is not None:
        changed = closed(file.case, lead.closing, lead.result, facts)
        details = {"closing": lead.closing.value, "result": lead.result, "lead": str(lead.id)}
        return state_changed(file, changed, own_event(file, EventKind.CLOSED, facts, details), facts)
    if event.kind in TOLD:
        details = {"lead": str(lead.id), "what": event.kind.value, "text": event.details[TOLD[event.kind]]}
        return facts_added(file, own_event(file, EventKind.LEAD_TOLD, facts, details))
    return None


def can_lead(file: CaseFile) -> bool:
    """Tell whether another case may be merged into this one: held here, open, not on offer, not merged itself."""
    case = file.case
    return (
        file.role is Role.HOLDER
        and case.offer is None
        and case.state is not CaseState.RESOLVED
        and case.course.merged_into is None
    )
