"""Made-up federations for tests: as many centres as asked for, with codes that fit together."""

from fengqiao.domain.topology import Centre, Level, Topology

CITY = "371400"


def made_topology(counties: int, townships: int) -> Topology:
    """A city with some counties, over which the townships are spread evenly."""
    county_codes = [f"3714{number:02d}" for number in range(1, counties + 1)]
    centres = [Centre(CITY, Level.CITY, "试点市", None)]
    centres += [Centre(code, Level.COUNTY, f"第{code}县", CITY) for code in county_codes]
    for number in range(townships):
        county = county_codes[number % counties]
        code = f"{county}{number // counties + 1:03d}"
        centres.append(Centre(code, Level.TOWNSHIP, f"第{code}镇", county))
    return Topology(centres)


def real_size_topology() -> Topology:
    """147 centres on three levels, as in the city that Fengqiao is made for."""
    return made_topology(counties=12, townships=134)
