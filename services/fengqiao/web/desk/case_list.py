"""The list of cases: views with counts, filters in the address, order, pages; 36 pixels a row (ui.md)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator
from starlette.responses import Response

from fengqiao.domain.case import CaseFile, CaseKind, CaseState, Channel
from fengqiao.domain.errors import Refusal
from fengqiao.insight.cases import CaseCounts, CaseFilter, CaseList, case_counts, list_cases
from fengqiao.store.queries import CASE_ORDERS
from fengqiao.web.desk.forms import CityTime, Form, FormView, empty_is_none, read_form, refused_form
from fengqiao.web.desk.listing import PAGE_SIZE, Chip, Options, SortLink, ViewLink, listed, pager, unit_options, worded
from fengqiao.web.desk.marks import Mark, case_mark, offer_mark
from fengqiao.web.desk.times import Moment, moment
from fengqiao.web.desk.visit import Visit

DEFAULT_VIEW = "holder"
DEFAULT_ORDER = "-updated_at"
VIEWS = ("holder", "unassigned", "offered", "offered_out", "arbitration", "following", "resolved", "all")
FILTERS = ("state", "kind", "channel", "unit", "urgent", "from", "to", "q")
COLUMNS = ("number", "title", "kind", "first", "holder", "state", "updated")
SORTS = {"number": "number", "updated": "updated_at"}
_NUMBER = re.compile(r"[0-9]+(-[0-9]*)*")


class CaseQuery(Form):
    """The filters as the address has them; every part may be left out."""

    state: Annotated[CaseState | None, BeforeValidator(empty_is_none)] = None
    kind: Annotated[CaseKind | None, BeforeValidator(empty_is_none)] = None
    channel: Annotated[Channel | None, BeforeValidator(empty_is_none)] = None
    urgent: Annotated[bool | None, BeforeValidator(empty_is_none)] = None
    registered_from: Annotated[CityTime | None, BeforeValidator(empty_is_none)] = None
    registered_to: Annotated[CityTime | None, BeforeValidator(empty_is_none)] = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row of the list."""

    number: str
    href: str
    title: str
    urgent: bool
    kind: str
    first_centre: str
    first_unit: str
    holder: str
    state: Mark
    offer: Mark | None
    updated: Moment


async def case_list(visit: Visit) -> Response:
    """Show the list; a filter that makes no sense is named, and the unfiltered view is not shown instead."""
    query = {name: visit.query(name).strip() for name in ("view", *FILTERS, "order", "token")}
    view = query["view"] if query["view"] in VIEWS else DEFAULT_VIEW
    order = query["order"] if query["order"] in CASE_ORDERS else DEFAULT_ORDER
    filters = FormView(visit.t, {**query, "view": view, "order": order})
    found = CaseList((), "")
    try:
        wanted = case_filter(view, query)
        found = await list_cases(visit.context.database, wanted, order, PAGE_SIZE, query["token"])
    except Refusal as refusal:
        filters = refused_form(visit.t, filters.values, refusal, visit.language)
    if len(found.rows) == 1 and found.rows[0].case.number == query["q"]:
        return visit.go(visit.url("cases", query["q"]))
    counts = await case_counts(visit.context.database)
    chips = active_chips(visit, query)
    return visit.page(
        "cases.html",
        422 if filters.errors else 200,
        rows=[case_row(file, visit) for file in found.rows],
        views=view_links(visit, view, counts),
        view_name=visit.t(f"view.{view}"),
        view_hint=visit.t(f"view_hint.{view}"),
        waiting=counts.offers_waiting if view != "offered" else 0,
        waiting_href=listed(visit, "cases", {"view": "offered"}),
        filters=filters,
        filtered=bool(chips),
        chips=chips,
        clear_href=listed(visit, "cases", {"view": view}),
        options=filter_options(visit),
        columns=[(name, sort_link(visit, name, query, order)) for name in COLUMNS],
        pager=pager(visit, "cases", query, found.next_token),
        events_url=visit.url("events"),
        empty={
            "title": visit.t("cases.none_match") if chips else visit.t(f"empty.{view}"),
            "text": visit.t("cases.none_match_text") if chips else visit.t(f"empty_text.{view}"),
        },
    )


def case_filter(view: str, query: Mapping[str, str]) -> CaseFilter:
    """Read the filters of an address; raises INVALID with the wrong ones. `to` includes its day."""
    asked = {name: value for name, value in query.items() if name in ("state", "kind", "channel", "urgent")}
    dates = {"registered_from": query.get("from", ""), "registered_to": query.get("to", "")}
    form = read_form(CaseQuery, {**asked, **dates})
    words = query.get("q", "")
    number = words if _NUMBER.fullmatch(words) else ""
    return CaseFilter(
        view=view,
        states=frozenset({form.state}) if form.state else frozenset(),
        words="" if number else words,
        number=number,
        unit=query.get("unit", ""),
        kind=form.kind,
        channel=form.channel,
        urgent=form.urgent,
        registered_from=form.registered_from,
        registered_to=_day_after(form.registered_to),
    )


def case_row(file: CaseFile, visit: Visit) -> CaseRow:
    """Make a row of a case as this centre knows it."""
    case = file.case
    first = case.first_receiver
    return CaseRow(
        number=case.number,
        href=visit.url("cases", case.number),
        title=case.title,
        urgent=case.urgent,
        kind=visit.word(f"kind.{case.kind}"),
        first_centre=visit.name_of(first.centre),
        first_unit=visit.unit_name(first.centre, first.unit),
        holder=visit.name_of(case.holder),
        state=case_mark(case, visit),
        offer=offer_mark(file, visit),
        updated=moment(case.updated_at, visit.now, visit.language),
    )


def view_links(visit: Visit, current: str, counts: CaseCounts) -> tuple[ViewLink, ...]:
    """Give the views with their counts."""
    return tuple(
        ViewLink(
            visit.t(f"view.{view}"),
            listed(visit, "cases", {"view": view}),
            view == current,
            f"{counts.of_view(view):,}",
        )
        for view in VIEWS
    )


def active_chips(visit: Visit, query: Mapping[str, str]) -> tuple[Chip, ...]:
    """Give a chip per filter that is set."""
    chips, options = [], filter_options(visit)
    for name in FILTERS:
        if not (value := query[name]):
            continue
        words = dict(options.get(name, ())).get(value, value)
        chips.append(Chip(f"{visit.t(f'field.{name}')}: {words}", listed(visit, "cases", query, **{name: ""})))
    return tuple(chips)


def filter_options(visit: Visit) -> Mapping[str, Options]:
    """Give what the filters offer."""
    return {
        "state": worded(visit, "state", CaseState),
        "kind": worded(visit, "kind", CaseKind),
        "channel": worded(visit, "channel", Channel),
        "unit": unit_options(visit, visit.centre.code),
        "urgent": (("true", visit.t("case.urgent")), ("false", visit.t("case.not_urgent"))),
        "order": tuple((order, visit.t(f"order.{order}")) for order in CASE_ORDERS),
    }


def sort_link(visit: Visit, column: str, query: Mapping[str, str], order: str) -> SortLink:
    """Make the head of a column: a second click turns the order around."""
    key = SORTS.get(column)
    if key is None:
        return SortLink()
    now = {key: "ascending", f"-{key}": "descending"}.get(order, "")
    turned = key if order == f"-{key}" else f"-{key}"
    return SortLink(listed(visit, "cases", query, order=turned), now)


def _day_after(at: datetime | None) -> datetime | None:
    return at + timedelta(days=1) if at else None
