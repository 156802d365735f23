from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.edge import (
    AHEAD_LIMIT,
    CRASH_LIMIT,
    RESEND_FIRST,
    RESEND_LONGEST,
    RETRY_FIRST,
    RETRY_LONGEST,
    Arrival,
    Sending,
    Verdict,
    acknowledged,
    after_crash,
    arrival,
    closed_up,
    resend_due,
    retry_at,
)
from tests.unit.samples import NOON

LATER = NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("received", "seq", "kind"),
    [
        (0, 1, Arrival.NEXT),
        (7, 8, Arrival.NEXT),
        (7, 7, Arrival.DUPLICATE),
        (7, 1, Arrival.DUPLICATE),
        (7, 0, Arrival.DUPLICATE),
        (7, -1, Arrival.DUPLICATE),
        (7, 9, Arrival.AHEAD),
        (7, 7 + AHEAD_LIMIT, Arrival.AHEAD),
        (7, 8 + AHEAD_LIMIT, Arrival.TOO_FAR),
        (7, 2**63 - 1, Arrival.TOO_FAR),
    ],
)
def test_an_arriving_number_is_next_known_ahead_or_too_far(received: int, seq: int, kind: Arrival) -> None:
    assert arrival(received, seq) is kind


@pytest.mark.parametrize(
    ("received", "held", "last"),
    [(0, [], 0), (3, [5, 6], 3), (3, [4], 4), (3, [6, 4, 5, 8], 6), (3, [1, 2, 3], 3), (3, [4, 4, 5], 5)],
)
def test_a_sequence_closes_up_to_the_first_gap(received: int, held: list[int], last: int) -> None:
    assert closed_up(received, held) == last


@given(st.permutations(range(1, 13)), st.lists(st.integers(1, 12), max_size=8))
def test_in_whatever_order_numbers_arrive_each_is_taken_once_and_none_is_left(
    order: list[int], doubles: list[int]
) -> None:
    received, held, taken = 0, set[int](), list[int]()
    for seq in (*order, *doubles):
        if arrival(received, seq) in {Arrival.NEXT, Arrival.AHEAD}:
            held.add(seq)
        last = closed_up(received, held)
        taken += range(received + 1, last + 1)
        held -= set(taken)
        received = last
    assert taken == list(range(1, 13))
    assert not held


def test_a_receipt_moves_forward_and_starts_the_wait_again() -> None:
    assert acknowledged(Sending(9, 4, NOON, 3), 6, LATER) == Sending(9, 6, LATER, 0)
    assert acknowledged(Sending(9, 4, NOON, 3), 9, LATER) == Sending(9, 9, LATER, 0)


@pytest.mark.parametrize("receipt", [4, 3, 0, -1, 10, 2**63 - 1])
def test_an_old_or_impossible_receipt_changes_nothing(receipt: int) -> None:
    assert acknowledged(Sending(9, 4, NOON, 3), receipt, LATER) == Sending(9, 4, NOON, 3)


def test_nothing_is_sent_again_when_all_is_acknowledged() -> None:
    assert resend_due(Sending(9, 9, NOON)) is None
    assert resend_due(Sending(0, 0, NOON)) is None


@pytest.mark.parametrize(("resends", "seconds"), [(0, 5), (1, 10), (2, 20), (3, 40), (4, 60), (50, 60), (10**6, 60)])
def test_resends_back_off_and_never_stop(resends: int, seconds: int) -> None:
    assert resend_due(Sending(9, 4, NOON, resends)) == NOON + timedelta(seconds=seconds)
    assert RESEND_FIRST <= timedelta(seconds=seconds) <= RESEND_LONGEST


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 1), (1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (10**6, 300)])
def test_a_held_message_is_tried_again_ever_more_rarely_and_never_given_up(attempts: int, seconds: int) -> None:
    assert retry_at(attempts, NOON) == NOON + timedelta(seconds=seconds)
    assert RETRY_FIRST <= timedelta(seconds=seconds) <= RETRY_LONGEST


def test_a_message_that_crashes_its_handler_is_tried_a_few_times_and_then_parked() -> None:
    verdicts = [after_crash(attempts) for attempts in range(1, CRASH_LIMIT + 2)]
    assert verdicts == [Verdict.LATER] * (CRASH_LIMIT - 1) + [Verdict.NEVER] * 2
