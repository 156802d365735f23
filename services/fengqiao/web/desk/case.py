"""The page of a case: left the story across centres, right the facts, below the next action (ui.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode
from uuid import UUID

from starlette.responses import Response

from fengqiao.domain.case import Case, CaseFile, CommandName, Role
from fengqiao.domain.custody import check_may
from fengqiao.domain.errors import Refusal, not_found
from fengqiao.domain.transitions import allowed_commands
from fengqiao.handlers import attachment as attachments
from fengqiao.insight.case_beside import BesideCase, case_beside
from fengqiao.insight.case_search import VIEWS
from fengqiao.insight.cases import CaseView, case_view, find_case
from fengqiao.insight.custody_trace import custody_intervals
from fengqiao.web.desk.actions import Fact
from fengqiao.web.desk.case_actions import case_actions
from fengqiao.web.desk.clocks import clocks
from fengqiao.web.desk.course_facts import course_facts
from fengqiao.web.desk.forms import FormView
from fengqiao.web.desk.lines import LineRow, acts_in, line_row
from fengqiao.web.desk.listing import listed
from fengqiao.web.desk.marks import Mark, case_mark, directive_mark, offer_mark
from fengqiao.web.desk.saved_views import bounded
from fengqiao.web.desk.supervision_actions import supervision_actions, supervision_panel
from fengqiao.web.desk.timeline import entries
from fengqiao.web.desk.times import Moment, duration, moment
from fengqiao.web.desk.visit import Visit

# What people look for among the actions and may miss; each is explained when it is not allowed.
EXPLAINED = (CommandName.ASSIGN, CommandName.OFFER, CommandName.RESOLVE)


@dataclass(frozen=True, slots=True)
class CaseHead:
    """The top of the page."""

    number: str
    title: str
    text: str
    state: Mark
    offer: Mark | None
    urgent: bool
    kind: str
    request_type: str
    channel: str


@dataclass(frozen=True, slots=True)
class Handover:
    """The open offer: to or from whom, since when and why; "sent" is not "accepted"."""

    tone: str
    title: str
    text: str
    reason: str
    since: Moment


@dataclass(frozen=True, slots=True)
class Holding:
    """How long one centre had the case."""

    centre: str
    time: str
    current: bool


@dataclass(frozen=True, slots=True)
class DirectiveLink:
    """A directive about the case."""

    title: str
    href: str
    state: Mark


@dataclass(frozen=True, slots=True)
class RelatedCases:
    """Cases beside this one, each group with a remark."""

    of_reporter: Sequence[LineRow]
    counts: str
    nearby: Sequence[LineRow]
    more: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a refused command puts on the page: which action is open, its form, and the position that was seen."""

    action: str = ""
    form: FormView | None = None
    seen: int = 0
    came_from: str = ""
    """The queue that the case was opened from, empty when from none."""


async def case_page(visit: Visit) -> Response:
    """Show a case by its id or number."""
    shown = Shown(visit.query("act"), came_from=queue_of(visit.query("from")))
    return await show_case(visit, visit.request.path_params["case"], shown)


def queue_of(name: str) -> str:
    """Give a queue that people act in, empty for anything else."""
    return name if name in VIEWS and acts_in(name) else ""


async def wanted_case(visit: Visit) -> UUID:
    """Find the case that the address names."""
    return await find_case(visit.context.database, visit.request.path_params["case"])


async def show_case(visit: Visit, key: UUID | str, shown: Shown, status: int = 200) -> Response:
    """Show a case, with the form of a refused command open and filled as it was typed."""
    view = await case_view(visit.context.database, key)
    case_id = view.file.case.id
    beside = await case_beside(visit.context.database, case_id, visit.now)
    problem = shown.form or FormView(visit.t)
    return visit.page(
        "case.html",
        status,
        case=head(view.file, visit),
        timeline=entries(view.events, visit, shown.seen, lambda sha: visit.url("cases", case_id, "files", sha)),
        facts=facts(view, visit),
        handover=handover(view.file, visit),
        clocks=clocks(view.file.case, visit),
        custody=holdings(view, visit),
        directives=[
            DirectiveLink(one.title, visit.url("directives", one.number), directive_mark(one, visit))
            for one in view.directives
        ],
        actions=(
            *case_actions(view, visit, shown.action, shown.form, shown.came_from),
            *supervision_actions(view, visit, shown.action, shown.form),
        ),
        supervised=supervision_panel(view, visit),
        beside=beside_case(beside, visit),
        queue=shown.came_from,
        queue_href=queue_href(shown.came_from, visit),
        next_href=f"{visit.url('cases-next')}?{urlencode({'view': shown.came_from, 'after': view.file.case.number})}",
        refused=refusals(view.file, visit),
        problem=problem,
        problem_prefix=shown.action,
        events_url=f"{visit.url('events')}?subject={case_id}&seen={view.file.journal_length}",
    )


def queue_href(queue: str, visit: Visit) -> str:
    """Give the address of a queue, or of all lists."""
    if queue == "mine":
        return visit.url("work")
    return listed(visit, "cases", {"view": queue})


