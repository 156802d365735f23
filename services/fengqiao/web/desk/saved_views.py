"""Lists that people keep: a name for the filters of an address, for oneself or for the whole centre (ui.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator
from starlette.responses import Response

from fengqiao.domain.errors import Violation, invalid, not_found
from fengqiao.domain.text import NAME_LENGTH, filled
from fengqiao.insight.case_search import COUNT_MOST, count_cases
from fengqiao.store.saved_views import SavedView, forget_view, keep_view, saved_views
from fengqiao.web.desk.case_query import address_of, asked_values, read_address
from fengqiao.web.desk.forms import Form, empty_is_none, known_id, read_form, typed
from fengqiao.web.desk.visit import Visit

OWN_MOST = 20
SHOWN_MOST = 40


class SaveForm(Form):
    """What the form sends; `address` are the filters of the list that is kept."""

    name: str = ""
    address: str = ""
    shared: Annotated[bool | None, BeforeValidator(empty_is_none)] = None


@dataclass(frozen=True, slots=True)
class SavedLink:
    """One kept list beside the views: its address, its count (empty where it is not counted), and how to forget it."""

    name: str
    href: str
    count: str
    current: bool
    shared: bool
    forget_href: str


async def save_view(visit: Visit) -> Response:
    """Keep a list under a name and show it; the same name again is written over."""
    form = read_form(SaveForm, typed(visit.form) if visit.form else {})
    name = filled("view_name", form.name, NAME_LENGTH)
    found = read_address(form.address, visit)
    if found is None or visit.account is None:
        raise invalid(Violation("address", "text_empty"))
    address = address_of(found.values)
    view = SavedView(visit.context.new_id(), visit.account.login, name, address, bool(form.shared))
    if not await keep_view(visit.context.database, view, visit.now, OWN_MOST):
        raise invalid(Violation("view_name", "saved_views_full", {"limit": str(OWN_MOST)}))
    return visit.go(f"{visit.url('cases')}?{address}", "saved")


async def forget_saved_view(visit: Visit) -> Response:
    """Forget a list of one's own."""
    view_id = known_id(visit.request.path_params["view"])
    login = visit.account.login if visit.account else ""
    if view_id is None or not await forget_view(visit.context.database, view_id, login):
        raise not_found("saved_view_unknown")
    return visit.go(visit.url("cases"), "forgotten")


async def saved_links(visit: Visit, current: str) -> Sequence[SavedLink]:
    """Give the kept lists with their counts, in two statements; `current` is the address of the list that is shown."""
    login = visit.account.login if visit.account else ""
    kept = [
        (view, asked)
        for view in await saved_views(visit.context.database, login, SHOWN_MOST)
        if (asked := read_address(view.address, visit)) is not None
    ]
    counted = [asked.query for _, asked in kept if not asked.query.words]
    counts = iter(await count_cases(visit.context.database, counted, visit.now) if counted else ())
    return [
        SavedLink(
            view.name,
            f"{visit.url('cases')}?{view.address}",
            "" if asked.query.words else bounded(next(counts)),
            view.address == current,
            view.shared,
            visit.url("views", view.view_id, "forget") if view.login == login else "",
        )
        for view, asked in kept
    ]


def bounded(many: int) -> str:
    """Write a count that goes so far and no further."""
    return f"{COUNT_MOST - 1}+" if many >= COUNT_MOST else str(many)


def default_address(view: str) -> str:
    """Give the address of a view without filters, as it would be kept."""
    return address_of({**asked_values({}, view)})
