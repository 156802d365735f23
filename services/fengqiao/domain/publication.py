"""What of the figures may be published: no count from which a single person could be made out (F33).

A township's two disputes of a month are two families; a city's two thousand are a figure. Every published count is
rounded down to tens and a small one is only called small, so that neither a row nor the difference of rows or pages
says how many of the small there were. Cases themselves are never published.
"""

from fengqiao.domain.figures import Rate
from fengqiao.domain.league import LEAST
from fengqiao.domain.performance import Indicator

ROUNDED_TO = 10
"""Counts below are only called small, but for 0; a choice of ours, as statistical offices make it."""

PUBLISHED = (
    Indicator.ON_TIME,
    Indicator.WITHIN_15,
    Indicator.WITHIN_60,
    Indicator.SATISFIED,
    Indicator.CONTAINED,
)
"""What a citizen may ask of an office: does it keep its word, how fast, and was it any good."""


def published_count(many: int) -> int | None:
    """Give a count as it may be published: rounded down to tens, None where it is small.

    Down, so that every shown number stands for ten, the first as well: with five the small beside it could be told.
    """
    if 0 < many < ROUNDED_TO:
        return None
    return many // ROUNDED_TO * ROUNDED_TO


def is_published(rate: Rate) -> bool:
    """Say whether enough was counted for a rate to mean something and to name nobody."""
    return rate.denominator >= LEAST
