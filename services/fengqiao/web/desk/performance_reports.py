"""Reports of months and weeks (F31): wanted here, made in the background, fetched as a workbook or a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote
from uuid import UUID

from starlette.responses import Response

from fengqiao.domain.calendar import city_day
from fengqiao.domain.errors import Kind, Refusal, not_found
from fengqiao.domain.performance import moved_by
from fengqiao.domain.report import ReportSpan, ReportState, days_of
from fengqiao.domain.words import Language
from fengqiao.handlers.report import want_report
from fengqiao.insight.report_texts import report_text
from fengqiao.store.reports import ReportLine, report_file, report_lines
from fengqiao.web.desk.forms import FormView, known_id, refused_form, typed
from fengqiao.web.desk.marks import Mark
from fengqiao.web.desk.performance import check_above, frame, one_of, read_wanted
from fengqiao.web.desk.times import Moment, moment
from fengqiao.web.desk.visit import Visit

MONTHS_OFFERED, WEEKS_OFFERED = 24, 12
LIST_LIMIT = 40
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
SHAPES = {
    ReportState.WAITING: ("ring", "open"),
    ReportState.MAKING: ("half", "work"),
    ReportState.MADE: ("full", "done"),
    ReportState.FAILED: ("ask", "ask"),
}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report: `percent` while it is being made, the addresses of its files once it is."""

    name: str
    days: str
    language: str
    wanted_by: str
    wanted: Moment
    state: Mark
    percent: int | None
    as_of: str
    sheet_href: str
    document_href: str


async def reports_page(visit: Visit) -> Response:
    """Show the reports, and the form that wants one."""
    return await _show(visit, FormView(visit.t, {"which": f"month:{_months(city_day(visit.now))[0]}"}))


async def want_one(visit: Visit) -> Response:
    """Want a report; what is refused is shown beside the form."""
    check_above(visit)
    values = typed(visit.form) if visit.form else {}
    try:
        offered = [value for value, _ in _choices(visit)]
        span, _, day = one_of("which", values.get("which", ""), offered).partition(":")
        language = Language(one_of("language", values.get("language", ""), list(Language)))
        day_of = date.fromisoformat(day)
        await want_report(visit.context, ReportSpan(span), day_of, language, visit.actor.name)
    except Refusal as refusal:
        if refusal.kind is not Kind.INVALID:
            raise
        return await _show(visit, refused_form(visit.t, values, refusal, visit.language), 422)
    return visit.go(visit.url("performance", "reports"), "done")


async def fetch(visit: Visit) -> Response:
    """Give a file of a report."""
    form, key = visit.request.path_params["format"], visit.request.path_params["report"]
    identity = known_id(key)
    if form not in MEDIA_TYPES or identity is None:
        raise not_found("page_unknown")
    found = await report_file(visit.context.database, identity, form)
    if found is None:
        raise not_found("page_unknown")
    title = report_text(f"title_{found.span}", found.language)
    name = f"{visit.centre.name}{title}-{found.first:%Y%m%d}.{form}"
    plain = f"report-{visit.centre.code}-{found.span}-{found.first:%Y%m%d}.{form}"
    headers = {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"}
    return Response(found.content, media_type=MEDIA_TYPES[form], headers=headers)


async def _show(visit: Visit, form: FormView, status: int = 200) -> Response:
    lines = await report_lines(visit.context.database, LIST_LIMIT)
    return visit.page(
        "performance_reports.html",
        status,
        **await frame(visit, read_wanted(visit), "reports"),
        form=form,
        which=_choices(visit),
        languages=[(one.value, visit.t(f"report.{one}")) for one in Language],
        rows=[_row(line, visit) for line in lines],
        waiting=any(line.state in (ReportState.WAITING, ReportState.MAKING) for line in lines),
    )


def _choices(visit: Visit) -> Sequence[tuple[str, str]]:
    today = city_day(visit.now)
    months = [(f"month:{day}", f"{visit.t('report.month')} {day:%Y-%m}") for day in _months(today)]
    weeks = [
        (f"week:{day}", f"{visit.t('report.week')} {day:%Y-%m-%d} – {day + timedelta(days=6):%m-%d}")
        for day in _weeks(today)
    ]
    return [*months, *weeks]


def _months(today: date) -> Sequence[date]:
    return [moved_by(today, -ago) for ago in range(1, MONTHS_OFFERED + 1)]


def _weeks(today: date) -> Sequence[date]:
    monday = days_of(ReportSpan.WEEK, today).first
    return [monday - timedelta(weeks=ago) for ago in range(1, WEEKS_OFFERED + 1)]


def _row(line: ReportLine, visit: Visit) -> ReportRow:
    shape, tone = SHAPES[line.state]
    made = line.state is ReportState.MADE
    return ReportRow(
        name=visit.t(f"report.{line.span}"),
        days=f"{line.days.first:%Y-%m-%d} – {line.days.last:%Y-%m-%d}",
        language=visit.t(f"report.{line.language}"),
        wanted_by=line.wanted_by or visit.t("report.by_calendar"),
        wanted=moment(line.wanted_at, visit.now, visit.language),
        state=Mark(visit.t(f"report.{line.state}"), shape, tone),
        percent=line.percent if line.state is ReportState.MAKING else None,
        as_of=moment(line.as_of, visit.now, visit.language).full if line.as_of is not None else "",
        sheet_href=_file(visit, line.id, "xlsx") if made else "",
        document_href=_file(visit, line.id, "pdf") if made else "",
    )


def _file(visit: Visit, identity: UUID, form: str) -> str:
    return visit.url("performance", "reports", f"{identity}.{form}")
