"""What is wrong with the routing rules of a centre: every fault by its rule and field (F10)."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from fengqiao.domain.case import CaseKind, Channel
from fengqiao.domain.catalogue import Catalogue
from fengqiao.domain.course import Grade
from fengqiao.domain.edition import SheetField, SheetRow
from fengqiao.domain.edition_faults import CODE_FIELD, duplicate_faults, row_faults, size_faults, where
from fengqiao.domain.errors import Violation
from fengqiao.domain.routing import UP, Route, route_book, route_of
from fengqiao.domain.topology import Centre, Topology
from fengqiao.domain.unit import UnitDirectory

ROUTES_LIMIT = 200
ORDER_LIMIT = 9999
CHOICES: tuple[tuple[SheetField, type[StrEnum], str], ...] = (
    (SheetField.GRADES, Grade, "grade"),
    (SheetField.CHANNELS, Channel, "channel"),
    (SheetField.KINDS, CaseKind, "kind"),
)


def routing_faults(
    rows: Sequence[SheetRow], catalogue: Catalogue, centre: Centre, topology: Topology, units: UnitDirectory
) -> tuple[Violation, ...]:
    """Tell everything that is wrong with the rules of a centre, also those that can never match."""
    found = [
        fault for row in rows for fault in (*row_faults(row), *route_faults(row, catalogue, centre, topology, units))
    ]
    found += duplicate_faults(rows)
    found += size_faults(rows)
    if len(rows) > ROUTES_LIMIT:
        found.append(Violation("route", "too_many", {"length": str(len(rows)), "limit": str(ROUTES_LIMIT)}))
        return tuple(found)
    by_code = {row.code: row for row in rows}
    for code, earlier in route_book("", rows).shadowed.items():
        params = {"code": code, "earlier": ", ".join(earlier)}
        found.append(Violation(where(by_code[code], SheetField.ORDER), "route_never", params))
    return tuple(found)


def route_faults(
    row: SheetRow, catalogue: Catalogue, centre: Centre, topology: Topology, units: UnitDirectory
) -> Iterable[Violation]:
    """Tell what is wrong with one rule: its order, its target, and what it speaks of."""
    route, order = route_of(row), row.value(SheetField.ORDER)
    if order and not (order.isascii() and order.isdigit() and 1 <= int(order) <= ORDER_LIMIT):
        yield Violation(where(row, SheetField.ORDER), "route_order_wrong", {"value": order})
    yield from _target_faults(row, route, centre, topology, units)
    yield from _item_faults(row, route, catalogue)
    for origin in sorted(route.origins):
        if origin not in topology.centres or not (origin == centre.code or topology.is_below(origin, centre.code)):
            yield Violation(where(row, SheetField.ORIGINS), "route_origin_unknown", {"origin": origin})
    for field, values, words in CHOICES:
        for value in row.value(field).split():
            if value not in values.__members__.values():
                allowed = "word:" + " ".join(f"{words}.{one.value}" for one in values)
                yield Violation(where(row, field), "enum_unknown", {"value": value, "allowed": allowed})


def _target_faults(
    row: SheetRow, route: Route, centre: Centre, topology: Topology, units: UnitDirectory
) -> Iterable[Violation]:
    unit, to = route.target.unit, route.target.to
    if bool(unit) == bool(to):
        yield Violation(where(row, SheetField.UNIT), "route_target")
    if unit and unit not in {one.code for one in units.units(centre)}:
        yield Violation(where(row, SheetField.UNIT), "unit_unknown", {"centre": centre.name, "unit": unit})
    possible = {*topology.children(centre.code), *((UP,) if centre.parent else ())}
    if to and to not in possible:
        yield Violation(where(row, SheetField.TO), "route_to_unknown", {"to": to})


def _item_faults(row: SheetRow, route: Route, catalogue: Catalogue) -> Iterable[Violation]:
    classes = {matter.code for matter in catalogue.classes}
    for code in sorted(route.items):
        item = catalogue.known_item(code)
        params = {"code": row.code, "item": code}
        if code not in classes and item is None:
            yield Violation(where(row, SheetField.ITEMS), "route_item_unknown", params)
        elif item is not None and item.retired:
            yield Violation(where(row, SheetField.ITEMS), "route_item_retired", params)


__all__ = ("CODE_FIELD", "ROUTES_LIMIT", "route_faults", "routing_faults")
