"""Messages of every release are read today as they were meant when they were written."""

from datetime import UTC
from pathlib import Path

import pytest
from google.protobuf.json_format import Parse

from fengqiao import __version__
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.proto.v1 import envelope_pb2
from fengqiao.wire.envelope import RECEIPT, SCHEMA, TYPES, decode_envelope, message_type
from fengqiao.wire.event import EVENT_KINDS
from tests.contract.messages import EXAMPLES, MESSAGES, NOON, TRACEPARENT, numbered, written

RELEASES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
FILES = sorted(EXAMPLES.rglob("*.bin"))
SENT = {message_type(message): (seq, message) for seq, message in enumerate(MESSAGES, 1)}
EXPECTED = {"0.1.0": SENT, "0.2.0": SENT}


def test_every_release_has_an_example_of_every_message_it_sends() -> None:
    assert __version__ in RELEASES
    assert set(EXPECTED) == set(RELEASES)
    for release in RELEASES:
        names = {path.stem for path in (EXAMPLES / release).glob("*.bin")}
        assert names == {*EXPECTED[release], RECEIPT}, release
    assert set(EXPECTED[__version__]) == set(TYPES.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_is_read_as_it_was_meant(path: Path) -> None:
    read = decode_envelope(path.read_bytes())
    assert (read.type, read.sender, read.receiver, read.receipt) == (path.stem, "371403001", "371403", 41)
    assert (read.sent_at, read.sent_at.tzinfo) == (NOON, UTC)
    if path.stem == RECEIPT:
        assert (read.seq, read.message, read.id) == (0, None, numbered(1000))
        return
    seq, message = EXPECTED[path.parent.name][path.stem]
    assert (read.seq, read.id, read.urgent, read.traceparent) == (seq, numbered(1000 + seq), True, TRACEPARENT)
    assert read.message == message


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_says_the_same_in_json(path: Path) -> None:
    told = Parse(path.with_suffix(".json").read_text(encoding="utf-8"), envelope_pb2.Envelope())
    assert told == envelope_pb2.Envelope.FromString(path.read_bytes())


def test_a_body_of_a_newer_release_is_named_and_waits() -> None:
    wire = envelope_pb2.Envelope.FromString(written(MESSAGES[0], 9))
    wire.ClearField("offer_made")
    wire.type, wire.schema = "case_merged", SCHEMA + 1
    unknown_field = b"\xfa\x7f\x03abc"  # number 2047, three bytes: a body that this release has no place for
    read = decode_envelope(wire.SerializeToString() + unknown_field)
    assert (read.seq, read.type, read.message, read.schema) == (9, "case_merged", None, SCHEMA + 1)
    assert read.subject is not None


def test_a_value_that_only_a_newer_release_knows_waits_too() -> None:
    wire = envelope_pb2.Envelope.FromString(written(MESSAGES[0], 9))
    wire.offer_made.case.channel = 77  # type: ignore[assignment]  # a channel of tomorrow
    assert decode_envelope(wire.SerializeToString()).message is None
    wire = envelope_pb2.Envelope.FromString(written(MESSAGES[0], 9))
    wire.offer_made.events[0].kind = max(EVENT_KINDS.number.values()) + 1  # type: ignore[assignment]  # one of tomorrow
    assert decode_envelope(wire.SerializeToString()).message is None


def test_a_field_that_only_a_newer_release_knows_is_passed_over() -> None:
    assert decode_envelope(written(MESSAGES[0], 9) + b"\xfa\x7f\x03abc").message == MESSAGES[0]


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": "not-a-uuid"},
        {"sender": ""},
        {"receiver": ""},
        {"type": ""},
        {"type": "case_progress"},
        {"type": "receipt"},
        {"seq": 0},
        {"seq": 2**63},
        {"receipt": 2**64 - 1},
        {"subject": ""},
        {"subject": str(numbered(77))},
    ],
    ids=str,
)
def test_an_envelope_that_contradicts_itself_is_unreadable(change: dict[str, object]) -> None:
    wire = envelope_pb2.Envelope.FromString(written(MESSAGES[0], 9))
    for name, value in change.items():
        setattr(wire, name, value)
    with pytest.raises(Refusal) as caught:
        decode_envelope(wire.SerializeToString())
    assert (caught.value.kind, caught.value.code) == (Kind.INVALID, "message_unreadable")
    assert str(caught.value)


@pytest.mark.parametrize("garbage", [b"", b"\xff\xff\xff\xff", b"{}", "浏览器".encode(), bytes(64)], ids=repr)
def test_garbage_is_unreadable_and_nothing_worse(garbage: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        decode_envelope(garbage)
    assert caught.value.code == "message_unreadable"


def test_a_body_with_a_missing_part_is_unreadable() -> None:
    for name in ("state", "kind", "id"):
        wire = envelope_pb2.Envelope.FromString(written(MESSAGES[0], 9))
        wire.offer_made.case.ClearField(name)
        with pytest.raises(Refusal) as caught:
            decode_envelope(wire.SerializeToString())
        assert caught.value.code == "message_unreadable"
