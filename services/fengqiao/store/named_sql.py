"""Reads the named blocks of an SQL file: `-- name: x` starts a block, which ends before the next one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

_NAME = re.compile(r"^-- name: (.+)$")


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement: the name by which it is counted and timed, and its text."""

    name: str
    text: str


def read_statements(table: str) -> Mapping[str, Statement]:
    """Give the blocks of `store/sql/<table>.sql` by name; each statement is named `<table>.<block>` in the metrics."""
    source = (files("fengqiao.store") / "sql" / f"{table}.sql").read_text(encoding="utf-8")
    blocks: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in source.splitlines():
        if found := _NAME.match(line):
            lines = blocks.setdefault(found[1], [])
        elif lines is not None and not line.startswith("--"):
            lines.append(line)
    return {name: Statement(f"{table}.{name}", "\n".join(text).strip().rstrip(";")) for name, text in blocks.items()}
