"""Trying routing rules against past cases before they are switched on: what they say, and what was done (F10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from fengqiao.domain.routing import Matter, Route, RouteBook, Target


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case as it went: what a rule would have looked at, and where it was sent (an unknown target: nowhere yet)."""

    id: UUID
    number: str
    title: str
    matter: Matter
    done: Target


@dataclass(frozen=True, slots=True)
class Tried:
    """One past case and what the rules say about it."""

    case: PastCase
    suggested: Target
    route: Route


@dataclass(frozen=True, slots=True)
class RouteCount:
    """How a rule did: on how many cases it was the first that fits, and how often it says what was done."""

    route: Route
    matched: int
    same: int
    earlier: tuple[str, ...]
    """The rules that take all its cases, when it is never reached."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out. `same` and `other` are about cases that were sent somewhere; `open` ones were not yet."""

    looked_at: int
    same: tuple[Tried, ...] = ()
    other: tuple[Tried, ...] = ()
    open: tuple[Tried, ...] = ()
    unmatched: tuple[PastCase, ...] = ()
    routes: tuple[RouteCount, ...] = ()

    @property
    def compared(self) -> int:
        """The denominator: cases that a rule speaks of and that were sent somewhere."""
        return len(self.same) + len(self.other)

    @property
    def never_reached(self) -> tuple[RouteCount, ...]:
        """The rules that can never match."""
        return tuple(count for count in self.routes if count.earlier)


@dataclass(slots=True)
class _Count:
    matched: int = 0
    same: int = 0


@dataclass(slots=True)
class _Heap:
    same: list[Tried] = field(default_factory=list)
    other: list[Tried] = field(default_factory=list)
    open: list[Tried] = field(default_factory=list)
    unmatched: list[PastCase] = field(default_factory=list)


def tried(book: RouteBook, cases: Iterable[PastCase]) -> Trial:
    """Run the rules over past cases."""
    heap, looked_at = _Heap(), 0
    counts: Mapping[str, _Count] = {route.code: _Count() for route in book.routes}
    for case in cases:
        looked_at += 1
        suggestion = book.suggestion(case.matter)
        if suggestion is None:
            heap.unmatched.append(case)
            continue
        one = Tried(case, suggestion.target, suggestion.route)
        agrees = case.done == suggestion.target
        (heap.same if agrees else heap.other if case.done.known else heap.open).append(one)
        counts[suggestion.route.code].matched += 1
        counts[suggestion.route.code].same += agrees
    return Trial(
        looked_at,
        tuple(heap.same),
        tuple(heap.other),
        tuple(heap.open),
        tuple(heap.unmatched),
        tuple(
            RouteCount(route, counts[route.code].matched, counts[route.code].same, book.shadowed.get(route.code, ()))
            for route in book.routes
        ),
    )
