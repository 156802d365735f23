"""A record of a feed is read as it was written, names no person, and what is none is told apart from what is newer."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.calendar import weekdays_only
from fengqiao.domain.case import CaseFile
from fengqiao.domain.course import Grade
from fengqiao.domain.errors import Refusal
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.fact import CitizensWord, Fact, FactLimit, fact_of
from fengqiao.proto.v1 import fact_pb2
from fengqiao.wire.feed import FeedRecord, decode_feed, feed_bytes
from tests.contract import strategies

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CENTRE = "371401001"
SECRET = "张三十三号院"

maybe = st.none() | strategies.instants
limits = st.builds(FactLimit, strategies.texts, strategies.instants, maybe, maybe)
facts = st.builds(
    Fact,
    case_id=strategies.ids,
    number=strategies.texts,
    centre=st.just(CENTRE),
    epoch=strategies.counts,
    version=strategies.counts,
    journal_length=strategies.counts,
    holder=strategies.texts,
    unit=strategies.texts,
    item=strategies.texts,
    grade=st.none() | st.sampled_from(Grade),
    path=st.lists(strategies.texts, max_size=4).map(lambda rest: (CENTRE, *rest)),
    registered_at=strategies.instants,
    updated_at=strategies.instants,
    resolved_at=maybe,
    closing=st.none() | strategies.closings,
    returned=strategies.counts,
    reopened=strategies.counts,
    word=st.none() | st.builds(CitizensWord, st.booleans(), st.booleans()),
    limits=st.lists(limits, max_size=3).map(tuple),
)


@given(facts, strategies.instants)
def test_a_fact_is_read_as_it_was_told(fact: Fact, told_at: datetime) -> None:
    record = FeedRecord(CENTRE, told_at, fact)
    assert decode_feed(feed_bytes(record)) == record


def test_a_mark_is_read_as_it_was_set() -> None:
    assert decode_feed(feed_bytes(FeedRecord(CENTRE, NOON))) == FeedRecord(CENTRE, NOON)


@given(strategies.case_files)
def test_no_words_of_a_case_and_no_name_are_in_its_fact(file: CaseFile) -> None:
    case = replace(
        file.case, title=SECRET, text=SECRET, place=SECRET, result=SECRET, reference=SECRET, limits=(), offer=None
    )
    accepted = Event(case.id, case.id, EventKind.OFFER_ACCEPTED, "371401", SECRET, NOON, 2, {"note": SECRET})
    fact = fact_of(replace(file, case=case), [accepted], weekdays_only(NOON.date()))
    written = feed_bytes(FeedRecord(case.origin, NOON, fact))
    assert SECRET.encode() not in written
    assert fact.path == (case.origin, "371401")


@pytest.mark.parametrize("value", [b"\xff\xff", b""])
def test_what_is_no_record_is_refused(value: bytes) -> None:
    with pytest.raises(Refusal, match="message_unreadable"):
        decode_feed(value)


@given(facts)
def test_a_fact_of_another_centres_case_is_refused(fact: Fact) -> None:
    wire = fact_pb2.FeedRecord.FromString(feed_bytes(FeedRecord(CENTRE, NOON, fact)))
    wire.centre = "371402001"
    with pytest.raises(Refusal, match="message_unreadable"):
        decode_feed(wire.SerializeToString())


@given(facts)
def test_what_only_a_newer_release_knows_is_left_to_it(fact: Fact) -> None:
    wire = fact_pb2.FeedRecord.FromString(feed_bytes(FeedRecord(CENTRE, NOON, fact)))
    wire.fact.state = 90  # type: ignore[assignment]  # a number that a later release may give to a state
    assert decode_feed(wire.SerializeToString()) is None
    assert decode_feed(fact_pb2.FeedRecord(centre=CENTRE).SerializeToString()) is None
