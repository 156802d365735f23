"""The tree of commands as plain data; `python -m tools.command_tree` prints it in the language of the locale."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import typer.main
from typer.core import TyperGroup, TyperOption

from fengqiao.domain.words import Language
from fengqiao.entry.cli.main import build_app

ROOT = Path(__file__).resolve().parent.parent
Command = dict[str, Any]


def spoken_commands(language: Language) -> Command:
    """Give the tree as a process with that language tells it: help texts are chosen when they are loaded."""
    paths = os.pathsep.join((str(ROOT / "services"), str(ROOT)))
    environment = {**os.environ, "FENGQIAO_LANG": language.value, "PYTHONPATH": paths}
    command = [sys.executable, "-m", "tools.command_tree"]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found: Command = json.loads(told.stdout)
    return found


def command_tree(command: Any) -> Command:
    """Give a command as plain data: its help, its parameters, the commands below it."""
    below = command.commands if isinstance(command, TyperGroup) else {}
    return {
        "help": command.help or "",
        "parameters": [_parameter(one) for one in command.params if one.name != "help"],
        "commands": {name: command_tree(one) for name, one in below.items()},
    }


def _parameter(parameter: Any) -> Command:
    if not isinstance(parameter, TyperOption):
        names, value = [str(parameter.name).upper()], ""
    else:
        names = [*parameter.opts, *parameter.secondary_opts]
        value = "" if parameter.is_flag else "…"
    default = parameter.default if isinstance(parameter.default, str | int | float) else ""
    return {
        "names": names,
        "value": value,
        "required": parameter.required,
        "default": "" if default is False else str(default),
        "help": parameter.help or "",
    }


if __name__ == "__main__":
    print(json.dumps(command_tree(typer.main.get_command(build_app())), ensure_ascii=False))
