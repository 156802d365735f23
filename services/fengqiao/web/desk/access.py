"""The pages of bodies outside the chain: the cases granted to them, read-only and without the reporter (F20)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from fengqiao.domain.access import Grant, masked
from fengqiao.domain.case import Contact
from fengqiao.domain.errors import not_found
from fengqiao.handlers.access import read_granted
from fengqiao.insight.supervision import granted_view
from fengqiao.store.access import GrantLine, grants_of
from fengqiao.store.queries import JournalRow
from fengqiao.web.desk.actions import Fact
from fengqiao.web.desk.case import head
from fengqiao.web.desk.clocks import clocks
from fengqiao.web.desk.forms import known_id
from fengqiao.web.desk.timeline import entries
from fengqiao.web.desk.times import Moment, moment
from fengqiao.web.desk.visit import Visit


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A case that was granted."""

    number: str
    href: str
    purpose: str
    by: str
    until: Moment
    over: bool


async def access_list(visit: Visit) -> Response:
    """Show what is granted to the body of the person; titles may name people, so only numbers stand here."""
    lines = await grants_of(visit.context.database, visit.account.role if visit.account else "")
    return visit.page("access.html", rows=[_row(line, visit) for line in lines])


async def access_case(visit: Visit) -> Response:
    """Show a granted case, having written down who reads it; a grant that is over refuses with a sentence."""
    context, account = visit.context, visit.account
    identity = known_id(visit.request.path_params["grant"])
    if account is None or identity is None:
        raise not_found("access_unknown")
    grant = await read_granted(context, identity, account.role, account.login, account.name)
    view = await granted_view(context.database, grant.case_id)
    shown = head(view.file, visit)
    return visit.page(
        "access_case.html",
        case=replace(shown, title=masked(shown.title, view.contact), text=masked(shown.text, view.contact)),
        timeline=entries([_hidden(row, view.contact) for row in view.events], visit),
        facts=_facts(grant, visit),
        clocks=clocks(view.file.case, visit),
    )


def _row(line: GrantLine, visit: Visit) -> GrantRow:
    grant: Grant = line.grant
    return GrantRow(
        line.number,
        visit.url("access", grant.id),
        grant.purpose,
        grant.by,
        moment(grant.until, visit.now, visit.language),
        grant.expired(visit.now),
    )


def _facts(grant: Grant, visit: Visit) -> Sequence[Fact]:
    return (
        Fact(visit.t("access.purpose"), grant.purpose, chinese=True),
        Fact(visit.t("access.by"), grant.by, chinese=True),
        Fact(visit.t("access.until"), at=moment(grant.until, visit.now, visit.language)),
    )


def _hidden(row: JournalRow, contact: Contact | None) -> JournalRow:
    details = {
        name: masked(value, contact) if name not in _KEPT else value for name, value in row.event.details.items()
    }
    return replace(row, event=replace(row.event, details=details))


# Values that are no words of people: hiding long numbers in them would break them.
_KEPT = frozenset(
    {"sha256", "size", "offer", "order", "grant", "entry", "since", "until", "due_at", "due_before", "entered_at"}
    | {"to", "from", "recipient", "number"}
)
