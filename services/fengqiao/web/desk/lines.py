"""Lines of a list as people see them: what a case is, what it waits for, and how much time is left (ui.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fengqiao.domain.case import CaseState
from fengqiao.domain.stage import ACTING, Stage
from fengqiao.store.case_lines import CaseLine
from fengqiao.web.desk.course_facts import item_name
from fengqiao.web.desk.marks import CASE_SHAPES, Mark
from fengqiao.web.desk.times import Due, Moment, due, moment
from fengqiao.web.desk.visit import Visit

COLUMNS = ("number", "title", "matter", "unit", "due", "state")
KNOWN_COLUMNS = ("number", "title", "matter", "unit", "holder", "state", "registered")
# The queues that show something of their own; `assign` is a form in the row.
COLUMNS_OF_VIEW = {
    "unassigned": ("number", "title", "matter", "place", "due", "assign"),
    "offered": ("number", "title", "from", "why", "due", "state"),
    "arbitration": ("number", "title", "from", "why", "due", "state"),
    "applied": ("number", "title", "application", "why", "due", "state"),
    "sign_off": ("number", "title", "result", "by", "unit", "due"),
    "reply": ("number", "title", "result", "unit", "due", "state"),
    "revisit": ("number", "title", "reply", "unit", "due", "replied"),
    "offered_out": ("number", "title", "matter", "due", "state", "offered"),
    "following": ("number", "title", "matter", "holder", "due", "state"),
    "resolved": ("number", "title", "matter", "unit", "state", "closed"),
    "intake": ("number", "title", "matter", "channel", "state", "registered"),
    "all": KNOWN_COLUMNS,
}
SORTS = {
    "number": "number", "title": "title", "matter": "item", "unit": "unit", "due": "due_at", "state": "state",
    "registered": "registered_at", "closed": "resolved_at", "place": "place", "updated": "updated_at",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row; `pick` is what a tick sends: the case, and the version and journal that were seen."""

    number: str
    href: str
    pick: str
    version: int
    seen: int
    title: str
    urgent: bool
    matter: str
    channel: str
    unit: str
    first: str
    place: str
    holder: str
    state: Mark
    due: Due | None
    registered: Moment
    closed: Moment | None
    offered: Moment | None
    replied: Moment | None
    why: str
    came_from: str
    application: str
    result: str
    by: str
    reply: str


def line_row(line: CaseLine, visit: Visit, came_from: str = "") -> LineRow:
    """Make a row; `came_from` is the queue that the case is opened from."""
    offered = line.stage == Stage.OFFERED

    def at(value: datetime | None) -> Moment | None:
        return moment(value, visit.now, visit.language) if value is not None else None

    closed = line.state == CaseState.RESOLVED
    return LineRow(
        number=line.number,
        href=visit.url("cases", line.number) + (f"?from={came_from}" if came_from else ""),
        pick=f"{line.case_id}:{line.version}:{line.journal_length}",
        version=line.version,
        seen=line.journal_length,
        title=line.title,
        urgent=line.urgent,
        matter=item_name(line.item, visit).partition(" ")[2] if line.item else visit.word(f"kind.{line.kind}"),
        channel=visit.word(f"channel.{line.channel}"),
        unit=visit.unit_name(line.holder, line.unit) if line.unit else "",
        first=visit.unit_name(line.first_receiver_centre, line.first_receiver_unit),
        place=line.place,
        holder=visit.name_of(line.holder),
        state=line_mark(line, visit),
        due=due(line.due_at, visit.now, visit.language) if line.due_at is not None and not closed else None,
        registered=moment(line.registered_at, visit.now, visit.language),
        closed=at(line.resolved_at),
        offered=at(line.offered_at),
        replied=at(line.replied_at),
        why=(line.offer_reason if offered else line.objection or line.applied_why) or "",
        came_from=visit.name_of(line.holder),
        application=visit.word(f"application.{line.application}") if line.application else "",
        result=line.submitted or "",
        by=line.submitted_by or line.applied_by or "",
        reply=line.reply or "",
    )


def line_mark(line: CaseLine, visit: Visit) -> Mark:
    """The state of a case; what holds it still, and what is offered to or by whom, is said instead or beside."""
    if line.stage == Stage.OFFERED:
        return Mark(visit.t("offer.for_us"), "ask", "ask")
    if line.stage == Stage.OFFERED_OUT:
        key = "offer.withdrawing" if line.offer_withdrawing else "offer.sent"
        return Mark(visit.t(key, to=visit.name_of(line.offer_to or "")), "sent", "sent")
    shape, tone = CASE_SHAPES[CaseState(line.state)]
    words = [visit.word(f"state.{line.state}")]
    if line.closing is not None:
        words.append(visit.word(f"closing.{line.closing}"))
    still = {Stage.APPLIED: "mark.application", Stage.SUSPENDED: "mark.suspended", Stage.MERGED: "mark.merged"}
    if (stage := Stage(line.stage)) in still:
        words.append(visit.t(still[stage]))
    if line.reopened and line.closing is None:
        words.append(visit.t("mark.reopened"))
    return Mark(" · ".join(words), shape, tone)


def columns_of(view: str) -> Sequence[str]:
    """Give the columns of a view."""
    return COLUMNS_OF_VIEW.get(view, COLUMNS)


def acts_in(view: str) -> bool:
    """Tell whether people of this centre are the next to act in a view."""
    return view == "mine" or view in {stage.value for stage in ACTING}
