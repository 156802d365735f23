"""The stack in a process of its own, in the background of whoever started it (`fengqiao local up --detach`)."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.entry.local.folders import prepare_folder
from fengqiao.entry.local.running import read_status

READY_SECONDS = 300.0
LAST_LINES = 5


def start_detached(data: Path, centres: str) -> dict[str, Any]:
    """Start the stack in the background and wait until it is ready; gives its status.

    What it writes goes to `nodes.log` in the data folder. Raises part_failed: STATE with its last words when it ends,
    DEADLINE when it is not ready in time.
    """
    folder = prepare_folder(data)
    log = folder / "nodes.log"
    command = [sys.executable, "-m", "fengqiao", "local", "up", "--data", str(folder), "--centres", centres]
    with log.open("ab") as out:
        began = out.tell()
        started = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if started.poll() is not None:
            raise _failed(Kind.STATE, _last_words(log, began), log)
        try:
            status = read_status(folder)
        except Refusal:
            time.sleep(0.2)
            continue
        if status["pids"]["nodes"] == [started.pid]:
            return status
        time.sleep(0.2)
    raise _failed(Kind.DEADLINE, f"{READY_SECONDS:.0f} s", log)


def _failed(kind: Kind, detail: str, log: Path) -> Refusal:
    return Refusal(kind, "part_failed", {"part": "nodes", "detail": detail, "log": str(log)})


def _last_words(log: Path, began: int) -> str:
    with log.open("rb") as written:
        written.seek(began)
        lines = written.read().decode("utf-8", "replace").splitlines()
    return " ".join(lines[-LAST_LINES:])
