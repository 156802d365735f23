"""The boards are of Grafana's own types (`make grafana-types`): what a panel is given, Grafana 11.6 knows."""

import json
import subprocess
import sys
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path

import pytest

from tests.boards import Json, boards, panels_of
from tests.stack import ROOT

COMPILER = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
OPTIONS = ("--noEmit", "--strict", "--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler")


@pytest.fixture
def folder() -> Path:
    """A folder inside the checkout, from where the compiler finds what npm installed."""
    path = ROOT / "build" / "grafana-types"
    path.mkdir(parents=True, exist_ok=True)
    return path


def judged(folder: Path, given: Iterable[tuple[str, Json]]) -> str:
    """What the compiler says of boards; empty when all is well."""
    files = []
    for name, board in given:
        file = folder / f"{name}.ts"
        text = json.dumps(board, ensure_ascii=False, indent=1)
        file.write_text(
            f"import type {{ Board }} from '../../tests/chart/board';\nexport const board: Board = {text};\n"
        )
        files.append(str(file))
    assert COMPILER.is_file(), "run make grafana-types"
    node = Path(sys.executable).parent / "node"
    told = subprocess.run(
        [str(node), str(COMPILER), *OPTIONS, *files], capture_output=True, text=True, timeout=120, check=False
    )
    return told.stdout + told.stderr


def test_every_board_is_of_grafanas_types(folder: Path) -> None:
    assert judged(folder, ((board["uid"], board) for board in boards())) == ""


def test_a_board_with_what_grafana_does_not_know_is_found(folder: Path) -> None:
    board = deepcopy(next(board for board in boards() if board["uid"] == "fengqiao-node"))
    figure = next(panel for panel in panels_of(board) if panel["type"] == "stat")
    figure["options"]["graphMode"] = "bars"
    line = next(panel for panel in panels_of(board) if panel["type"] == "timeseries")
    line["fieldConfig"]["defaults"]["custom"]["lineThickness"] = 2
    found = judged(folder, [("broken", board)])
    assert "TS2322" in found or "TS2353" in found
