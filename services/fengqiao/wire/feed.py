"""Records of a feed, domain <-> protobuf (F31, F36)."""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from google.protobuf.message import DecodeError

from fengqiao.domain.case import CaseKind, CaseState, Channel, RequestType
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.fact import Fact
from fengqiao.proto.v1 import fact_pb2
from fengqiao.wire.case import CASE_KINDS, CASE_STATES, CHANNELS, COURSE_LISTS, REQUEST_TYPES
from fengqiao.wire.mirrored import Pairings, read_value, write_value
from fengqiao.wire.value import NewerValue, instant, write_instant

FACT_LISTS: Pairings = MappingProxyType(
    {
        **COURSE_LISTS,
        CaseState: CASE_STATES,
        CaseKind: CASE_KINDS,
        RequestType: REQUEST_TYPES,
        Channel: CHANNELS,
    }
)


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """A fact, or (without one) the mark that everything until `told_at` was told."""

    centre: str
    told_at: datetime
    fact: Fact | None = None


def feed_bytes(record: FeedRecord) -> bytes:
    """Write a record of a feed."""
    wire = fact_pb2.FeedRecord(centre=record.centre)
    write_instant(wire.told_at, record.told_at)
    if record.fact is not None:
        write_value(wire.fact, record.fact, FACT_LISTS)
    else:
        wire.mark.SetInParent()
    return wire.SerializeToString()


def decode_feed(value: bytes) -> FeedRecord | None:
    """Read a record of a feed; None when only a newer release can read all of it.

    Raises INVALID message_unreadable for what is none.
    """
    try:
        return _read(fact_pb2.FeedRecord.FromString(value))
    except NewerValue:
        return None
    except (DecodeError, ValueError) as error:
        raise Refusal(Kind.INVALID, "message_unreadable", {"detail": str(error) or type(error).__name__}) from error


def _read(wire: fact_pb2.FeedRecord) -> FeedRecord | None:
    if not wire.centre:
        raise ValueError("centre is missing")
    told_at = instant(wire.told_at)
    match wire.WhichOneof("body"):
        case "fact":
            fact = read_value(wire.fact, Fact, FACT_LISTS)
            if fact.centre != wire.centre or fact.path[:1] != (wire.centre,):
                raise ValueError("a fact of another centre's case")
            return FeedRecord(wire.centre, told_at, fact)
        case "mark":
            return FeedRecord(wire.centre, told_at)
    return None
