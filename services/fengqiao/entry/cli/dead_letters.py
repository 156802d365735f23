"""`fengqiao dead-letters list|show|replay|drop`: messages that a centre could not handle and has parked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from fengqiao.entry.cli.speech import refusals_told, said, tell, tell_json
from fengqiao.entry.limits import load_limit_rules
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.node import Node
from fengqiao.entry.settings import load_settings
from fengqiao.entry.supervision import load_supervision
from fengqiao.handlers import dead_letters as handlers
from fengqiao.handlers.context import Context
from fengqiao.store.dead_letters import DeadLetter

Result = TypeVar("Result")
app = typer.Typer(help=said("停放的消息。", "Dead letters."), no_args_is_help=True)
Centre = Annotated[str, typer.Option("--centre", help=said("中心代码。", "The code of the centre."))]
Identity = Annotated[int, typer.Argument(help=said("编号。", "The number of the letter."))]
AsJson = Annotated[bool, typer.Option("--json", help=said("以 JSON 输出。", "Print JSON."))]


def add_to(main: typer.Typer) -> None:
    """Add the group to the main command."""
    main.add_typer(app, name="dead-letters")


@app.command("list", help=said("列出停放的消息，新的在前。", "List dead letters, newest first."))
def list_letters(
    centre: Centre,
    closed_too: Annotated[bool, typer.Option("--all", help=said("含已处理的。", "Closed ones too."))] = False,
    as_json: AsJson = False,
) -> None:
    """List dead letters."""
    with refusals_told():
        found = _at(centre, lambda context: handlers.list_letters(context, closed_too=closed_too))
        if as_json:
            tell_json([_fields(letter) for letter in found])
            return
        for letter in found:
            tell(f"{letter.id:>6} {letter.state:<8} {letter.parked_at:%Y-%m-%d %H:%M:%S} {_what(letter)}")
        if not found:
            tell(said("没有停放的消息。", "There are no dead letters."))


@app.command(help=said("显示一条停放的消息及其内容。", "Show a dead letter with its payload."))
def show(identity: Identity, centre: Centre, as_json: AsJson = False) -> None:
    """Show one dead letter."""
    with refusals_told():
        letter = _at(centre, lambda context: handlers.show_letter(context, identity))
        fields = _fields(letter) | {"payload": letter.payload.hex()}
        if as_json:
            tell_json(fields)
            return
        for name, value in fields.items():
            tell(f"{name}: {value}")


@app.command(help=said("重新处理一条停放的消息及其后的消息。", "Handle a dead letter again, and what waits behind it."))
def replay(identity: Identity, centre: Centre) -> None:
    """Replay one dead letter."""
    with refusals_told():
        letter = _at(centre, lambda context: handlers.replay_letter(context, identity))
        tell(f"{letter.id} {letter.state}")


@app.command(help=said("放弃一条停放的消息。", "Give a dead letter up for good."))
def drop(identity: Identity, centre: Centre) -> None:
    """Drop one dead letter."""
    with refusals_told():
        letter = _at(centre, lambda context: handlers.drop_letter(context, identity))
        tell(f"{letter.id} {letter.state}")


def _at(centre: str, action: Callable[[Context], Awaitable[Result]]) -> Result:
    settings = load_settings()
    topology = load_topology(settings)
    node_topology = topology.centre(centre).code

    async def act() -> Result:
        units = load_units(settings.units_file)
        limits = load_limit_rules(settings, topology, units)
        supervision = load_supervision(settings.supervision_file, limits, topology, units)
        node = Node(node_topology, topology, units, limits, supervision, settings)
        await node.database.open(10)
        try:
            return await action(node.context)
        finally:
            await node.database.close()

    return asyncio.run(act())


def _what(letter: DeadLetter) -> str:
    place = f"{letter.topic}@{letter.offset}" if letter.topic else letter.carrier
    return f"{letter.neighbour} {letter.type} {letter.code} seq={letter.seq} {place} {letter.payload_bytes} B"


def _fields(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "state": letter.state,
        "neighbour": letter.neighbour,
        "seq": letter.seq,
        "type": letter.type,
        "subject": letter.subject,
        "code": letter.code,
        "params": letter.params,
        "carrier": letter.carrier,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "payload_bytes": letter.payload_bytes,
        "parked_at": letter.parked_at.isoformat(),
        "closed_at": letter.closed_at.isoformat() if letter.closed_at else None,
    }
