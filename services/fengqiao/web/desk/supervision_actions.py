"""What a supervisor does on the page of a case: remind, open an order, deduct points; and the panel that shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fengqiao.domain.case import CaseFile, CaseState, Role
from fengqiao.domain.event import EventKind
from fengqiao.domain.limit_words import budget_words
from fengqiao.domain.points import entries_in
from fengqiao.domain.supervision import SupervisionOrder, grounds_in, orders_in
from fengqiao.domain.supervision_rules import OrderLevel, RootCause
from fengqiao.domain.words import Language
from fengqiao.insight.cases import CaseView
from fengqiao.web.desk.actions import Action, Field
from fengqiao.web.desk.forms import FormView
from fengqiao.web.desk.listing import Options, unit_options, worded
from fengqiao.web.desk.times import Due, due
from fengqiao.web.desk.visit import Visit

KEYS: Mapping[str, str] = {"remind": "b", "cause": "z", "order": "h", "deduct": "q"}


@dataclass(frozen=True, slots=True)
class OrderLink:
    """An order on the case: its level in words, until when, and its page."""

    name: str
    outcome: str
    due: Due
    href: str


@dataclass(frozen=True, slots=True)
class PointsLink:
    """An entry about the case in words, and its page when it is of this centre."""

    name: str
    standing: str
    href: str


@dataclass(frozen=True, slots=True)
class Panel:
    """What supervision of the case has come to."""

    reminded: str
    cause: str
    improvement: str
    orders: Sequence[OrderLink]
    points: Sequence[PointsLink]


def level_of(order: SupervisionOrder, visit: Visit) -> OrderLevel | None:
    """Give the level at which an order stands; None when a table of another release had more."""
    rules = visit.context.supervision
    return rules.level(order.level) if order.level <= rules.top else None


def level_words(number: int, visit: Visit) -> str:
    """Name a level: its number and what it is."""
    rules = visit.context.supervision
    if number > rules.top:
        return str(number)
    level = rules.level(number)
    return visit.t("order.level", number=number, name=level.name if is_chinese(visit) else level.name_en)


def body_words(level: OrderLevel, visit: Visit) -> str:
    """Name the body of a level."""
    return level.body_name if is_chinese(visit) else level.body_name_en


def is_chinese(visit: Visit) -> bool:
    """Tell whether the page is in Chinese."""
    return visit.language is Language.ZH


def rule_words(code: str, visit: Visit) -> str:
    """Name what costs points; the code itself when the table here does not have it."""
    rule = visit.context.supervision.points.get(code)
    if rule is None:
        return code
    return rule.name if is_chinese(visit) else rule.name_en


def rule_options(visit: Visit) -> Options:
    """Give the rules for entries by hand, each with its points."""
    return tuple(
        (rule.code, f"{rule_words(rule.code, visit)} · {visit.t('points.worth', points=rule.points)}")
        for rule in visit.context.supervision.points.values()
        if rule.by_hand
    )


def supervision_panel(view: CaseView, visit: Visit) -> Panel | None:
    """Say what supervision of the case has come to; None when there is nothing to say."""
    events = [row.event for row in view.events]
    reminded = sum(event.kind is EventKind.REMINDED for event in events)
    orders, entries = orders_in(events), entries_in(events)
    cause = next((event for event in reversed(events) if event.kind is EventKind.CAUSE_RECORDED), None)
    if not (reminded or cause or orders or entries):
        return None
    said = cause.details if cause is not None else {}
    return Panel(
        visit.t("panel.reminded", count=reminded) if reminded else "",
        visit.t("panel.cause", cause=visit.word(f"root_cause.{said['root_cause']}")) if said else "",
        said.get("improvement", ""),
        [
            OrderLink(
                level_words(order.level, visit),
                visit.word(f"outcome.{order.outcome}") if order.outcome else "",
                due(order.due_at, visit.now, visit.language, finished=order.outcome is not None),
                visit.url("supervision", "orders", order.id),
            )
            for order in orders
        ],
        [
            PointsLink(
                visit.t("panel.points", unit=visit.unit_name(entry.centre, entry.unit), points=entry.points),
                visit.word(f"standing.{entry.standing}"),
                visit.url("supervision", "points", entry.id) if entry.centre == visit.centre.code else "",
            )
            for entry in entries
        ],
    )


def supervision_actions(view: CaseView, visit: Visit, opened: str, form: FormView | None) -> tuple[Action, ...]:
    """Give what a supervisor may do with the case now."""
    fields, hints, made = _fields(visit), _hints(visit), {"order": "order_id", "deduct": "entry_id"}
    return tuple(
        Action(
            name=name,
            key=KEYS[name],
            label=visit.t(f"act.{name}"),
            href=visit.url("supervision", "cases", view.file.case.number, name),
            form=form if form is not None and name == opened else FormView(visit.t),
            hidden={made[name]: str(visit.context.new_id())} if name in made else {},
            fields=fields[name],
            hint=hints[name],
            open=name == opened,
            secondary=True,
        )
        for name in _possible(view, visit)
    )


def _fields(visit: Visit) -> Mapping[str, tuple[Field, ...]]:
    return {
        "remind": (Field("text"),),
        "cause": (
            Field("root_cause", "choice", worded(visit, "root_cause", RootCause), visit.t("form.choose")),
            Field("text"),
            Field("improvement"),
        ),
        "order": (Field("reason"),),
        "deduct": (
            Field("rule", "choice", rule_options(visit), visit.t("form.choose")),
            Field("unit", "choice", unit_options(visit, visit.centre.code), visit.t("form.choose")),
            Field("reason"),
        ),
    }


def _hints(visit: Visit) -> Mapping[str, str]:
    rules = visit.context.supervision
    first = rules.level(1) if rules.top else None
    opening = ""
    if first is not None:
        budget = budget_words(first.budget, visit.language)
        opening = visit.t("hint.order", body=body_words(first, visit), budget=budget)
    return {
        "remind": visit.t("hint.remind"),
        "cause": visit.t("hint.cause"),
        "order": opening,
        "deduct": visit.t("hint.deduct"),
    }


def _possible(view: CaseView, visit: Visit) -> list[str]:
    file, here = view.file, visit.centre.code
    if not _follows(file):
        return []
    found = ["remind", "cause"] if file.case.state is not CaseState.RESOLVED else ["cause"]
    events = [row.event for row in view.events]
    above = here == file.case.holder or visit.context.topology.is_below(file.case.holder, here)
    is_open = any(order.centre == here and not order.closed for order in orders_in(events))
    rules = visit.context.supervision
    if rules.top and above and not is_open and rules.level(1).entry & grounds_in(events, here):
        found.append("order")
    if rule_options(visit):
        found.append("deduct")
    return found


def _follows(file: CaseFile) -> bool:
    return file.role is not Role.BYSTANDER and not (file.role is Role.CANDIDATE and not file.audience)
