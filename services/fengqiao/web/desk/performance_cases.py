"""From a figure to its cases (F31): those that a rate counts, or those that are missing from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from fengqiao.domain.case import CaseState
from fengqiao.domain.errors import not_found
from fengqiao.domain.performance import Indicator
from fengqiao.insight import performance as insight
from fengqiao.insight.wallboard import centres_below
from fengqiao.store.performance import FactLine
from fengqiao.web.desk.course_facts import item_name
from fengqiao.web.desk.listing import Pager
from fengqiao.web.desk.marks import CASE_SHAPES, Mark
from fengqiao.web.desk.performance import frame, href, one_of, read_wanted, wanted_indicator
from fengqiao.web.desk.times import Due, Moment, due, moment
from fengqiao.web.desk.visit import Visit

SIDES = ("counted", "missing")


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as its origin has told of it: no title and no words, they stay where it is."""

    number: str
    href: str
    origin: str
    holder: str
    matter: str
    state: Mark
    due: Due | None
    registered: Moment
    closed: Moment | None


async def cases_page(visit: Visit) -> Response:
    """Show the cases behind a rate, of one centre with those below it or of all."""
    wanted, indicator = read_wanted(visit), wanted_indicator(visit)
    side = one_of("side", visit.query("side") or SIDES[0], SIDES)
    centre = visit.query("centre")
    if centre and centre not in wanted.asked.centres:
        raise not_found("centre_unknown", centre=centre)
    asked = replace(wanted.asked, centres=centres_below(visit.context.topology, centre)) if centre else wanted.asked
    database, token = visit.context.database, visit.query("token")
    found = await insight.cases_behind(database, asked, indicator, token, missing=side == "missing")
    chosen = {"of": indicator.value, "side": side} | ({"centre": centre} if centre else {})
    return visit.page(
        "performance_cases.html",
        **await frame(visit, wanted, "cases", **chosen),
        choices=_choices(visit),
        heading=visit.t(f"performance.side_{side}", indicator=visit.word(f"indicator.{indicator}")),
        made_of=visit.word(f"indicator_of.{indicator}"),
        of=indicator.value,
        centre=visit.name_of(centre) if centre else "",
        rows=[_row(line, visit) for line in found.lines],
        pager=Pager(
            href(visit, "cases", wanted.kept, **chosen) if token else "",
            href(visit, "cases", wanted.kept, **chosen, token=found.next_token) if found.next_token else "",
        ),
    )


def _choices(visit: Visit) -> dict[str, Sequence[tuple[str, str]]]:
    return {
        "of": [(one.value, visit.word(f"indicator.{one}")) for one in Indicator],
        "side": [(one, visit.t(f"performance.{one}")) for one in SIDES],
    }


def _row(line: FactLine, visit: Visit) -> CaseRow:
    shape, tone = CASE_SHAPES[CaseState(line.state)]
    closed = line.resolved_at
    return CaseRow(
        number=line.number,
        href=visit.url("find", line.number),
        origin=visit.name_of(line.centre),
        holder=visit.name_of(line.holder),
        matter=item_name(line.item, visit) if line.item else visit.t("performance.unclassified"),
        state=Mark(visit.word(f"state.{line.state}"), shape, tone),
        due=due(line.due_at, visit.now, visit.language) if line.due_at is not None and closed is None else None,
        registered=moment(line.registered_at, visit.now, visit.language),
        closed=moment(closed, visit.now, visit.language) if closed is not None else None,
    )
