"""The first page of a server that hosts several centres: choose one; in a demonstration also the accounts."""

from dataclasses import dataclass

from starlette.responses import Response

from fengqiao.domain.topology import Centre, Level
from fengqiao.web.desk.visit import OUTSIDE_ROLES, Visit


@dataclass(frozen=True, slots=True)
class CentreLink:
    """A centre to choose."""

    code: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """A city or a county, with the centres below that are hosted here; no address when it is not hosted itself."""

    code: str
    name: str
    level: str
    href: str
    members: tuple[CentreLink, ...]


async def front_page(visit: Visit) -> Response:
    """Show all hosted centres by county; `q` narrows by name or code."""
    words = visit.query("q").strip()
    hosted = [node.context.centre for node in visit.shop.desk.ordered]
    return visit.page(
        "front.html",
        groups=groups(hosted, words, visit),
        words=words,
        total=len(hosted),
        accounts=[one for one in visit.shop.desk.settings.demo_accounts if one.role not in OUTSIDE_ROLES],
    )


def groups(hosted: list[Centre], words: str, visit: Visit) -> tuple[Group, ...]:
    """Group the centres that match: a match of the county shows all that is below it."""
    if not hosted:
        return ()
    topology = visit.shop.desk.ordered[0].context.topology
    codes = {centre.code for centre in hosted}
    found = []
    for head in topology.centres.values():
        if head.level is Level.TOWNSHIP:
            continue
        matched = _matches(head, words)
        below = [topology.centre(code) for code in topology.children(head.code) if code in codes]
        members = tuple(
            CentreLink(one.code, one.name, f"/{one.code}/work")
            for one in below
            if one.level is Level.TOWNSHIP and (matched or _matches(one, words))
        )
        if members or (matched and head.code in codes):
            href = f"/{head.code}/work" if head.code in codes else ""
            found.append(Group(head.code, head.name, visit.word(f"level.{head.level}"), href, members))
    return tuple(found)


def _matches(centre: Centre, words: str) -> bool:
    return words in centre.name or centre.code.startswith(words)
