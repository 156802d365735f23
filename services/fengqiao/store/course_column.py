"""The course of a case as one JSON column: what is at its default is left out, so that a new case has `{}`."""

import types
import typing
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

from fengqiao.domain.course import Course

Value = TypeVar("Value")
_NEW = Course()


def course_column(course: Course) -> dict[str, Any]:
    """Give the column of a course."""
    return {} if course == _NEW else cast("dict[str, Any]", _plain(course))


def course_of(column: Mapping[str, Any]) -> Course:
    """Read a course from its column."""
    return _value(Course, column) if column else _NEW


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        given = ((part, getattr(value, part.name)) for part in fields(value))
        return {part.name: _plain(one) for part, one in given if part.default is MISSING or one != part.default}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum | UUID) else value


def _value(kind: type[Value], column: Mapping[str, Any]) -> Value:
    kinds = _kinds(cast("Hashable", kind))
    return kind(**{name: _read(kinds[name], given) for name, given in column.items() if name in kinds})


@lru_cache
def _kinds(kind: Hashable) -> Mapping[str, type]:
    return {name: _inner(hint) for name, hint in typing.get_type_hints(kind).items()}


def _inner(hint: Any) -> type:
    inside = tuple(argument for argument in typing.get_args(hint) if argument is not type(None))
    wrapped = isinstance(hint, types.UnionType) or typing.get_origin(hint) is tuple
    return cast("type", inside[0] if wrapped else hint)


def _read(kind: type, given: Any) -> Any:
    if given is None:
        return None
    if isinstance(given, list):
        return tuple([_read(kind, one) for one in given])
    if kind is datetime:
        return datetime.fromisoformat(given).astimezone(UTC)
    return _value(kind, given) if is_dataclass(kind) else kind(given)
