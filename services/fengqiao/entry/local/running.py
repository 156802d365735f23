"""The stack that runs on a data folder: found by the lock that it holds and the status that it wrote, and stopped."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.entry.local.lock import StackLock
from fengqiao.entry.local.parts import LocalParts

STATUS_FILE = "status.json"
DOWN_SECONDS = 60.0


def read_status(data: Path) -> dict[str, Any]:
    """Give the status of the stack of a data folder, as it was written at its start; raises STATE stack_not_running."""
    folder = data.expanduser().resolve()
    try:
        status: dict[str, Any] = json.loads((folder / STATUS_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(Kind.STATE, "stack_not_running") from error
    if not all(psutil.pid_exists(pid) for pid in status["pids"]["nodes"]):
        raise Refusal(Kind.STATE, "stack_not_running")
    return status


def stop_stack(data: Path, cache: Path, report: Callable[[str, str], None]) -> bool:
    """Stop the stack of a data folder, also what a killed one has left; False when nothing ran."""
    folder = data.expanduser().resolve()
    if not (folder / "ports.json").is_file():
        return False
    holder = StackLock(folder).holder()
    if holder is not None:
        os.kill(holder, signal.SIGTERM)
        until = time.monotonic() + DOWN_SECONDS
        while psutil.pid_exists(holder) and StackLock(folder).holder() == holder and time.monotonic() < until:
            time.sleep(0.1)
    parts = LocalParts(folder, cache, report)
    left = any(pid is not None for pid in parts.pids().values())
    if left:
        parts.stop()
    return holder is not None or left
