"""The navigation: the five modules of the platform, each with its pages (F28 to F32); a new page is a line here."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One page of a module: its name in the texts (`page.…`), the first part of its path, and its address behind that.

    `view` tells pages apart that share a path, by the view or by what follows the path; empty: all others of it.
    """

    name: str
    path: str
    rest: str = ""
    view: str = ""
    above: bool = False
    """Only for centres that have others below them."""


MODULES: Mapping[str, tuple[Place, ...]] = {
    "gather": (
        Place("intake", "cases", "?view=intake", "intake"),
        Place("register", "cases", "/new", "new"),
        Place("catalogue", "catalogue"),
        Place("routing", "routing"),
    ),
    "loop": (Place("work", "work"), Place("cases", "cases", "?view=holder")),
    "oversee": (
        Place("supervision", "supervision"),
        Place("points", "supervision", "/points", "points"),
        Place("directives", "directives"),
    ),
    "analyse": (
        Place("wallboard", "wallboard", above=True),
        Place("performance", "performance", above=True),
        Place("federation", "federation"),
    ),
    "ask": (
        Place("search", "cases", "?view=all", "all"),
        Place("find", "find"),
        Place("resolved", "cases", "?view=resolved", "resolved"),
        Place("dead-letters", "dead-letters"),
        Place("keys", "keys"),
    ),
}
PAGES = tuple(place.name for places in MODULES.values() for place in places)


def place_of(path: str, view: str) -> Place | None:
    """Find the page that an address belongs to; `view` is that of a list, or the part after the path."""
    found = [place for places in MODULES.values() for place in places if place.path == path]
    return next((place for place in found if place.view == view), next((p for p in found if not p.view), None))


def module_of(place: Place | None) -> str:
    """Give the module of a page; empty for a page that is in none."""
    return next((name for name, places in MODULES.items() if place in places), "")
