"""What of the figures may be published: no count from which a single person could be made out (F33).

A township's two disputes of a month are two families; a city's two thousand are a figure. Small counts are hidden, and
never one alone, for the others and the whole would give it away. Cases themselves are never published.
"""

from collections.abc import Mapping

from fengqiao.domain.figures import Rate
from fengqiao.domain.league import LEAST
from fengqiao.domain.performance import Indicator

LEAST_COUNT = 10
"""Counts below are hidden, but for 0; a choice of ours, as statistical offices make it."""

PUBLISHED = (
    Indicator.ON_TIME,
    Indicator.WITHIN_15,
    Indicator.WITHIN_60,
    Indicator.SATISFIED,
    Indicator.CONTAINED,
)
"""What a citizen may ask of an office: does it keep its word, how fast, and was it any good."""


def hidden_counts(counts: Mapping[str, int]) -> frozenset[str]:
    """Say which of the counts that add up to a published whole must not be shown.

    Those that are small, and when that is only one, the smallest of the others as well.
    """
    small = {key for key, many in counts.items() if is_small(many)}
    if len(small) == 1:
        others = sorted((many, key) for key, many in counts.items() if key not in small and many)
        small |= {key for _, key in others[:1]}
    return frozenset(small)


def is_small(many: int) -> bool:
    """Say whether a count stands for so few that it is not shown."""
    return 0 < many < LEAST_COUNT


def is_published(rate: Rate) -> bool:
    """Say whether enough was counted for a rate to mean something and to name nobody."""
    return rate.denominator >= LEAST
