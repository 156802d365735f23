"""The command `fengqiao`: `build_app` gathers the commands, `run` is the entry point.

Only the module of the command that is asked for is loaded: a status or a help text needs no Kafka and no web server.
"""

import sys
from collections.abc import Mapping
from importlib import import_module

import typer

from fengqiao import __version__
from fengqiao.entry.cli.speech import said, tell

# Each command with the module that has it, in the order in which the help lists them.
COMMANDS: Mapping[str, str] = {
    "local": "local",
    "node": "node",
    "migrate": "migrate",
    "topics": "topics",
    "dead-letters": "dead_letters",
    "import": "importing",
    "replay": "replay",
    "story": "story",
    "verify": "verify",
    "limits": "limits",
    "figures": "figures",
    "feeds": "feeds",
    "report": "report",
    "points": "points",
    "catalogue": "catalogue",
    "routing": "routing",
    "monitoring": "monitoring",
    "accounts": "accounts",
    "settings": "settings",
}


def build_app(only: str | None = None) -> typer.Typer:
    """Make the command line with all commands, or with one."""
    app = typer.Typer(
        name="fengqiao",
        help=said(
            "枫桥：全市一站式中心的诉求与矛盾纠纷协同系统。",
            "Fengqiao: the software of a city's federation of one-stop dispute and request centres.",
        ),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for command, module in COMMANDS.items():
        if only in (None, command):
            import_module(f"fengqiao.entry.cli.{module}").add_to(app)
    app.command(help=said("显示版本。", "Show the release."))(version)
    return app


def version() -> None:
    """Show the release."""
    tell(__version__)


def run() -> None:
    """Run the command line."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    only = asked if asked in COMMANDS else None
    build_app(only)()
