"""`fengqiao figures`: every rate with its numerator and its denominator."""

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from fengqiao.domain.errors import Violation, invalid, not_found
from fengqiao.domain.figures import Figures, Period, Rate
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.words import word
from fengqiao.entry.cli.local import data_folder
from fengqiao.entry.cli.speech import language_here, refusals_told, said, tell, tell_json
from fengqiao.entry.clock import utc_now
from fengqiao.entry.figures import federation_figures
from fengqiao.entry.limits import load_calendar
from fengqiao.entry.lists import load_topology
from fengqiao.entry.settings import load_settings
from fengqiao.entry.verify import local_federation, settings_federation

LAST_DAYS = 365
RATES = {
    "direct": ("直接答复率", "answered directly"),
    "met": ("已完成", "met"),
    "on_time": ("按期完成", "met in time"),
    "within_3_days": ("3 日内办结", "resolved within 3 days"),
    "within_15_days": ("15 日内办结", "resolved within 15 days"),
    "within_60_days": ("60 日内办结", "resolved within 60 days"),
    "satisfied": ("合理诉求满意率", "satisfied, reasonable demands"),
    "satisfied_unreasonable": ("不合理诉求满意率", "satisfied, unreasonable demands"),
    "rework": ("重办率", "reopened"),
    "extension": ("延期率", "extended"),
    "return": ("回退率", "returned by a unit"),
    "containment": ("化解在应当化解的层级", "settled at or below its tier"),
}


def add_to(main: typer.Typer) -> None:
    """Add the command `figures` to the main one."""

    @main.command(
        "figures",
        help=said(
            "统计指标：每个比率都给出分子和分母；不指定中心时为全市合计。",
            "Figures: every rate with numerator and denominator; of all centres together unless one is named.",
        ),
    )
    def figures_command(
        centre: Annotated[str, typer.Option("--centre", help=said("中心代码。", "Code of a centre."))] = "",
        first: Annotated[str, typer.Option("--from", help=said("起始日期（含）。", "First day, included."))] = "",
        last: Annotated[str, typer.Option("--to", help=said("截止日期（含）。", "Last day, included."))] = "",
        data: Annotated[
            Path | None, typer.Option("--data", help=said("本机系统的数据目录。", "The data folder of a local stack."))
        ] = None,
        every: Annotated[
            bool, typer.Option("--all", help=said("按设置读取各中心数据库。", "Databases as the settings name them."))
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help=said("以 JSON 输出。", "Print JSON."))] = False,
    ) -> None:
        """Work out the figures of a period; without days, of the last year."""
        with refusals_told():
            settings = load_settings(data=str(data) if data else None)
            topology = load_topology(settings)
            if centre and centre not in topology.centres:
                raise not_found("centre_unknown", centre=centre)
            today = utc_now().astimezone(CITY_ZONE).date()
            period = Period(_day("from", first) or today - timedelta(days=LAST_DAYS), _day("to", last) or today)
            local = None if every else local_federation(data_folder(settings), topology)
            federation = local or settings_federation(settings, topology)
            chosen = (centre,) if centre else tuple(federation.databases)
            if missing := [code for code in chosen if code not in federation.databases]:
                raise not_found("centre_unknown", centre=missing[0])
            calendar = load_calendar(Path(path) for path in settings.calendar_files)
            found = asyncio.run(federation_figures(federation, chosen, period, calendar))
            if as_json:
                tell_json(_fields(found))
            else:
                _tell(found)


def _day(field: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=CITY_ZONE).date()
    except ValueError as error:
        raise invalid(Violation(field, "day_malformed", {"value": text})) from error


def _tell(found: Figures) -> None:
    language = language_here()
    tell(f"{found.period.first} – {found.period.last}  {said('登记', 'registered')} {found.registered}")
    tell("  ".join(f"{word(f'closing.{kind}', language)} {many}" for kind, many in found.closings.items()))
    for rate in found.rates:
        tell(f"{_share(rate):>8}  {rate.numerator}/{rate.denominator}  {said(*RATES[rate.name])} {rate.limit}".rstrip())


def _share(rate: Rate) -> str:
    return "-" if rate.share is None else f"{rate.share * 100:.2f} %"


def _fields(found: Figures) -> dict[str, object]:
    return {
        "from": found.period.first,
        "to": found.period.last,
        "registered": found.registered,
        "closings": {kind.value: many for kind, many in found.closings.items()},
        "rates": [
            {
                "name": rate.name,
                "limit": rate.limit,
                "numerator": rate.numerator,
                "denominator": rate.denominator,
                "share": rate.share,
            }
            for rate in found.rates
        ],
    }
