"""The rules on time that a city brings: its table of limits, and the calendar with the notices on holidays.

The package `chinese_calendar` has the notices up to a year; a file for each later one is laid over it
(`calendar_files`): `year = 2027`, and tables `[holidays]` and `[make_up_days]` of dates and names.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from chinese_calendar import constants

from fengqiao.domain.calendar import WorkingCalendar
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.limit_policy import LimitPolicies, LimitRules
from fengqiao.domain.limit_table import policies_from_table
from fengqiao.domain.topology import Level, Topology
from fengqiao.domain.unit import UnitDirectory
from fengqiao.entry.settings import Settings

LIMITS = "limits.toml"
NOTICE_YEARS = range(2004, 2200)


def load_limit_rules(settings: Settings, topology: Topology, units: UnitDirectory) -> LimitRules:
    """Read the limits and the calendar that the settings name, else those of the package.

    Raises INVALID limits_broken, calendar_broken or file_unreadable.
    """
    return LimitRules(
        load_limits(settings.limits_file, topology, units),
        load_calendar(Path(path) for path in settings.calendar_files),
    )


def load_limits(path: str, topology: Topology, units: UnitDirectory) -> LimitPolicies:
    """Read the table of limits; an empty path names that of the package. Raises INVALID."""
    source = Path(path) if path else files("fengqiao.entry") / "data" / LIMITS
    try:
        table = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal(Kind.INVALID, "file_unreadable", {"path": path or LIMITS, "detail": str(error)}) from error
    counties = {centre.code for centre in topology.centres.values() if centre.level is Level.COUNTY}
    return policies_from_table(table, counties, {unit.code for level in units.by_level.values() for unit in level})


def load_calendar(overlays: Iterable[Path] = ()) -> WorkingCalendar:
    """Give the calendar of the package with notices laid over it. Raises INVALID calendar_broken, file_unreadable."""
    # A name such as "Spring Festival" stands there as the key of a Holiday, which knows its Chinese name.
    chinese = {one.value: one.chinese for one in constants.Holiday}
    holidays = {day: chinese.get(name, name) for day, name in constants.holidays.items()}
    make_up_days = {day: chinese.get(name, name) for day, name in constants.workdays.items()}
    horizon = date(max(day.year for day in holidays), 12, 31)
    for path in overlays:
        year, off, worked = _notice(path)
        holidays = {day: name for day, name in holidays.items() if day.year != year} | off
        make_up_days = {day: name for day, name in make_up_days.items() if day.year != year} | worked
        horizon = max(horizon, date(year, 12, 31))
    return WorkingCalendar(holidays, make_up_days, horizon)


def _notice(path: Path) -> tuple[int, dict[date, str], dict[date, str]]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal(Kind.INVALID, "file_unreadable", {"path": str(path), "detail": str(error)}) from error
    try:
        return _checked_notice(table)
    except (ValueError, TypeError) as error:
        raise Refusal(Kind.INVALID, "calendar_broken", {"path": str(path), "detail": str(error)}) from error


def _checked_notice(table: Mapping[str, Any]) -> tuple[int, dict[date, str], dict[date, str]]:
    if unknown := table.keys() - {"year", "source", "holidays", "make_up_days"}:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    year = table.get("year")
    if not isinstance(year, int) or year not in NOTICE_YEARS:
        raise ValueError(f"year = {year!r}")
    off, worked = _days(table.get("holidays"), year), _days(table.get("make_up_days", {}), year)
    if not off:
        raise ValueError("[holidays] is empty")
    if both := off.keys() & worked.keys():
        raise ValueError(f"both a holiday and worked: {', '.join(map(str, sorted(both)))}")
    if idle := [day for day in worked if day.weekday() < 5]:
        raise ValueError(f"a make-up day lies on a weekend: {', '.join(map(str, idle))}")
    return year, off, worked


def _days(table: object, year: int) -> dict[date, str]:
    if not isinstance(table, Mapping):
        raise TypeError("[holidays] and [make_up_days] are tables of dates and names")
    days: dict[date, str] = {}
    for text, name in table.items():
        day = date.fromisoformat(text)
        if day.year != year:
            raise ValueError(f"{text} is not in {year}")
        if not isinstance(name, str) or not name.strip():
            raise TypeError(f"{text} has no name")
        days[day] = name
    return days
