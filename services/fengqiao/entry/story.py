"""Plays a story through the running federation and compares what each centre saw of it (issue 3, point 12)."""

import asyncio
import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fengqiao.domain.case import Case
from fengqiao.domain.directive import Directive
from fengqiao.domain.errors import Violation
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.topology import Topology
from fengqiao.entry.conductor import Conductor
from fengqiao.entry.federation_client import Federation
from fengqiao.entry.patience import steadily
from fengqiao.entry.story_plays import Play

AGREE_SECONDS = 60.0
LOOK_SECONDS = 0.25
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Sight:
    """What one centre sees of one case or directive: its state, and its journal in the order of the times."""

    centre: str
    subject: UUID
    state: Case | Directive
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A story that has been played: what each centre saw, and where two of them differ (empty when all agree)."""

    play: Play
    number: str
    sights: tuple[Sight, ...]
    differences: tuple[Violation, ...]


async def tell_story(play: Play, federation: Federation, progress: Progress) -> Told:
    """Play one story to its end and wait until all centres see the same, for at most a minute.

    Raises the refusal of a step that could not be carried out.
    """
    conductor = Conductor(federation)
    registered = await conductor.register(play.origin, play.register, play.actor, play.at)
    follows = play.origin
    for done, step in enumerate(play.steps, start=1):
        await conductor.perform(step, follows=follows)
        follows = step.centre
        progress(play.feature, done, len(play.steps))
    until = time.monotonic() + AGREE_SECONDS
    while True:
        sights = await _look(play, federation)
        differences = differences_of(sights, federation.topology)
        if not differences or time.monotonic() >= until:
            return Told(play, registered.file.case.number, sights, differences)
        await asyncio.sleep(LOOK_SECONDS)


def involved(play: Play) -> tuple[str, ...]:
    """Give the centres that held the case, in the order in which they did."""
    accepted = (step.centre for step in play.steps if step.kind is EventKind.OFFER_ACCEPTED)
    return tuple(dict.fromkeys((play.origin, *accepted)))


async def _look(play: Play, federation: Federation) -> tuple[Sight, ...]:
    case = play.register.case_id
    cases = [_case_at(federation, centre, case) for centre in involved(play)]
    directives = [
        _directive_at(federation, centre, identity)
        for identity, issuer, recipient in play.directives
        for centre in (issuer, recipient)
    ]
    return tuple(await asyncio.gather(*cases, *directives))


async def _case_at(federation: Federation, centre: str, case: UUID) -> Sight:
    view = await steadily(federation, centre, lambda client: client.case(str(case)), AGREE_SECONDS)
    return Sight(centre, case, view.file.case, _in_time(row.event for row in view.events))


async def _directive_at(federation: Federation, centre: str, directive: UUID) -> Sight:
    view = await steadily(federation, centre, lambda client: client.directive(str(directive)), AGREE_SECONDS)
    return Sight(centre, directive, view.file.directive, _in_time(row.event for row in view.events))


def _in_time(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: (event.at, event.id)))


def differences_of(sights: Sequence[Sight], topology: Topology) -> tuple[Violation, ...]:
    """Name where centres that see the same case or directive differ: an event that one lacks, a field of the state.

    The field of each is the code of the centre that lacks or differs.
    """
    by_subject: dict[UUID, list[Sight]] = {}
    for sight in sights:
        by_subject.setdefault(sight.subject, []).append(sight)
    found: list[Violation] = []
    for same in by_subject.values():
        everything = {event.id: event for sight in same for event in sight.events}
        newest = max(same, key=lambda sight: _order(sight.state))
        for sight in same:
            found += _lacking(sight, everything, topology)
            found += _differing(sight, newest, topology)
    return tuple(found)


def _lacking(sight: Sight, everything: Mapping[UUID, Event], topology: Topology) -> list[Violation]:
    name = topology.centre(sight.centre).name
    seen = {event.id: event for event in sight.events}
    return [
        Violation(
            sight.centre,
            "story_event_differs",
            {"name": name, "author": topology.centre(event.centre).name, "event": f"word:event.{event.kind}"},
        )
        for identity, event in everything.items()
        if seen.get(identity) != event
    ]


def _differing(sight: Sight, newest: Sight, topology: Topology) -> list[Violation]:
    names = {"name": topology.centre(sight.centre).name, "other": topology.centre(newest.centre).name}
    return [
        Violation(sight.centre, "story_state_differs", {**names, "field": field.name})
        for field in dataclasses.fields(sight.state)
        if getattr(sight.state, field.name) != getattr(newest.state, field.name)
    ]


def _order(state: Case | Directive) -> tuple[int, int]:
    return (state.epoch, state.version) if isinstance(state, Case) else (0, state.version)
