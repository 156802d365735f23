"""`fengqiao feeds status|read-again|tell-again`: what centres tell those above about their cases (F31)."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from fengqiao.bus.topics import feeds_read
from fengqiao.domain.errors import Violation, invalid, not_found
from fengqiao.domain.topology import Topology
from fengqiao.entry.cli.local import data_folder
from fengqiao.entry.cli.speech import refusals_told, said, tell, tell_json
from fengqiao.entry.clock import utc_now
from fengqiao.entry.feeds import FeedStatus, feed_status, read_again, tell_again
from fengqiao.entry.lists import load_topology
from fengqiao.entry.settings import load_settings
from fengqiao.entry.verify import Federation, local_federation, settings_federation

app = typer.Typer(help=said("上报的统计事实。", "Facts told to those above."), no_args_is_help=True)
Centre = Annotated[str, typer.Option("--centre", help=said("中心代码。", "The code of the centre."))]
Data = Annotated[
    Path | None, typer.Option("--data", help=said("本机系统的数据目录。", "The data folder of a local stack."))
]
Every = Annotated[
    bool, typer.Option("--all", help=said("按设置读取各中心数据库。", "Databases as the settings name them."))
]


def add_to(main: typer.Typer) -> None:
    """Add the group to the main command."""
    main.add_typer(app, name="feeds")


@app.command(help=said("各中心上报到何时，上级读到多少。", "How far centres have told, and how much those above know."))
def status(
    centre: Centre = "",
    data: Data = None,
    every: Every = False,
    as_json: Annotated[bool, typer.Option("--json", help=said("以 JSON 输出。", "Print JSON."))] = False,
) -> None:
    """Show how the feeds stand."""
    with refusals_told():
        topology, federation = _federation(data, every)
        if centre:
            _check(federation, centre)
        chosen = (centre,) if centre else tuple(federation.databases)
        found = asyncio.run(feed_status(federation, topology, chosen))
        if as_json:
            tell_json({"centres": [_fields(one) for one in found]})
            return
        now = utc_now()
        for one in found:
            told = said("尚未上报", "nothing told") if one.told_until is None else _ago(now, one.told_until)
            tell(f"{one.centre:<10} {told:<18} {_known(one)}")


@app.command(
    "read-again", help=said("忘掉已读的事实，从头再读。", "Forget what was read and read it from the beginning.")
)
def read_command(centre: Centre, data: Data = None, every: Every = False) -> None:
    """Begin a new reading."""
    with refusals_told():
        topology, federation = _federation(data, every)
        _check(federation, centre)
        if not feeds_read(topology, centre):
            raise invalid(Violation("--centre", "feeds_none", {"centre": centre}))
        number = asyncio.run(read_again(federation, centre))
        tell(said(f"第 {number} 次读取开始。", f"Reading {number} begins."))


@app.command("tell-again", help=said("重新上报本中心全部事项。", "Tell all cases of a centre anew."))
def tell_command(centre: Centre, data: Data = None, every: Every = False) -> None:
    """Have everything told anew."""
    with refusals_told():
        _, federation = _federation(data, every)
        _check(federation, centre)
        asyncio.run(tell_again(federation, centre))
        tell(said("一分钟内重新上报。", "Told anew within a minute."))


def _federation(data: Path | None, every: bool) -> tuple[Topology, Federation]:
    settings = load_settings(data=str(data) if data else None)
    topology = load_topology(settings)
    local = None if every else local_federation(data_folder(settings), topology)
    return topology, local or settings_federation(settings, topology)


def _check(federation: Federation, centre: str) -> None:
    if centre not in federation.databases:
        raise not_found("centre_unknown", centre=centre)


def _ago(now: datetime, then: datetime) -> str:
    seconds = max(0, int((now - then).total_seconds()))
    return said(f"{seconds} 秒前", f"{seconds} s ago")


def _known(one: FeedStatus) -> str:
    if not one.reading:
        return ""
    known = said(
        f"第 {one.reading} 次读取：{one.facts} 件，来自 {one.sources} 个中心",
        f"reading {one.reading}: {one.facts} cases from {one.sources} centres",
    )
    return f"{known}; {said('缺', 'missing')}: {' '.join(one.missing)}" if one.missing else known


def _fields(one: FeedStatus) -> dict[str, Any]:
    return {
        "centre": one.centre,
        "told_until": one.told_until.isoformat() if one.told_until else None,
        "reading": one.reading,
        "facts": one.facts,
        "sources": one.sources,
        "oldest": one.oldest.isoformat() if one.oldest else None,
        "missing": list(one.missing),
    }
