"""What may be published: no small count, and none that rows or pages beside it give away."""

import pytest

from fengqiao.domain.figures import Rate
from fengqiao.domain.publication import ROUNDED_TO, is_published, published_count


@pytest.mark.parametrize(
    ("many", "shown"), [(0, 0), (1, None), (9, None), (10, 10), (14, 10), (15, 10), (872, 870), (879, 870)]
)
def test_a_count_is_rounded_and_a_small_one_only_called_small(many: int, shown: int | None) -> None:
    assert published_count(many) == shown


def test_no_difference_of_published_counts_says_what_a_small_one_is() -> None:
    """Whoever knows the whole and all else as published still has every small count before him."""
    small = range(1, ROUNDED_TO)
    for rest in range(10, 160):
        for hidden in small:
            shown = published_count(rest), published_count(rest + hidden)
            possible = {
                other
                for other in small
                for beside in range(max(10, rest - ROUNDED_TO), rest + ROUNDED_TO)
                if (published_count(beside), published_count(beside + other)) == shown
            }
            assert possible == set(small), (rest, hidden)


def test_a_rate_is_published_from_thirty_on() -> None:
    assert not is_published(Rate("on_time", 29, 29))
    assert is_published(Rate("on_time", 0, 30))
