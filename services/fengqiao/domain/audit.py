"""What has to hold over the copies of one case or directive at all centres (issue 3, point 10). Pure.

Some rules hold at every moment; the others once the subject is settled, which means that no message about it is under
way anywhere. The caller knows which is the case and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from fengqiao.domain.audit_story import differing_from, told_by
from fengqiao.domain.case import Case, CaseFile, Role
from fengqiao.domain.directive import Directive, DirectiveFile
from fengqiao.domain.event import Event, canonical, first_break
from fengqiao.domain.journal import Entry

Shared = TypeVar("Shared", Case, Directive)


class Rule(StrEnum):
    """The rules of the federation that an audit holds."""

    ONE_HOLDER = "one_holder"
    FIRST_RECEIVER = "first_receiver"
    JOURNAL = "journal"
    EVENT_ALIKE = "event_alike"
    EVENT_MISSING = "event_missing"
    MIRROR = "mirror"
    STANDING = "standing"
    FOLLOWER = "follower"
    DIRECTIVE = "directive"
    DATABASE = "database"
    READABLE = "readable"
    EDGE = "edge"
    ACKNOWLEDGED = "acknowledged"
    OUTBOX = "outbox"
    INBOX = "inbox"
    HELD = "held"
    UNDELIVERED = "undelivered"
    DEAD_LETTER = "dead_letter"
    TOPIC = "topic"
    FACT = "fact"
    TALLY = "tally"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: the rule, the centre where it shows, the case or directive, and what was found.

    `number` is that of the subject; both are empty when it is not about one. `detail` is for whoever looks into it.
    """

    rule: Rule
    centre: str
    detail: str
    subject: UUID | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class CaseCopy:
    """A case at one centre with its journal in the order of the positions."""

    centre: str
    file: CaseFile
    journal: tuple[Entry, ...]

    @property
    def kept_up(self) -> bool:
        """Whether this centre is told of every change."""
        return self.file.role is not Role.BYSTANDER


@dataclass(frozen=True, slots=True)
class DirectiveCopy:
    """A directive at one of its two sides with its journal in the order of the positions."""

    centre: str
    file: DirectiveFile
    journal: tuple[Entry, ...]


def case_findings(copies: Sequence[CaseCopy], *, settled: bool, hosted: frozenset[str]) -> tuple[Finding, ...]:
    """Audit all copies of one case; `hosted` are the centres whose databases are looked at."""
    broken = _journals(copies)
    found = [*broken, *_first_receiver(copies), *_standing(copies, {one.centre for one in broken})]
    holder, holder_findings = _holder(copies, settled=settled, hosted=hosted)
    found += holder_findings
    found += _alike({copy.centre: copy.journal for copy in copies})
    if settled:
        found += _missing_events(
            {copy.centre: copy.journal for copy in copies}, [c.centre for c in copies if c.kept_up]
        )
        found += _followers(copies, hosted)
        if holder is not None:
            found += _mirrors(holder, copies)
    case = copies[0].file.case
    return _about(case.id, case.number, found)


def directive_findings(
    copies: Sequence[DirectiveCopy], *, settled: bool, hosted: frozenset[str]
) -> tuple[Finding, ...]:
    """Audit both copies of one directive; `hosted` are the centres whose databases are looked at."""
    found = [*_journals(copies), *_alike({copy.centre: copy.journal for copy in copies})]
    by_centre = {copy.centre: copy for copy in copies}
    directive = copies[0].file.directive
    sides = {directive.issuer, directive.recipient}
    found += [Finding(Rule.DIRECTIVE, code, "it is neither issuer nor recipient") for code in by_centre.keys() - sides]
    if settled:
        found += [Finding(Rule.DIRECTIVE, code, "has no copy") for code in sorted(sides & hosted - by_centre.keys())]
        found += _missing_events({copy.centre: copy.journal for copy in copies}, list(by_centre))
        for copy in copies[1:]:
            if differing := _differing(directive, copy.file.directive):
                detail = f"{differing} differ from {copies[0].centre}"
                found.append(Finding(Rule.DIRECTIVE, copy.centre, detail))
    return _about(directive.id, directive.number, found)


