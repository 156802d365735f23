"""Numbers that people can read: `371403001-20261123-00012` for a case, with a leading D for a directive."""

from datetime import datetime, timedelta, timezone

CITY_ZONE = timezone(timedelta(hours=8), "CST")
"""China Standard Time; it has no summer time, so a fixed offset is exact."""


def case_number(centre: str, at: datetime, serial: int) -> str:
    """Give the number of the case that is the `serial`th of its day at a centre; the day is that of the city's zone."""
    return f"{centre}-{at.astimezone(CITY_ZONE):%Y%m%d}-{serial:05d}"


def directive_number(centre: str, at: datetime, serial: int) -> str:
    """Give the number of a directive that a centre issues."""
    return f"D{case_number(centre, at, serial)}"
