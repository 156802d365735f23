"""Taking a case in (F01, F09)."""

from fengqiao.domain.case import Case, CaseFile, CaseState, Contact, FirstReceiver, Role
from fengqiao.domain.command import RegisterCase
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Decision, Facts
from fengqiao.domain.errors import Refusal, Violation, invalid
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.identity import case_number
from fengqiao.domain.text import NAME_LENGTH, TEXT_LENGTH, TITLE_LENGTH, clean, text_violations
from fengqiao.domain.unit import WINDOW


def check(command: RegisterCase, facts: Facts) -> None:
    """Raise INVALID with every wrong field; a serial number is drawn only for what passes."""
    faults = [
        *text_violations("title", clean(command.title), TITLE_LENGTH),
        *text_violations("text", clean(command.text), TEXT_LENGTH),
        *text_violations("place", clean(command.place), TITLE_LENGTH, required=False),
        *text_violations("reference", clean(command.reference), TITLE_LENGTH, required=False),
        *_contact_faults(command.contact),
        *_unit_faults(command.unit, facts),
    ]
    if faults:
        raise invalid(*faults)


def register(command: RegisterCase, serial: int, facts: Facts) -> CaseDecision:
    """Take a case in as the `serial`th of the day; raises INVALID with every wrong field."""
    check(command, facts)
    title, text, place, unit = clean(command.title), clean(command.text), clean(command.place), command.unit
    here = facts.centre.code
    number = case_number(here, facts.at, serial)
    case = Case(
        id=command.case_id,
        number=number,
        origin=here,
        first_receiver=FirstReceiver(here, unit or WINDOW, fixed=bool(unit)),
        holder=here,
        epoch=1,
        version=1,
        state=CaseState.ASSIGNED if unit else CaseState.REGISTERED,
        kind=command.kind,
        request_type=command.request_type,
        channel=command.channel,
        title=title,
        text=text,
        place=place,
        urgent=command.urgent,
        unit=unit,
        offer=None,
        closing=None,
        result="",
        registered_at=facts.at,
        updated_at=facts.at,
        resolved_at=None,
        reference=clean(command.reference),
    )
    details = {"channel": command.channel.value, "number": number, "unit": unit}
    event = Event(facts.event_id, case.id, EventKind.REGISTERED, here, facts.actor, facts.at, case.epoch, details)
    return Decision(CaseFile(case, Role.HOLDER), (event,), (), _cleaned(command.contact))


def _unit_faults(unit: str, facts: Facts) -> tuple[Violation, ...]:
    if not unit:
        return ()
    try:
        facts.units.unit(facts.centre, unit)
    except Refusal as refusal:
        return refusal.violations
    return ()


def _contact_faults(contact: Contact | None) -> tuple[Violation, ...]:
    if contact is None:
        return ()
    return (
        *text_violations("contact.name", clean(contact.name), NAME_LENGTH, required=False),
        *text_violations("contact.phone", clean(contact.phone), NAME_LENGTH, required=False),
    )


def _cleaned(contact: Contact | None) -> Contact | None:
    if contact is None or not (clean(contact.name) or clean(contact.phone)):
        return None
    return Contact(clean(contact.name), clean(contact.phone))
