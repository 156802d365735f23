"""Refusals: the one error type that crosses every wall of a node intact (style: errors are part of the interface).

A refusal has a kind, a code and parameters. It becomes words only where a person reads it: at a page, on the command
line, or in the details of a gRPC status. Nothing has been changed when a refusal is raised.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fengqiao.domain.sentences import sentence_for
from fengqiao.domain.words import Language

PARAM_LENGTH = 200
"""Characters of a value that a refusal quotes: what somebody typed may be megabytes, and a gRPC trailer holds 8 KiB."""


class Kind(StrEnum):
    """What sort of trouble it is; doors map a kind to a gRPC code, an HTTP status and an exit code."""

    INVALID = "invalid"  # The input is wrong whatever the state; correct the named fields.
    NOT_FOUND = "not_found"  # There is no such case, centre, directive or offer here.
    EXISTS = "exists"  # It is here already; nothing was doubled.
    STATE = "state"  # The state does not allow the command now.
    STALE = "stale"  # Somebody else changed it meanwhile; read again.
    FORBIDDEN = "forbidden"  # This centre or person may not do it.
    DEADLINE = "deadline"  # It was not done within the time the caller gave.
    UNAVAILABLE = "unavailable"  # A part is away (PostgreSQL, Kafka, a neighbour); try again later.


@dataclass(frozen=True, slots=True)
class Violation:
    """One wrong field: its name as the door calls it, and the code and parameters of the sentence about it."""

    field: str
    code: str
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Quote long values only in part."""
        object.__setattr__(self, "params", _quoted(self.params))

    def sentence(self, language: Language) -> str:
        """Say what is wrong with the field and what to do."""
        return sentence_for(self.code, language, self.params)


class Refusal(Exception):
    """A command, a query or an input that is not carried out, with the reason; nothing was changed."""

    def __init__(
        self, kind: Kind, code: str, params: Mapping[str, str] | None = None, violations: tuple[Violation, ...] = ()
    ) -> None:
        super().__init__(code)
        self.kind = kind
        self.code = code
        self.params: Mapping[str, str] = _quoted(params or {})
        self.violations = violations

    def sentence(self, language: Language) -> str:
        """Say what happened and what to do, in one language."""
        return sentence_for(self.code, language, self.params)

    def __str__(self) -> str:
        """Both languages, for logs and for whoever sees a raw exception in a test."""
        fields = "".join(f"; {v.field}: {v.sentence(Language.EN)}" for v in self.violations)
        return f"{self.code}: {self.sentence(Language.EN)}{fields}"


def _quoted(params: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name: value if len(value) <= PARAM_LENGTH else f"{value[: PARAM_LENGTH - 1]}…" for name, value in params.items()
    }


def invalid(*violations: Violation) -> Refusal:
    """Build the refusal of an input with wrong fields."""
    return Refusal(Kind.INVALID, "input_invalid", {"count": str(len(violations))}, violations)


def not_found(code: str, **params: str) -> Refusal:
    """Build the refusal of something that is not here."""
    return Refusal(Kind.NOT_FOUND, code, params)


def wrong_state(code: str, **params: str) -> Refusal:
    """Build the refusal of a command that the state does not allow."""
    return Refusal(Kind.STATE, code, params)


def forbidden(code: str, **params: str) -> Refusal:
    """Build the refusal of a command that this centre or person may not give."""
    return Refusal(Kind.FORBIDDEN, code, params)


def unavailable(code: str, **params: str) -> Refusal:
    """Build the refusal of something that needs a part which is away."""
    return Refusal(Kind.UNAVAILABLE, code, params)
