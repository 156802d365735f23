"""`fengqiao report`: the monthly or weekly report of a county or the city, as a workbook and a document."""

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from fengqiao.domain.calendar import city_day
from fengqiao.domain.errors import Kind, Refusal, Violation, invalid, not_found
from fengqiao.domain.report import Days, ReportSpan, days_of, last_whole
from fengqiao.domain.words import Language
from fengqiao.entry.cli.local import data_folder
from fengqiao.entry.cli.speech import language_here, refusals_told, said, tell
from fengqiao.entry.clock import utc_now
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.lists import load_topology
from fengqiao.entry.report import make_report, save_report
from fengqiao.entry.settings import load_settings
from fengqiao.entry.verify import local_federation, settings_federation


def add_to(main: typer.Typer) -> None:
    """Add the command `report` to the main one."""

    @main.command(
        "report",
        help=said(
            "月报或周报：XLSX 和 PDF；不指定时为上一个整月。",
            "The report of a month or a week, as XLSX and PDF; of the last whole month unless one is named.",
        ),
    )
    def report_command(
        centre: Annotated[str, typer.Option("--centre", help=said("中心代码。", "Code of a centre."))] = "",
        month: Annotated[str, typer.Option("--month", help=said("月份，如 2026-10。", "A month, as 2026-10."))] = "",
        week: Annotated[
            str, typer.Option("--week", help=said("一周中的任一天。", "Any day of a week, as 2026-11-16."))
        ] = "",
        language: Annotated[str, typer.Option("--language", help=said("zh 或 en。", "zh or en."))] = "",
        folder: Annotated[Path, typer.Option("--folder", help=said("写入的目录。", "Where to write it."))] = Path(),
        data: Annotated[
            Path | None, typer.Option("--data", help=said("本机系统的数据目录。", "The data folder of a local stack."))
        ] = None,
        every: Annotated[
            bool, typer.Option("--all", help=said("按设置读取各中心数据库。", "Databases as the settings name them."))
        ] = False,
    ) -> None:
        """Make a report and write its two files."""
        with refusals_told():
            settings = load_settings(data=str(data) if data else None)
            topology = load_topology(settings)
            span, days = _wanted(month, week, city_day(utc_now()))
            if days.last >= city_day(utc_now()):
                raise Refusal(Kind.INVALID, "report_too_early", {"last": f"{days.last:%Y-%m-%d}"})
            spoken = _language(language)
            local = None if every else local_federation(data_folder(settings), topology)
            federation = local or settings_federation(settings, topology)
            whose = centre or topology.city.code
            if whose not in federation.databases:
                raise not_found("centre_unknown", centre=whose)
            catalogue = load_handbook(settings.handbook_file).catalogue
            files = asyncio.run(
                make_report(federation, topology, catalogue, whose, span, days.first, spoken, utc_now())
            )
            for path in save_report(files, folder, f"report-{whose}-{span}-{days.first:%Y%m%d}"):
                tell(str(path))


def _wanted(month: str, week: str, today: date) -> tuple[ReportSpan, Days]:
    if month and week:
        raise invalid(Violation("--week", "report_span_twice"))
    if week:
        return ReportSpan.WEEK, days_of(ReportSpan.WEEK, _day("--week", week, "%Y-%m-%d", "day_malformed"))
    if month:
        return ReportSpan.MONTH, days_of(ReportSpan.MONTH, _day("--month", month, "%Y-%m", "month_malformed"))
    return ReportSpan.MONTH, last_whole(ReportSpan.MONTH, today)


def _day(option: str, text: str, form: str, wrong: str) -> date:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day of the city, no instant
    except ValueError as error:
        raise invalid(Violation(option, wrong, {"value": text})) from error


def _language(text: str) -> Language:
    if not text:
        return language_here()
    if text not in list(Language):
        raise invalid(Violation("--language", "enum_unknown", {"value": text, "allowed": ", ".join(Language)}))
    return Language(text)
