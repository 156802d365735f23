"""Events and journal entries, domain <-> protobuf (DESIGN section 4); the hash of an event survives the way."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from fengqiao.domain.event import Event, EventKind
from fengqiao.proto.v1 import event_pb2
from fengqiao.wire.value import Pairing, instant, stamp, uuid_of, write_instant

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

EVENT_KINDS = Pairing(EventKind, event_pb2.EventKind, "EVENT_KIND")


class Entry(NamedTuple):
    """A journal entry as it crosses the API: position from 1, event, chain hash up to it, when it came in."""

    position: int
    event: Event
    hash: bytes
    recorded_at: datetime


def write_event(wire: event_pb2.Event, event: Event) -> None:
    """Write an event into its place; filling in place spares a copy of each part (measured: a third of the time)."""
    wire.id = str(event.id)
    wire.subject = str(event.subject)
    wire.kind = EVENT_KINDS.number[event.kind]
    wire.centre = event.centre
    wire.actor = event.actor
    write_instant(wire.at, event.at)
    wire.epoch = event.epoch
    wire.details.update(event.details)


def event_from_wire(wire: event_pb2.Event) -> Event:
    """Read an event; raises ValueError or NewerValue."""
    return Event(
        uuid_of(wire.id),
        uuid_of(wire.subject),
        EVENT_KINDS.value(wire.kind),
        wire.centre,
        wire.actor,
        instant(wire.at),
        wire.epoch,
        dict(wire.details.items()),  # a third faster than from the mapping itself (measured)
    )


def write_events(wire: "RepeatedCompositeFieldContainer[event_pb2.Event]", events: Iterable[Event]) -> None:
    """Write events into their place, in their order."""
    for event in events:
        write_event(wire.add(), event)


def events_from_wire(wire: Iterable[event_pb2.Event]) -> tuple[Event, ...]:
    """Read events in their order; raises ValueError or NewerValue."""
    return tuple([event_from_wire(event) for event in wire])


def entry_to_wire(position: int, event: Event, hash_: bytes, recorded_at: datetime) -> event_pb2.JournalEntry:
    """Write a journal entry."""
    wire = event_pb2.JournalEntry(position=position, hash=hash_, recorded_at=stamp(recorded_at))
    write_event(wire.event, event)
    return wire


def entry_from_wire(wire: event_pb2.JournalEntry) -> Entry:
    """Read a journal entry; raises ValueError or NewerValue."""
    return Entry(wire.position, event_from_wire(wire.event), wire.hash, instant(wire.recorded_at))
