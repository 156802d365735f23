"""`fengqiao story`: two stories of the city played through the running federation, and the timeline each centre saw."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.cells import cell_len

from fengqiao.domain.directive import Directive
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.topology import Topology
from fengqiao.domain.unit import UnitDirectory
from fengqiao.domain.words import Language, word
from fengqiao.entry.cli.importing import AsJson, Data
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
from fengqiao.entry.clock import new_id, utc_now
from fengqiao.entry.federation_client import Federation, addresses_of
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.settings import load_settings
from fengqiao.entry.story import Sight, Told, tell_story
from fengqiao.entry.story_plays import cast_of, railway_track, title_deeds

TITLES = {
    "F16": ("废弃铁轨：一方召集、多方联动", "The railway track: one convener, many parties"),
    "F18": ("不动产权证：联席会议", "The title deeds: a joint meeting"),
}


def add_to(main: typer.Typer) -> None:
    """Add the command `story` to the main one."""

    @main.command(
        help=said(
            "在运行中的各中心演一遍废弃铁轨（F16）和不动产权证（F18）两件事，列出每个中心看到的经过；"
            "各中心所见不一致时退出码为 1。",
            "Play the railway track (F16) and the title deeds (F18) through the running centres and print the timeline "
            "that each of them saw; exit 1 when they do not agree.",
        )
    )
    def story(data: Data = None, as_json: AsJson = False) -> None:
        """Play both stories."""
        with refusals_told():
            told, topology, units = asyncio.run(_play(data))
        if as_json:
            plays = [_fields(one, topology, units) for one in told]
            tell_json({"agree": not any(one.differences for one in told), "plays": plays})
        else:
            for one in told:
                _tell(one, topology, units)
        if any(one.differences for one in told):
            raise typer.Exit(EXIT_WRONG)


async def _play(data: Path | None) -> tuple[list[Told], Topology, UnitDirectory]:
    settings = load_settings(data=str(data) if data else None)
    topology, units = load_topology(settings), load_units(settings.units_file)
    async with Federation(topology, addresses_of(settings, topology, data_folder(settings))) as federation:
        cast, now = cast_of(federation.topology, units), utc_now()
        plays = (railway_track(cast, now, new_id), title_deeds(cast, now, new_id))
        told = [await tell_story(play, federation, ProgressLine()) for play in plays]
    return told, topology, units


def _tell(told: Told, topology: Topology, units: UnitDirectory) -> None:
    tell("")
    tell(f"{told.play.feature} {said(*TITLES[told.play.feature])}  {told.number}  {told.play.register.title}")
    for centre in dict.fromkeys(sight.centre for sight in told.sights):
        sights = [sight for sight in told.sights if sight.centre == centre]
        tell("")
        tell(f"  {topology.centre(centre).name} {centre}")
        tell_columns([_row(event, topology, units) for event in seen_by(sights)])
    _tell_directives(told, topology, units)
    tell("")
    if told.differences:
        note(said("各中心所见不一致：", "The centres do not agree:"))
        for difference in told.differences:
            note(f"  {difference.sentence(language_here())}")
    else:
        tell(said("各中心所见一致。", "All centres saw the same."))


def _tell_directives(told: Told, topology: Topology, units: UnitDirectory) -> None:
    directives = {sight.subject: sight.state for sight in told.sights if isinstance(sight.state, Directive)}
    rows = [
        (
            directive.number,
            " ".join(
                (topology.centre(directive.recipient).name, _unit(directive.recipient, directive.unit, topology, units))
            ),
            f"{directive.due_at.astimezone(CITY_ZONE):%Y-%m-%d}",
            word(f"directive_state.{directive.state}", language_here()),
            directive.title,
        )
        for directive in directives.values()
    ]
    tell("")
    tell(f"  {said('交办单（承办单位、期限、状态）', 'Directives (unit, date due, state)')}")
    tell_columns(rows)


def seen_by(sights: Sequence[Sight]) -> list[Event]:
    """Give what a centre saw of a story, the case and its directives, in the order of time."""
    return sorted((event for sight in sights for event in sight.events), key=lambda event: (event.at, event.id))


def tell_columns(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns; a Chinese sign is two columns of the terminal wide."""
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        tell("    " + "  ".join(cells).rstrip())


def _row(event: Event, topology: Topology, units: UnitDirectory) -> tuple[str, str, str, str, str]:
    return (
        f"{event.at.astimezone(CITY_ZONE):%Y-%m-%d %H:%M}",
        topology.centre(event.centre).name,
        event.actor,
        word(f"event.{event.kind}", language_here()),
        _details(event, topology, units),
    )


def _details(event: Event, topology: Topology, units: UnitDirectory) -> str:
    details, language = event.details, language_here()
    match event.kind:
        case EventKind.ASSIGNED:
            return _unit(event.centre, details["unit"], topology, units)
        case EventKind.OFFERED:
            direction = word(f"direction.{details['direction']}", language)
            return f"{direction} → {topology.centre(details['to']).name}"
        case EventKind.DIRECTIVE_ISSUED:
            recipient = details["recipient"]
            return f"→ {topology.centre(recipient).name} {_unit(recipient, details['unit'], topology, units)}"
        case EventKind.RESOLVED:
            closing = word(f"closing.{details['closing']}", language)
            return f"{closing}: {details['result']}"
        case EventKind.REGISTERED:
            return word(f"channel.{details['channel']}", language)
        case _:
            return details.get("text") or details.get("report") or details.get("reason") or ""


def _unit(centre: str, code: str, topology: Topology, units: UnitDirectory) -> str:
    unit = units.unit(topology.centre(centre), code)
    return unit.name if language_here() is Language.ZH else unit.name_en


def _fields(told: Told, topology: Topology, units: UnitDirectory) -> dict[str, Any]:
    centres = []
    for centre in dict.fromkeys(sight.centre for sight in told.sights):
        sights = [sight for sight in told.sights if sight.centre == centre]
        events = [
            {
                "id": str(event.id),
                "at": event.at.astimezone(CITY_ZONE).isoformat(),
                "centre": event.centre,
                "actor": event.actor,
                "kind": event.kind.value,
                "words": word(f"event.{event.kind}", language_here()),
                "details": _details(event, topology, units),
            }
            for event in seen_by(sights)
        ]
        centres.append({"code": centre, "name": topology.centre(centre).name, "events": events})
    return {
        "feature": told.play.feature,
        "title": said(*TITLES[told.play.feature]),
        "case": str(told.play.register.case_id),
        "number": told.number,
        "directives": [str(identity) for identity, _, _ in told.play.directives],
        "centres": centres,
        "agree": not told.differences,
        "differences": [difference.sentence(language_here()) for difference in told.differences],
    }
