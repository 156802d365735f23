"""Handling units of a centre (F05, F06): departments at city and counties, resident and rotating ones in townships.

The lists are data and come from outside (a city replaces them); this module only knows how to look a unit up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.topology import Centre, Level

WINDOW = "window"
"""The code of the reception window, which every centre has: it answers for a case until a unit is assigned."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One handling unit: its code within the level, and its names in Chinese and English."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class UnitDirectory:
    """Which units stand at which level."""

    by_level: Mapping[Level, tuple[Unit, ...]]

    def units(self, centre: Centre) -> tuple[Unit, ...]:
        """Give the units of a centre, the reception window first."""
        return self.by_level[centre.level]

    def unit(self, centre: Centre, code: str) -> Unit:
        """Give one unit of a centre; raises INVALID with the field `unit`."""
        for unit in self.units(centre):
            if unit.code == code:
                return unit
        raise invalid(Violation("unit", "unit_unknown", {"centre": centre.name, "unit": code}))
