"""Routing rules tried against past cases at the desk, and what they suggest at registration and assignment (F10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from fengqiao.domain.case import Case, CaseKind, Channel
from fengqiao.domain.edition import Book, Sheet
from fengqiao.domain.routing import UP, Suggestion, Target, route_book
from fengqiao.domain.routing_trial import PastCase, Tried
from fengqiao.handlers.routing import suggested, suggested_at_intake
from fengqiao.insight.editions import book_standing
from fengqiao.insight.routing import CASES_TRIED, routing_trial
from fengqiao.web.desk.forms import FormView
from fengqiao.web.desk.listing import ViewLink, unit_options
from fengqiao.web.desk.visit import Visit

SHOWN = 50
SIZES = (100, 200, 1000, 5000)


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One past case: what the rules say, and what was done."""

    number: str
    title: str
    href: str
    route: str
    suggested: str
    done: str


async def trial_page(visit: Visit) -> Response:
    """Run the draft, or what is in force, over the newest cases."""
    standing = await book_standing(visit.context.database, visit.context.first_edition(Book.ROUTING))
    draft = standing.draft is not None and visit.query("of") != "published"
    edition = standing.edited if draft else standing.published
    many = int(visit.query("cases")) if visit.query("cases") in map(str, SIZES) else CASES_TRIED
    book = route_book(edition.version, edition.sheet(Sheet.ROUTE))
    trial = await routing_trial(visit.context.database, visit.centre.code, book, many)
    query = {"of": visit.query("of"), "cases": str(many)}
    return visit.page(
        "trial.html",
        draft=draft,
        has_draft=standing.draft is not None,
        trial=trial,
        share=f"{100 * len(trial.same) / trial.compared:.2f} %" if trial.compared else "",
        other=[_row(one, visit) for one in trial.other[:SHOWN]],
        unmatched=[_past(one, visit) for one in trial.unmatched[:SHOWN]],
        shown=SHOWN,
        sizes=[ViewLink(f"{size:,}", _address(visit, query | {"cases": str(size)}), size == many) for size in SIZES],
        drafts=[
            ViewLink(visit.word(f"edition_state.{one}"), _address(visit, query | {"of": one}), current)
            for one, current in (("draft", draft), ("published", not draft))
        ],
    )


async def suggestion_part(visit: Visit) -> Response:
    """Give the field `unit` of the registration form anew, with what the rules say about what was typed so far."""
    values = dict(visit.request.query_params)
    if values.get("unit") == values.get("suggested"):
        values["unit"] = ""
    form = with_suggestion(FormView(visit.t, values), visit)
    options = {"unit": unit_options(visit, visit.centre.code)}
    return visit.page("suggestion.html", form=form, options=options, why=why_at_intake(form, visit))


def why_at_intake(form: FormView, visit: Visit) -> str:
    """Say what the rules suggest about what was typed into the registration form; empty when nothing."""
    found = _at_intake(form.values, visit)
    return why(found, visit) if found else ""


def with_suggestion(form: FormView, visit: Visit) -> FormView:
    """Choose the suggested unit in a form in which nobody has chosen one."""
    found = _at_intake(form.values, visit)
    if form.value("unit") or found is None or not found.target.unit:
        return form
    return FormView(form.t, {**form.values, "unit": found.target.unit, "suggested": found.target.unit}, form.errors)


def case_suggestion(case: Case, visit: Visit) -> Mapping[str, Suggestion]:
    """Give what the rules say about a case, by the action that would follow it; an assignment is always told of it."""
    found = suggested(visit.context, case)
    if found is None:
        return {}
    action = "assign" if found.target.unit else "offer-up" if found.target.to == UP else "dispatch"
    return {"assign": found, action: found}


def why(suggestion: Suggestion, visit: Visit) -> str:
    """Say what is suggested and by which rule; a person decides."""
    return visit.t("routing.why", target=target_words(suggestion.target, visit), rule=suggestion.route.name)


def target_words(target: Target, visit: Visit) -> str:
    """Say where a case goes."""
    if target.unit:
        return visit.unit_name(visit.centre.code, target.unit)
    if target.to == UP:
        return visit.word("direction.up")
    return visit.name_of(target.to) if target.to else visit.t("routing.nowhere")


def _address(visit: Visit, query: Mapping[str, str]) -> str:
    return f"{visit.url('routing', 'trial')}?{urlencode({name: value for name, value in query.items() if value})}"


def _at_intake(values: Mapping[str, str], visit: Visit) -> Suggestion | None:
    channel, kind = values.get("channel", Channel.DESK.value), values.get("kind", CaseKind.REQUEST.value)
    return suggested_at_intake(visit.context, values.get("place", ""), channel, kind)


def _row(one: Tried, visit: Visit) -> TrialRow:
    row = _past(one.case, visit)
    return TrialRow(row.number, row.title, row.href, one.route.name, target_words(one.suggested, visit), row.done)


def _past(case: PastCase, visit: Visit) -> TrialRow:
    done = target_words(case.done, visit)
    return TrialRow(case.number, case.title, visit.url("cases", case.number), "", "", done)
