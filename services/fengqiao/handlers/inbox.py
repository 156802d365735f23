"""Taking in what neighbours send: each number once, in order, with its effects in the same transaction (F37).

Both carriers end here, so what the Link brought and Kafka brings later is recognised. A batch costs two statements and
one commit whatever its length.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from fengqiao.domain import directive as directive_rules
from fengqiao.domain.case import CaseFile
from fengqiao.domain.directive import DirectiveFile, DirectiveIssued, DirectiveProgress
from fengqiao.domain.edge import Arrival, Verdict, after_crash, arrival, retry_at
from fengqiao.domain.edition import CataloguePublished
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.reaction import react
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.edition import take_in_edition
from fengqiao.handlers.inbox_rows import Delivery, Item, inbox_row, letter_row
from fengqiao.handlers.saving import committed, put_case, put_directive
from fengqiao.observe.logging import logger
from fengqiao.store.changes import Changes, DeadLetterRow, InboxRow
from fengqiao.store.inbox import DueMessage, ahead_messages, due_messages
from fengqiao.store.work import Loaded, Unfit, Work, work
from fengqiao.wire.envelope import TYPES, WireEnvelope, decode_envelope, decode_heading

__all__ = ("Delivery", "TakenIn", "retry_held", "take_in")

SYSTEM = Actor("system")
RETRY_BATCH = 50
KNOWN_TYPES = frozenset(TYPES.values())

_log = logger("handlers.inbox")


@dataclass(slots=True)
class TakenIn:
    """What a batch came to: positions after the commit, receipts that rode on it, who sent what was known already."""

    received_seqs: dict[str, int] = field(default_factory=dict)
    receipts: dict[str, int] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    held: bool = False


@dataclass(slots=True)
class _Batch:
    """One transaction's working set: what was loaded, moved on by each message."""

    context: Context
    changes: Changes
    loaded: Loaded
    cases: dict[UUID, CaseFile]
    directives: dict[UUID, DirectiveFile]
    known: set[UUID]
    blocked: set[tuple[str, UUID | None]]
    positions: dict[str, int]
    verdicts: list[tuple[str, str, str]] = field(default_factory=list)


async def take_in(context: Context, deliveries: Sequence[Delivery]) -> TakenIn:
    """Take a batch in, durably when this returns.

    Raises only what means that the database is away: then nothing was taken in and the carrier brings it again.
    """
    result = TakenIn()
    items, unreadable = _read(context, deliveries, result)
    if items or unreadable:
        await _commit(context, items, unreadable, result)
    return result


async def retry_held(context: Context) -> int:
    """Try held messages whose time has come, each in a transaction of its own; gives how many were tried."""
    tried = 0
    while due := await due_messages(context.database, context.clock(), RETRY_BATCH):
        handled = sum([await _tried(context, message) for message in due])
        tried += handled
        if not handled:
            break
    return tried


async def _tried(context: Context, message: DueMessage) -> bool:
    """Try one held message; False when another process is at it, such as the command that replays a dead letter."""
    item = _item(Delivery(message.neighbour, message.envelope, "replay"), message.attempts)
    try:
        return await _tried_once(context, message, item)
    except Unfit as trouble:
        return await _tried_once(context, message, replace(item, unfit=trouble))


async def _tried_once(context: Context, message: DueMessage, item: Item) -> bool:
    async with work(context.database) as unit:
        if not await unit.claim(message.neighbour, message.seq, message.attempts):
            return False
        batch = await _loaded(context, unit, [item])
        batch.changes.taken[message.neighbour, message.seq] = _judged(batch, item)
        await unit.save(batch.changes)
    _told(context, batch)
    return True


async def _commit(
    context: Context, items: Sequence[Item], unreadable: Sequence[DeadLetterRow], result: TakenIn
) -> None:
    """Take a batch in; when the database refuses it, one message after another, and the culprit as a crash."""
    try:
        await _commit_once(context, items, unreadable, result)
    except Unfit as trouble:
        if len(items) + len(unreadable) == 1:
            await _commit_once(context, [replace(item, unfit=trouble) for item in items], unreadable, result)
            return
        for letter in unreadable:
            await _commit(context, [], [letter], result)
        for item in items:
            await _commit(context, [item], [], result)


