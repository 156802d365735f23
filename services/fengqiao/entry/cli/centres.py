"""The options by which a command is told which centres it is about."""

from typing import Annotated

import typer

from fengqiao.domain.errors import Violation, invalid
from fengqiao.entry.cli.speech import said
from fengqiao.entry.lists import load_topology
from fengqiao.entry.settings import Settings

Centres = Annotated[
    list[str] | None,
    typer.Option("--centre", help=said("中心代码，可重复。", "The code of a centre; may be given several times.")),
]
All = Annotated[bool, typer.Option("--all", help=said("全部中心。", "All centres."))]


def chosen_centres(settings: Settings, centres: list[str] | None, every: bool) -> tuple[str, ...]:
    """Give the codes that were asked for; raises NOT_FOUND centre_unknown, or INVALID when none was."""
    topology = load_topology(settings)
    if every:
        return tuple(topology.centres)
    if not centres:
        raise invalid(Violation("--centre", "text_empty"))
    return tuple(topology.centre(code).code for code in centres)
