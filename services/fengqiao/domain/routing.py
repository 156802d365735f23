"""Routing rules (F08, F10): an ordered list of which the first that fits says where a case should go, and why.

A rule only suggests: a person decides. It speaks of class or item, place, grade, channel and kind; what it leaves open
fits everything. Its target is a unit of the centre, or a hand-over up or to a centre below.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from math import prod
from operator import or_
from typing import Literal

from fengqiao.domain.case import Case, CaseKind, Channel
from fengqiao.domain.course import Grade
from fengqiao.domain.edition import SheetField, SheetRow

UP = "up"
"""The target of a rule that suggests to offer the case up."""

UNCLASSIFIED = ""
UNGRADED = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a rule looks at; `item` and `grade` are empty while nobody has chosen them."""

    item: str
    grade: str
    place: str
    origin: str
    channel: str
    kind: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a case goes: a unit of the centre, or a hand-over (`up`, or the code of a centre below)."""

    unit: str = ""
    to: str = ""

    @property
    def known(self) -> bool:
        """Whether it says anything."""
        return bool(self.unit or self.to)


@dataclass(frozen=True, slots=True)
class Route:
    """One rule. Empty criteria fit everything; `items` are codes of classes or items, `places` parts of the place."""

    code: str
    name: str
    order: int
    target: Target
    items: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    grades: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def fits(self, matter: Matter) -> bool:
        """Tell whether the rule speaks of such a case."""
        return (
            self.fits_item(matter.item)
            and (not self.grades or matter.grade in self.grades)
            and (not self.channels or matter.channel in self.channels)
            and (not self.kinds or matter.kind in self.kinds)
            and (not self.origins or matter.origin in self.origins)
            and (not self.places or any(place in matter.place for place in self.places))
        )

    def fits_item(self, item: str) -> bool:
        """Tell whether the rule speaks of an item: named itself, or by its class."""
        return not self.items or (bool(item) and any(item.startswith(code) for code in self.items))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the list says about a case, with the rule that says it."""

    target: Target
    route: Route


@dataclass(frozen=True)
class RouteBook:
    """The ordered list of a centre at one version. A value: made once, never changed."""

    version: str = ""
    routes: tuple[Route, ...] = ()

    def suggestion(self, matter: Matter) -> Suggestion | None:
        """Give what the first rule that fits says; None when no rule speaks of such a case."""
        route = next((route for route in self.routes if route.fits(matter)), None)
        return Suggestion(route.target, route) if route else None

    @cached_property
    def shadowed(self) -> Mapping[str, tuple[str, ...]]:
        """The rules that are never reached, each with the earlier ones that take all its cases."""
        return shadows(self.routes)


def matter_of(case: Case) -> Matter:
    """Give what a rule looks at of a case."""
    grade = case.course.grade.value if case.course.grade else UNGRADED
    return Matter(case.course.item, grade, case.place, case.origin, case.channel.value, case.kind.value)


def route_book(version: str, rows: Iterable[SheetRow]) -> RouteBook:
    """Build the list from the rows of an edition that was checked; ties of the order go by the code."""
    return RouteBook(version, tuple(sorted(map(route_of, rows), key=lambda route: (route.order, route.code))))


def route_of(row: SheetRow) -> Route:
    """Read a rule from its row; an order that is none comes last."""
    order = row.value(SheetField.ORDER)
    return Route(
        row.code,
        row.value(SheetField.NAME),
        int(order) if order.isascii() and order.isdigit() else 10**6,
        Target(row.value(SheetField.UNIT), row.value(SheetField.TO)),
        frozenset(row.value(SheetField.ITEMS).split()),
        frozenset(row.value(SheetField.ORIGINS).split()),
        tuple(row.value(SheetField.PLACES).split()),
        frozenset(row.value(SheetField.GRADES).split()),
        frozenset(row.value(SheetField.CHANNELS).split()),
        frozenset(row.value(SheetField.KINDS).split()),
    )


def shadows(routes: Sequence[Route]) -> Mapping[str, tuple[str, ...]]:
    """Tell which rules can never be the first that fits, and which earlier ones take their cases.

    Cases are told apart as finely as the rules do: every way to combine item, grade, origin, channel and kind is one
    bit of a rule's mask. Of several places of a rule one is looked at after the other.
    """
    masks = _masks(routes)
    found: dict[str, tuple[str, ...]] = {}
    for position, route in enumerate(routes):
        earlier = tuple(zip(routes[:position], masks[:position], strict=True))
        takers: dict[str, None] = {}
        # A rule that names what does not exist fits nothing by itself; its field is the fault, not an earlier rule.
        if masks[position] and all(_covered(masks[position], one, earlier, takers) for one in route.places or ("",)):
            found[route.code] = tuple(takers)
    return found


def _masks(routes: Sequence[Route]) -> tuple[int, ...]:
    # "-" stands for whatever no rule names; a class stands for those of its items that no rule names.
    fits: tuple[tuple[Sequence[str], Callable[[Route, str], bool]], ...] = (
        ((UNCLASSIFIED, "-", *_named(routes, "items")), Route.fits_item),
        ((UNGRADED, *(one.value for one in Grade)), lambda route, value: not route.grades or value in route.grades),
        (("-", *_named(routes, "origins")), lambda route, value: not route.origins or value in route.origins),
        (tuple(one.value for one in Channel), lambda route, value: not route.channels or value in route.channels),
        (tuple(one.value for one in CaseKind), lambda route, value: not route.kinds or value in route.kinds),
    )
    total = prod(len(values) for values, _ in fits)
    masks, inner = [(1 << total) - 1] * len(routes), total
    for values, fitting in fits:
        period, inner = inner, inner // len(values)
        repeated = ((1 << total) - 1) // ((1 << period) - 1)
        bits = [(((1 << inner) - 1) << (place * inner)) * repeated for place in range(len(values))]
        for position, route in enumerate(routes):
            taken = (bit for value, bit in zip(values, bits, strict=True) if fitting(route, value))
            masks[position] &= reduce(or_, taken, 0)
    return tuple(masks)


def _named(routes: Iterable[Route], criterion: Literal["items", "origins"]) -> list[str]:
    return sorted({value for route in routes for value in getattr(route, criterion)})


def _covered(mask: int, place: str, earlier: Iterable[tuple[Route, int]], takers: dict[str, None]) -> bool:
    """Tell whether earlier rules take everything of a rule at a place; notes those that do."""
    left = mask
    for route, taken in earlier:
        if not left:
            break
        if left & taken and (not route.places or any(one in place for one in route.places)):
            takers[route.code] = None
            left &= ~taken
    return not left
