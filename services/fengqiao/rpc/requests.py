"""What all requests of commands have in common: who, and for imported work when."""

from typing import Literal, Protocol

from google.protobuf.timestamp_pb2 import Timestamp

from fengqiao.handlers.context import Actor
from fengqiao.wire.fields import Fields


class CommandRequest(Protocol):
    """A request that names its actor and may name a recorded time."""

    @property
    def actor(self) -> str:
        """The name of the person."""

    @property
    def at(self) -> Timestamp:
        """The recorded time."""

    def HasField(self, field_name: Literal["at"], /) -> bool:  # noqa: N802 - protobuf's name
        """Tell whether a field is given."""


def actor_of(fields: Fields, request: CommandRequest) -> Actor:
    """Read who gives the command, and the recorded time."""
    at = fields.instant("at", request.at) if request.HasField("at") else None
    return Actor(fields.name("actor", request.actor), at)
