"""Where each edge of a node stands, kept in memory beside the database so that an idle turn asks nothing.

The database is the truth: the book is read from it at the start, and again before anything is sent a second time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fengqiao.domain.edge import Sending, resend_due
from fengqiao.handlers.inbox import TakenIn
from fengqiao.store.edges import EdgePosition

SILENT_AFTER = timedelta(seconds=20)
"""A neighbour not heard of for so long is taken to be away: Kafka keeps what was sent, nothing is sent again."""


@dataclass(slots=True)
class EdgeState:
    """Both directions of one edge.

    `handed_kafka` and `handed_link` are the last numbers given to a carrier; `receipt` is the newest heard and not yet
    acknowledged in the database; `told` the last receipt that the neighbour was told.
    """

    neighbour: str
    sent_seq: int
    acked_seq: int
    received_seq: int
    moved_at: datetime
    handed_kafka: int
    handed_link: int
    receipt: int = 0
    told: int = -1
    told_at: datetime | None = None
    heard_at: datetime | None = None
    resends: int = 0
    refused_seq: int = 0
    """The last number that Kafka has refused for good; until it is acknowledged, the Link has to bring it."""

    def note_sent(self, seq: int, now: datetime) -> None:
        """Note that numbers up to `seq` were given out."""
        if self.acked_seq >= self.sent_seq:
            self.moved_at, self.resends = now, 0
        self.sent_seq = max(self.sent_seq, seq)

    def note_acked(self, receipt: int, now: datetime) -> None:
        """Note that the neighbour has everything up to `receipt`."""
        if receipt <= self.acked_seq:
            return
        self.acked_seq, self.moved_at, self.resends = receipt, now, 0
        self.handed_kafka = max(self.handed_kafka, receipt)
        self.handed_link = max(self.handed_link, receipt)

    def resend_wanted(self, now: datetime) -> bool:
        """Tell whether the neighbour is there and still has not taken what was sent to it long enough ago."""
        due = resend_due(Sending(self.sent_seq, self.acked_seq, self.moved_at, self.resends))
        there = self.heard_at is not None and now - self.heard_at < SILENT_AFTER
        return due is not None and due <= now and there

    def rewind(self, now: datetime, *, kafka: bool) -> None:
        """Begin again after the last acknowledged number; the next pause begins now, longer.

        Kafka keeps what it was given, so it gets it again only when no Link stands that could bring it (`kafka`).
        """
        self.handed_link = self.acked_seq
        if kafka:
            self.handed_kafka = self.acked_seq
        self.moved_at = now
        self.resends += 1


class EdgeBook:
    """The edges of one node by neighbour."""

    def __init__(self, positions: Iterable[EdgePosition], now: datetime) -> None:
        self._edges = {
            found.neighbour: EdgeState(
                found.neighbour,
                found.sent_seq,
                found.acked_seq,
                found.received_seq,
                now,
                found.acked_seq,
                found.acked_seq,
            )
            for found in positions
        }

    def __getitem__(self, neighbour: str) -> EdgeState:
        return self._edges[neighbour]

    def __iter__(self) -> Iterator[EdgeState]:
        return iter(self._edges.values())

    def taken_in(self, taken: TakenIn, now: datetime) -> None:
        """Note what a batch came to; a neighbour that sent again what was known has to be told once more."""
        for neighbour, seq in taken.received_seqs.items():
            self._edges[neighbour].received_seq = max(self._edges[neighbour].received_seq, seq)
        for neighbour in taken.repeated:
            self._edges[neighbour].told = -1
        for neighbour, receipt in taken.receipts.items():
            self.heard(neighbour, receipt, now)

    def heard(self, neighbour: str, receipt: int, now: datetime) -> None:
        """Note a receipt, and that the neighbour is there."""
        edge = self._edges[neighbour]
        edge.receipt, edge.heard_at = max(edge.receipt, receipt), now

    def restore(self, position: EdgePosition, now: datetime) -> None:
        """Take over from a database that was lost and is back; a crash may have taken an acknowledgement with it."""
        edge = self._edges[position.neighbour]
        edge.acked_seq = min(edge.acked_seq, position.acked_seq)
        self.reread(position, now)

    def reread(self, position: EdgePosition, now: datetime) -> None:
        """Take over from the database what another process of this centre has moved."""
        edge = self._edges[position.neighbour]
        edge.sent_seq = max(edge.sent_seq, position.sent_seq)
        edge.received_seq = max(edge.received_seq, position.received_seq)
        edge.note_acked(position.acked_seq, now)
