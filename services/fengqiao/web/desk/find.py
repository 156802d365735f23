"""Query over the whole federation (信息查询, F32): which cases fit, where a case is, and who had it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from fengqiao.domain.case import CaseState
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.insight.custody_trace import CustodyInterval, Trace, TraceGap, TraceStep
from fengqiao.insight.federation_search import SEARCH_LATE, Hit, SearchFound, SearchWanted
from fengqiao.web.desk.case_query import Day
from fengqiao.web.desk.forms import Form, FormView, read_form, refused_form
from fengqiao.web.desk.marks import CASE_SHAPES, Mark
from fengqiao.web.desk.node import Asking
from fengqiao.web.desk.times import Moment, duration, moment
from fengqiao.web.desk.visit import Visit

PARAMETERS = ("q", "place", "registered_from", "registered_to")


class FindForm(Form):
    """What the form asks for; days are those of the city, the last one included."""

    q: str = ""
    place: str = ""
    registered_from: Day = None
    registered_to: Day = None


@dataclass(frozen=True, slots=True)
class HitRow:
    """A case that fits; `known` says up to when its last known state is known, when its holder has not answered."""

    number: str
    href: str
    title: str
    place: str
    origin: str
    holder: str
    state: Mark
    registered: Moment
    known: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """A centre that has not answered, with how many centres stand behind it, and why."""

    centre: str
    behind: int
    sentence: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One centre's time with a case."""

    centre: str
    units: str
    since: Moment
    until: Moment | None
    took: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """What one centre on the way knows."""

    centre: str
    holder: str
    state: Mark
    at: Moment


async def find_page(visit: Visit) -> Response:
    """Show the form, and what was found once something is asked for."""
    values = {name: visit.query(name).strip() for name in PARAMETERS}
    if not any(values.values()):
        return _page(visit, FormView(visit.t, values), None)
    try:
        found = await _asking(visit).search(_wanted(values))
    except Refusal as refusal:
        if refusal.kind is not Kind.INVALID:
            raise
        return _page(visit, refused_form(visit.t, values, refusal, visit.language), None, 422)
    return _page(visit, FormView(visit.t, values), found)


async def trace_page(visit: Visit) -> Response:
    """Show where a case is, who had it and for how long, and what each centre on the way knows."""
    found = await _asking(visit).trace(visit.request.path_params["case"])
    known_here = any(step.centre == visit.centre.code for step in found.steps)
    last = found.steps[-1]
    return visit.page(
        "trace.html",
        number=found.number,
        case_href=visit.url("cases", found.number) if known_here else "",
        holder=visit.name_of(last.holder),
        state=_mark(last.state, visit),
        partial=visit.t("find.last_known", time=moment(last.updated_at, visit.now, visit.language).full)
        if found.gaps
        else "",
        held=[_held_row(one, found, visit) for one in found.custody],
        steps=[_step_row(one, visit) for one in found.steps],
        gaps=[_gap_row(gap, visit) for gap in found.gaps],
    )


def _page(visit: Visit, form: FormView, found: SearchFound | None, status: int = 200) -> Response:
    gaps = found.gaps if found is not None else ()
    return visit.page(
        "find.html",
        status,
        filters=form,
        asked=found is not None,
        rows=[_hit_row(hit, visit) for hit in found.hits] if found is not None else [],
        cut=found is not None and found.cut,
        answered=visit.t("find.answered", count=found.answered, all=len(visit.context.topology.centres))
        if found is not None
        else "",
        gaps=[_gap_row(gap, visit) for gap in gaps],
    )


def _wanted(values: Mapping[str, str]) -> SearchWanted:
    form = read_form(FindForm, values)
    last = form.registered_to
    return SearchWanted(
        form.q, form.place, form.registered_from, last + timedelta(days=1) if last is not None else None
    )


def _hit_row(hit: Hit, visit: Visit) -> HitRow:
    at = moment(hit.updated_at, visit.now, visit.language).full
    known = "" if hit.fresh else visit.t("find.known_by", centre=visit.name_of(hit.told_by), time=at)
    return HitRow(
        number=hit.number,
        href=visit.url("find", hit.number),
        title=hit.title,
        place=hit.place,
        origin=visit.name_of(hit.origin),
        holder=visit.name_of(hit.holder),
        state=_mark(hit.state, visit),
        registered=moment(hit.registered_at, visit.now, visit.language),
        known=known,
    )


def _held_row(one: CustodyInterval, found: Trace, visit: Visit) -> HeldRow:
    resolved = found.steps[-1].state is CaseState.RESOLVED
    ended = one.until or (found.steps[-1].updated_at if resolved else visit.now)
    return HeldRow(
        visit.name_of(one.centre),
        "、".join(visit.unit_name(one.centre, code) for code in dict.fromkeys(one.units)),
        moment(one.since, visit.now, visit.language),
        moment(one.until, visit.now, visit.language) if one.until is not None else None,
        duration((ended - one.since).total_seconds(), visit.language),
    )


def _step_row(step: TraceStep, visit: Visit) -> StepRow:
    return StepRow(
        visit.name_of(step.centre),
        visit.name_of(step.holder),
        _mark(step.state, visit),
        moment(step.updated_at, visit.now, visit.language),
    )


def _gap_row(gap: TraceGap, visit: Visit) -> GapRow:
    centre, code = gap.centre, gap.code
    known = centre in visit.context.topology.centres and code != SEARCH_LATE
    behind = visit.context.topology.behind(visit.centre.code, centre) if known else ()
    try:
        reason = Refusal(Kind.UNAVAILABLE, code, gap.params).sentence(visit.language)
    except (KeyError, IndexError):
        # A newer release says why in words that this one does not know.
        reason = visit.t("find.not_said", code=code)
    return GapRow(visit.name_of(centre), len(behind), reason)


def _mark(state: CaseState, visit: Visit) -> Mark:
    shape, tone = CASE_SHAPES[state]
    return Mark(visit.word(f"state.{state}"), shape, tone)


def _asking(visit: Visit) -> Asking:
    if visit.node is None:
        raise LookupError("this page belongs to no centre")
    return visit.node.asking
