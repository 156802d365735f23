"""What lists have in common: addresses that keep the filters, chips that take one away, the way to the next page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from fengqiao.web.desk.visit import Visit

PAGE_SIZE = 50
Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ViewLink:
    """One view of a list beside it, with its count when that is known."""

    name: str
    href: str
    current: bool
    count: str | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is set, and the address without it."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the first and the next page are; empty when there is none."""

    first_href: str
    next_href: str


@dataclass(frozen=True, slots=True)
class SortLink:
    """The head of a column: `sort` is what aria-sort says, `href` turns the order around."""

    href: str = ""
    sort: str = ""


def listed(visit: Visit, path: str, query: Mapping[str, str], **changes: str) -> str:
    """Give the address of a list with some parameters changed; empty ones are left out, and so is the page."""
    wanted = {**query, "token": "", **changes}
    words = urlencode({name: value for name, value in wanted.items() if value})
    return f"{visit.url(path)}?{words}" if words else visit.url(path)


def pager(visit: Visit, path: str, query: Mapping[str, str], next_token: str) -> Pager:
    """Give the way through the pages."""
    first = listed(visit, path, query) if query.get("token") else ""
    return Pager(first, listed(visit, path, query, token=next_token) if next_token else "")


def worded(visit: Visit, prefix: str, values: Iterable[StrEnum]) -> Options:
    """Give the options of an enumeration with its words."""
    return tuple((value.value, visit.word(f"{prefix}.{value.value}")) for value in values)


def unit_options(visit: Visit, centre: str) -> Options:
    """Give the units of a centre as options."""
    units = visit.units.units(visit.context.topology.centre(centre))
    return tuple((unit.code, visit.unit_name(centre, unit.code)) for unit in units)
