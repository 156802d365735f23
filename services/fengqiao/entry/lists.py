"""The lists that a city brings: its centres and their units, read from files and checked whole."""

import csv
import os
import tomllib
from importlib.resources import files
from io import StringIO
from pathlib import Path

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.topology import Level, Topology, topology_from_rows
from fengqiao.domain.unit import WINDOW, Unit, UnitDirectory
from fengqiao.entry.settings import Settings, settings_file

MADE_CITY = "made_city.csv"
UNITS = "units.toml"


def load_topology(settings: Settings) -> Topology:
    """Read the list of centres that is named, else the first candidate that exists, else the made city of the package.

    Candidates of a settings file are looked for beside that file. Raises INVALID topology_broken with every fault,
    INVALID file_unreadable, or NOT_FOUND file_missing.
    """
    if settings.topology and not Path(settings.topology).is_file():
        raise Refusal(Kind.NOT_FOUND, "file_missing", {"path": settings.topology})
    found = settings_file(os.environ, Path.cwd())
    base = found.parent if found else Path.cwd()
    candidates = (settings.topology,) if settings.topology else settings.topology_files
    path = next((base / candidate for candidate in candidates if (base / candidate).is_file()), None)
    if path is None:
        return topology_from_text((files("fengqiao.entry") / "data" / MADE_CITY).read_text(encoding="utf-8"))
    try:
        return topology_from_text(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refusal(Kind.INVALID, "file_unreadable", {"path": str(path), "detail": str(error)}) from error


def topology_from_text(text: str) -> Topology:
    """Read a list of centres from the text of a CSV file; raises INVALID topology_broken."""
    return topology_from_rows(csv.DictReader(StringIO(text, newline=""), restval=""))


def load_units(path: str) -> UnitDirectory:
    """Read the units by level; an empty path names the list of the package. Raises INVALID file_unreadable."""
    source = Path(path) if path else files("fengqiao.entry") / "data" / UNITS
    try:
        tables = tomllib.loads(source.read_text(encoding="utf-8"))
        by_level = {
            level: tuple(Unit(row["code"], row["name"], row["name_en"]) for row in tables[level.value])
            for level in Level
        }
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise Refusal(Kind.INVALID, "file_unreadable", {"path": path or UNITS, "detail": str(error)}) from error
    for units in by_level.values():
        if not units or units[0].code != WINDOW:
            detail = f"the first unit of each level is '{WINDOW}'"
            raise Refusal(Kind.INVALID, "file_unreadable", {"path": path or UNITS, "detail": detail})
    return UnitDirectory(by_level)
