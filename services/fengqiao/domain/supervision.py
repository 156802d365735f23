"""Supervision of a case: reminders and orders, which climb a ladder of five bodies (F13, F20, 催办, 督办单).

An order is not part of the shared state: its facts stand in the journal of the case, so they reach every centre that
follows once, whoever holds the case. Each fact carries where the order stands afterwards, and its turn orders them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fengqiao.domain.case import CaseFile, CaseState, Role
from fengqiao.domain.custody import CaseDecision, facts_added, own_event
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import Kind, Refusal, Violation, forbidden, invalid, not_found, wrong_state
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.handling import check_room
from fengqiao.domain.limit import RED
from fengqiao.domain.limit_course import CLOCK
from fengqiao.domain.supervision_command import (
    ConcludeLevel,
    GrantAccess,
    OpenOrder,
    OrderCommand,
    RaiseOrder,
    RecordCause,
    RemindCase,
)
from fengqiao.domain.supervision_rules import Evidence, Ground, OrderLevel, Outcome, SupervisionRules
from fengqiao.domain.text import TEXT_LENGTH, filled, optional

RETURNS_REPEATED = 2
ORDER_KINDS = frozenset({EventKind.SUPERVISION_OPENED, EventKind.SUPERVISION_RAISED, EventKind.SUPERVISION_CONCLUDED})
_WORD_OF_CITIZEN = (EventKind.REVISITED, EventKind.EVALUATED)


@dataclass(frozen=True, slots=True)
class SupervisionOrder:
    """Where an order stands: its centre, level and since when, by when the body has to say its outcome, and that."""

    id: UUID
    case_id: UUID
    centre: str
    level: int
    turn: int
    ground: Ground
    since: datetime
    due_at: datetime
    outcome: Outcome | None
    changed_at: datetime

    @property
    def closed(self) -> bool:
        """Whether nothing more is to be done."""
        return self.outcome not in (None, Outcome.NOT_REMEDIED)


def order_after(event: Event) -> SupervisionOrder:
    """Read where an order stands after one of its events."""
    details = event.details
    return SupervisionOrder(
        id=UUID(details["order"]),
        case_id=event.subject,
        centre=event.centre,
        level=int(details["level"]),
        turn=int(details["turn"]),
        ground=Ground(details["ground"]),
        since=datetime.fromisoformat(details["since"]),
        due_at=datetime.fromisoformat(details["due_at"]),
        outcome=Outcome(details["outcome"]) if details.get("outcome") else None,
        changed_at=event.at,
    )


def orders_in(history: Iterable[Event]) -> tuple[SupervisionOrder, ...]:
    """Give the orders on a case as its journal tells them, in the order in which they were opened."""
    orders: dict[UUID, SupervisionOrder] = {}
    for event in history:
        if event.kind in ORDER_KINDS:
            order = order_after(event)
            known = orders.get(order.id)
            orders[order.id] = order if known is None or order.turn > known.turn else known
    return tuple(orders.values())


def grounds_in(history: Iterable[Event], centre: str) -> frozenset[Ground]:
    """Give the grounds for a new order of a centre: what has happened since its last one was closed."""
    found: set[Ground] = set()
    returns = 0
    for event in history:
        if event.kind is EventKind.SUPERVISION_CONCLUDED and event.centre == centre and order_after(event).closed:
            found, returns = set(), 0
        elif event.kind is EventKind.LIMIT_BREACHED and event.details.get("rung") == RED:
            found.add(Ground.RED_WARNING)
        elif event.kind is EventKind.EVALUATED and "no" in (
            event.details.get("solved"),
            event.details.get("satisfied"),
        ):
            found.add(Ground.UNSATISFIED)
        elif event.kind is EventKind.REOPENED:
            found.add(Ground.REOPENED)
        elif event.kind in (EventKind.RETURNED, EventKind.OBJECTED):
            returns += 1
            if returns >= RETURNS_REPEATED:
                found.add(Ground.REPEATED_RETURN)
    return frozenset(found)


def remind(file: CaseFile, command: RemindCase, facts: Facts) -> CaseDecision:
    """Remind the holder: a fact that all who follow the case hear of, as they hear of notes."""
    check_follows(file)
    if file.case.state is CaseState.RESOLVED:
        raise wrong_state("reminder_resolved")
    check_room(file)
    text = filled("text", command.text, TEXT_LENGTH)
    return facts_added(file, own_event(file, EventKind.REMINDED, facts, {"text": text}))


def record_cause(file: CaseFile, command: RecordCause, facts: Facts) -> CaseDecision:
    """Record why a matter came up and what should be improved: a fact, also of a case that is resolved (F21)."""
    check_follows(file)
    check_room(file)
    details = {"root_cause": command.root_cause.value, "text": filled("text", command.text, TEXT_LENGTH)}
    if improvement := optional("improvement", command.improvement, TEXT_LENGTH):
        details["improvement"] = improvement
    return facts_added(file, own_event(file, EventKind.CAUSE_RECORDED, facts, details))


def open_order(
    file: CaseFile, command: OpenOrder, history: Iterable[Event], facts: Facts, rules: SupervisionRules
) -> CaseDecision:
    """Open an order at level 1: by the holder or a centre above it, on a ground that stands in the journal."""
    check_follows(file)
    reason, story = filled("reason", command.reason), tuple(history)
    here, holder = facts.centre.code, file.case.holder
    if here != holder and not facts.topology.is_below(holder, here):
        raise forbidden("order_not_above", holder=facts.topology.centre(holder).name)
    if any(order.centre == here and not order.closed for order in orders_in(story)):
        raise wrong_state("order_open_already")
    level = rules.level(1)
    ground = _ground(level, grounds_in(story, here))
    order = _at_level(command.order_id, file, 1, level, ground, facts, rules)
    return _told(file, EventKind.SUPERVISION_OPENED, order, {"reason": reason}, facts)


def conclude(
    file: CaseFile, command: ConcludeLevel, history: Iterable[Event], facts: Facts, rules: SupervisionRules
) -> CaseDecision:
    """Record the outcome of the present level, on the evidence that the level asks for."""
    story = tuple(history)
    order = _own_order(command.order_id, story, facts, command.seen_turn)
    if order.outcome is not None:
        raise wrong_state("order_concluded", outcome=f"word:outcome.{order.outcome}")
    level = rules.level(order.level)
    words = filled("words", command.words, TEXT_LENGTH)
    if faults := tuple(_evidence_faults(command, level, order, story)):
        raise invalid(*faults)
    concluded = replace(order, turn=order.turn + 1, outcome=command.outcome)
    details = {"words": words, "proof": " ".join(command.evidence)}
    return _told(file, EventKind.SUPERVISION_CONCLUDED, concluded, details, facts)


def raise_order(
    file: CaseFile, command: RaiseOrder, history: Iterable[Event], facts: Facts, rules: SupervisionRules
) -> CaseDecision:
    """Take an order one level up, when its level ended without a remedy or its limit has passed without an outcome.

    A person gives a reason; the clock needs none, for the passing of the limit is one.
    """
    order = _own_order(command.order_id, tuple(history), facts, command.seen_turn)
    if order.closed:
        raise wrong_state("order_concluded", outcome=f"word:outcome.{order.outcome}")
    if order.level >= rules.top:
        raise wrong_state("order_at_the_top")
    ground = Ground.LIMIT_PASSED if order.outcome is None else Ground.NOT_REMEDIED
    above = rules.level(order.level + 1)
    if ground not in above.entry or (order.outcome is None and facts.at < order.due_at):
        raise wrong_state("order_not_yet", due_at=order.due_at.astimezone(UTC).isoformat())
    reason = "" if facts.actor == CLOCK else filled("reason", command.reason)
    raised = _at_level(order.id, file, order.turn + 1, above, ground, facts, rules)
    return _told(file, EventKind.SUPERVISION_RAISED, raised, {"reason": reason}, facts)


def grant(
    file: CaseFile, command: GrantAccess, history: Iterable[Event], facts: Facts, rules: SupervisionRules
) -> CaseDecision:
    """Let the outside body of the present level read this case: for one purpose, until a time within its cap."""
    order = _own_order(command.order_id, tuple(history), facts, None)
    level = rules.level(order.level)
    if order.closed:
        raise wrong_state("order_concluded", outcome=f"word:outcome.{order.outcome}")
    if not level.outside:
        raise wrong_state("order_body_inside", body=level.body_name)
    check_room(file)
    purpose = filled("purpose", command.purpose)
    latest = facts.at + timedelta(days=level.access_days)
    if not facts.at < command.until <= latest:
        raise invalid(Violation("until", "access_until_wrong", {"days": str(level.access_days)}))
    details = {
        "order": str(order.id),
        "grant": str(command.grant_id),
        "level": str(order.level),
        "body": level.body,
        "reason": purpose,
        "until": command.until.astimezone(UTC).isoformat(),
    }
    return facts_added(file, own_event(file, EventKind.ACCESS_GRANTED, facts, details))


def decide_order(
    file: CaseFile, command: OrderCommand, history: Iterable[Event], facts: Facts, rules: SupervisionRules
) -> CaseDecision:
    """Hand a command on an order to its rule."""
    match command:
        case OpenOrder():
            return open_order(file, command, history, facts, rules)
        case ConcludeLevel():
            return conclude(file, command, history, facts, rules)
        case RaiseOrder():
            return raise_order(file, command, history, facts, rules)
        case GrantAccess():
            return grant(file, command, history, facts, rules)


def check_follows(file: CaseFile) -> None:
    """Raise unless this centre holds or follows the case; a newcomer that was offered it answers first."""
    if file.role is Role.BYSTANDER:
        raise forbidden("supervision_not_involved")
    if file.role is Role.CANDIDATE and not file.audience:
        raise wrong_state("supervision_unanswered")


def _ground(level: OrderLevel, found: frozenset[Ground]) -> Ground:
    fitting = sorted(level.entry & found, key=tuple(Ground).index)
    if not fitting:
        allowed = " ".join(f"word:ground.{one}" for one in Ground if one in level.entry)
        raise wrong_state("order_without_ground", allowed=allowed)
    return fitting[0]


def _at_level(
    order_id: UUID,
    file: CaseFile,
    turn: int,
    level: OrderLevel,
    ground: Ground,
    facts: Facts,
    rules: SupervisionRules,
) -> SupervisionOrder:
    due_at = rules.calendar.due(level.budget, facts.at).at
    here = facts.centre.code
    return SupervisionOrder(order_id, file.case.id, here, level.number, turn, ground, facts.at, due_at, None, facts.at)


def _own_order(order_id: UUID, story: tuple[Event, ...], facts: Facts, seen_turn: int | None) -> SupervisionOrder:
    order = next((one for one in orders_in(story) if one.id == order_id), None)
    if order is None:
        raise not_found("supervision_order_unknown", order=str(order_id))
    if order.centre != facts.centre.code:
        raise forbidden("order_not_ours", centre=facts.topology.centre(order.centre).name)
    if seen_turn is not None and seen_turn != order.turn:
        raise Refusal(Kind.STALE, "order_stale", {"level": str(order.level)})
    return order


def _evidence_faults(
    command: ConcludeLevel, level: OrderLevel, order: SupervisionOrder, story: tuple[Event, ...]
) -> Iterable[Violation]:
    if command.outcome not in level.outcomes:
        allowed = ", ".join(sorted(level.outcomes))
        yield Violation("outcome", "enum_unknown", {"value": command.outcome.value, "allowed": allowed})
    attached = {event.details["sha256"] for event in story if event.kind is EventKind.ATTACHED}
    for sha256 in command.evidence:
        if sha256 not in attached:
            yield Violation("evidence", "attachment_unknown", {"sha256": sha256})
    if Evidence.FILE in level.evidence and not command.evidence:
        yield Violation("evidence", "order_file_needed")
    asked = any(event.kind in _WORD_OF_CITIZEN and event.at >= order.since for event in story)
    if Evidence.CITIZEN in level.evidence and not asked:
        yield Violation("words", "order_citizen_needed")


def _told(
    file: CaseFile, kind: EventKind, order: SupervisionOrder, details: Mapping[str, str], facts: Facts
) -> CaseDecision:
    standing = {
        "order": str(order.id),
        "level": str(order.level),
        "turn": str(order.turn),
        "ground": order.ground.value,
        "since": order.since.astimezone(UTC).isoformat(),
        "due_at": order.due_at.astimezone(UTC).isoformat(),
        "outcome": order.outcome.value if order.outcome else "",
    }
    return facts_added(file, own_event(file, kind, facts, {**standing, **details}))
