"""The topics of the federation, each declared once (DESIGN section 4): who writes, who reads, how long it stays.

An edge has a pair of topics, so that an access list gives each centre exactly its own. Kafka only carries: a sender
keeps what is not acknowledged, so the retention of an edge bounds the disk of the brokers, not the safety of a case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from fengqiao.domain.topology import Topology

PREFIX = "fengqiao."
DAY_MS = 24 * 3600 * 1000
MESSAGE_BYTES = 16 * 1024 * 1024
"""What a record may have: an offer carries the whole journal of its case, and Kafka's own limit is a megabyte."""
FOREVER = -1


class Cleanup(StrEnum):
    """What Kafka does with old records: throw them away by age, or keep the newest of each key."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `writer` and `readers` are codes of centres; `retention_ms` is FOREVER for compacted topics.

    `key` says in words what records are keyed by, `message` is the full protobuf name of their value. One partition,
    because order within an edge is the protocol.
    """

    name: str
    purpose: str
    writer: str
    readers: tuple[str, ...]
    key: str
    retention_ms: int
    cleanup_policy: Cleanup
    partitions: int
    message: str

    def settings(self) -> Mapping[str, str]:
        """Give the topic's configuration as Kafka names it; anything else stays as the broker has it."""
        return MappingProxyType(
            {
                "cleanup.policy": self.cleanup_policy.value,
                "max.message.bytes": str(MESSAGE_BYTES),
                "retention.ms": str(self.retention_ms),
            }
        )


def up_topic(child: str) -> str:
    """Name the topic in which a child writes to its parent."""
    return f"{PREFIX}up.{child}"


def down_topic(child: str) -> str:
    """Name the topic in which a parent writes to one child."""
    return f"{PREFIX}down.{child}"


def feed_topic(centre: str) -> str:
    """Name the topic of a centre's facts without personal data."""
    return f"{PREFIX}feed.{centre}"


def dead_topic(centre: str) -> str:
    """Name the topic of what a centre could not take in."""
    return f"{PREFIX}dead.{centre}"


def inbound_topics(topology: Topology, centre: str) -> tuple[str, ...]:
    """Name the topics that carry a centre's neighbours' messages to it: from above first, then from each child."""
    from_above = () if topology.parent(centre) is None else (down_topic(centre),)
    return (*from_above, *(up_topic(child) for child in topology.children(centre)))


def outbound_topic(topology: Topology, centre: str, neighbour: str) -> str:
    """Name the topic in which a centre writes to one neighbour; raises ValueError when they share no edge."""
    if topology.parent(centre) == neighbour:
        return up_topic(centre)
    if neighbour in topology.children(centre):
        return down_topic(neighbour)
    raise ValueError(f"{centre} and {neighbour} share no edge")


def topics_for(topology: Topology) -> tuple[Topic, ...]:
    """Give all topics of a federation: two for each edge, then two for each centre."""
    edges = [topic for child, parent in topology.edges() for topic in (_up(child, parent), _down(child, parent))]
    own = [topic for code in topology.centres for topic in (_feed(code, _feed_readers(topology, code)), _dead(code))]
    return (*edges, *own)


def feeds_read(topology: Topology, centre: str) -> tuple[str, ...]:
    """Name the feeds from which a centre makes its figures: its own and those of all below; a township makes none."""
    below = tuple(feed_topic(code) for code in topology.centres if centre in _feed_readers(topology, code))
    return below if topology.children(centre) else ()


def _feed_readers(topology: Topology, centre: str) -> tuple[str, ...]:
    # The figures of a county and of the city count its own cases, too.
    found: list[str] = [centre] if topology.children(centre) else []
    step = topology.parent(centre)
    while step is not None:
        found.append(step)
        step = topology.parent(step)
    return tuple(found)


def _up(child: str, parent: str) -> Topic:
    return Topic(
        name=up_topic(child),
        purpose="offers upward, answers to offers and directives, progress, receipts",
        writer=child,
        readers=(parent,),
        key="id of the case or the directive",
        retention_ms=7 * DAY_MS,
        cleanup_policy=Cleanup.DELETE,
        partitions=1,
        message="fengqiao.proto.v1.Envelope",
    )


def _down(child: str, parent: str) -> Topic:
    return Topic(
        name=down_topic(child),
        purpose="offers downward, answers to offers, directives, progress, receipts",
        writer=parent,
        readers=(child,),
        key="id of the case or the directive",
        retention_ms=7 * DAY_MS,
        cleanup_policy=Cleanup.DELETE,
        partitions=1,
        message="fengqiao.proto.v1.Envelope",
    )


def _feed(centre: str, readers: tuple[str, ...]) -> Topic:
    return Topic(
        name=feed_topic(centre),
        purpose="how each case stands that this centre took in, naming no person, for figures above",
        writer=centre,
        readers=readers,
        key="id of the case; `mark` for the record that says up to when everything was told",
        retention_ms=FOREVER,
        cleanup_policy=Cleanup.COMPACT,
        partitions=1,
        message="fengqiao.proto.v1.FeedRecord",
    )


def _dead(centre: str) -> Topic:
    return Topic(
        name=dead_topic(centre),
        purpose="messages this centre could not take in, as they came; reason, topic and offset in the headers",
        writer=centre,
        readers=(centre,),
        key="id of the message",
        retention_ms=90 * DAY_MS,
        cleanup_policy=Cleanup.DELETE,
        partitions=1,
        message="fengqiao.proto.v1.Envelope",
    )