async def _commit_once(
    context: Context, items: Sequence[Item], unreadable: Sequence[DeadLetterRow], result: TakenIn
) -> None:
    async with work(context.database) as unit:
        batch = await _loaded(context, unit, items)
        batch.changes.parked.extend(unreadable)
        ahead = {(row.neighbour, row.seq) for row in batch.loaded.held if row.state == "ahead"}
        for item in items:
            _arrived(batch, item, ahead, result)
        moved = {n: seq for n, seq in batch.positions.items() if seq != batch.loaded.received_seqs.get(n)}
        batch.changes.received_seqs.update(moved)
        if moved or batch.changes.taken or batch.changes.parked:
            await unit.save(batch.changes)
    _told(context, batch)
    result.received_seqs.update(batch.positions)
    result.held = result.held or any(row.state != "done" for row in batch.changes.taken.values())
    for neighbour, position in moved.items():
        if (neighbour, position + 1) in ahead:
            await _close_gap(context, neighbour, result)


async def _close_gap(context: Context, neighbour: str, result: TakenIn) -> None:
    held = await ahead_messages(context.database, neighbour)
    deliveries = [Delivery(neighbour, held[seq], "replay") for seq in sorted(held)]
    more = await take_in(context, deliveries)
    result.received_seqs.update(more.received_seqs)


def _read(context: Context, deliveries: Sequence[Delivery], result: TakenIn) -> tuple[list[Item], list[DeadLetterRow]]:
    items: list[Item] = []
    unreadable: list[DeadLetterRow] = []
    for delivery in deliveries:
        try:
            item = _item(delivery, 0)
            _check_addresses(context, delivery, item.envelope)
        except Refusal as refusal:
            unreadable.append(letter_row(delivery, None, "unknown", None, refusal))
            context.metrics.count("fengqiao_messages_total", "unknown", Verdict.NEVER, delivery.carrier)
            continue
        if item.envelope.receipt:
            known = result.receipts.get(delivery.neighbour, 0)
            result.receipts[delivery.neighbour] = max(known, item.envelope.receipt)
        if item.envelope.seq:
            items.append(item)
    return items, unreadable


def _item(delivery: Delivery, attempts: int) -> Item:
    try:
        return Item(delivery, decode_envelope(delivery.envelope), attempts)
    except Refusal as refusal:
        return Item(delivery, decode_heading(delivery.envelope), attempts, refusal)


def _check_addresses(context: Context, delivery: Delivery, envelope: WireEnvelope) -> None:
    expected = (delivery.neighbour, context.centre.code)
    neighbours = context.topology.neighbours(context.centre.code)
    if (envelope.sender, envelope.receiver) != expected or envelope.sender not in neighbours:
        raise Refusal(Kind.FORBIDDEN, "message_sender", {"sender": envelope.sender})


async def _loaded(context: Context, unit: Work, items: Sequence[Item]) -> _Batch:
    messages = [item.envelope.message for item in items if item.envelope.message is not None]
    loaded = await unit.load(
        {item.envelope.subject for item in items if item.envelope.subject is not None},
        neighbours={item.delivery.neighbour for item in items},
        events=[event.id for message in messages for event in message.events],
    )
    blocked = {(row.neighbour, row.subject) for row in loaded.held if row.state != "ahead"}
    return _Batch(
        context,
        Changes(context.clock()),
        loaded,
        dict(loaded.cases),
        dict(loaded.directives),
        set(loaded.known_events),
        blocked,
        dict(loaded.received_seqs),
    )


def _arrived(batch: _Batch, item: Item, ahead: set[tuple[str, int]], result: TakenIn) -> None:
    neighbour, seq = item.delivery.neighbour, item.envelope.seq
    how = arrival(batch.positions.get(neighbour, 0), seq)
    if how is Arrival.NEXT:
        batch.positions[neighbour] = seq
        held = (neighbour, item.envelope.subject) in batch.blocked
        batch.changes.taken[neighbour, seq] = _waiting(batch, item, "message_held", 0) if held else _judged(batch, item)
        return
    batch.verdicts.append((item.envelope.type, how.value, item.delivery.carrier))
    result.repeated.add(neighbour)
    if how is Arrival.AHEAD and (neighbour, seq) not in ahead:
        batch.changes.taken[neighbour, seq] = inbox_row(item, "ahead", envelope=item.delivery.envelope)


