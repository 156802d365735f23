"""Single values on the wire: instants, ids, and the closed lists of the domain.

Whoever reads decides what a wrong value means: a door names the field, an envelope cannot be read. Hence the plain
exceptions here: `ValueError` for what is wrong in every release, `NewerValue` for what only a newer release may know.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

if TYPE_CHECKING:
    from google.protobuf.internal.enum_type_wrapper import _EnumTypeWrapper

Value = TypeVar("Value", bound=StrEnum)
Number = TypeVar("Number", bound=int)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID_LENGTH = 36
_NANOS = 1_000_000_000
BIGINT = 2**63
"""Sequence numbers are below this, for PostgreSQL keeps them as bigint."""


class NewerValue(Exception):
    """A number that this release has no value for; a newer one may."""


def write_instant(wire: Timestamp, at: datetime) -> None:
    """Write an instant; microseconds are kept."""
    since = at - _EPOCH
    wire.seconds = since.days * 86_400 + since.seconds
    wire.nanos = since.microseconds * 1000


def stamp(at: datetime) -> Timestamp:
    """Write an instant as a message of its own."""
    wire = Timestamp()
    write_instant(wire, at)
    return wire


def instant(value: Timestamp) -> datetime:
    """Read an instant, in UTC; raises ValueError when it is none."""
    nanos = value.nanos
    if not 0 <= nanos < _NANOS:
        raise ValueError("nanos out of range")
    try:
        return _EPOCH + timedelta(0, value.seconds, nanos // 1000)
    except OverflowError as error:
        raise ValueError("seconds out of range") from error


@lru_cache(maxsize=4096)
def uuid_of(text: str) -> UUID:
    """Read an id in its one usual form; raises ValueError for anything else, such as braces or a missing hyphen.

    Remembered, for the id of a case stands three times in each of its envelopes, and reading it costs 2 microseconds.
    """
    if len(text) != _UUID_LENGTH or text.count("-") != 4:
        raise ValueError("not a UUID")
    return UUID(text)


class Pairing(Generic[Value, Number]):
    """A closed list of the domain and its numbers on the wire, paired by name; 0 (UNSPECIFIED) stands for no value."""

    def __init__(self, values: type[Value], numbers: "_EnumTypeWrapper[Number]", prefix: str) -> None:
        self.values = values
        self.number: Mapping[Value, Number] = {value: numbers.Value(f"{prefix}_{value.name}") for value in values}
        self._value: Mapping[int, Value] = {int(number): value for value, number in self.number.items()}

    def value(self, number: int) -> Value:
        """Read a value that has to be there; raises ValueError for 0, NewerValue for an unknown number."""
        found = self._value.get(number)
        if found is not None:
            return found
        if number == 0:
            raise ValueError(f"{self.values.__name__} is missing")
        raise NewerValue(f"{self.values.__name__} {number}")

    def optional(self, number: int) -> Value | None:
        """Read a value that may be absent; raises NewerValue for an unknown number."""
        return None if number == 0 else self.value(number)
