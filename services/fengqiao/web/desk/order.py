"""The page of a supervision order (督办单): where it stands on the ladder, who has read it, what can be done (F20)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator
from starlette.responses import Response

from fengqiao.domain.access import Grant
from fengqiao.domain.errors import Violation, invalid, not_found
from fengqiao.domain.event import EventKind
from fengqiao.domain.limit_words import budget_words
from fengqiao.domain.supervision_command import ConcludeLevel, GrantAccess, OrderCommand, RaiseOrder
from fengqiao.domain.supervision_rules import OrderLevel, Outcome
from fengqiao.insight.supervision import OrderView, order_view
from fengqiao.store.access import Reading
from fengqiao.store.supervision import OrderLine
from fengqiao.web.desk.actions import Action, Fact, Field
from fengqiao.web.desk.course_commands import typed_course
from fengqiao.web.desk.forms import CityTime, Form, FormView, Version, empty_is_none, known_id, read_form
from fengqiao.web.desk.supervision import GivenId, carried_out, given
from fengqiao.web.desk.supervision_actions import body_words, level_of, level_words
from fengqiao.web.desk.timeline import entries
from fengqiao.web.desk.times import Due, Moment, due, moment
from fengqiao.web.desk.visit import Visit

KEYS: Mapping[str, str] = {"conclude": "r", "raise": "u", "grant": "i"}


class OrderForm(Form):
    """What the form of any action on an order may send."""

    seen_turn: Version = None
    grant_id: GivenId = None
    outcome: Annotated[Outcome | None, BeforeValidator(empty_is_none)] = None
    words: str = ""
    evidence: str = ""
    reason: str = ""
    purpose: str = ""
    until: Annotated[CityTime | None, BeforeValidator(empty_is_none)] = None


@dataclass(frozen=True, slots=True)
class Step:
    """One level of the ladder: where it is, what lets an order in, what it asks for."""

    name: str
    body: str
    standing: str
    shape: str
    rules: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class GrantCard:
    """A grant with who read under it."""

    body: str
    purpose: str
    by: str
    until: Moment
    over: bool
    readings: Sequence[tuple[str, Moment]]


async def order_page(visit: Visit) -> Response:
    """Show an order."""
    return await _show(visit, _wanted(visit), visit.query("act"), None)


async def act_on_order(visit: Visit) -> Response:
    """Carry out an action on an order; a refused one is shown with the reason and everything typed."""
    name = visit.request.path_params["action"]
    if name not in BUILDERS:
        raise not_found("page_unknown")
    identity = _wanted(visit)
    line = (await order_view(visit.context.database, identity)).line
    values = typed_course(visit.form) if visit.form else {}
    return await carried_out(
        visit,
        values,
        command=lambda: BUILDERS[name](line, read_form(OrderForm, values)),
        shown=lambda form, status: _show(visit, identity, name, form, status),
        done=visit.url("supervision", "orders", identity),
    )


async def order_again(visit: Visit) -> Response:
    """Show the order with the form open: a refused form stands at the address of its action."""
    path = visit.request.path_params
    return visit.go(f"{visit.url('supervision', 'orders', path['order'])}?act={path['action']}")


def _concluded(line: OrderLine, form: OrderForm) -> OrderCommand:
    if form.outcome is None:
        raise invalid(Violation("outcome", "choice_empty"))
    evidence = tuple(form.evidence.split())
    return ConcludeLevel(line.case.case_id, line.order.id, form.outcome, form.words, evidence, form.seen_turn)


def _granted(line: OrderLine, form: OrderForm) -> OrderCommand:
    if form.until is None:
        raise invalid(Violation("until", "text_empty"))
    grant_id = given("grant_id", form.grant_id)
    return GrantAccess(line.case.case_id, line.order.id, grant_id, form.purpose, form.until)


BUILDERS: Mapping[str, Callable[[OrderLine, OrderForm], OrderCommand]] = {
    "conclude": _concluded,
    "raise": lambda line, form: RaiseOrder(line.case.case_id, line.order.id, form.reason, form.seen_turn),
    "grant": _granted,
}


def _wanted(visit: Visit) -> UUID:
    identity = known_id(visit.request.path_params["order"])
    if identity is None:
        raise not_found("supervision_order_unknown", order=visit.request.path_params["order"])
    return identity


async def _show(visit: Visit, identity: UUID, opened: str, form: FormView | None, status: int = 200) -> Response:
    view = await order_view(visit.context.database, identity)
    order = view.line.order
    return visit.page(
        "order.html",
        status,
        number=view.line.case.number,
        title=view.line.case.title,
        case_href=visit.url("cases", view.line.case.number),
        level=level_words(order.level, visit),
        outcome=visit.word(f"outcome.{order.outcome}") if order.outcome else "",
        due=_due(view, visit),
        facts=_facts(view, visit),
        steps=[_step(level, order.level, visit) for level in visit.context.supervision.levels],
        grants=[_card(grant, readings, visit) for grant, readings in view.grants],
        timeline=entries(view.events, visit),
        actions=_actions(view, visit, opened, form),
        refused=(),
        problem=form or FormView(visit.t),
        problem_prefix=opened,
    )


def _due(view: OrderView, visit: Visit) -> Due:
    order = view.line.order
    return due(order.due_at, visit.now, visit.language, finished=order.outcome is not None)


def _facts(view: OrderView, visit: Visit) -> Sequence[Fact]:
    order, case = view.line.order, view.line.case
    level = level_of(order, visit)
    unit = visit.unit_name(case.holder, case.unit) if case.unit else visit.t("case.no_unit")
    return (
        Fact(visit.t("order.owner"), visit.name_of(order.centre), chinese=True),
        Fact(visit.t("col.body"), body_words(level, visit) if level else ""),
        Fact(visit.t("col.ground"), visit.word(f"ground.{order.ground}")),
        Fact(visit.t("fact.holder"), visit.name_of(case.holder), chinese=True),
        Fact(visit.t("fact.unit"), unit),
    )


def _step(level: OrderLevel, now_at: int, visit: Visit) -> Step:
    standing = ""
    if level.number <= now_at:
        standing = visit.t("order.now") if level.number == now_at else visit.t("order.done")
    evidence = [visit.t("order.evidence_words"), *(visit.word(f"evidence.{one}") for one in sorted(level.evidence))]
    return Step(
        level_words(level.number, visit),
        body_words(level, visit),
        standing,
        "half" if level.number == now_at else "full" if level.number < now_at else "ring",
        (
            Fact(visit.t("order.entry"), _listed(visit, "ground", sorted(level.entry))),
            Fact(visit.t("order.evidence"), "、".join(evidence) if visit.language == "zh" else ", ".join(evidence)),
            Fact(visit.t("order.budget"), budget_words(level.budget, visit.language)),
            Fact(visit.t("order.outcomes"), _listed(visit, "outcome", sorted(level.outcomes))),
        ),
    )


def _listed(visit: Visit, group: str, values: Sequence[str]) -> str:
    return ("、" if visit.language == "zh" else ", ").join(visit.word(f"{group}.{value}") for value in values)


def _card(grant: Grant, readings: Sequence[Reading], visit: Visit) -> GrantCard:
    level = visit.context.supervision.level(grant.level)
    return GrantCard(
        body_words(level, visit),
        grant.purpose,
        grant.by,
        moment(grant.until, visit.now, visit.language),
        grant.expired(visit.now),
        [(one.name, moment(one.at, visit.now, visit.language)) for one in readings],
    )


def _actions(view: OrderView, visit: Visit, opened: str, form: FormView | None) -> tuple[Action, ...]:
    order, level = view.line.order, level_of(view.line.order, visit)
    if level is None:
        return ()
    hidden = {"seen_turn": str(order.turn), "grant_id": str(visit.context.new_id())}
    fields, hints = _fields(view, level, visit), _hints(level, visit)
    return tuple(
        Action(
            name=name,
            key=KEYS[name],
            label=visit.t(f"act.{name}"),
            href=visit.url("supervision", "orders", order.id, name),
            form=form if form is not None and opened == name else FormView(visit.t),
            hidden=hidden,
            fields=fields[name],
            hint=hints[name],
            open=opened == name,
            primary=name == "conclude",
        )
        for name in _possible(view, level, visit)
    )


def _possible(view: OrderView, level: OrderLevel, visit: Visit) -> list[str]:
    order = view.line.order
    if order.centre != visit.centre.code or order.closed:
        return []
    found = ["conclude"] if order.outcome is None else []
    runs_out = order.outcome is not None or visit.now >= order.due_at
    if runs_out and order.level < visit.context.supervision.top:
        found.append("raise")
    if level.outside:
        found.append("grant")
    return found


def _fields(view: OrderView, level: OrderLevel, visit: Visit) -> Mapping[str, tuple[Field, ...]]:
    outcomes = tuple((one.value, visit.word(f"outcome.{one}")) for one in Outcome if one in level.outcomes)
    attached = {
        row.event.details["sha256"]: row.event.details["name"]
        for row in view.journal
        if row.event.kind is EventKind.ATTACHED
    }
    files = (Field("evidence", "choices", tuple(attached.items()), chinese=True),) if attached else ()
    return {
        "conclude": (Field("outcome", "radios", outcomes), Field("words"), *files),
        "raise": (Field("reason"),),
        "grant": (Field("purpose"), Field("until", "instant")),
    }


def _hints(level: OrderLevel, visit: Visit) -> Mapping[str, str]:
    rules = visit.context.supervision
    above = rules.level(level.number + 1) if level.number < rules.top else level
    body = body_words(level, visit)
    evidence = [visit.t("order.evidence_words"), *(visit.word(f"evidence.{one}") for one in sorted(level.evidence))]
    return {
        "conclude": visit.t("hint.conclude", body=body, evidence=" + ".join(evidence)),
        "raise": visit.t("hint.raise", number=above.number, body=body_words(above, visit)),
        "grant": visit.t("hint.grant", body=body, days=level.access_days),
    }
