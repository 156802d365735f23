"""What the holder does with a case beside handing it over: assign, note, attach, resolve (F09, F11)."""

import re
from collections.abc import Mapping
from dataclasses import replace

from fengqiao.domain.acceptance import closed
from fengqiao.domain.case import CaseFile, CaseState, CommandName, FirstReceiver
from fengqiao.domain.command import AddNote, AssignCase, AttachFile, ResolveCase
from fengqiao.domain.custody import CaseDecision, check_may, facts_added, own_event, state_changed
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import Violation, invalid, wrong_state
from fengqiao.domain.event import EventKind
from fengqiao.domain.result import closing_faults
from fengqiao.domain.text import TEXT_LENGTH, TITLE_LENGTH, clean, text_violations

ATTACHMENT_BYTES_LIMIT = 20 * 1024 * 1024
MEDIA_TYPES = frozenset(
    {"image/jpeg", "image/png", "image/webp", "application/pdf", "text/plain", "audio/mpeg", "audio/mp4", "video/mp4"}
)
FACTS_LIMIT = 1_000
"""Entries of a journal from which on no fact is added: an offer carries the journal, and has to fit into a message."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


def assign(file: CaseFile, command: AssignCase, facts: Facts) -> CaseDecision:
    """Give the case to a unit; the first assignment anywhere fixes the first receiver."""
    check_may(file, CommandName.ASSIGN, facts, command.seen_version)
    case = file.case
    unit = facts.units.unit(facts.centre, command.unit).code
    first = case.first_receiver if case.first_receiver.fixed else FirstReceiver(facts.centre.code, unit, fixed=True)
    changed = replace(case, state=CaseState.ASSIGNED, unit=unit, first_receiver=first)
    return state_changed(file, changed, own_event(file, EventKind.ASSIGNED, facts, {"unit": unit}), facts)


def note(file: CaseFile, command: AddNote, facts: Facts) -> CaseDecision:
    """Add a fact in words."""
    check_may(file, CommandName.NOTE, facts, None)
    check_room(file)
    text = clean(command.text)
    if faults := text_violations("text", text, TEXT_LENGTH):
        raise invalid(*faults)
    return facts_added(file, own_event(file, EventKind.NOTED, facts, {"text": text}))


def attach(file: CaseFile, command: AttachFile, facts: Facts) -> CaseDecision:
    """Add a file by its hash, size, type and name."""
    check_may(file, CommandName.ATTACH, facts, None)
    check_room(file)
    name = clean(command.name)
    faults = [*text_violations("name", name, TITLE_LENGTH)]
    if not _SHA256.fullmatch(command.sha256):
        faults.append(Violation("sha256", "hash_wrong"))
    if command.media_type not in MEDIA_TYPES:
        faults.append(Violation("media_type", "media_type_refused", {"value": command.media_type}))
    if command.size_bytes <= 0:
        faults.append(Violation("content", "text_empty"))
    elif command.size_bytes > ATTACHMENT_BYTES_LIMIT:
        sizes = {"length": str(command.size_bytes), "limit": str(ATTACHMENT_BYTES_LIMIT)}
        faults.append(Violation("content", "attachment_too_large", sizes))
    if faults:
        raise invalid(*faults)
    details: Mapping[str, str] = {
        "sha256": command.sha256,
        "size": str(command.size_bytes),
        "media_type": command.media_type,
        "name": name,
    }
    return facts_added(file, own_event(file, EventKind.ATTACHED, facts, details))


def resolve(file: CaseFile, command: ResolveCase, facts: Facts) -> CaseDecision:
    """Close the case with a result."""
    check_may(file, CommandName.RESOLVE, facts, command.seen_version)
    result = clean(command.result)
    faults = [*text_violations("result", result, TEXT_LENGTH)]
    if file.case.course.unreasonable:
        faults += closing_faults(file.case.course, command.closing)
    if faults:
        raise invalid(*faults)
    changed = closed(file.case, command.closing, result, facts)
    details = {"closing": command.closing.value, "result": result}
    return state_changed(file, changed, own_event(file, EventKind.RESOLVED, facts, details), facts)


def check_room(file: CaseFile) -> None:
    """Raise STATE facts_full when the journal takes no more facts."""
    if file.journal_length >= FACTS_LIMIT:
        raise wrong_state("facts_full", limit=str(FACTS_LIMIT))
