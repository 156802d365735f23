"""Reading the fields of a request: every wrong one is named, all at once, as at the other doors."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.text import NAME_LENGTH, clean, text_violations
from fengqiao.wire.value import NewerValue, Number, Pairing, Value, instant, uuid_of

_NIL = UUID(int=0)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Fields:
    """Gathers what is wrong. A wrong field gives a placeholder, which `check` keeps from ever being used."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def check(self) -> None:
        """Raise INVALID with every wrong field, if there is one."""
        if self.violations:
            raise invalid(*self.violations)

    def wrong(self, field: str, code: str, **params: str) -> None:
        """Note a wrong field."""
        self.violations.append(Violation(field, code, params))

    def id(self, field: str, text: str, otherwise: Callable[[], UUID] | None = None) -> UUID:
        """Read an id; empty, it is made by `otherwise`, or wrong when there is none."""
        if not text and otherwise is not None:
            return otherwise()
        try:
            return uuid_of(text)
        except ValueError:
            self.wrong(field, "id_malformed", value=text)
            return _NIL

    def value(self, field: str, pairing: Pairing[Value, Number], number: int, default: Value | None = None) -> Value:
        """Read a value of a closed list; UNSPECIFIED gives `default`, or is wrong when there is none."""
        if number == 0 and default is not None:
            return default
        try:
            return pairing.value(number)
        except (NewerValue, ValueError):
            allowed = ", ".join(value.value for value in pairing.values)
            self.wrong(field, "enum_unknown", value=str(number) if number else "unspecified", allowed=allowed)
            return next(iter(pairing.values))

    def instant(self, field: str, wire: Timestamp) -> datetime:
        """Read an instant that has to be one."""
        try:
            return instant(wire)
        except ValueError:
            self.wrong(field, "time_malformed", value=f"{wire.seconds}.{wire.nanos}")
            return _NEVER

    def name(self, field: str, text: str) -> str:
        """Read the name of a person, which has to be there."""
        cleaned = clean(text)
        self.violations.extend(text_violations(field, cleaned, NAME_LENGTH))
        return cleaned
