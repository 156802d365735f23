"""Who does the work within a centre (F09, F11): transfer, helpers, one return, and arbitration by the tier above.

The first receiver stays whatever happens here, and no clock is touched: a transfer never gives time.
"""

from collections.abc import Iterable
from dataclasses import replace

from fengqiao.domain.case import CaseFile, CaseState, CommandName, Role
from fengqiao.domain.course import Arbitration
from fengqiao.domain.course_command import ArbitrateCase, InvolveUnits, ObjectToDispatch, ReturnCase, TransferCase
from fengqiao.domain.custody import (
    CaseDecision,
    check_may,
    check_second_person,
    own_event,
    progress,
    state_changed,
)
from fengqiao.domain.decision import Decision, Facts, Outgoing
from fengqiao.domain.errors import Violation, invalid, wrong_state
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.message import ArbitrationAsked, ArbitrationGiven
from fengqiao.domain.text import filled

CO_HANDLERS_LIMIT = 10


def transfer(file: CaseFile, command: TransferCase, facts: Facts) -> CaseDecision:
    """Hand the case to another unit of this centre."""
    check_may(file, CommandName.TRANSFER, facts, command.seen_version)
    case, reason = file.case, filled("reason", command.reason)
    unit = facts.units.unit(facts.centre, command.unit).code
    if unit == case.unit:
        raise invalid(Violation("unit", "unit_same", {"unit": unit}))
    helpers = tuple(one for one in case.course.co_handlers if one != unit)
    changed = replace(case, unit=unit, course=replace(case.course, co_handlers=helpers))
    details = {"unit": unit, "from": case.unit, "reason": reason}
    return state_changed(file, changed, own_event(file, EventKind.TRANSFERRED, facts, details), facts)


def involve(file: CaseFile, command: InvolveUnits, facts: Facts) -> CaseDecision:
    """Name the units that help; the assigned one leads and cannot help itself."""
    check_may(file, CommandName.INVOLVE, facts, command.seen_version)
    case = file.case
    if len(command.units) > CO_HANDLERS_LIMIT:
        sizes = {"length": str(len(command.units)), "limit": str(CO_HANDLERS_LIMIT)}
        raise invalid(Violation("units", "too_many", sizes))
    units = tuple(dict.fromkeys(facts.units.unit(facts.centre, code).code for code in command.units))
    if case.unit in units:
        raise invalid(Violation("units", "unit_same", {"unit": case.unit}))
    changed = replace(case, course=replace(case.course, co_handlers=units))
    event = own_event(file, EventKind.INVOLVED, facts, {"units": " ".join(units)})
    return state_changed(file, changed, event, facts)


def give_back(file: CaseFile, command: ReturnCase, facts: Facts) -> CaseDecision:
    """Return the case to whoever assigns, with a reason: once within a centre, and never after an arbitration."""
    check_may(file, CommandName.RETURN, facts, command.seen_version)
    case, reason = file.case, filled("reason", command.reason)
    returned = (*case.course.returned, f"{case.holder}/{case.unit}")
    course = replace(case.course, returned=returned, co_handlers=())
    changed = replace(case, state=CaseState.ACCEPTED, unit="", course=course)
    event = own_event(file, EventKind.RETURNED, facts, {"from": case.unit, "reason": reason})
    return state_changed(file, changed, event, facts)


def object_to_dispatch(
    file: CaseFile, command: ObjectToDispatch, history: Iterable[Event], facts: Facts
) -> CaseDecision:
    """Ask the tier above to decide; `history` is the journal, for a parent that does not follow the case yet.

    The city has nobody above: the centre itself decides, by another person than the one who asks.
    """
    check_may(file, CommandName.OBJECT, facts, command.seen_version)
    case, reason = file.case, filled("reason", command.reason)
    to = facts.centre.parent or facts.centre.code
    asked = Arbitration(command.arbitration_id, to, case.unit, reason, facts.actor, facts.at)
    changed = replace(case, state=CaseState.DISPUTED, course=replace(case.course, arbitration=asked))
    details = {"arbitration": str(asked.id), "from": case.unit, "to": to, "reason": reason}
    event = own_event(file, EventKind.OBJECTED, facts, details)
    decision = state_changed(file, changed, event, facts)
    if to == facts.centre.code:
        return decision
    story = (event,) if to in file.audience else (*history, event)
    question = Outgoing(to, ArbitrationAsked(decision.file.case, story), case.urgent)
    others = tuple(told for told in decision.outgoing if told.to != to)
    following = replace(decision.file, audience=file.audience | {to})
    return Decision(following, (event,), (question, *others))


def arbitrate(file: CaseFile, command: ArbitrateCase, facts: Facts) -> CaseDecision:
    """Decide finally which unit of the holding centre takes the case."""
    check_may(file, CommandName.ARBITRATE, facts, command.seen_version)
    case = file.case
    asked = case.course.arbitration
    if asked is None:
        raise wrong_state("arbitration_none")
    check_second_person(CommandName.ARBITRATE, asked.by, facts)
    reason = filled("reason", command.reason)
    unit = facts.units.unit(facts.topology.centre(case.holder), command.unit).code
    details = {"arbitration": str(asked.id), "unit": unit, "reason": reason}
    event = own_event(file, EventKind.ARBITRATED, facts, details)
    if file.role is Role.HOLDER:
        return state_changed(file, settled(file, unit).case, event, facts)
    answer = Outgoing(case.holder, ArbitrationGiven(case.id, asked.id, unit, (event,)), case.urgent)
    others = progress(case, (event,), file.audience - {case.holder})
    return Decision(replace(file, role=Role.FOLLOWER), (event,), (answer, *others))


def settled(file: CaseFile, unit: str) -> CaseFile:
    """Give the holder's file with the decision carried out: the unit works, and nobody within the centre may return."""
    case = file.case
    course = replace(case.course, arbitration=None, arbitrated=case.holder, co_handlers=())
    return replace(file, case=replace(case, state=CaseState.ASSIGNED, unit=unit, course=course))
