"""`fengqiao points`: the ledgers of points, each sum with its entries and cases (F13, pain 10)."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from fengqiao.domain.errors import not_found
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.words import word
from fengqiao.entry.cli.local import data_folder
from fengqiao.entry.cli.speech import language_here, refusals_told, said, tell, tell_json
from fengqiao.entry.clock import utc_now
from fengqiao.entry.limits import load_limit_rules
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.settings import Settings, load_settings
from fengqiao.entry.supervision import load_supervision
from fengqiao.entry.verify import OPEN_AT_ONCE, OPEN_SECONDS, Federation, local_federation, settings_federation
from fengqiao.insight.supervision import Ledger, ledger
from fengqiao.store.database import Database


def add_to(main: typer.Typer) -> None:
    """Add the command `points` to the main one."""

    @main.command(
        "points",
        help=said(
            "扣分台账：近 90 天各单位的分值、记录、撤销和经办件数；不指定中心时列出所有中心。",
            "Ledgers of points: each unit's sum, entries, reversals and cases of the last 90 days; of every centre "
            "unless one is named.",
        ),
    )
    def points_command(
        centre: Annotated[str, typer.Option("--centre", help=said("中心代码。", "Code of a centre."))] = "",
        data: Annotated[
            Path | None, typer.Option("--data", help=said("本机系统的数据目录。", "The data folder of a local stack."))
        ] = None,
        every: Annotated[
            bool, typer.Option("--all", help=said("按设置读取各中心数据库。", "Databases as the settings name them."))
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help=said("以 JSON 输出。", "Print JSON."))] = False,
    ) -> None:
        """List the ledgers."""
        with refusals_told():
            settings = load_settings(data=str(data) if data else None)
            topology = load_topology(settings)
            local = None if every else local_federation(data_folder(settings), topology)
            federation = local or settings_federation(settings, topology)
            if centre and centre not in federation.databases:
                raise not_found("centre_unknown", centre=centre)
            chosen = (centre,) if centre else tuple(federation.databases)
            found = asyncio.run(_ledgers(federation, chosen, _least_cases(settings)))
            if as_json:
                tell_json({"centres": [_fields(code, one) for code, one in found.items()]})
            else:
                _tell(found)


def _least_cases(settings: Settings) -> int:
    topology, units = load_topology(settings), load_units(settings.units_file)
    limits = load_limit_rules(settings, topology, units)
    return load_supervision(settings.supervision_file, limits, topology, units).terms.least_cases


async def _ledgers(federation: Federation, centres: tuple[str, ...], least_cases: int) -> dict[str, Ledger]:
    gate, now = asyncio.Semaphore(OPEN_AT_ONCE), utc_now()

    async def one(code: str) -> Ledger:
        async with gate, AsyncExitStack() as stack:
            database = Database(federation.databases[code], connections=1)
            stack.push_async_callback(database.close)
            await database.open(OPEN_SECONDS)
            return await ledger(database, now, least_cases)

    return dict(zip(centres, await asyncio.gather(*(one(code) for code in centres)), strict=True))


def _tell(found: dict[str, Ledger]) -> None:
    language = language_here()
    for code, book in found.items():
        for unit in book.sums:
            counts = said(
                f"{unit.points} 分 · 记录 {unit.entries} · 撤销 {unit.reversals} · 经办 {unit.cases} 件",
                f"{unit.points} points · {unit.entries} entries · {unit.reversals} reversed · {unit.cases} cases",
            )
            rate = f"{100 * unit.points / unit.cases:.2f} / 100" if book.comparable(unit) else "-"
            tell(f"{code}  {unit.unit}  {counts}  {rate}")
        for line in book.entries:
            day, standing = line.at.astimezone(CITY_ZONE).date(), word(f"standing.{line.standing}", language)
            tell(f"  {day}  {line.number}  {line.unit}  {line.rule}  {line.points}  {standing}")
    if not any(book.entries for book in found.values()):
        tell(said("近 90 天没有扣分记录。", "No points were deducted in the last 90 days."))


def _fields(code: str, book: Ledger) -> dict[str, object]:
    return {
        "centre": code,
        "since": book.since.isoformat(),
        "least_cases": book.least_cases,
        "units": [
            {
                "unit": unit.unit,
                "points": unit.points,
                "entries": unit.entries,
                "reversals": unit.reversals,
                "cases": unit.cases,
                "comparable": book.comparable(unit),
            }
            for unit in book.sums
        ],
        "entries": [
            {
                "id": str(line.entry_id),
                "case": line.number,
                "unit": line.unit,
                "rule": line.rule,
                "points": line.points,
                "limit": line.limit_code,
                "rung": line.rung,
                "by": line.by,
                "at": line.at.isoformat(),
                "standing": line.standing.value,
            }
            for line in book.entries
        ],
    }
