"""Write the boards: `python -m tools.dashboards`, which `make dashboards` runs."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.dashboards import centre, city, county, limits, node, transport
from tools.dashboards.board import Board, written
from tools.dashboards.naming import Lists, read_lists

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "grafana" / "dashboards"
DESK = "http://127.0.0.1:8000"
"""Where the desks are unless `--desk` says otherwise: a reader can type another address on the board."""

BOARDS: tuple[Callable[[Lists, str], Board], ...] = (
    city.board,
    county.board,
    centre.board,
    transport.board,
    limits.board,
    node.board,
)


def made(lists: Lists, desk: str = DESK) -> dict[str, str]:
    """Make all boards: name of the file and its text."""
    boards = (make(lists, desk) for make in BOARDS)
    return {f"{board.uid}.json": written(board) for board in boards}


def main(arguments: Sequence[str]) -> int:
    """Write all boards into a folder and take away the ones that are no more."""
    parser = argparse.ArgumentParser(prog="python -m tools.dashboards", description=main.__doc__)
    parser.add_argument("--desk", default=DESK, help="address of the desks, without a slash at the end")
    parser.add_argument("--catalogue", type=Path, help="catalogue of matters as TOML; default: the package's")
    parser.add_argument("--limits", type=Path, help="time limits as TOML; default: the package's")
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="where to write; default: deploy/grafana/dashboards"
    )
    chosen = parser.parse_args(arguments)
    files = made(read_lists(chosen.catalogue, chosen.limits), chosen.desk)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for stale in chosen.folder.glob("*.json"):
        if stale.name not in files:
            stale.unlink()
    for name, text in files.items():
        (chosen.folder / name).write_text(text, "utf-8")
        print(f"{name}: {len(text) // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
