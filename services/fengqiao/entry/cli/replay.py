"""`fengqiao replay FILE`: a year of messages driven through all centres that run."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from fengqiao.entry.cli.importing import AsJson, Data, Table, rejection_fields, tell_rejections
from fengqiao.entry.cli.local import data_folder
from fengqiao.entry.cli.speech import (
    EXIT_WRONG,
    ProgressLine,
    language_here,
    note,
    refusals_told,
    said,
    tell,
    tell_json,
)
from fengqiao.entry.clock import utc_now
from fengqiao.entry.conductor import Conductor
from fengqiao.entry.federation_client import Federation, addresses_of
from fengqiao.entry.importing_columns import columns_for
from fengqiao.entry.importing_message import MessageReader
from fengqiao.entry.importing_table import opened_table
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.replay import Failure, Replay, ReplayCounts, plans_of
from fengqiao.entry.settings import load_settings

SHOWN_FAILURES = 20
SPEED_HELP = said("max，或比记录的时间快多少倍。", "max, or how many times faster than the recorded times.")


def add_to(main: typer.Typer) -> None:
    """Add the command `replay` to the main one."""

    @main.command(
        help=said(
            "把一年的留言在全部中心之间重演：登记、交办、提级、派单、退回、撤回、办结，由种子决定，重复运行不会重复。",
            "Drive a year of messages through all centres: registered, assigned, escalated, dispatched, refused, "
            "withdrawn, resolved, decided by the seed; run twice, nothing doubles.",
        )
    )
    def replay(
        table: Table,
        speed: Annotated[str, typer.Option("--speed", help=SPEED_HELP)] = "max",
        seed: Annotated[int, typer.Option("--seed", help=said("种子。", "The seed."))] = 1,
        limit: Annotated[
            int | None, typer.Option("--limit", min=1, help=said("最多读几行。", "Read so many rows."))
        ] = None,
        as_json: AsJson = False,
        data: Data = None,
    ) -> None:
        """Replay a table."""
        factor = _speed(speed)
        with refusals_told():
            counts = asyncio.run(_replay(table, factor, seed, limit, data))
        if as_json:
            tell_json(_fields(counts))
        else:
            _tell(counts)
        if counts.failures or counts.interrupted:
            raise typer.Exit(EXIT_WRONG)


async def _replay(table: Path, speed: float | None, seed: int, limit: int | None, data: Path | None) -> ReplayCounts:
    settings = load_settings(data=str(data) if data else None)
    topology = load_topology(settings)
    counts = ReplayCounts()
    async with Federation(topology, addresses_of(settings, topology, data_folder(settings))) as federation:
        units = load_units(settings.units_file)
        with opened_table(table) as opened:
            reader = MessageReader(columns_for(opened.header, {}), topology, utc_now())
            plans = plans_of(opened.rows, reader, federation.topology, units, seed, counts, limit)
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for which in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(which, stop.set)
        await Replay(Conductor(federation), counts, speed, ProgressLine()).run(plans, stop)
    return counts


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise typer.BadParameter(SPEED_HELP, param_hint="--speed")
    return speed


def _fields(counts: ReplayCounts) -> dict[str, Any]:
    names = ["read", "registered", "known", "assigned", "escalated", "dispatched", "offered", "accepted"]
    names += ["refused", "withdrawn", "notes", "resolved"]
    return {
        **{name: getattr(counts, name) for name in names},
        "rejected": len(counts.rejections),
        "reasons": counts.reasons,
        "rejections": [rejection_fields(rejection) for rejection in counts.rejections],
        "failed": len(counts.failures),
        "failures": [_failure(failure) for failure in counts.failures],
        "interrupted": counts.interrupted,
        "commands": counts.commands,
        "seconds": round(counts.seconds, 3),
        "commands_per_second": round(_rate(counts), 1),
    }


def _failure(failure: Failure) -> dict[str, str]:
    reason = failure.refusal.sentence(language_here())
    return {
        "reference": failure.reference,
        "case": failure.case,
        "centre": failure.centre,
        "step": failure.step,
        "code": failure.refusal.code,
        "reason": reason,
    }


def _tell(counts: ReplayCounts) -> None:
    tell_rejections(counts.rejections)
    for failure in counts.failures[:SHOWN_FAILURES]:
        fields = _failure(failure)
        note(f"{fields['reference']} {fields['case']} {fields['centre']} {fields['step']}: {fields['reason']}")
    rows = (
        (said("读取", "read"), counts.read),
        (said("新登记", "registered"), counts.registered),
        (said("已登记过", "known already"), counts.known),
        (said("交办", "assigned"), counts.assigned),
        (said("提级", "escalated"), counts.escalated),
        (said("派单", "dispatched"), counts.dispatched),
        (said("退回", "refused"), counts.refused),
        (said("撤回", "withdrawn"), counts.withdrawn),
        (said("补充情况", "notes"), counts.notes),
        (said("办结", "resolved"), counts.resolved),
        (said("未登记", "rejected"), len(counts.rejections)),
        (said("未走完", "failed"), len(counts.failures)),
    )
    for words, number in rows:
        tell(f"{number:>8}  {words}")
    rate = f"{counts.commands} / {counts.seconds:.1f} s = {_rate(counts):.0f}/s"
    tell(f"{said('指令', 'commands')}: {rate}")
    if counts.interrupted:
        note(said("没有走完；再次运行会从中断处继续。", "It did not come to its end; run it again to go on from here."))


def _rate(counts: ReplayCounts) -> float:
    return counts.commands / counts.seconds if counts.seconds else 0.0
