"""Commands of supervision, domain <-> the requests of their names. Texts are judged by the rules, not here."""

import typing
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, cast
from uuid import UUID

from google.protobuf.message import Message

from fengqiao.domain.points import Standing
from fengqiao.domain.supervision_command import SupervisionCommand
from fengqiao.domain.supervision_rules import Ground, Outcome, RootCause
from fengqiao.proto.v1 import supervision_service_pb2 as pb
from fengqiao.wire.fields import Fields
from fengqiao.wire.mirrored import Pairings, shape_of, write_value
from fengqiao.wire.value import Pairing, stamp

GROUNDS = Pairing(Ground, pb.Ground, "GROUND")
OUTCOMES = Pairing(Outcome, pb.Outcome, "OUTCOME")
ROOT_CAUSES = Pairing(RootCause, pb.RootCause, "ROOT_CAUSE")
STANDINGS = Pairing(Standing, pb.Standing, "STANDING")
SUPERVISION_LISTS: Pairings = MappingProxyType(
    {Ground: GROUNDS, Outcome: OUTCOMES, RootCause: ROOT_CAUSES, Standing: STANDINGS}
)
"""The closed lists that supervision uses."""

COMMANDS: Mapping[str, type[SupervisionCommand]] = MappingProxyType(
    {f"{command.__name__}Request": command for command in typing.get_args(SupervisionCommand)}
)
"""The command of each request, by the name of the request."""

# Ids that the server makes when the caller gives none, by the command that makes the thing.
_MADE = frozenset(
    {("OpenOrderRequest", "order_id"), ("GrantAccessRequest", "grant_id"), ("DeductPointsRequest", "entry_id")}
)


def supervision_command_from_wire(fields: Fields, request: Message, new_id: Callable[[], UUID]) -> SupervisionCommand:
    """Read a command; each wrong field is noted under its name."""
    name = type(request).__name__
    command = COMMANDS[name]
    values = {
        part.name: _read(
            fields, request, part.name, part.kind, many=part.many,
            otherwise=new_id if (name, part.name) in _MADE else None,
        )
        for part in shape_of(cast("Hashable", command))
    }  # fmt: skip
    return command(**values)


def supervision_command_to_wire(command: SupervisionCommand, actor: str, at: datetime | None) -> Message:
    """Write the request of a command."""
    request = cast("Message", getattr(pb, f"{type(command).__name__}Request")(actor=actor))
    if at is not None:
        cast("Any", request).at.CopyFrom(stamp(at))
    write_value(request, command, SUPERVISION_LISTS)
    return request


def _read(
    fields: Fields, request: Any, name: str, kind: type, *, many: bool, otherwise: Callable[[], UUID] | None
) -> Any:
    found = getattr(request, name)
    if name == "seen_turn":
        return found if request.HasField(name) else None
    if many:
        return tuple(found)
    if kind is UUID:
        return fields.id(name, found, otherwise)
    if kind is datetime:
        return fields.instant(name, found)
    if kind is Outcome:
        return fields.value(name, OUTCOMES, found)
    if kind is RootCause:
        return fields.value(name, ROOT_CAUSES, found)
    return found