def _about(subject: UUID, number: str, found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(Finding(one.rule, one.centre, one.detail, subject, number) for one in found)


def _journals(copies: Sequence[CaseCopy] | Sequence[DirectiveCopy]) -> list[Finding]:
    found = []
    for copy in copies:
        entries = copy.journal
        if broken := first_break((entry.position, entry.event, entry.hash) for entry in entries):
            found.append(Finding(Rule.JOURNAL, copy.centre, f"broken at position {broken} of {len(entries)}"))
        elif not entries or (len(entries), entries[-1].hash) != (copy.file.journal_length, copy.file.journal_hash):
            detail = f"{len(entries)} entries, the file tells of {copy.file.journal_length} or of another last hash"
            found.append(Finding(Rule.JOURNAL, copy.centre, detail))
        if len({entry.event.id for entry in entries}) != len(entries):
            found.append(Finding(Rule.JOURNAL, copy.centre, "an event stands there twice"))
    return found


def _holder(
    copies: Sequence[CaseCopy], *, settled: bool, hosted: frozenset[str]
) -> tuple[CaseCopy | None, list[Finding]]:
    holders = sorted((copy for copy in copies if copy.file.role is Role.HOLDER), key=_claim)
    told = max(copies, key=lambda copy: (copy.file.case.epoch, copy.file.case.version)).file.case.holder
    if not holders:
        outside = told not in hosted
        return None, [] if outside else [Finding(Rule.ONE_HOLDER, told, "no centre holds it")]
    last = holders[-1]
    top = last.file.case.epoch
    found = [
        Finding(
            Rule.ONE_HOLDER, copy.centre, f"is holder at epoch {copy.file.case.epoch}, as {last.centre} is at {top}"
        )
        for copy in holders[:-1]
        if settled or not _handing_over(copy.file, top)
    ]
    found += [
        Finding(Rule.ONE_HOLDER, copy.centre, f"is holder and calls {copy.file.case.holder} the holder")
        for copy in holders
        if copy.file.case.holder != copy.centre
    ]
    return last, found


def _claim(copy: CaseCopy) -> tuple[int, bool]:
    return copy.file.case.epoch, copy.file.case.holder == copy.centre


def _handing_over(file: CaseFile, top: int) -> bool:
    """Whether an earlier holder has not heard yet that its offer was accepted."""
    return file.case.offer is not None and file.case.offer.epoch <= top


def _first_receiver(copies: Sequence[CaseCopy]) -> list[Finding]:
    found = []
    fixed: CaseCopy | None = None
    for copy in sorted(copies, key=lambda one: one.file.case.first_receiver.fixed, reverse=True):
        first = copy.file.case.first_receiver
        if not (first.centre.strip() and first.unit.strip()):
            found.append(Finding(Rule.FIRST_RECEIVER, copy.centre, "is empty"))
        elif first.fixed and fixed is None:
            fixed = copy
        elif first.fixed and fixed is not None and first != fixed.file.case.first_receiver:
            other = fixed.file.case.first_receiver
            detail = f"{first.centre}/{first.unit} here, {other.centre}/{other.unit} at {fixed.centre}"
            found.append(Finding(Rule.FIRST_RECEIVER, copy.centre, detail))
    return found


def _standing(copies: Sequence[CaseCopy], broken: AbstractSet[str]) -> list[Finding]:
    """What a holder says of its case, its own whole journal tells too: file and events are written together."""
    found = []
    for copy in copies:
        case = copy.file.case
        if copy.centre in broken or copy.file.role is not Role.HOLDER or case.holder != copy.centre:
            continue
        standing = told_by(entry.event for entry in copy.journal)
        if standing is not None and (differing := differing_from(standing, case)):
            found.append(Finding(Rule.STANDING, copy.centre, f"has {differing}, as its events tell"))
    return found


def _alike(journals: Mapping[str, Sequence[Entry]]) -> list[Finding]:
    """Each event reads the same everywhere; the centre that wrote it is right."""
    known: dict[UUID, tuple[str, bytes]] = {}
    found = []
    for centre, journal in journals.items():
        for entry in journal:
            if entry.event.centre == centre:
                known.setdefault(entry.event.id, (centre, canonical(entry.event)))
    for centre, journal in journals.items():
        for entry in journal:
            where, text = known.setdefault(entry.event.id, (centre, canonical(entry.event)))
            if text != canonical(entry.event):
                detail = f"event {entry.event.id} at position {entry.position} reads otherwise at {where}"
                found.append(Finding(Rule.EVENT_ALIKE, centre, detail))
    return found


def _missing_events(journals: Mapping[str, Sequence[Entry]], kept_up: Sequence[str]) -> list[Finding]:
    everything: dict[UUID, Event] = {entry.event.id: entry.event for j in journals.values() for entry in j}
    found = []
    for centre in kept_up:
        missing = everything.keys() - {entry.event.id for entry in journals[centre]}
        if missing:
            first = min((everything[identity] for identity in missing), key=lambda event: (event.at, event.id))
            detail = f"{len(missing)} missing, first {first.kind} {first.id} by {first.centre}"
            found.append(Finding(Rule.EVENT_MISSING, centre, detail))
    return found


def _followers(copies: Sequence[CaseCopy], hosted: frozenset[str]) -> list[Finding]:
    """All who follow form a tree: who tells another is told by it, and the origin never loses sight of its case."""
    by_centre = {copy.centre: copy for copy in copies}
    found = [
        Finding(Rule.FOLLOWER, told, f"does not follow, though {copy.centre} tells it of changes")
        for copy in copies
        if copy.kept_up
        for told in sorted(copy.file.audience & hosted)
        if told not in by_centre or copy.centre not in by_centre[told].file.audience
    ]
    for copy in copies:
        offer = copy.file.case.offer if copy.file.role is Role.HOLDER else None
        if offer is not None and offer.to in hosted and not _is_candidate(by_centre.get(offer.to)):
            found.append(Finding(Rule.FOLLOWER, offer.to, f"knows nothing of the offer by {copy.centre}"))
    origin = copies[0].file.case.origin
    if origin in hosted and (origin not in by_centre or not by_centre[origin].kept_up):
        found.append(Finding(Rule.FOLLOWER, origin, "took the case in and does not follow it"))
    return found


def _is_candidate(copy: CaseCopy | None) -> bool:
    return copy is not None and copy.file.role is Role.CANDIDATE


def _mirrors(holder: CaseCopy, copies: Sequence[CaseCopy]) -> list[Finding]:
    return [
        Finding(Rule.MIRROR, copy.centre, f"{differing} differ from the holder {holder.centre}")
        for copy in copies
        if copy.kept_up and (differing := _differing(holder.file.case, copy.file.case))
    ]


def _differing(one: Shared, other: Shared) -> str:
    names = [part.name for part in fields(one) if getattr(one, part.name) != getattr(other, part.name)]
    return ", ".join(names)
