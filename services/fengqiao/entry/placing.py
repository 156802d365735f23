"""Where a message belongs: the county whose district it names, else the city's hotline (issue 3, point 9)."""

import re

from fengqiao.domain.topology import Topology

# The messages have letters for places: A is our city, A3区 its third district. Other letters are other cities.
_DISTRICT = re.compile(r"(?<![A-Za-z0-9])A(\d{1,2})[区县市]")


def district_of(title: str, text: str) -> int | None:
    """Give the number of the district that a message names first, the title before the text; None without any."""
    found = _DISTRICT.search(title) or _DISTRICT.search(text)
    return int(found.group(1)) if found else None


def place_of(title: str, text: str, topology: Topology, *, wrap: bool = False) -> str:
    """Give the code of the centre to which a message belongs: always the same for the same words and topology.

    Districts stand for the counties in the order of the topology, and a county is known by its name in the title too.
    With `wrap` a district beyond the last county begins again with the first, for a city of which only a part runs.
    """
    city = topology.city.code
    counties = topology.children(city)
    district = district_of(title, text)
    if district is not None and district >= 1 and counties and (wrap or district <= len(counties)):
        return counties[(district - 1) % len(counties)]
    named = (code for code in counties if topology.centre(code).name in title)
    return next(named, city)
