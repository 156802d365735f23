"""Refusals as gRPC statuses, and back (style: an error's kind crosses the wire and becomes words only at the end).

A status carries what any gRPC client understands (ErrorInfo, LocalizedMessage, BadRequest) and, for our own clients,
the refusal itself. Whatever is not a refusal becomes INTERNAL with a trace id; nobody outside sees a stack trace.
"""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from fengqiao.domain.errors import Kind, Refusal, Violation
from fengqiao.domain.words import Language
from fengqiao.proto.v1 import problem_pb2
from fengqiao.wire.problem import problem_from_wire, problem_to_wire

DOMAIN = "fengqiao"
DETAILS_KEY = "grpc-status-details-bin"
LOCALES: Mapping[Language, str] = MappingProxyType({Language.ZH: "zh-CN", Language.EN: "en"})

CODES: Mapping[Kind, grpc.StatusCode] = MappingProxyType(
    {
        Kind.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
        Kind.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
        Kind.EXISTS: grpc.StatusCode.ALREADY_EXISTS,
        Kind.STATE: grpc.StatusCode.FAILED_PRECONDITION,
        Kind.STALE: grpc.StatusCode.ABORTED,
        Kind.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
        Kind.DEADLINE: grpc.StatusCode.DEADLINE_EXCEEDED,
        Kind.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    }
)
"""The one code of each kind; no two kinds share one, so a client that only sees the code knows the kind."""

_KINDS: Mapping[grpc.StatusCode, Kind] = MappingProxyType({code: kind for kind, code in CODES.items()})


def status_of(refusal: Refusal, code: grpc.StatusCode | None = None) -> status_pb2.Status:
    """Write a refusal as a status; the code is that of its kind unless another is given."""
    number, _ = (code or CODES[refusal.kind]).value
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=refusal.code, domain=DOMAIN, metadata=refusal.params),
        *(
            error_details_pb2.LocalizedMessage(locale=locale, message=refusal.sentence(language))
            for language, locale in LOCALES.items()
        ),
    ]
    if refusal.violations:
        fields = [_field_violation(violation) for violation in refusal.violations]
        details.append(error_details_pb2.BadRequest(field_violations=fields))
    details.append(problem_to_wire(refusal))
    status = status_pb2.Status(code=number, message=refusal.sentence(Language.EN))
    for detail in details:
        status.details.add().Pack(detail)
    return status


async def refuse(
    call: grpc.aio.ServicerContext[Any, Any], refusal: Refusal, code: grpc.StatusCode | None = None
) -> NoReturn:
    """End a call with a refusal; raises CancelledError when the caller has gone and cannot hear it."""
    status = status_of(refusal, code)
    metadata = ((DETAILS_KEY, status.SerializeToString()),)
    try:
        await call.abort(code or CODES[refusal.kind], status.message, trailing_metadata=metadata)
    except grpc.aio.InternalError as gone:
        # Its deadline passed at the same moment: gRPC would tell of that with fifty lines for each call.
        raise asyncio.CancelledError from gone
    raise AssertionError("abort returned")


def failure(trace_id: str) -> Refusal:
    """Make what a caller hears of an unexpected failure; the log holds the rest under the same id."""
    return Refusal(Kind.UNAVAILABLE, "page_failed", {"trace": trace_id or "-"})


def refusal_from(error: grpc.aio.AioRpcError, target: str) -> Refusal:
    """Read the refusal out of a failed call to `target`; one without details is told by its code."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            found = _refusal_in(value)
            if found is not None:
                return found
    return _without_details(error, target)


def _refusal_in(value: bytes) -> Refusal | None:
    try:
        status = status_pb2.Status.FromString(value)
        return next((refusal for detail in status.details if (refusal := _problem(detail)) is not None), None)
    except DecodeError:
        return None


def _problem(detail: AnyMessage) -> Refusal | None:
    problem = problem_pb2.Problem()
    return problem_from_wire(problem) if detail.Unpack(problem) else None


def _without_details(error: grpc.aio.AioRpcError, target: str) -> Refusal:
    kind = _KINDS.get(error.code(), Kind.UNAVAILABLE)
    if kind is Kind.DEADLINE:
        return Refusal(kind, "deadline_passed")
    if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return Refusal(Kind.UNAVAILABLE, "too_busy")
    refusal = Refusal(Kind.UNAVAILABLE, "neighbour_away", {"centre": target})
    refusal.add_note(f"{error.code().name}: {error.details()}")
    return refusal


def _field_violation(violation: Violation) -> error_details_pb2.BadRequest.FieldViolation:
    message = violation.sentence(Language.ZH)
    return error_details_pb2.BadRequest.FieldViolation(
        field=violation.field,
        description=violation.sentence(Language.EN),
        reason=violation.code,
        localized_message=error_details_pb2.LocalizedMessage(locale=LOCALES[Language.ZH], message=message),
    )
