"""Commands on the course of a case, domain <-> the requests of their names. Texts are judged by the rules, not here."""

import typing
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast
from uuid import UUID

from google.protobuf.message import Message

from fengqiao.domain.course_command import CourseCommand
from fengqiao.proto.v1 import case_service_pb2 as pb
from fengqiao.wire.case import COURSE_LISTS
from fengqiao.wire.fields import Fields
from fengqiao.wire.mirrored import shape_of, write_value
from fengqiao.wire.value import stamp

COMMANDS: Mapping[str, type[CourseCommand]] = MappingProxyType(
    {f"{command.__name__}Request": command for command in typing.get_args(CourseCommand)}
)
"""The command of each request, by the name of the request."""

# Ids that the server makes when the caller gives none.
_MADE = frozenset({"arbitration_id"})


def course_command_from_wire(fields: Fields, request: Message, new_id: Callable[[], UUID]) -> CourseCommand:
    """Read a command; each wrong field is noted under its name."""
    command = COMMANDS[type(request).__name__]
    values = {
        name: _read(fields, request, name, kind, many=many, otherwise=new_id if name in _MADE else None)
        for name, kind, _, many in shape_of(cast("Hashable", command))
    }
    return command(**values)


def course_command_to_wire(command: CourseCommand, actor: str, at: datetime | None) -> Message:
    """Write the request of a command."""
    request = cast("Message", getattr(pb, f"{type(command).__name__}Request")(actor=actor))
    if at is not None:
        cast("Any", request).at.CopyFrom(stamp(at))
    write_value(request, command, COURSE_LISTS)
    return request


def _read(
    fields: Fields, request: Any, name: str, kind: type, *, many: bool, otherwise: Callable[[], UUID] | None
) -> Any:
    found = getattr(request, name)
    if name == "seen_version":
        return found if request.HasField(name) else None
    if many:
        return tuple(found)
    if kind is UUID:
        return fields.id(name, found, otherwise)
    if issubclass(kind, StrEnum):
        return fields.value(name, COURSE_LISTS[kind], found)
    return found
