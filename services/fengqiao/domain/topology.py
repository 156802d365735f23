"""The tree of centres: one city, its counties, their townships (F07, DESIGN section 1).

Levels differ by data, never by code: whatever is particular to a centre is looked up in the topology.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from fengqiao.domain.errors import Kind, Refusal, Violation, not_found

NAME_LENGTH = 60
COLUMNS = ("code", "level", "name", "parent")


class Level(StrEnum):
    """The three levels at which a centre stands; villages are rooms of their township's node."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"


# The level that the parent of a centre must have.
PARENT_LEVEL: Mapping[Level, Level | None] = MappingProxyType(
    {Level.CITY: None, Level.COUNTY: Level.CITY, Level.TOWNSHIP: Level.COUNTY}
)


@dataclass(frozen=True, slots=True)
class Centre:
    """One centre: its administrative division code, level, name, and the code of its parent (None for the city)."""

    code: str
    level: Level
    name: str
    parent: str | None


class Topology:
    """All centres and who stands above whom. A value: made once, never changed."""

    def __init__(self, centres: Iterable[Centre]) -> None:
        self.centres: Mapping[str, Centre] = MappingProxyType({centre.code: centre for centre in centres})
        children: dict[str, list[str]] = {code: [] for code in self.centres}
        for centre in self.centres.values():
            if centre.parent is not None:
                children[centre.parent].append(centre.code)
        self._children = {code: tuple(codes) for code, codes in children.items()}

    def centre(self, code: str) -> Centre:
        """Give one centre; raises NOT_FOUND centre_unknown."""
        found = self.centres.get(code)
        if found is None:
            raise not_found("centre_unknown", centre=code)
        return found

    @property
    def city(self) -> Centre:
        """The one city centre."""
        return next(centre for centre in self.centres.values() if centre.level is Level.CITY)

    def parent(self, code: str) -> str | None:
        """Give the code of the centre above, None for the city."""
        return self.centre(code).parent

    def children(self, code: str) -> tuple[str, ...]:
        """Give the codes of the centres directly below, in the order of the list."""
        self.centre(code)
        return self._children[code]

    def neighbours(self, code: str) -> tuple[str, ...]:
        """Give parent and children: the centres that share an edge with this one."""
        parent = self.parent(code)
        return (*((parent,) if parent else ()), *self.children(code))

    def is_below(self, code: str, above: str) -> bool:
        """Tell whether a centre stands somewhere below another."""
        step = self.parent(code)
        while step is not None and step != above:
            step = self.parent(step)
        return step == above

    def next_hop(self, here: str, there: str) -> str:
        """Give the neighbour of `here` that lies on the way to `there`; `here` itself when it is the same."""
        if here == there:
            return here
        for child in self.children(here):
            if child == there or self.is_below(there, child):
                return child
        parent = self.parent(here)
        if parent is None:
            raise not_found("centre_unknown", centre=there)
        return parent

    def behind(self, here: str, via: str) -> tuple[str, ...]:
        """Give the centres that `here` can reach only through another one."""
        if not self.is_below(here, via):
            return tuple(code for code in self.centres if self.is_below(code, via))
        branch = next(code for code in self.children(via) if code == here or self.is_below(here, code))
        return tuple(code for code in self.centres if code not in (via, branch) and not self.is_below(code, branch))

    def edges(self) -> tuple[tuple[str, str], ...]:
        """Give all edges as (child, parent)."""
        return tuple((centre.code, centre.parent) for centre in self.centres.values() if centre.parent is not None)


def topology_from_rows(rows: Iterable[Mapping[str, str | None]]) -> Topology:
    """Check a list of centres and build the topology from it.

    `rows` are the lines of a table with the columns code, level, name, parent. Every fault is reported at once, each
    with its line (the header is line 1). Raises INVALID topology_broken; nothing is used of a broken list.
    """
    faults: list[Violation] = []
    centres: dict[str, Centre] = {}
    lines: dict[str, int] = {}
    refused: set[str] = set()
    for line, row in enumerate(rows, start=2):
        if missing := [column for column in COLUMNS if column not in row]:
            # It is the header that is wrong; every line would say the same.
            raise _broken([Violation("line 1", "topology_column_missing", {"column": column}) for column in missing])
        centre = _centre(row, line, faults)
        if centre is None:
            refused.add(row["code"] or "")
            continue
        if centre.code in centres:
            faults.append(Violation(f"line {line}", "topology_duplicate", {"code": centre.code}))
            continue
        centres[centre.code] = centre
        lines[centre.code] = line
    faults.extend(_tree_faults(centres, lines, refused))
    if faults:
        raise _broken(faults)
    return Topology(centres.values())


def _broken(faults: list[Violation]) -> Refusal:
    return Refusal(Kind.INVALID, "topology_broken", {"count": str(len(faults))}, tuple(faults))


def _centre(row: Mapping[str, str | None], line: int, faults: list[Violation]) -> Centre | None:
    where = f"line {line}"
    code, level, name, parent = ((row[column] or "") for column in COLUMNS)
    before = len(faults)
    if not (code.isascii() and code.isdigit() and 4 <= len(code) <= 12):
        faults.append(Violation(where, "topology_code_wrong", {"code": code}))
    if level not in Level.__members__.values():
        faults.append(Violation(where, "topology_level_unknown", {"value": level}))
    if not name.strip() or len(name) > NAME_LENGTH or any(c in ",，" or not c.isprintable() for c in name):
        faults.append(Violation(where, "topology_name_wrong", {"code": code}))
    if len(faults) > before:
        return None
    return Centre(code, Level(level), name, parent or None)


def _tree_faults(centres: Mapping[str, Centre], lines: Mapping[str, int], refused: AbstractSet[str]) -> list[Violation]:
    # What only follows from a line that was refused already is not reported again.
    if not centres:
        return [] if refused else [Violation("list", "topology_empty")]
    faults: list[Violation] = []
    cities = [centre.code for centre in centres.values() if centre.level is Level.CITY]
    if not cities and not refused:
        faults.append(Violation("list", "topology_no_city"))
    if len(cities) > 1:
        faults.append(Violation("list", "topology_two_cities", {"codes": ", ".join(cities)}))
    for centre in centres.values():
        wanted = PARENT_LEVEL[centre.level]
        where = f"line {lines[centre.code]}"
        above = centres.get(centre.parent or "")
        if (wanted is None) != (centre.parent is None) or (above is not None and above.level is not wanted):
            parent_level = f"word:level.{above.level}" if above else "word:nothing"
            params = {"code": centre.code, "level": f"word:level.{centre.level}", "parent_level": parent_level}
            faults.append(Violation(where, "topology_level_wrong", params))
        elif centre.parent is not None and above is None and centre.parent not in refused:
            faults.append(Violation(where, "topology_orphan", {"code": centre.code, "parent": centre.parent}))
    return faults
