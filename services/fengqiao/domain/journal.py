"""The journal of a case or a directive at one centre: a hash chain in the order in which events were taken in."""

from collections.abc import Iterable
from dataclasses import dataclass

from fengqiao.domain.event import Event, chained


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a journal: its position from 1 on, the event, and the hash of the journal up to it."""

    position: int
    event: Event
    hash: bytes


def extended(length: int, last_hash: bytes, events: Iterable[Event]) -> tuple[Entry, ...]:
    """Give the entries that follow a journal of `length` entries when these events are taken in."""
    entries: list[Entry] = []
    for position, event in enumerate(events, start=length + 1):
        last_hash = chained(last_hash, event)
        entries.append(Entry(position, event, last_hash))
    return tuple(entries)
