"""The relay of a node: numbers the outbox, hands it to the carriers, acknowledges, tells receipts (DESIGN section 4).

One turn is: number what is waiting (one statement, one commit), hand it to Kafka; to the Link too when it is urgent or
Kafka is away. No transaction is open while a broker is waited for, and the next batch is numbered meanwhile. What is
not acknowledged stays in the outbox and is sent again when the neighbour is there and has not got it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from fengqiao.bus.carrier import Carrier, CarrierAway, Parcel, ParcelsRefused
from fengqiao.bus.edge_book import EdgeBook, EdgeState
from fengqiao.bus.links import Links
from fengqiao.bus.topics import outbound_topic
from fengqiao.domain.errors import Refusal
from fengqiao.handlers.context import Context
from fengqiao.observe.logging import logger
from fengqiao.store.edges import edge_positions
from fengqiao.store.outbox import Numbered, acknowledge, number, numbered_after
from fengqiao.wire.cloud_event import cloud_event_headers
from fengqiao.wire.envelope import envelope_bytes, receipt_bytes

BATCH = 500
LINK_CHUNK = 50
LINK_CHUNK_BYTES = 1024 * 1024
BUSY_SECONDS = 0.2
TURN_SECONDS = 60.0
RECEIPT_BY_KAFKA = timedelta(seconds=1)
FAILED_PAUSE_SECONDS = 1.0
OTHERS_EVERY = timedelta(seconds=5)
"""How often a relay that waits for a receipt looks whether another process of its centre has heard it."""

_log = logger("bus.relay")


class Relay:
    """The relay of one node; `woken` is set by whoever has something for it, such as the handlers' context."""

    def __init__(
        self,
        context: Context,
        book: EdgeBook,
        carrier: Carrier,
        links: Links,
        woken: asyncio.Event,
        holder: str,
        poll_seconds: float,
    ) -> None:
        self._context = context
        self._book = book
        self._carrier = carrier
        self._links = links
        self._holder = holder
        self._poll_seconds = poll_seconds
        self._woken = woken
        self._sending: asyncio.Task[bool] | None = None
        self._restarts = 0
        self._losses = 0
        self._reread_at: datetime | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Turn until told to stop."""
        while not stopping.is_set():
            outcome = "done"
            try:
                async with asyncio.timeout(TURN_SECONDS):
                    more = await self.turn()
            except Refusal as refusal:
                outcome, more = "failed", False
                _log.warning("relay waits", centre=self._context.centre.code, reason=refusal.code)
                await asyncio.sleep(FAILED_PAUSE_SECONDS)
            except Exception:  # a fault of ours in one turn must not end the relay: nothing would ever leave again
                outcome, more = "failed", False
                _log.exception("relay turn failed", centre=self._context.centre.code)
                await asyncio.sleep(FAILED_PAUSE_SECONDS)
            self._context.metrics.count("fengqiao_loop_turns_total", "relay", outcome)
            if not more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._pause_seconds())
            self._woken.clear()
        await self._sent()

    async def turn(self) -> bool:
        """Do one turn; True when there may be more to do at once."""
        now = self._context.clock()
        await self._restore(now)
        rows = await number(self._context.database, self._holder, now, BATCH)
        for row in rows:
            self._book[row.neighbour].note_sent(row.seq, now)
        urgent = {row.neighbour for row in rows if row.urgent}
        handed = await self._hand_to_kafka(rows, now)
        for edge in self._book:
            await self._hand_to_link(edge, now, wanted=edge.neighbour in urgent or self._link_has_to(edge))
        await self._acknowledge(now)
        await self._look_at_others(now)
        await self._resend(now)
        await self._tell(now)
        return len(rows) == BATCH or handed

    def _link_has_to(self, edge: EdgeState) -> bool:
        return not self._carrier.health().connected or edge.refused_seq > edge.acked_seq

    async def _acknowledge(self, now: datetime) -> None:
        if any(edge.receipt > edge.sent_seq for edge in self._book):
            # Another process of this centre may have given the numbers out.
            await self._reread(now)
        for edge in self._book:
            if edge.receipt > edge.sent_seq:
                _log.error(
                    "receipt for what was never sent", to=edge.neighbour, receipt=edge.receipt, sent=edge.sent_seq
                )
                edge.receipt = edge.acked_seq
            # A higher receipt may come in while the database works; it has its own turn.
            receipt = edge.receipt
            if edge.acked_seq < receipt <= edge.sent_seq:
                await acknowledge(self._context.database, edge.neighbour, receipt)
                edge.note_acked(receipt, now)

    async def _hand_to_kafka(self, rows: Sequence[Numbered], now: datetime) -> bool:
        """Give Kafka what it has not been given, without waiting for its answer; True when more is waiting."""
        health = self._carrier.health()
        if not await self._sent() or not health.connected:
            return False
        if health.restarts_total != self._restarts:
            # Behind a new connection may stand a broker that lost its disk; a neighbour without a Link tells nothing.
            self._restarts = health.restarts_total
            for edge in self._book:
                edge.handed_kafka = edge.acked_seq
        batch: list[Numbered] = []
        for edge in self._book:
            if edge.handed_kafka >= edge.sent_seq:
                continue
            fresh = [row for row in rows if row.neighbour == edge.neighbour]
            if not fresh or fresh[0].seq != edge.handed_kafka + 1:
                fresh = await numbered_after(self._context.database, edge.neighbour, edge.handed_kafka, BATCH)
            if not fresh:
                # What was counted as sent is not in the outbox any more: another process has acknowledged it.
                await self._reread(now)
            batch.extend(fresh)
        if not batch:
            return False
        self._sending = asyncio.create_task(self._send(batch, now), name=f"send {self._context.centre.code}")
        last = {row.neighbour: row.seq for row in batch}
        return any(max(edge.handed_kafka, last.get(edge.neighbour, 0)) < edge.sent_seq for edge in self._book)

    async def _send(self, batch: Sequence[Numbered], now: datetime) -> bool:
        try:
            await self._carrier.send([self._parcel(row, now) for row in batch])
        except CarrierAway:
            # It counts as not handed over, so that a later turn hands it over again.
            return False
        except ParcelsRefused as trouble:
            # Kafka will never take these, and has taken the others: nothing is to be posted again and again.
            self._note_refused(batch, trouble)
        for row in batch:
            self._book[row.neighbour].handed_kafka = max(self._book[row.neighbour].handed_kafka, row.seq)
        self._context.metrics.count("fengqiao_messages_sent_total", "kafka", by=len(batch))
        return True

    def _note_refused(self, batch: Sequence[Numbered], trouble: ParcelsRefused) -> None:
        for index, reason in trouble.reasons.items():
            row = batch[index]
            edge = self._book[row.neighbour]
            edge.refused_seq = max(edge.refused_seq, row.seq)
            _log.error("kafka refuses a message", to=row.neighbour, seq=row.seq, reason=reason, bytes=len(row.body))
        self._context.metrics.count("fengqiao_messages_refused_total", "kafka", by=len(trouble.reasons))
        self._woken.set()

    async def _sent(self) -> bool:
        """Wait until Kafka has answered for what it was given last; False when it has not taken it."""
        sending, self._sending = self._sending, None
        return sending is None or await sending

    async def _hand_to_link(self, edge: EdgeState, now: datetime, *, wanted: bool) -> None:
        session = self._links.session(edge.neighbour)
        if session is None or not wanted or edge.handed_link >= edge.sent_seq:
            return
        rows = await numbered_after(self._context.database, edge.neighbour, edge.handed_link, BATCH)
        for chunk in _chunks(rows):
            if not session.send([self._envelope(row, now) for row in chunk]):
                return
            edge.handed_link = chunk[-1].seq
            self._context.metrics.count("fengqiao_messages_sent_total", "link", by=len(chunk))

    async def _resend(self, now: datetime) -> None:
        if not any(edge.resend_wanted(now) for edge in self._book):
            return
        await self._sent()
        await self._reread(now)
        for edge in self._book:
            if edge.resend_wanted(now):
                edge.rewind(now, kafka=not self._links.up(edge.neighbour))
                self._context.metrics.count("fengqiao_resends_total", edge.neighbour)
                _log.info("sending again", centre=self._context.centre.code, to=edge.neighbour, after=edge.acked_seq)
                await self._hand_to_link(edge, now, wanted=True)
                self._woken.set()

    async def _restore(self, now: datetime) -> None:
        losses = self._context.database.losses
        if losses != self._losses:
            for position in (await edge_positions(self._context.database)).values():
                self._book.restore(position, now)
            self._losses = losses

    async def _look_at_others(self, now: datetime) -> None:
        # The receipt of what was sent here may come to another process: only one of them reads a topic.
        waits = any(edge.acked_seq < edge.sent_seq and now - edge.moved_at >= OTHERS_EVERY for edge in self._book)
        if waits and (self._reread_at is None or now - self._reread_at >= OTHERS_EVERY):
            await self._reread(now)

    async def _reread(self, now: datetime) -> None:
        self._reread_at = now
        for position in (await edge_positions(self._context.database)).values():
            self._book.reread(position, now)

    async def _tell(self, now: datetime) -> None:
        """Tell neighbours how far this centre has taken in; by the Link at once, by Kafka at most once a second."""
        for edge in self._book:
            if edge.told == edge.received_seq:
                continue
            if self._links.tell(edge.neighbour, edge.received_seq):
                edge.told, edge.told_at = edge.received_seq, now
            elif edge.received_seq and (edge.told_at is None or now - edge.told_at >= RECEIPT_BY_KAFKA):
                await self._tell_by_kafka(edge, now)

    async def _tell_by_kafka(self, edge: EdgeState, now: datetime) -> None:
        here, identity = self._context.centre.code, self._context.new_id()
        value = receipt_bytes(id=identity, sender=here, receiver=edge.neighbour, receipt=edge.received_seq, sent_at=now)
        topic = outbound_topic(self._context.topology, here, edge.neighbour)
        headers = cloud_event_headers(id=identity, type="receipt", source=here, subject=None, time=now)
        edge.told_at = now
        with suppress(CarrierAway):
            await self._carrier.send([Parcel(topic, b"", value, headers)])
            edge.told = edge.received_seq

    def _parcel(self, row: Numbered, now: datetime) -> Parcel:
        here = self._context.centre.code
        headers = cloud_event_headers(
            id=row.message_id,
            type=row.type,
            source=here,
            subject=row.subject,
            time=row.created_at,
            traceparent=row.traceparent,
        )
        topic = outbound_topic(self._context.topology, here, row.neighbour)
        return Parcel(topic, row.subject.bytes, self._envelope(row, now), headers)

    def _envelope(self, row: Numbered, now: datetime) -> bytes:
        return envelope_bytes(
            row.body,
            id=row.message_id,
            sender=self._context.centre.code,
            receiver=row.neighbour,
            seq=row.seq,
            receipt=self._book[row.neighbour].received_seq,
            sent_at=now,
            urgent=row.urgent,
            traceparent=row.traceparent,
        )

    def _pause_seconds(self) -> float:
        # Something is still under way on an edge: look soon. Else only other processes of this centre may have written.
        busy = any(
            (edge.receipt > edge.acked_seq and edge.receipt <= edge.sent_seq)
            or (edge.told != edge.received_seq and (edge.received_seq > 0 or self._links.up(edge.neighbour)))
            or edge.acked_seq < edge.sent_seq
            for edge in self._book
        )
        return min(BUSY_SECONDS, self._poll_seconds) if busy else self._poll_seconds


def _chunks(rows: Sequence[Numbered]) -> Iterator[Sequence[Numbered]]:
    """Cut messages into frames of a Link, by number and by size; a message longer than a frame has one of its own."""
    chunk: list[Numbered] = []
    size = 0
    for row in rows:
        if chunk and (len(chunk) == LINK_CHUNK or size + len(row.body) > LINK_CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += len(row.body)
    if chunk:
        yield chunk
