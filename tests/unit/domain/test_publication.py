"""What may be published: no small count, and none that the others give away."""

from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.figures import Rate
from fengqiao.domain.publication import LEAST_COUNT, hidden_counts, is_published, is_small

COUNTS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 40), max_size=14)


def test_small_counts_are_hidden_but_nothing_is_said_of_nobody() -> None:
    assert hidden_counts({"a": 3, "b": 0, "c": 9, "d": 10}) == {"a", "c"}
    assert [many for many in range(12) if is_small(many)] == list(range(1, LEAST_COUNT))


def test_a_single_small_count_takes_the_next_smallest_with_it() -> None:
    assert hidden_counts({"a": 3, "b": 0, "c": 12, "d": 500}) == {"a", "c"}
    assert hidden_counts({"a": 3}) == {"a"}


@given(COUNTS)
def test_the_whole_never_gives_a_hidden_count_away(counts: dict[str, int]) -> None:
    hidden = hidden_counts(counts)
    assert {key for key, many in counts.items() if is_small(many)} <= hidden
    others = [key for key, many in counts.items() if many]
    # One unknown in a sum is known; with two there is always another way to make the sum.
    assert len(hidden) != 1 or len(others) == 1


def test_a_rate_is_published_from_thirty_on() -> None:
    assert not is_published(Rate("on_time", 29, 29))
    assert is_published(Rate("on_time", 0, 30))
