"""Refusals cross gRPC intact: each kind has its code, each sentence both languages, each wrong field its place."""

from string import Formatter

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from fengqiao.domain.errors import Kind, Refusal, Violation
from fengqiao.domain.sentences import SENTENCES
from fengqiao.domain.words import Language
from fengqiao.proto.v1 import problem_pb2
from fengqiao.rpc.errors import CODES, DETAILS_KEY, failure, refusal_from, status_of


def params_of(code: str) -> dict[str, str]:
    return {name: f"<{name}>" for sentence in SENTENCES[code] for _, name, _, _ in Formatter().parse(sentence) if name}


def failed(code: grpc.StatusCode, status: status_pb2.Status | None = None) -> grpc.aio.AioRpcError:
    trailing = grpc.aio.Metadata(*([(DETAILS_KEY, status.SerializeToString())] if status else []))
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailing, status.message if status else "away")


def test_every_kind_has_a_code_of_its_own_and_a_number_on_the_wire() -> None:
    assert set(CODES) == set(Kind)
    assert len(set(CODES.values())) == len(Kind)
    assert grpc.StatusCode.INTERNAL not in CODES.values()


@pytest.mark.parametrize("kind", Kind)
def test_a_status_tells_any_client_what_happened(kind: Kind) -> None:
    refusal = Refusal(kind, "case_unknown", {"case": "371403-1"}, (Violation("unit", "text_empty"),))
    status = status_of(refusal)
    assert (status.code, status.message) == (CODES[kind].value[0], refusal.sentence(Language.EN))
    info, chinese, english, bad = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.LocalizedMessage(),
        error_details_pb2.LocalizedMessage(),
        error_details_pb2.BadRequest(),
    )
    for detail, packed in zip((info, chinese, english, bad, problem_pb2.Problem()), status.details, strict=True):
        assert packed.Unpack(detail)
    assert (info.reason, info.domain, dict(info.metadata)) == ("case_unknown", "fengqiao", {"case": "371403-1"})
    assert (chinese.locale, chinese.message) == ("zh-CN", refusal.sentence(Language.ZH))
    assert (english.locale, english.message) == ("en", refusal.sentence(Language.EN))
    [field] = bad.field_violations
    assert (field.field, field.reason) == ("unit", "text_empty")
    assert field.description == "This is empty; fill it in."
    assert field.localized_message.message == "内容为空，请填写。"


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_refusal_comes_back_as_it_was_raised(code: str) -> None:
    raised = Refusal(Kind.STATE, code, params_of(code), (Violation("text", code, params_of(code)),))
    read = refusal_from(failed(CODES[Kind.STATE], status_of(raised)), "somewhere")
    assert (read.kind, read.code, read.params, read.violations) == (
        raised.kind,
        raised.code,
        raised.params,
        raised.violations,
    )
    for language in Language:
        assert read.sentence(language) == raised.sentence(language)


def test_an_unexpected_failure_is_internal_and_tells_only_its_trace() -> None:
    status = status_of(failure("0af7651916cd43dd8448eb211c80319c"), grpc.StatusCode.INTERNAL)
    assert status.code == grpc.StatusCode.INTERNAL.value[0]
    assert "0af7651916cd43dd8448eb211c80319c" in status.message
    assert "Traceback" not in status.message
    read = refusal_from(failed(grpc.StatusCode.INTERNAL, status), "somewhere")
    assert (read.kind, read.code) == (Kind.UNAVAILABLE, "page_failed")


@pytest.mark.parametrize(
    ("code", "kind", "refusal"),
    [
        (grpc.StatusCode.UNAVAILABLE, Kind.UNAVAILABLE, "neighbour_away"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Kind.DEADLINE, "deadline_passed"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, Kind.UNAVAILABLE, "too_busy"),
        (grpc.StatusCode.CANCELLED, Kind.UNAVAILABLE, "neighbour_away"),
        (grpc.StatusCode.UNIMPLEMENTED, Kind.UNAVAILABLE, "neighbour_away"),
    ],
)
def test_a_failure_without_details_is_told_by_its_code(code: grpc.StatusCode, kind: Kind, refusal: str) -> None:
    read = refusal_from(failed(code), "127.0.0.1:1")
    assert (read.kind, read.code) == (kind, refusal)


def test_details_that_are_garbage_do_not_hide_the_failure() -> None:
    trailing = grpc.aio.Metadata((DETAILS_KEY, b"\xff\xff\xff"))
    error = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), trailing, "away")
    assert refusal_from(error, "127.0.0.1:1").code == "neighbour_away"
