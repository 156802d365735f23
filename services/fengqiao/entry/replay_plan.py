"""What becomes of each message in a replay: decided beforehand from (message, topology, units, seed), nothing else.

Shares are those of a city whose small matters mostly end where they came in (F14, F17); the same seed gives the same
year. Times are the recorded ones: steps lie between report and reply, and what lies in the future has not happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from fengqiao.domain.case import Channel, Direction, RequestType
from fengqiao.domain.command import RegisterCase
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.text import TEXT_LENGTH
from fengqiao.domain.topology import Level, Topology
from fengqiao.domain.unit import WINDOW, UnitDirectory
from fengqiao.entry.importing import case_id_of, registration
from fengqiao.entry.importing_message import Message
from fengqiao.entry.journey import Journey, Step
from fengqiao.entry.placing import place_of
from fengqiao.entry.replay_words import (
    CLOSINGS,
    ESCALATION_REASONS,
    FOLLOWER_NOTES,
    HOLDER_NOTES,
    OFFICERS,
    REFUSAL_REASONS,
    RESULTS,
    request_type_of,
    units_for,
)

TOWNSHIP_SHARE = 0.7
CITY_DISPATCH_SHARE = 0.5
ESCALATE_SHARE = {Level.TOWNSHIP: 0.30, Level.COUNTY: 0.25, Level.CITY: 0.0}
DISPATCH_BACK_SHARE = 0.45
REFUSED_SHARE = 0.08
WITHDRAWN_SHARE = 0.03
FOLLOWER_NOTE_SHARE = 0.35
HOLDER_NOTE_SHARE = 0.2
URGENT_SHARE = 0.04
# Without a reply in the data: so many stay open, and the others take about as long as the replies that are known
# (a median of 11.2 days, 62 % within 15; domain-facts, Known answers).
OPEN_SHARE = 0.06
# Of those that stay open, so many wait for the answer to an offer, for whoever works on in the city afterwards.
WAITING_SHARE = 0.3
MEDIAN_DAYS = 11.2
SPREAD = 1.0
MOST_DAYS = 120.0
CHANNELS = (Channel.HOTLINE, Channel.QR, Channel.WINDOW, Channel.DESK, Channel.GRID, Channel.LETTER)
CHANNEL_WEIGHTS = {
    Level.CITY: (80, 8, 6, 2, 0, 4),
    Level.COUNTY: (40, 20, 25, 10, 2, 3),
    Level.TOWNSHIP: (20, 25, 15, 20, 18, 2),
}


@dataclass(frozen=True, slots=True)
class CasePlan:
    """One case of a replay: where, when and how it is taken in, and the steps after that in their order."""

    message: Message
    centre: str
    actor: str
    at: datetime
    register: RegisterCase
    steps: tuple[Step, ...]


def plan_case(message: Message, topology: Topology, units: UnitDirectory, seed: int, until: datetime) -> CasePlan:
    """Write down what becomes of a message that has a time; steps after `until` are left out.

    `topology` is the part that runs; with a part of the city, districts are spread over the counties that are there.
    """
    if message.reported_at is None:
        raise ValueError("a message without a time cannot be replayed")
    rng = Random(f"{seed}\0{message.reference}")  # noqa: S311 - a replay has to be the same for the same seed
    origin = _origin(message, topology, rng)
    level = topology.centre(origin).level
    command = replace(
        registration(message, case_id_of(origin, message.reference, message.reported_at, salt=str(seed))),
        channel=message.channel or rng.choices(CHANNELS, CHANNEL_WEIGHTS[level])[0],
        request_type=message.request_type or _request_type(message),
        urgent=message.urgent or rng.random() < URGENT_SHARE,
    )
    way = _Way(message, topology, units, rng, origin, Journey(command.case_id))
    way.go()
    timed = _timed(way.journey.steps, message, message.reported_at, rng)
    happened = tuple(step for step in timed if step.at is not None and step.at <= until)
    return CasePlan(message, origin, rng.choice(OFFICERS), message.reported_at, command, happened)


def _origin(message: Message, topology: Topology, rng: Random) -> str:
    centre = message.centre or place_of(message.title, message.text, topology, wrap=True)
    townships = topology.children(centre) if topology.centre(centre).level is Level.COUNTY else ()
    if townships and not message.centre and rng.random() < TOWNSHIP_SHARE:
        return rng.choice(townships)
    return centre


def _request_type(message: Message) -> RequestType:
    return request_type_of(f"{message.title} {message.text}")


class _Way:
    """Draws the way of one case: `here` is the centre that holds it."""

    def __init__(
        self, message: Message, topology: Topology, units: UnitDirectory, rng: Random, origin: str, journey: Journey
    ) -> None:
        self._message = message
        self._topology = topology
        self._units = units
        self._rng = rng
        self._origin = origin
        self._used: set[tuple[str, str]] = set()
        self.here = origin
        self.journey = journey

    def go(self) -> None:
        """Draw the whole way, from the centre that takes the case in to its end."""
        if not (self._level is Level.CITY and self._chance(CITY_DISPATCH_SHARE) and self._pass_down()):
            self._handle()
        came_up = False
        while self._chance(ESCALATE_SHARE[self._level]):
            self._hand_over(self._topology.parent(self.here) or "", Direction.UP)
            self._handle()
            came_up = True
        if came_up and self._chance(DISPATCH_BACK_SHARE):
            self._pass_down()
        if self._message.replied_at is not None or not self._chance(OPEN_SHARE):
            self._resolve()
        elif (parent := self._topology.parent(self.here)) is not None and self._chance(WAITING_SHARE):
            reason = self._rng.choice(ESCALATION_REASONS[Direction.UP])
            self.journey.offer(self.here, self._officer(), parent, Direction.UP, reason)

    @property
    def _level(self) -> Level:
        return self._topology.centre(self.here).level

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share

    def _officer(self) -> str:
        return self._rng.choice(OFFICERS)

    def _handle(self) -> None:
        """A unit of the centre takes it up, and may say something about it."""
        centre = self._topology.centre(self.here)
        known = [unit.code for unit in self._units.units(centre) if unit.code != WINDOW]
        free = [code for code in known if (self.here, code) not in self._used]
        fitting = [code for code in units_for(f"{self._message.title} {self._message.text}") if code in free]
        unit = fitting[0] if fitting else self._rng.choice(free)
        self._used.add((self.here, unit))
        self.journey.assign(self.here, self._officer(), unit)
        if self._chance(HOLDER_NOTE_SHARE):
            self._say(self.here, HOLDER_NOTES)

    def _pass_down(self) -> bool:
        """Dispatch it towards where it came in; False when nothing stands below."""
        below = self._topology.children(self.here)
        if not below:
            return False
        back = next((code for code in below if code == self._origin or self._topology.is_below(self._origin, code)), "")
        self._hand_over(back or self._rng.choice(below), Direction.DOWN)
        if self._topology.children(self.here) and self._chance(0.5):
            return self._pass_down()
        self._handle()
        return True

    def _hand_over(self, to: str, direction: Direction) -> None:
        giver, reason = self.here, self._rng.choice(ESCALATION_REASONS[direction])
        if self._chance(WITHDRAWN_SHARE):
            taken_back = self.journey.offer(giver, self._officer(), to, direction, reason)
            self.journey.withdraw(giver, self._officer(), taken_back)
        elif self._chance(REFUSED_SHARE):
            refused = self.journey.offer(giver, self._officer(), to, direction, reason)
            self.journey.refuse(to, self._officer(), refused, self._rng.choice(REFUSAL_REASONS))
        offer = self.journey.offer(giver, self._officer(), to, direction, reason)
        self.journey.accept(to, self._officer(), offer)
        self.here = to
        if self._chance(FOLLOWER_NOTE_SHARE):
            self._say(giver, FOLLOWER_NOTES)

    def _say(self, centre: str, notes: Sequence[str]) -> None:
        # With the number of the step no two notes of a case are the same, and each can be told in a journal.
        self.journey.note(centre, self._officer(), f"{self._rng.choice(notes)}（记录{len(self.journey.steps) + 1}）")

    def _resolve(self) -> None:
        closing = self._rng.choices(list(CLOSINGS), list(CLOSINGS.values()))[0]
        if self._message.reply:
            reply = self._message.reply
            result = reply if len(reply) <= TEXT_LENGTH else f"{reply[: TEXT_LENGTH - 1]}…"
        else:
            result = self._rng.choice(RESULTS[closing])
        self.journey.resolve(self.here, self._officer(), result, ClosingKind(closing))


def _timed(steps: Sequence[Step], message: Message, began: datetime, rng: Random) -> list[Step]:
    # Drawn even when the reply is known, so that the way of a case does not depend on which columns a file has.
    days = min(MOST_DAYS, MEDIAN_DAYS * rng.lognormvariate(0.0, SPREAD))
    whole = message.replied_at - began if message.replied_at is not None else timedelta(days=days)
    if not steps:
        return []
    shares = [*sorted(rng.random() for _ in steps[1:]), 1.0]
    return [replace(step, at=began + share * whole) for step, share in zip(steps, shares, strict=True)]
