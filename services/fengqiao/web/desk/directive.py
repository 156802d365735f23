"""The page of a directive and what can be done with it: receive, report, approve, send back (F39)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.responses import Response

from fengqiao.domain.command import (
    ApproveDirective,
    DirectiveCommand,
    ReceiveDirective,
    ReportDirective,
    SendBackDirective,
)
from fengqiao.domain.directive import Directive, DirectiveCommandName, allowed_directive_commands
from fengqiao.domain.errors import Kind, Refusal, not_found
from fengqiao.handlers import directive as directives
from fengqiao.insight.directives import directive_view, find_directive
from fengqiao.store.queries import case_numbers
from fengqiao.web.desk.actions import Action, Fact, Field
from fengqiao.web.desk.directive_list import due_of
from fengqiao.web.desk.forms import Form, FormView, Version, read_form, refused_form, typed
from fengqiao.web.desk.marks import Mark, directive_mark
from fengqiao.web.desk.timeline import changes_since, entries
from fengqiao.web.desk.times import Due, moment
from fengqiao.web.desk.visit import Visit

KEYS: Mapping[DirectiveCommandName, str] = {
    DirectiveCommandName.RECEIVE: "a",
    DirectiveCommandName.REPORT: "r",
    DirectiveCommandName.APPROVE: "a",
    DirectiveCommandName.SEND_BACK: "x",
}
FIELDS: Mapping[DirectiveCommandName, tuple[Field, ...]] = {
    DirectiveCommandName.RECEIVE: (),
    DirectiveCommandName.REPORT: (Field("report"),),
    DirectiveCommandName.APPROVE: (),
    DirectiveCommandName.SEND_BACK: (Field("reason"),),
}


class TurnForm(Form):
    """What the form of any turn may send."""

    seen_version: Version = None
    report: str = ""
    reason: str = ""


BUILDERS: Mapping[DirectiveCommandName, Callable[[UUID, TurnForm], DirectiveCommand]] = {
    DirectiveCommandName.RECEIVE: lambda identity, form: ReceiveDirective(identity, form.seen_version),
    DirectiveCommandName.REPORT: lambda identity, form: ReportDirective(identity, form.report, form.seen_version),
    DirectiveCommandName.APPROVE: lambda identity, form: ApproveDirective(identity, form.seen_version),
    DirectiveCommandName.SEND_BACK: lambda identity, form: SendBackDirective(identity, form.reason, form.seen_version),
}


@dataclass(frozen=True, slots=True)
class DirectiveHead:
    """The top of the page."""

    number: str
    title: str
    text: str
    report: str
    urgent: bool
    state: Mark
    due: Due


@dataclass(frozen=True, slots=True)
class CaseLink:
    """A case that the directive is about; without an address when this centre does not know it."""

    name: str
    href: str


async def directive_page(visit: Visit) -> Response:
    """Show a directive by its id or number."""
    return await _show(visit, await _wanted(visit), visit.query("act"), None)


async def turn(visit: Visit) -> Response:
    """Take this side's turn; a refused one is shown with the reason and everything typed."""
    name = visit.request.path_params["action"].replace("-", "_")
    if name not in {known.value for known in BUILDERS}:
        raise not_found("page_unknown")
    command = DirectiveCommandName(name)
    identity = await _wanted(visit)
    values = typed(visit.form) if visit.form else {}
    try:
        form = read_form(TurnForm, values)
        file = await directives.carry_out(visit.context, BUILDERS[command](identity, form), visit.actor)
    except Refusal as refusal:
        if refusal.kind not in (Kind.INVALID, Kind.STATE, Kind.STALE, Kind.FORBIDDEN):
            raise
        refused = refused_form(visit.t, values, refusal, visit.language)
        return await _show(visit, identity, command.value, refused, 422 if refusal.kind is Kind.INVALID else 409)
    return visit.go(visit.url("directives", file.directive.number), "done")


async def _wanted(visit: Visit) -> UUID:
    return await find_directive(visit.context.database, visit.request.path_params["directive"])


async def _show(visit: Visit, identity: UUID, opened: str, form: FormView | None, status: int = 200) -> Response:
    view = await directive_view(visit.context.database, identity)
    numbers = await case_numbers(visit.context.database, view.file.directive.cases)
    directive = view.file.directive
    seen = int(form.value("seen_events") or 0) if form is not None else 0
    if form is not None and seen:
        form = FormView(visit.t, form.values, form.errors, form.sentence, changes_since(view.events, seen, visit))
    return visit.page(
        "directive.html",
        status,
        directive=_head(directive, visit),
        timeline=entries(view.events, visit, seen),
        facts=_facts(directive, visit),
        cases=[
            CaseLink(numbers.get(case, str(case)), _case_href(visit, numbers.get(case))) for case in directive.cases
        ],
        actions=_actions(directive, view.file.journal_length, visit, opened, form),
        refused=(),
        problem=form or FormView(visit.t),
        problem_prefix=opened,
        events_url=f"{visit.url('events')}?subject={identity}&seen={view.file.journal_length}",
    )


def _case_href(visit: Visit, number: str | None) -> str:
    return visit.url("cases", number) if number else ""


def _head(directive: Directive, visit: Visit) -> DirectiveHead:
    return DirectiveHead(
        directive.number,
        directive.title,
        directive.text,
        directive.report,
        directive.urgent,
        directive_mark(directive, visit),
        due_of(directive, visit),
    )


def _facts(directive: Directive, visit: Visit) -> Sequence[Fact]:
    unit = visit.unit_name(directive.recipient, directive.unit) if directive.unit else visit.t("issue.unit_none")
    return (
        Fact(visit.t("col.issuer"), visit.name_of(directive.issuer), chinese=True),
        Fact(visit.t("col.recipient"), visit.name_of(directive.recipient), chinese=True),
        Fact(visit.t("field.unit"), unit),
        Fact(visit.t("fact.issued"), at=moment(directive.issued_at, visit.now, visit.language)),
        Fact(visit.t("fact.updated"), at=moment(directive.updated_at, visit.now, visit.language)),
    )


def _actions(directive: Directive, seen: int, visit: Visit, opened: str, form: FormView | None) -> tuple[Action, ...]:
    hidden = {"seen_version": str(directive.version), "seen_events": str(seen)}
    return tuple(
        Action(
            name=name.value,
            key=KEYS[name],
            label=visit.t(f"turn.{name}"),
            href=visit.url("directives", directive.number, name.value.replace("_", "-")),
            form=form if form is not None and opened == name else FormView(visit.t),
            hidden=hidden,
            fields=FIELDS[name],
            open=opened == name,
            primary=name is not DirectiveCommandName.SEND_BACK,
        )
        for name in allowed_directive_commands(directive, visit.centre.code)
    )