def beside_case(beside: BesideCase, visit: Visit) -> RelatedCases:
    """Make what stands beside the facts: other cases of the reporter, and open ones near by."""
    counts = {"many": bounded(beside.reporter_many), "open": bounded(beside.reporter_open)}
    return RelatedCases(
        [line_row(line, visit) for line in beside.of_reporter],
        visit.t("related.reporter_counts", **counts) if beside.reporter_many else "",
        [line_row(line, visit) for line in beside.nearby],
        visit.t("related.more") if beside.more_nearby else "",
    )


async def case_content(visit: Visit) -> Response:
    """Give an attached file; always as a download, so that nothing of it runs in the desk's origin."""
    case_id = await wanted_case(visit)
    sha256 = visit.request.path_params["sha256"]
    view = await case_view(visit.context.database, case_id)
    named = (row.event.details for row in view.events if row.event.details.get("sha256") == sha256)
    details = next(named, None)
    found = await attachments.content(visit.context, sha256) if details else None
    if details is None or found is None:
        raise not_found("attachment_unknown", sha256=sha256)
    return download(found.content, found.media_type, details["name"])


def download(content: bytes, media_type: str, name: str) -> Response:
    """Give bytes as a file with its name."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)


def head(file: CaseFile, visit: Visit) -> CaseHead:
    """Make the top of the page."""
    case = file.case
    return CaseHead(
        number=case.number,
        title=case.title,
        text=case.text,
        state=case_mark(case, visit),
        offer=offer_mark(file, visit),
        urgent=case.urgent,
        kind=visit.word(f"kind.{case.kind}"),
        request_type=visit.word(f"request_type.{case.request_type}"),
        channel=visit.word(f"channel.{case.channel}"),
    )


def facts(view: CaseView, visit: Visit) -> Sequence[Fact]:
    """Make the facts beside the story."""
    case, first = view.file.case, view.file.case.first_receiver
    unit = visit.unit_name(case.holder, case.unit) if case.unit else visit.t("case.no_unit")
    fixed = "" if first.fixed else visit.t("case.not_fixed")
    found = [
        Fact(
            visit.t("fact.first"), f"{visit.name_of(first.centre)} · {visit.unit_name(first.centre, first.unit)}", fixed
        ),
        Fact(visit.t("fact.holder"), visit.name_of(case.holder), visit.t("case.epoch", epoch=case.epoch), chinese=True),
        Fact(visit.t("fact.unit"), unit),
        Fact(visit.t("fact.role"), visit.word(f"role.{view.file.role}")),
    ]
    if case.place:
        found.append(Fact(visit.t("field.place"), case.place, chinese=True))
    if view.contact is not None:
        found.append(Fact(visit.t("fact.contact"), f"{view.contact.name} {view.contact.phone}".strip(), chinese=True))
    if case.reference:
        found.append(Fact(visit.t("fact.reference"), case.reference))
    found.extend(course_facts(case, visit))
    found.extend(_times(case, visit))
    if case.result:
        found.append(Fact(visit.t("field.result"), case.result, chinese=True))
    return found


def handover(file: CaseFile, visit: Visit) -> Handover | None:
    """Say to or from whom the case is offered, since when, and that it is not accepted yet."""
    offer, case = file.case.offer, file.case
    if offer is None or file.role is Role.BYSTANDER:
        return None
    since = moment(offer.offered_at, visit.now, visit.language)
    direction = visit.word(f"direction.{offer.direction}")
    if file.role is Role.CANDIDATE:
        title = visit.t("handover.for_us", centre=visit.name_of(case.holder), direction=direction)
        return Handover("ask", title, visit.t("handover.for_us_text"), offer.reason, since)
    text = "handover.withdrawing" if offer.withdrawing else "handover.sent_text"
    title = visit.t("handover.sent", centre=visit.name_of(offer.to), direction=direction)
    return Handover("sent", title, visit.t(text), offer.reason, since)


def holdings(view: CaseView, visit: Visit) -> Sequence[Holding]:
    """Say who had the case and for how long."""
    intervals = custody_intervals([row.event for row in view.events], view.file.case)
    ends: datetime = view.file.case.resolved_at or visit.now
    return [
        Holding(
            visit.name_of(one.centre),
            duration(((one.until or ends) - one.since).total_seconds(), visit.language),
            one.until is None,
        )
        for one in intervals
    ]


def refusals(file: CaseFile, visit: Visit) -> Sequence[str]:
    """Say why an action that people look for is not among those allowed, and who can."""
    facts_now = visit.context.facts(visit.actor)
    sentences = []
    for name in EXPLAINED:
        if name in allowed_commands(file):
            continue
        try:
            check_may(file, name, facts_now, None)
        except Refusal as refusal:
            sentences.append(refusal.sentence(visit.language))
    return sentences


def _times(case: Case, visit: Visit) -> Sequence[Fact]:
    times: Mapping[str, datetime | None] = {
        "fact.registered": case.registered_at,
        "fact.updated": case.updated_at,
        "fact.resolved": case.resolved_at,
    }
    return [
        Fact(visit.t(name), at=moment(at, visit.now, visit.language)) for name, at in times.items() if at is not None
    ]