def _judged(batch: _Batch, item: Item) -> InboxRow:
    """Handle one message: its effects go into the changes, and the row says what became of it."""
    if item.unfit is not None:
        return _crashed(batch, item, item.unfit)
    if item.trouble is not None:
        return _parked(batch, item, item.trouble)
    if item.envelope.message is None:
        return _waiting(batch, item, "message_unknown_type", item.attempts + 1)
    try:
        _apply(batch, item)
    except Refusal as refusal:
        return _parked(batch, item, refusal)
    except Exception as trouble:  # a fault of ours in one message must not stop the edge: verdict crash
        return _crashed(batch, item, trouble)
    batch.verdicts.append((item.envelope.type, Verdict.DONE.value, item.delivery.carrier))
    return inbox_row(item, "done")


def _apply(batch: _Batch, item: Item) -> None:
    context, message, sender = batch.context, item.envelope.message, item.delivery.neighbour
    assert message is not None  # noqa: S101 - `_judged` has sorted out envelopes without a message
    if isinstance(message, DirectiveIssued | DirectiveProgress):
        before = batch.directives.get(message.directive.id)
        ordered = directive_rules.take_in(before, message, sender, context.topology)
        identity = message.directive.id
        batch.directives[identity] = put_directive(context, batch.changes, ordered, new=before is None)
        return
    if isinstance(message, CataloguePublished):
        take_in_edition(context, batch.changes, message.edition, sender)
        return
    file = batch.cases.get(item.envelope.subject or UUID(int=0))
    decision = react(file, message, sender, batch.known, context.facts(SYSTEM))
    batch.known.update(event.id for event in decision.events)
    batch.cases[decision.file.case.id] = put_case(context, batch.changes, decision, before=file)


def _crashed(batch: _Batch, item: Item, trouble: Exception) -> InboxRow:
    attempts = item.attempts + 1
    # What the database refuses it quotes, and that is what people wrote: it stays out of the log.
    trace = None if isinstance(trouble, Unfit) else trouble
    _log.error(
        "message crashed its handler",
        type=item.envelope.type,
        seq=item.envelope.seq,
        reason=str(trouble),
        exc_info=trace,
    )
    if after_crash(attempts) is Verdict.NEVER:
        detail = str(trouble) if isinstance(trouble, Unfit) else type(trouble).__name__
        refusal = Refusal(Kind.INVALID, "message_crashed", {"detail": detail})
        return _parked(batch, item, refusal)
    batch.blocked.add((item.delivery.neighbour, item.envelope.subject))
    batch.verdicts.append((item.envelope.type, Verdict.CRASH.value, item.delivery.carrier))
    again = retry_at(attempts, batch.changes.now)
    return inbox_row(item, "waiting", attempts, again, "message_crashed", item.delivery.envelope)


def _waiting(batch: _Batch, item: Item, reason: str, attempts: int) -> InboxRow:
    batch.blocked.add((item.delivery.neighbour, item.envelope.subject))
    batch.verdicts.append((item.envelope.type, Verdict.LATER.value, item.delivery.carrier))
    again = retry_at(attempts, batch.changes.now) if attempts else batch.changes.now
    return inbox_row(item, "waiting", attempts, again, reason, item.delivery.envelope)


def _parked(batch: _Batch, item: Item, refusal: Refusal) -> InboxRow:
    batch.blocked.add((item.delivery.neighbour, item.envelope.subject))
    batch.verdicts.append((item.envelope.type, Verdict.NEVER.value, item.delivery.carrier))
    letter = letter_row(item.delivery, item.envelope.seq, item.envelope.type, item.envelope.subject, refusal)
    batch.changes.parked.append(letter)
    return inbox_row(item, "parked", item.attempts, reason=refusal.code, envelope=item.delivery.envelope)


def _told(context: Context, batch: _Batch) -> None:
    # A label never holds what a sender wrote: each new one would be a new series for good.
    verdicts = Counter((kind if kind in KNOWN_TYPES else "unknown", *rest) for kind, *rest in batch.verdicts)
    for labels, many in verdicts.items():
        context.metrics.count("fengqiao_messages_total", *labels, by=many)
    committed(context, batch.changes)
