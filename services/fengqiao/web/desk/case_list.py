"""The lists of cases: my work, queues, everything; filters in the address, order, pages; 36 pixels a row (ui.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from fengqiao.domain.case import CaseKind, CaseState, Channel, RequestType
from fengqiao.domain.course import ClosingKind, Grade
from fengqiao.domain.errors import Refusal
from fengqiao.domain.stage import ACTING, HELD
from fengqiao.domain.words import Language
from fengqiao.insight.case_search import (
    HITS_MOST,
    VIEWS,
    CaseQuery,
    DeskCounters,
    LineList,
    desk_counters,
    is_number,
    search_cases,
)
from fengqiao.web.desk.bulk import bulk_bar
from fengqiao.web.desk.case_query import (
    ANSWERS,
    FILTERS,
    NO_VALUE,
    address_of,
    asked_values,
    read_asked,
    stages_of,
)
from fengqiao.web.desk.course_actions import item_options
from fengqiao.web.desk.forms import FormView, refused_form
from fengqiao.web.desk.lines import SORTS, acts_in, columns_of, line_row
from fengqiao.web.desk.listing import Chip, Options, SortLink, ViewLink, listed, pager, unit_options, worded
from fengqiao.web.desk.saved_views import bounded, saved_links
from fengqiao.web.desk.visit import Visit

DEFAULT_VIEW = "holder"
QUEUES = tuple(stage.value for stage in ACTING)
OTHER_VIEWS = ("holder", *(stage.value for stage in HELD if stage not in ACTING), "following", "resolved", "all")
COUNTERS = ("mine", "red", "yellow", "above", "directives")


@dataclass(frozen=True, slots=True)
class Counter:
    """One figure of the row on top: a link to the list that it counts, and its tone."""

    name: str
    href: str
    count: str
    tone: str
    current: bool


async def my_work(visit: Visit) -> Response:
    """Show what I can act on now, what burns first."""
    return await _shown(visit, "work", "mine")


async def case_list(visit: Visit) -> Response:
    """Show a list; a filter that makes no sense is named, and the unfiltered view is not shown instead."""
    return await _shown(visit, "cases", DEFAULT_VIEW)


async def _shown(visit: Visit, path: str, default: str) -> Response:
    values = asked_values(visit.request.query_params, default)
    view = "mine" if path == "work" else values["view"]
    values |= {"view": view}
    filters = FormView(visit.t, {**values, "order": values["order"] or VIEWS[view].order})
    found, orders = LineList((), ""), CaseQuery(view, words=values["q"]).orders
    try:
        asked = read_asked(values, visit)
        found = await search_cases(visit.context.database, asked.query, asked.order, visit.now, token=values["token"])
    except Refusal as refusal:
        filters = refused_form(visit.t, filters.values, refusal, visit.language)
    if len(found.lines) == 1 and found.lines[0].number == values["q"]:
        return visit.go(visit.url("cases", values["q"]))
    counters = await counted(visit)
    options = filter_options(visit, orders)
    chips = active_chips(visit, path, values, options)
    kept = await saved_links(visit, address_of(values))
    columns = columns_of(view)
    shown = {name: value for name, value in values.items() if not (name == "view" and path == "work")}
    export = f"?{address_of(values)}"
    return visit.page(
        "cases.html",
        422 if filters.errors else 200,
        path=path,
        view=view,
        rows=[line_row(line, visit, view if acts_in(view) else "") for line in found.lines],
        counters=counter_row(visit, counters, view, values["late"]),
        queues=[view_link(visit, one, view, counters) for one in QUEUES],
        others=[view_link(visit, one, view, counters) for one in OTHER_VIEWS],
        saved=kept,
        keep_address=address_of(values),
        view_name=visit.t(f"view.{view}"),
        view_hint=visit.t(f"view_hint.{view}"),
        scopes=scope_links(visit, values) if view == "mine" else (),
        waiting=bounded(counters.many["offered"]) if view == DEFAULT_VIEW and counters.many["offered"] else "",
        waiting_href=listed(visit, "cases", {"view": "offered"}),
        filters=filters,
        filtered=bool(chips),
        more_filtered=any(values[name] for name in FILTERS if name in MORE_FILTERS),
        chips=chips,
        clear_href=listed(visit, path, {"view": view} if path == "cases" else {}),
        options=options,
        answers=ANSWERS,
        columns=[(name, sort_link(visit, path, name, shown, filters.value("order"), orders)) for name in columns],
        units=unit_options(visit, visit.centre.code) if "assign" in columns else (),
        here=listed(visit, path, shown),
        bulk=bulk_bar(visit, view),
        pager=pager(visit, path, shown, found.next_token),
        looked_at=f"{found.looked_at:,}" if found.looked_at else "",
        cut=HITS_MOST if found.cut else 0,
        exports=[(kind, visit.url("cases", f"export.{kind}") + export) for kind in ("xlsx", "csv")],
        events_url=visit.url("events"),
        empty={
            "title": visit.t("cases.none_match") if chips else visit.t(f"empty.{view}"),
            "text": visit.t("cases.none_match_text") if chips else visit.t(f"empty_text.{view}"),
        },
    )


MORE_FILTERS = frozenset(FILTERS) - {"state", "kind", "item", "unit", "late", "q", "grade"}
"""What is folded away until somebody wants it."""


async def counted(visit: Visit) -> DeskCounters:
    """Count what waits at this desk."""
    centre = visit.centre
    mine, me = stages_of(visit), visit.actor.name
    return await desk_counters(visit.context.database, centre.code, centre.parent or "", mine, me, visit.now)


def counter_row(visit: Visit, counters: DeskCounters, view: str, late: str) -> Sequence[Counter]:
    """Make the row on top: what is mine, what burns, what waits in each queue, what comes from above (ui.md)."""
    everything = {"view": "mine", "scope": "all"}
    hrefs = {
        "mine": visit.url("work"),
        "red": listed(visit, "work", {**everything, "view": "", "late": "over"}),
        "yellow": listed(visit, "work", {**everything, "view": "", "late": "soon"}),
        "above": listed(visit, "cases", {"view": "offered", "holder": visit.centre.parent or ""}),
        "directives": visit.url("directives"),
    }
    tones = {"red": "over", "yellow": "soon"}
    names = ("mine", "red", "yellow", *QUEUES, *(("above", "directives") if visit.centre.parent else ()))
    current = {"over": "red", "soon": "yellow"}.get(late, view) if view == "mine" else view
    return [
        Counter(
            visit.t(f"counter.{name}") if name in COUNTERS else visit.t(f"view.{name}"),
            hrefs.get(name) or listed(visit, "cases", {"view": name}),
            bounded(many),
            tones.get(name, "") if many else "",
            name == current,
        )
        for name in names
        if (many := counters.many[name]) or name in ("mine", "red", "yellow", "offered")
    ]


def view_link(visit: Visit, view: str, current: str, counters: DeskCounters) -> ViewLink:
    """Make the link to a view, with its count where it is counted."""
    many = counters.of_view(view)
    return ViewLink(
        visit.t(f"view.{view}"),
        listed(visit, "cases", {"view": view}),
        view == current,
        bounded(many) if many is not None else None,
    )


def scope_links(visit: Visit, values: Mapping[str, str]) -> Sequence[ViewLink]:
    """Make the switch between my queues and those of the whole centre."""
    rest = {name: value for name, value in values.items() if name != "view"}
    return [
        ViewLink(visit.t(f"scope.{name}"), listed(visit, "work", rest, scope=scope), values["scope"] == scope)
        for name, scope in (("mine", ""), ("all", "all"))
    ]


def active_chips(
    visit: Visit, path: str, values: Mapping[str, str], options: Mapping[str, Options]
) -> tuple[Chip, ...]:
    """Give a chip per filter that is set."""
    chips = []
    kept = {name: value for name, value in values.items() if not (name == "view" and path == "work")}
    for name in FILTERS:
        if not (value := values[name]):
            continue
        words = dict(options.get(name, ())).get(value, value)
        chips.append(Chip(f"{visit.t(f'field.{name}')}: {words}", listed(visit, path, kept, **{name: ""})))
    return tuple(chips)


def filter_options(visit: Visit, orders: Sequence[str]) -> Mapping[str, Options]:
    """Give what the filters offer."""
    units = unit_options(visit, visit.centre.code)
    answers = (("yes", visit.t("answer.yes")), ("no", visit.t("answer.no")))
    centres = tuple((code, visit.name_of(code)) for code in _centres(visit))
    nothing = ((NO_VALUE, visit.t("filter.none")),)
    directed = [(name, way) for name in orders for way in ("", "-")]
    return {
        "state": worded(visit, "state", CaseState),
        "kind": worded(visit, "kind", CaseKind),
        "type": worded(visit, "request_type", RequestType),
        "channel": worded(visit, "channel", Channel),
        "urgent": (("true", visit.t("case.urgent")), ("false", visit.t("case.not_urgent"))),
        "item": (*nothing, *_classes(visit), *item_options(visit)),
        "grade": (*nothing, *worded(visit, "grade", Grade)),
        "late": (("over", visit.t("late.over")), ("soon", visit.t("late.soon"))),
        "closing": worded(visit, "closing", ClosingKind),
        **dict.fromkeys(("unit", "first", "helper"), units),
        **dict.fromkeys(("origin", "holder"), centres),
        **dict.fromkeys(ANSWERS, answers),
        "order": tuple((way + name, visit.t(f"order.{way}{name}")) for name, way in directed),
    }


def sort_link(
    visit: Visit, path: str, column: str, values: Mapping[str, str], order: str, orders: Sequence[str]
) -> SortLink:
    """Make the head of a column: a second click turns the order around."""
    key = SORTS.get(column)
    if key is None or key not in orders:
        return SortLink()
    now = {key: "ascending", f"-{key}": "descending"}.get(order, "")
    turned = f"-{key}" if order == key else key
    return SortLink(listed(visit, path, values, order=turned), now)


def next_after(lines: LineList, number: str) -> str:
    """Give the number of the case that comes after one in a queue; the first when that one has left it."""
    numbers = [line.number for line in lines.lines]
    if number in numbers:
        numbers = numbers[numbers.index(number) + 1 :] + numbers[: numbers.index(number)]
    return numbers[0] if numbers else ""


async def next_case(visit: Visit) -> Response:
    """Go on with the next case of a queue; when nothing is left, back to the queue."""
    view, number = visit.query("view"), visit.query("after")
    view = view if view in VIEWS and acts_in(view) else "mine"
    asked = read_asked(asked_values({"view": view}, "mine"), visit)
    lines = await search_cases(visit.context.database, asked.query, asked.order, visit.now, size=1000)
    if following := next_after(lines, number if is_number(number) else ""):
        return visit.go(f"{visit.url('cases', following)}?from={view}")
    return visit.go(visit.url("work") if view == "mine" else listed(visit, "cases", {"view": view}), "queue_empty")


def _centres(visit: Visit) -> Sequence[str]:
    # Cases come from this centre, its children and its parent; whoever is further away is found by number or words.
    parent = (visit.centre.parent,) if visit.centre.parent else ()
    return (visit.centre.code, *parent, *visit.children)


def _classes(visit: Visit) -> Options:
    classes = visit.context.handbook.catalogue.classes
    chinese = visit.language is Language.ZH
    return tuple((one.code, f"{one.code} {one.name if chinese else one.name_en}") for one in classes)
