"""Values whose message has fields of the same names: written and read by their types, so that none is forgotten.

Ids are texts, instants are timestamps, closed lists are numbers by their `Pairing`; what may be None is absent.
"""

import types
import typing
from collections.abc import Hashable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from google.protobuf.message import Message

from fengqiao.wire.value import Pairing, instant, uuid_of, write_instant

Value = TypeVar("Value")
Pairings = Mapping[type[StrEnum], Pairing[Any, Any]]


class Part(NamedTuple):
    """One field of a value: what it is, whether it may be None, whether there are many."""

    name: str
    kind: type
    optional: bool
    many: bool


@lru_cache
def shape_of(kind: Hashable) -> tuple[Part, ...]:
    """Give the fields of a dataclass."""
    hints = typing.get_type_hints(kind)
    return tuple(Part(name, *_shape(hint)) for name, hint in hints.items())


def write_value(wire: Message, value: object, pairings: Pairings) -> None:
    """Write a value into its message; what is empty is left out."""
    for name, kind, _, many in shape_of(cast("Hashable", type(value))):
        given = getattr(value, name)
        if many:
            _write_many(getattr(wire, name), kind, given, pairings)
        elif given is not None and given != "":
            _write_one(wire, name, kind, given, pairings)


def read_value(wire: Message, kind: type[Value], pairings: Pairings) -> Value:
    """Read a value out of its message; raises ValueError or NewerValue."""
    return kind(**{part.name: _read(wire, part, pairings) for part in shape_of(cast("Hashable", kind))})


def _shape(hint: Any) -> tuple[type, bool, bool]:
    arguments = typing.get_args(hint)
    if isinstance(hint, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return inner, True, False
    if typing.get_origin(hint) is tuple:
        return arguments[0], False, True
    return hint, False, False


def _write_one(wire: Any, name: str, kind: type, given: Any, pairings: Pairings) -> None:
    if kind in pairings:
        setattr(wire, name, pairings[kind].number[given])
    elif kind is datetime:
        write_instant(getattr(wire, name), given)
    elif kind is UUID:
        setattr(wire, name, str(given))
    elif kind in (str, int, bool):
        setattr(wire, name, given)
    else:
        getattr(wire, name).SetInParent()
        write_value(getattr(wire, name), given, pairings)


def _write_many(wire: Any, kind: type, given: tuple[Any, ...], pairings: Pairings) -> None:
    if kind is str:
        wire.extend(given)
        return
    for one in given:
        write_value(wire.add(), one, pairings)


def _read(wire: Any, part: Part, pairings: Pairings) -> Any:
    name, kind, optional, many = part
    found = getattr(wire, name)
    if many:
        return tuple(found) if kind is str else tuple([read_value(one, kind, pairings) for one in found])
    if kind in pairings:
        return pairings[kind].optional(found) if optional else pairings[kind].value(found)
    if kind is UUID:
        return None if optional and not found else uuid_of(found)
    if kind in (str, int, bool):
        return found
    if optional and not wire.HasField(name):
        return None
    return instant(found) if kind is datetime else read_value(found, kind, pairings)
