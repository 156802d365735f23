"""The ledger of points (F13, 扣分): entries, appeals and reversals; nothing in it is ever changed or taken out.

An entry concerns a unit on one case, never a person. It stands in the journal of the case at the centre whose unit it
is, and what became of it follows from the entries after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from fengqiao.domain.case import CaseFile
from fengqiao.domain.custody import CaseDecision, facts_added, own_event
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import forbidden, not_found, wrong_state
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.handling import check_room
from fengqiao.domain.limit import Limit
from fengqiao.domain.limit_course import CLOCK
from fengqiao.domain.supervision import check_follows
from fengqiao.domain.supervision_command import AppealPoints, DecideAppeal, DeductPoints, PointsCommand
from fengqiao.domain.supervision_rules import SupervisionRules
from fengqiao.domain.text import filled
from fengqiao.domain.unit import WINDOW

POINTS_KINDS = frozenset(
    {EventKind.POINTS_DEDUCTED, EventKind.POINTS_APPEALED, EventKind.POINTS_REVERSED, EventKind.APPEAL_DISMISSED}
)
_GIVEN = (EventKind.REGISTERED, EventKind.ASSIGNED, EventKind.TRANSFERRED, EventKind.ARBITRATED)
_TAKEN = (EventKind.RETURNED, EventKind.OFFER_ACCEPTED, EventKind.REOPENED)


class Standing(StrEnum):
    """What has become of an entry; points count unless it is reversed."""

    STANDING = "standing"
    APPEALED = "appealed"
    REVERSED = "reversed"
    CONFIRMED = "confirmed"  # The appeal was dismissed.


@dataclass(frozen=True, slots=True)
class PointsEntry:
    """An entry as it stands: what it came from, and who appealed; `limit` and `rung` are empty when made by hand.

    `at` is the time that it is about; after an outage it is entered later, and only then can anybody appeal.
    """

    id: UUID
    case_id: UUID
    centre: str
    unit: str
    rule: str
    points: int
    limit: str
    rung: str
    reason: str
    by: str
    at: datetime
    entered_at: datetime
    standing: Standing = Standing.STANDING
    appealed_by: str = ""

    @property
    def counted(self) -> int:
        """The points that it counts for."""
        return 0 if self.standing is Standing.REVERSED else self.points


def entries_in(history: Iterable[Event]) -> tuple[PointsEntry, ...]:
    """Give the entries on a case as its journal tells them."""
    entries: dict[UUID, PointsEntry] = {}
    for event in history:
        if event.kind is EventKind.POINTS_DEDUCTED:
            entry = _entry(event)
            entries[entry.id] = entry
        elif event.kind in POINTS_KINDS and (known := entries.get(UUID(event.details["entry"]))):
            entries[known.id] = _moved(known, event)
    return tuple(entries.values())


def total(entries: Iterable[PointsEntry]) -> int:
    """Add up what counts: entries less reversals."""
    return sum(entry.counted for entry in entries)


def entry_id(limit_id: UUID, rung: str, centre: str) -> UUID:
    """Give the id of the entry that a rung makes at a centre: one for each, however often it is told."""
    return uuid5(limit_id, f"points {rung} {centre}")


def imposed(
    file: CaseFile, limit: Limit, rung: str, fired_at: datetime, history: Iterable[Event], facts: Facts,
    rules: SupervisionRules,
) -> Event | None:  # fmt: skip
    """Make the entry of a rung that fired; None when it costs nothing or the case was another centre's by then."""
    rule, story, here = rules.of_rung(limit.code, rung), tuple(history), facts.centre.code
    if rule is None or holder_at(story, file.case.origin, fired_at) != here:
        return None
    identity = entry_id(limit.id, rung, here)
    details = {
        "entry": str(identity),
        "rule": rule.code,
        "points": str(rule.points),
        "unit": unit_at(story, fired_at),
        "limit_id": str(limit.id),
        "limit": limit.code,
        "rung": rung,
        "entered_at": facts.at.astimezone(UTC).isoformat(),
    }
    return Event(identity, file.case.id, EventKind.POINTS_DEDUCTED, here, CLOCK, fired_at, file.case.epoch, details)


def deduct(file: CaseFile, command: DeductPoints, facts: Facts, rules: SupervisionRules) -> CaseDecision:
    """Enter points by hand: of a unit of this centre, by a rule that allows it, with a reason."""
    check_follows(file)
    check_room(file)
    rule = rules.by_hand(command.rule)
    unit = facts.units.unit(facts.centre, command.unit).code
    details = {
        "entry": str(command.entry_id),
        "rule": rule.code,
        "points": str(rule.points),
        "unit": unit,
        "reason": filled("reason", command.reason),
    }
    return facts_added(file, own_event(file, EventKind.POINTS_DEDUCTED, facts, details))


