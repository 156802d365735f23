import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.event import GENESIS, Event, EventKind, canonical, chained, first_break
from fengqiao.domain.journal import Entry, extended
from tests.unit.samples import EAST, NOON, number


def event(n: int, text: str = "已到现场。") -> Event:
    return Event(number(n), number(1), EventKind.NOTED, EAST, "王芳", NOON + timedelta(seconds=n), 1, {"text": text})


JOURNAL = extended(0, GENESIS, [event(n) for n in range(1, 7)])


def broken_at(entries: Sequence[Entry]) -> int | None:
    return first_break((entry.position, entry.event, entry.hash) for entry in entries)


def test_a_journal_grows_in_pieces_as_it_does_at_once() -> None:
    first = extended(0, GENESIS, [event(1), event(2)])
    rest = extended(2, first[-1].hash, [event(n) for n in range(3, 7)])
    assert (*first, *rest) == JOURNAL
    assert [entry.position for entry in JOURNAL] == [1, 2, 3, 4, 5, 6]


def test_a_whole_journal_and_an_empty_one_are_whole() -> None:
    assert broken_at(JOURNAL) is None
    assert broken_at([]) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda e: replace(e, id=number(999)),
        lambda e: replace(e, subject=number(999)),
        lambda e: replace(e, kind=EventKind.RESOLVED),
        lambda e: replace(e, centre="371402"),
        lambda e: replace(e, actor="王方"),
        lambda e: replace(e, at=e.at + timedelta(microseconds=1)),
        lambda e: replace(e, epoch=2),
        lambda e: replace(e, details={"text": "未到现场。"}),
        lambda e: replace(e, details={**e.details, "unit": "roads"}),
        lambda e: replace(e, details={}),
    ],
)
def test_a_change_of_any_field_of_an_event_is_found_where_it_is(change: Callable[[Event], Event]) -> None:
    forged = [*JOURNAL[:2], replace(JOURNAL[2], event=change(JOURNAL[2].event)), *JOURNAL[3:]]
    assert broken_at(forged) == 3


def test_a_change_with_its_own_hash_made_right_is_found_at_the_next() -> None:
    forged_event = event(3, "未到现场。")
    forged = [*JOURNAL[:2], Entry(3, forged_event, chained(JOURNAL[1].hash, forged_event)), *JOURNAL[3:]]
    assert broken_at(forged) == 4


@pytest.mark.parametrize("position", [1, 3, 5])
def test_a_removed_event_is_found(position: int) -> None:
    assert broken_at([entry for entry in JOURNAL if entry.position != position]) == position
    closed = [entry for entry in JOURNAL if entry.position != position]
    assert broken_at([replace(entry, position=at) for at, entry in enumerate(closed, 1)]) == position


def test_an_inserted_event_is_found() -> None:
    forged_event = event(99)
    inserted = Entry(3, forged_event, chained(JOURNAL[1].hash, forged_event))
    moved = [replace(entry, position=entry.position + 1) for entry in JOURNAL[2:]]
    assert broken_at([*JOURNAL[:2], inserted, *moved]) == 4


def test_two_events_in_another_order_are_found() -> None:
    second, third = JOURNAL[1], JOURNAL[2]
    swapped = [JOURNAL[0], replace(third, position=2), replace(second, position=3), *JOURNAL[3:]]
    assert broken_at(swapped) == 2
    assert broken_at([JOURNAL[0], third, second, *JOURNAL[3:]]) == 2


def test_an_event_that_stands_twice_is_found() -> None:
    assert broken_at([*JOURNAL, replace(JOURNAL[-1], position=7)]) == 7


def test_a_cut_off_end_shows_only_against_the_length_and_hash_that_the_file_keeps() -> None:
    cut = JOURNAL[:-1]
    assert broken_at(cut) is None
    assert (len(cut), cut[-1].hash) != (len(JOURNAL), JOURNAL[-1].hash)


def test_the_same_event_is_the_same_bytes_in_every_zone_and_order_of_details() -> None:
    one = replace(event(1), details={"a": "1", "b": "2"})
    there: datetime = one.at.astimezone(timezone(timedelta(hours=8)))
    assert canonical(one) == canonical(replace(one, at=there, details={"b": "2", "a": "1"}))


def test_the_hashed_bytes_of_this_release_are_those_of_every_release() -> None:
    assert canonical(event(1)).decode() == (
        '{"actor":"王芳","at":"2026-11-23T04:00:01.000000+00:00","centre":"371401","details":{"text":"已到现场。"},'
        '"epoch":1,"id":"00000000-0000-0000-0000-000000000001","kind":"noted",'
        '"subject":"00000000-0000-0000-0000-000000000001"}'
    )


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_the_hashed_bytes_are_plain_json_with_sorted_keys_whatever_writes_them(
    actor: str, details: dict[str, str]
) -> None:
    one = replace(event(1), actor=actor, details=details)
    fields = json.loads(canonical(one))
    assert (fields["actor"], fields["details"]) == (actor, details)
    assert canonical(one) == json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@given(st.text(), st.text())
def test_no_text_of_one_field_can_pass_for_another(one: str, other: str) -> None:
    first = replace(event(1), actor=one, details={"text": other})
    second = replace(event(1), actor=other, details={"text": one})
    assert (canonical(first) == canonical(second)) == (one == other)
