"""The port behind which Kafka stands (DESIGN section 4): what a node may ask of whoever carries its envelopes.

A carrier brings records of the node's topics to one receiver, in order per topic, and sends parcels. Nothing here
knows Faust, aiokafka, protobuf or the inbox; another carrier has to pass the same conformance tests.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies in a topic; `timestamp_ms` is the broker's or the writer's, in epoch milliseconds."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Mapping[str, bytes]
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One record to send. Parcels of one topic keep the order in which they are given."""

    topic: str
    key: bytes
    value: bytes
    headers: Mapping[str, bytes]


Receiver = Callable[[Sequence[Record]], Awaitable[None]]
"""Takes a batch and returns after its database commit.

If it raises, the same batch is brought again, with back-off and for as long as it takes: the verdicts *later* and
*never* of a single message are the receiver's own business and are no exceptions.
"""


class CarrierAway(Exception):
    """The broker did not acknowledge within the deadline. Some of the parcels may have arrived, so send them again."""


class ParcelsRefused(Exception):
    """The broker will never take some parcels, such as one that is too large; it has acknowledged all others.

    `reasons` says why, by the place of the parcel in what was to be sent.
    """

    def __init__(self, reasons: Mapping[int, str]) -> None:
        super().__init__("; ".join(f"{index}: {reason}" for index, reason in reasons.items()))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class CarrierHealth:
    """What a probe, a metric or the federation page may know about a carrier.

    `lag` counts records that lie in the topics and that the receiver has not taken yet, as the broker tells it (not as
    the consumer believes); None while nobody could be asked. `seconds_since_progress` starts again whenever an offset
    moved, the lag was found to be 0, or a connection was made. `receiver_failures` counts how often the batch in hand
    has been refused. The last three only grow: records taken, parcels acknowledged, connections made anew.
    """

    connected: bool
    assigned: bool
    lag: int | None
    seconds_since_progress: float
    receiver_failures: int
    delivered_total: int
    sent_total: int
    restarts_total: int

    def stalled(self, after_seconds: float) -> bool:
        """Whether the consumer has died silently: records lie there, the receiver is willing, and no offset moves."""
        return (
            self.connected
            and self.lag != 0
            and self.receiver_failures == 0
            and self.seconds_since_progress >= after_seconds
        )


class Carrier(Protocol):
    """One node's way over Kafka."""

    async def start(self, deadline_seconds: float) -> None:
        """Begins to carry. Returns when connected, or at the deadline and goes on trying: `health()` tells which."""

    async def stop(self) -> None:
        """Finishes the batch in hand, commits its offsets and closes everything, within five seconds in any case."""

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Returns when all replicas in sync have all parcels; raises `CarrierAway` when that can't be had in time.

        Raises `ParcelsRefused` when that can never be had for some of them; the others are there then.
        """

    def health(self) -> CarrierHealth:
        """The state right now, without asking anybody."""