def appeal(
    file: CaseFile, command: AppealPoints, history: Iterable[Event], facts: Facts, rules: SupervisionRules
) -> CaseDecision:
    """Appeal against an entry, once and within the days that the city gives."""
    entry = _own_entry(command.entry_id, history, facts)
    reason = filled("reason", command.reason)
    if entry.standing is not Standing.STANDING:
        raise wrong_state("points_not_standing", standing=f"word:standing.{entry.standing}")
    days = rules.terms.appeal_days
    if facts.at > entry.entered_at + timedelta(days=days):
        raise wrong_state("points_appeal_late", days=str(days))
    details = {"entry": str(entry.id), "unit": entry.unit, "reason": reason}
    return facts_added(file, own_event(file, EventKind.POINTS_APPEALED, facts, details))


def decide_appeal(file: CaseFile, command: DecideAppeal, history: Iterable[Event], facts: Facts) -> CaseDecision:
    """Decide an appeal with reasons; neither who entered the points nor who appealed may."""
    entry = _own_entry(command.entry_id, history, facts)
    reason = filled("reason", command.reason)
    if entry.standing is not Standing.APPEALED:
        raise wrong_state("points_not_appealed", standing=f"word:standing.{entry.standing}")
    if facts.actor in (entry.by, entry.appealed_by):
        raise forbidden("points_second_person", person=facts.actor)
    kind = EventKind.POINTS_REVERSED if command.upheld else EventKind.APPEAL_DISMISSED
    return facts_added(file, own_event(file, kind, facts, _decided(entry, reason)))


def decide_points(
    file: CaseFile, command: PointsCommand, history: Iterable[Event], facts: Facts, rules: SupervisionRules
) -> CaseDecision:
    """Hand a command on points to its rule."""
    match command:
        case DeductPoints():
            return deduct(file, command, facts, rules)
        case AppealPoints():
            return appeal(file, command, history, facts, rules)
        case DecideAppeal():
            return decide_appeal(file, command, history, facts)


def taken_back(file: CaseFile, entry: PointsEntry, facts: Facts) -> CaseDecision:
    """Reverse what a clock entered here although, as it turned out, the case had passed on by then."""
    event_id = uuid5(entry.id, "taken back")
    event = replace(own_event(file, EventKind.POINTS_REVERSED, facts, _decided(entry, "")), id=event_id)
    return facts_added(file, event)


def not_ours(entry: PointsEntry, history: Iterable[Event], origin: str) -> bool:
    """Tell whether an entry of a clock fell into the time of another holder."""
    return bool(entry.limit) and holder_at(history, origin, entry.at) != entry.centre


def holder_at(history: Iterable[Event], origin: str, at: datetime) -> str:
    """Say who held a case at an instant: the acceptance divides."""
    accepted = (event for event in history if event.kind is EventKind.OFFER_ACCEPTED and event.at <= at)
    last = max(accepted, key=lambda event: event.epoch, default=None)
    return last.centre if last is not None else origin


def unit_at(history: Iterable[Event], at: datetime) -> str:
    """Say which unit had a case at an instant; while none has it, the reception window answers for it."""
    unit = ""
    for event in sorted((one for one in history if one.at <= at), key=lambda one: one.at):
        if event.kind in _GIVEN:
            unit = event.details.get("unit", "")
        elif event.kind in _TAKEN:
            unit = ""
    return unit or WINDOW


def _entry(event: Event) -> PointsEntry:
    details = event.details
    return PointsEntry(
        id=UUID(details["entry"]),
        case_id=event.subject,
        centre=event.centre,
        unit=details["unit"],
        rule=details["rule"],
        points=int(details["points"]),
        limit=details.get("limit", ""),
        rung=details.get("rung", ""),
        reason=details.get("reason", ""),
        by=event.actor,
        at=event.at,
        entered_at=datetime.fromisoformat(details["entered_at"]) if "entered_at" in details else event.at,
    )


def _moved(entry: PointsEntry, event: Event) -> PointsEntry:
    match event.kind:
        case EventKind.POINTS_APPEALED:
            return replace(entry, standing=Standing.APPEALED, appealed_by=event.actor)
        case EventKind.POINTS_REVERSED:
            return replace(entry, standing=Standing.REVERSED)
        case _:
            return replace(entry, standing=Standing.CONFIRMED)


def _decided(entry: PointsEntry, reason: str) -> dict[str, str]:
    return {
        "entry": str(entry.id),
        "rule": entry.rule,
        "points": str(entry.points),
        "unit": entry.unit,
        "entered_by": entry.by,
        "appealed_by": entry.appealed_by,
        "reason": reason,
    }


def _own_entry(identity: UUID, history: Iterable[Event], facts: Facts) -> PointsEntry:
    entry = next((one for one in entries_in(history) if one.id == identity), None)
    if entry is None:
        raise not_found("points_unknown", entry=str(identity))
    if entry.centre != facts.centre.code:
        raise forbidden("points_not_ours", centre=facts.topology.centre(entry.centre).name)
    return entry
