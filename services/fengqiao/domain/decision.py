"""What the rules are given and what they give back: facts and `now` in, a decision out (decisions are values)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from fengqiao.domain.case import Contact
from fengqiao.domain.event import Event
from fengqiao.domain.handbook import Handbook
from fengqiao.domain.topology import Centre, Topology
from fengqiao.domain.unit import UnitDirectory

File = TypeVar("File")
# Covariant: a decision with one kind of message is a decision with messages of the union.
Message_co = TypeVar("Message_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may know beside the case: where and when it is asked, by whom, and the id for the event it may make.

    `at` is the time of the act: now, or for imported work the recorded time. One command makes at most one event on a
    case; what it means for another case has an id of its own.
    """

    at: datetime
    centre: Centre
    topology: Topology
    units: UnitDirectory
    actor: str
    event_id: UUID
    handbook: Handbook = field(default_factory=Handbook)


@dataclass(frozen=True, slots=True)
class Outgoing(Generic[Message_co]):
    """A message to a neighbour; an urgent one also takes the Link."""

    to: str
    message: Message_co
    urgent: bool


@dataclass(frozen=True, slots=True)
class Decision(Generic[File, Message_co]):
    """What becomes of a file: its next value, the events to journal, the messages to send; all in one transaction."""

    file: File
    events: tuple[Event, ...]
    outgoing: tuple[Outgoing[Message_co], ...]
    contact: Contact | None = None
