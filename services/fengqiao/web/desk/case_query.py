"""What a list of cases is asked for, as the address has it: the same for pages, exports and kept lists (F32)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode

from pydantic import BeforeValidator

from fengqiao.domain.case import CaseKind, CaseState, Channel, RequestType
from fengqiao.domain.course import ClosingKind, Grade
from fengqiao.domain.errors import Refusal
from fengqiao.domain.stage import ACTING, Stage
from fengqiao.domain.text import clean
from fengqiao.insight.case_search import VIEWS, CaseQuery, check_order, like
from fengqiao.store.case_lines import ORDER_FIELDS
from fengqiao.web.desk.forms import CityTime, Form, empty_is_none, read_form
from fengqiao.web.desk.visit import Visit

NO_VALUE = "none"
"""How an address asks for cases that have no item, or no grade."""

Word = Annotated[str | None, BeforeValidator(empty_is_none)]
Day = Annotated[CityTime | None, BeforeValidator(empty_is_none)]
YesNo = Annotated[Literal["yes", "no"] | None, BeforeValidator(empty_is_none)]

CHOICES = ("state", "kind", "type", "channel", "urgent", "item", "grade", "unit", "late")
MORE_CHOICES = ("first", "helper", "origin", "holder", "closing")
ANSWERS = (
    "solved", "satisfied", "evaluated", "returned", "reopened", "merged", "suspended", "extended", "unreasonable",
    "reachable",
)  # fmt: skip
RANGES = ("from", "to", "due_from", "due_to", "changed_from", "changed_to", "closed_from", "closed_to")
FILTERS = (*CHOICES, "q", "place", *MORE_CHOICES, *ANSWERS, *RANGES)
PARAMETERS = ("view", "scope", *FILTERS, "order", "token")
_RENAMED = {
    "type": "request_type", "from": "registered_from", "to": "registered_to", "changed_from": "updated_from",
    "changed_to": "updated_to",
}  # fmt: skip

# What people of each role do; whoever has another role is shown everything.
STAGES_OF_ROLE: Mapping[str, tuple[Stage, ...]] = {
    "desk_officer": tuple(stage for stage in ACTING if stage not in (Stage.APPLIED, Stage.SIGN_OFF)),
    "dispatcher": (Stage.OFFERED, Stage.ARBITRATION, Stage.UNASSIGNED),
    "handling_officer": (Stage.IN_HAND, Stage.REPLY),
    "deputy_head": (Stage.APPLIED, Stage.SIGN_OFF),
}


class CaseListForm(Form):
    """The filters of an address; every part may be left out. A day that ends a range belongs to it."""

    state: Annotated[CaseState | None, BeforeValidator(empty_is_none)] = None
    kind: Annotated[CaseKind | None, BeforeValidator(empty_is_none)] = None
    request_type: Annotated[RequestType | None, BeforeValidator(empty_is_none)] = None
    channel: Annotated[Channel | None, BeforeValidator(empty_is_none)] = None
    urgent: Annotated[bool | None, BeforeValidator(empty_is_none)] = None
    item: Word = None
    grade: Annotated[Grade | Literal["none"] | None, BeforeValidator(empty_is_none)] = None
    unit: Word = None
    late: Annotated[Literal["over", "soon"] | None, BeforeValidator(empty_is_none)] = None
    place: Word = None
    first: Word = None
    helper: Word = None
    origin: Word = None
    holder: Word = None
    closing: Annotated[ClosingKind | None, BeforeValidator(empty_is_none)] = None
    solved: YesNo = None
    satisfied: YesNo = None
    evaluated: YesNo = None
    returned: YesNo = None
    reopened: YesNo = None
    merged: YesNo = None
    suspended: YesNo = None
    extended: YesNo = None
    unreasonable: YesNo = None
    reachable: YesNo = None
    registered_from: Day = None
    registered_to: Day = None
    due_from: Day = None
    due_to: Day = None
    updated_from: Day = None
    updated_to: Day = None
    closed_from: Day = None
    closed_to: Day = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as it was asked for: the values as typed, and what they come to."""

    view: str
    order: str
    values: Mapping[str, str]
    query: CaseQuery


def asked_values(params: Mapping[str, str], default_view: str) -> dict[str, str]:
    """Give what an address asks for, cleaned, with a view that exists."""
    values = {name: clean(params.get(name, "")) for name in PARAMETERS}
    return values | {"view": values["view"] if values["view"] in VIEWS else default_view}


def read_asked(values: Mapping[str, str], visit: Visit) -> Asked:
    """Read a list; raises INVALID with every filter that makes no sense."""
    view = values["view"]
    given = {_RENAMED.get(name, name): values[name] for name in FILTERS if name != "q"}
    form = read_form(CaseListForm, given)
    mine = view == "mine" and values["scope"] != "all"
    query = CaseQuery(
        view=view,
        criteria=_criteria(form, view, visit.centre.code),
        words=values["q"],
        late=form.late or "",
        stages=stages_of(visit) if mine else (),
        not_of=visit.actor.name if view == "mine" else "",
    )
    order = values["order"] or VIEWS[view].order
    if order.removeprefix("-") in set(ORDER_FIELDS) - set(query.orders):
        order = VIEWS[view].order  # the list was ordered so before a filter was taken away
    check_order(query, order)
    return Asked(view, order, values, query)


def stages_of(visit: Visit) -> tuple[Stage, ...]:
    """Give the queues of the person who is signed in."""
    return STAGES_OF_ROLE.get(visit.account.role if visit.account else "", ACTING)


def read_address(address: str, visit: Visit) -> Asked | None:
    """Read a list that was kept; None when this release no longer knows what it asks for."""
    try:
        return read_asked(asked_values(dict(parse_qsl(address)), "holder"), visit)
    except Refusal:
        return None


def address_of(values: Mapping[str, str]) -> str:
    """Give the filters as an address keeps them; the page is left out."""
    return urlencode({name: value for name, value in values.items() if value and name != "token"})


def _criteria(form: CaseListForm, view: str, here: str) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for name, value in form.model_dump(exclude_none=True, exclude={"late", "state", "item", "grade", "place"}).items():
        if value in ("yes", "no") and name in ANSWERS:
            found[name] = value == "yes"
        elif name.endswith("_to"):
            found[name] = value + timedelta(days=1)
        else:
            found[name] = value
    if form.state is not None:
        found["states"] = [form.state.value]
    for name, known, value in (("item", "classified", form.item), ("grade", "graded", form.grade)):
        if value == NO_VALUE:
            found[known] = False
        elif value:
            found[name] = f"{like(value)}%" if name == "item" else str(value)
    if form.place:
        found["place"] = f"%{like(form.place)}%"
    if view == "intake":
        found["origin"] = here
    return found
