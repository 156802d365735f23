"""The board of supervision (督办台), and what is done from the page of a case (F13, F20)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator
from starlette.responses import Response

from fengqiao.domain.errors import Kind, Refusal, Violation, invalid, not_found
from fengqiao.domain.supervision_command import DeductPoints, OpenOrder, RecordCause, RemindCase, SupervisionCommand
from fengqiao.domain.supervision_rules import RootCause
from fengqiao.handlers import supervision
from fengqiao.insight.limits import limit_name
from fengqiao.insight.supervision import board
from fengqiao.store.supervision import CaseLine, OrderLine
from fengqiao.web.desk.case import Shown, show_case, wanted_case
from fengqiao.web.desk.forms import Form, FormView, empty_is_none, read_form, refused_form, typed
from fengqiao.web.desk.supervision_actions import body_words, level_of, level_words
from fengqiao.web.desk.times import Due, Moment, due, moment
from fengqiao.web.desk.visit import Visit

REFUSED = (Kind.INVALID, Kind.STATE, Kind.STALE, Kind.FORBIDDEN, Kind.NOT_FOUND)
"""What is shown beside the form that caused it."""

GivenId = Annotated[UUID | None, BeforeValidator(empty_is_none)]


class SuperviseForm(Form):
    """What the forms of supervision on the page of a case may send."""

    order_id: GivenId = None
    entry_id: GivenId = None
    text: str = ""
    reason: str = ""
    rule: str = ""
    unit: str = ""
    root_cause: Annotated[RootCause | None, BeforeValidator(empty_is_none)] = None
    improvement: str = ""


@dataclass(frozen=True, slots=True)
class MatterRow:
    """The case that a row is about, with the address that the row leads to."""

    number: str
    title: str
    href: str
    holder: str
    unit: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order on the board."""

    matter: MatterRow
    opened_by: str
    ground: str
    due: Due
    outcome: str


@dataclass(frozen=True, slots=True)
class LevelGroup:
    """The open orders of one level."""

    number: int
    name: str
    body: str
    rows: Sequence[OrderRow]


@dataclass(frozen=True, slots=True)
class FactRow:
    """A red warning or a reminder: its case, what it says, when, how often or by whom."""

    matter: MatterRow
    words: str
    more: str
    at: Moment


async def board_page(visit: Visit) -> Response:
    """Show the board: orders by level, red warnings that nobody has taken up, reminders of the last days."""
    found = await board(visit.context.database, visit.now)
    policies = visit.context.limits.policies
    return visit.page(
        "supervision.html",
        levels=[
            _group(number, list(lines), visit)
            for number, lines in groupby(found.orders, key=lambda line: line.order.level)
        ],
        reds=[
            FactRow(
                _matter(line.case, visit),
                limit_name(policies, line.limit_code, visit.language),
                str(line.many),
                moment(line.at, visit.now, visit.language),
            )
            for line in found.reds
        ],
        reminders=[
            FactRow(
                _matter(line.case, visit),
                line.text,
                f"{visit.name_of(line.centre)} {line.actor}",
                moment(line.at, visit.now, visit.language),
            )
            for line in found.reminders
        ],
    )


async def supervise(visit: Visit) -> Response:
    """Carry out what a form on the page of a case asks for; a refused one is shown there with everything typed."""
    name = visit.request.path_params["action"]
    if name not in BUILDERS:
        raise not_found("page_unknown")
    case_id = await wanted_case(visit)
    values = typed(visit.form) if visit.form else {}
    return await carried_out(
        visit,
        values,
        command=lambda: BUILDERS[name](case_id, read_form(SuperviseForm, values)),
        shown=lambda form, status: show_case(visit, case_id, Shown(name, form), status),
        done=visit.url("cases", visit.request.path_params["case"]),
    )


async def carried_out(
    visit: Visit,
    values: Mapping[str, str],
    *,
    command: Callable[[], SupervisionCommand],
    shown: Callable[[FormView, int], Awaitable[Response]],
    done: str,
) -> Response:
    """Carry out what a form asks for and go on to a page; a refused one is shown with the reason and what was typed."""
    try:
        await supervision.carry_out(visit.context, command(), visit.actor)
    except Refusal as refusal:
        if refusal.kind not in REFUSED:
            raise
        form = refused_form(visit.t, values, refusal, visit.language)
        return await shown(form, 422 if refusal.kind is Kind.INVALID else 409)
    return visit.go(done, "done")


async def supervise_again(visit: Visit) -> Response:
    """Show the case with the form open: a refused form stands at the address of its action."""
    path = visit.request.path_params
    return visit.go(f"{visit.url('cases', path['case'])}?act={path['action']}")


BUILDERS: Mapping[str, Callable[[UUID, SuperviseForm], SupervisionCommand]] = {
    "remind": lambda case_id, form: RemindCase(case_id, form.text),
    "cause": lambda case_id, form: RecordCause(case_id, picked(form.root_cause), form.text, form.improvement),
    "order": lambda case_id, form: OpenOrder(case_id, given("order_id", form.order_id), form.reason),
    "deduct": lambda case_id, form: DeductPoints(
        case_id, given("entry_id", form.entry_id), form.rule, form.unit, form.reason
    ),
}


def picked(cause: RootCause | None) -> RootCause:
    """Give the cause that was chosen; raises INVALID when none was."""
    if cause is None:
        raise invalid(Violation("root_cause", "choice_empty"))
    return cause


def given(name: str, value: UUID | None) -> UUID:
    """Give an id that the page has put into its form; raises INVALID when it is not there."""
    if value is None:
        raise invalid(Violation(name, "text_empty"))
    return value


def _group(number: int, lines: Sequence[OrderLine], visit: Visit) -> LevelGroup:
    level = level_of(lines[0].order, visit)
    body = body_words(level, visit) if level else ""
    return LevelGroup(number, level_words(number, visit), body, [_order_row(line, visit) for line in lines])


def _order_row(line: OrderLine, visit: Visit) -> OrderRow:
    order = line.order
    return OrderRow(
        _matter(line.case, visit, visit.url("supervision", "orders", order.id)),
        visit.name_of(order.centre),
        visit.word(f"ground.{order.ground}"),
        due(order.due_at, visit.now, visit.language, finished=order.outcome is not None),
        visit.word(f"outcome.{order.outcome}") if order.outcome else "",
    )


def _matter(case: CaseLine, visit: Visit, href: str = "") -> MatterRow:
    unit = visit.unit_name(case.holder, case.unit) if case.unit else ""
    return MatterRow(case.number, case.title, href or visit.url("cases", case.number), visit.name_of(case.holder), unit)
