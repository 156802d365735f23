"""Issuing a directive to a centre below, about one case, many, or none (F39)."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from starlette.responses import Response

from fengqiao.domain.command import IssueDirective
from fengqiao.domain.errors import Refusal, Violation, forbidden, invalid
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.handlers import directive as directives
from fengqiao.insight.cases import find_case
from fengqiao.web.desk.forms import CityTime, Form, FormView, read_form, refused_form, typed
from fengqiao.web.desk.listing import Options, unit_options
from fengqiao.web.desk.visit import Visit

USUAL_DAYS = 3
"""The date due that the form proposes; whoever issues changes it."""


class IssueForm(Form):
    """What the form sends; lengths and the date are checked by the rules."""

    directive_id: UUID
    recipient: str = ""
    unit: str = ""
    title: str = ""
    text: str = ""
    due_at: CityTime
    cases: str = ""
    urgent: bool = False


async def issue_page(visit: Visit) -> Response:
    """Show the form; `case` in the address names a case that it is about."""
    if not visit.children:
        raise forbidden("directive_not_child", recipient=visit.centre.name)
    proposed = (visit.now + timedelta(days=USUAL_DAYS)).astimezone(CITY_ZONE).replace(hour=17, minute=30)
    started = {
        "directive_id": str(visit.context.new_id()),
        "due_at": f"{proposed:%Y-%m-%dT%H:%M}",
        "cases": visit.query("case"),
    }
    return _page(visit, FormView(visit.t, started))


async def issue(visit: Visit) -> Response:
    """Issue the directive and show it."""
    values = typed(visit.form) if visit.form else {}
    try:
        form = read_form(IssueForm, values)
        command = await _command(visit, form)
        file = await directives.issue(visit.context, command, visit.actor)
    except Refusal as refusal:
        if not refusal.violations:
            raise
        return _page(visit, refused_form(visit.t, values, refusal, visit.language), 422)
    return visit.go(visit.url("directives", file.directive.number), "issued")


async def _command(visit: Visit, form: IssueForm) -> IssueDirective:
    if form.recipient not in visit.children:
        raise invalid(Violation("recipient", "choice_empty"))
    found: list[UUID] = []
    for key in form.cases.replace(",", " ").replace("，", " ").split():
        try:
            found.append(await find_case(visit.context.database, key))
        except Refusal as refusal:
            raise invalid(Violation("cases", refusal.code, refusal.params)) from refusal
    return IssueDirective(
        directive_id=form.directive_id,
        recipient=form.recipient,
        unit=form.unit,
        title=form.title,
        text=form.text,
        due_at=form.due_at,
        cases=tuple(dict.fromkeys(found)),
        urgent=form.urgent,
    )


def _page(visit: Visit, form: FormView, status: int = 200) -> Response:
    # All centres below stand at one level and therefore have the same units.
    options: Mapping[str, Options] = {
        "recipient": tuple((code, visit.name_of(code)) for code in visit.children),
        "unit": unit_options(visit, visit.children[0]) if visit.children else (),
    }
    return visit.page("issue.html", status, form=form, options=options)
