"""The ledger of points as pages: sums with their cases and entries, appeals that wait, one entry (F13, pain 10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.responses import Response

from fengqiao.domain.errors import not_found
from fengqiao.domain.limit_course import CLOCK
from fengqiao.domain.points import Standing
from fengqiao.domain.supervision_command import AppealPoints, DecideAppeal, PointsCommand
from fengqiao.insight.limits import limit_name
from fengqiao.insight.supervision import Ledger, entry_view, ledger
from fengqiao.store.points import LedgerLine
from fengqiao.web.desk.actions import Action, Fact, Field
from fengqiao.web.desk.forms import Form, FormView, known_id, read_form, typed
from fengqiao.web.desk.marks import Mark
from fengqiao.web.desk.supervision import carried_out
from fengqiao.web.desk.supervision_actions import rule_words
from fengqiao.web.desk.times import Moment, moment
from fengqiao.web.desk.visit import Visit

KEYS: Mapping[str, str] = {"appeal": "o", "uphold": "a", "dismiss": "x"}
SHAPES: Mapping[Standing, tuple[str, str]] = {
    Standing.STANDING: ("half", "work"),
    Standing.APPEALED: ("ask", "ask"),
    Standing.REVERSED: ("back", "done"),
    Standing.CONFIRMED: ("full", "done"),
}


class EntryForm(Form):
    """What the form of any action on an entry may send."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class SumRow:
    """A unit's points with the cases that it handled; `rate` only when these are enough for a comparison."""

    unit: str
    points: str
    entries: str
    reversals: str
    cases: str
    rate: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry."""

    number: str
    title: str
    href: str
    unit: str
    rule: str
    points: str
    by: str
    at: Moment
    standing: Mark
    words: str


async def points_page(visit: Visit) -> Response:
    """Show the ledger."""
    least = visit.context.supervision.terms.least_cases
    found = await ledger(visit.context.database, visit.now, least)
    return visit.page(
        "points.html",
        hint=visit.t("points.hint", least=least),
        sums=_sums(found, visit),
        entries=[_row(line, visit) for line in found.entries],
        waiting=[_row(line, visit) for line in found.waiting],
    )


async def entry_page(visit: Visit) -> Response:
    """Show an entry with its appeal and the decision on it."""
    return await _show(visit, _wanted(visit), visit.query("act"), None)


async def act_on_entry(visit: Visit) -> Response:
    """Appeal or decide; a refused form is shown with the reason and everything typed."""
    name = visit.request.path_params["action"]
    if name not in KEYS:
        raise not_found("page_unknown")
    identity = _wanted(visit)
    line = await entry_view(visit.context.database, identity)
    values = typed(visit.form) if visit.form else {}
    return await carried_out(
        visit,
        values,
        command=lambda: _command(name, line, read_form(EntryForm, values).reason),
        shown=lambda form, status: _show(visit, identity, name, form, status),
        done=visit.url("supervision", "points", identity),
    )


async def entry_again(visit: Visit) -> Response:
    """Show the entry with the form open: a refused form stands at the address of its action."""
    path = visit.request.path_params
    return visit.go(f"{visit.url('supervision', 'points', path['entry'])}?act={path['action']}")


def _command(name: str, line: LedgerLine, reason: str) -> PointsCommand:
    if name == "appeal":
        return AppealPoints(line.case_id, line.entry_id, reason)
    return DecideAppeal(line.case_id, line.entry_id, name == "uphold", reason)


def _wanted(visit: Visit) -> UUID:
    identity = known_id(visit.request.path_params["entry"])
    if identity is None:
        raise not_found("points_unknown", entry=visit.request.path_params["entry"])
    return identity


async def _show(visit: Visit, identity: UUID, opened: str, form: FormView | None, status: int = 200) -> Response:
    line = await entry_view(visit.context.database, identity)
    return visit.page(
        "entry.html",
        status,
        entry=_row(line, visit),
        case_href=visit.url("cases", line.number),
        facts=_facts(line, visit),
        actions=_actions(line, visit, opened, form),
        refused=(),
        problem=form or FormView(visit.t),
        problem_prefix=opened,
    )


def _sums(found: Ledger, visit: Visit) -> Sequence[SumRow]:
    return [
        SumRow(
            visit.unit_name(visit.centre.code, one.unit),
            f"{one.points:,}",
            f"{one.entries:,}",
            f"{one.reversals:,}",
            f"{one.cases:,}",
            f"{100 * one.points / one.cases:.2f} · {one.points:,} / {one.cases:,}" if found.comparable(one) else "",
        )
        for one in found.sums
    ]


def _row(line: LedgerLine, visit: Visit) -> EntryRow:
    shape, tone = SHAPES[line.standing]
    return EntryRow(
        line.number,
        line.title,
        visit.url("supervision", "points", line.entry_id),
        visit.unit_name(visit.centre.code, line.unit),
        rule_words(line.rule, visit),
        str(line.points),
        _person(line.by, visit),
        moment(line.at, visit.now, visit.language),
        Mark(visit.word(f"standing.{line.standing}"), shape, tone),
        line.appeal_reason or line.reason,
    )


def _person(name: str, visit: Visit) -> str:
    return visit.t("points.clock") if name == CLOCK else name


def _facts(line: LedgerLine, visit: Visit) -> Sequence[Fact]:
    source = visit.t("points.by_hand")
    if line.limit_code:
        limit = limit_name(visit.context.limits.policies, line.limit_code, visit.language)
        source = f"{limit} · {visit.word('event.limit_breached')}" if line.rung == "red" else f"{limit} · {line.rung}"
    facts = [
        Fact(visit.t("col.unit"), visit.unit_name(visit.centre.code, line.unit)),
        Fact(visit.t("col.points"), visit.t("points.worth", points=line.points), rule_words(line.rule, visit)),
        Fact(visit.t("points.source"), source, line.reason),
        Fact(visit.t("col.by"), _person(line.by, visit)),
        Fact(visit.t("col.at"), at=moment(line.at, visit.now, visit.language)),
    ]
    if line.appealed_by and line.appealed_at:
        at = moment(line.appealed_at, visit.now, visit.language).absolute
        facts.append(Fact(visit.t("points.appealed"), line.appeal_reason or "", f"{line.appealed_by} · {at}"))
    if line.decided_by and line.decided_at:
        at = moment(line.decided_at, visit.now, visit.language).absolute
        facts.append(Fact(visit.t("points.decided"), line.decision_reason or "", f"{line.decided_by} · {at}"))
    return facts


def _actions(line: LedgerLine, visit: Visit, opened: str, form: FormView | None) -> tuple[Action, ...]:
    names = {Standing.STANDING: ("appeal",), Standing.APPEALED: ("uphold", "dismiss")}.get(line.standing, ())
    involved = dict.fromkeys(name for name in (line.by, line.appealed_by) if name and name != CLOCK)
    deciding = visit.t("hint.decide", person=" / ".join(involved))
    appealing = visit.t("hint.appeal", days=visit.context.supervision.terms.appeal_days)
    return tuple(
        Action(
            name=name,
            key=KEYS[name],
            label=visit.t(f"act.{name}"),
            href=visit.url("supervision", "points", line.entry_id, name),
            form=form if form is not None and opened == name else FormView(visit.t),
            hidden={},
            fields=(Field("reason"),),
            hint=appealing if name == "appeal" else deciding,
            open=opened == name,
            primary=name != "dismiss",
        )
        for name in names
    )
