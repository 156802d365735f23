"""The list of directives: issued by this centre, received by it, or both; what is due first catches the eye (F39)."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator
from starlette.responses import Response

from fengqiao.domain.directive import Directive, DirectiveState
from fengqiao.domain.errors import Refusal
from fengqiao.insight.directives import SIDES, DirectiveFilter, DirectiveList, list_directives
from fengqiao.web.desk.forms import Form, FormView, empty_is_none, read_form, refused_form
from fengqiao.web.desk.listing import PAGE_SIZE, ViewLink, listed, pager, worded
from fengqiao.web.desk.marks import Mark, directive_mark
from fengqiao.web.desk.times import Due, Moment, due, moment
from fengqiao.web.desk.visit import Visit

FINISHED = frozenset({DirectiveState.DONE, DirectiveState.APPROVED})
"""What the recipient has done with: it is neither due soon nor overdue any more."""


class DirectiveQuery(Form):
    """The filters as the address has them."""

    state: Annotated[DirectiveState | None, BeforeValidator(empty_is_none)] = None


@dataclass(frozen=True, slots=True)
class DirectiveRow:
    """One row of the list."""

    number: str
    href: str
    title: str
    urgent: bool
    issuer: str
    recipient: str
    unit: str
    due: Due
    state: Mark
    updated: Moment


async def directive_list(visit: Visit) -> Response:
    """Show the list."""
    query = {name: visit.query(name) for name in ("side", "state", "token")}
    side = query["side"] if query["side"] in sides(visit) else sides(visit)[0]
    filters = FormView(visit.t, {**query, "side": side})
    found = DirectiveList((), "")
    try:
        form = read_form(DirectiveQuery, query)
        wanted = DirectiveFilter(visit.centre.code, side, frozenset({form.state}) if form.state else frozenset())
        found = await list_directives(visit.context.database, wanted, PAGE_SIZE, query["token"])
    except Refusal as refusal:
        filters = refused_form(visit.t, filters.values, refusal, visit.language)
    return visit.page(
        "directives.html",
        422 if filters.errors else 200,
        rows=[directive_row(file.directive, visit) for file in found.rows],
        views=[
            ViewLink(visit.t(f"side.{one}"), listed(visit, "directives", {"side": one}), one == side)
            for one in sides(visit)
        ],
        view_name=visit.t(f"side.{side}"),
        filters=filters,
        filtered=bool(query["state"]),
        options={"state": worded(visit, "directive_state", DirectiveState)},
        pager=pager(visit, "directives", query, found.next_token),
        events_url=visit.url("events"),
    )


def sides(visit: Visit) -> tuple[str, ...]:
    """Give the sides that this centre can be on: the city receives none, a township issues none."""
    if visit.centre.parent is None:
        return ("issued",)
    return SIDES if visit.children else ("received",)


def directive_row(directive: Directive, visit: Visit) -> DirectiveRow:
    """Make a row."""
    return DirectiveRow(
        number=directive.number,
        href=visit.url("directives", directive.number),
        title=directive.title,
        urgent=directive.urgent,
        issuer=visit.name_of(directive.issuer),
        recipient=visit.name_of(directive.recipient),
        unit=visit.unit_name(directive.recipient, directive.unit) if directive.unit else "",
        due=due_of(directive, visit),
        state=directive_mark(directive, visit),
        updated=moment(directive.updated_at, visit.now, visit.language),
    )


def due_of(directive: Directive, visit: Visit) -> Due:
    """Say until when, and how much is left while it is not done."""
    return due(directive.due_at, visit.now, visit.language, finished=directive.state in FINISHED)
