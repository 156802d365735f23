"""One long-running process of an embedded part, known by a pid file, whoever started it (issue 3, point 7).

It gets a session of its own, so that Ctrl-C in the terminal reaches the nodes and not the parts below them. Because it
outlives a killed starter, a later start finds it again through the pid file.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from fengqiao.entry.local.account import Account
from fengqiao.entry.local.errors import part_missing
from fengqiao.entry.local.folders import rotate_log, write_whole

POLL_SECONDS = 0.05


class PartProcess:
    """The process of one part: `marker` is a text of its command line that no other process has (a path)."""

    def __init__(self, name: str, marker: str, pid_file: Path, log: Path) -> None:
        self.name = name
        self.log = log
        self._marker = marker
        self._pid_file = pid_file
        self._child: _Child | None = None

    @property
    def pid(self) -> int | None:
        """The process id, or None when no such process lives."""
        process = self._living()
        return process.pid if process else None

    def start(self, command: Sequence[str], environment: Mapping[str, str], account: Account | None = None) -> None:
        """Start the process in a session of its own, with its output appended to the log.

        Raises UNAVAILABLE part_missing when the program cannot be run.
        """
        rotate_log(self.log)
        with self.log.open("ab") as output:
            try:
                self._child = _Child(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=dict(environment),
                    cwd="/",
                    start_new_session=True,
                    user=account.uid if account else None,
                    group=account.gid if account else None,
                    extra_groups=[] if account else None,
                )
            except OSError as error:
                raise part_missing(f"{self.name} ({command[0]})") from error
        write_whole(self._pid_file, f"{self._child.pid}\n")

    def stop(self, ladder: Sequence[tuple[signal.Signals, float]]) -> None:
        """Stop it: each signal in turn with the seconds to wait after it, then SIGKILL for it and its children."""
        process = self._living()
        if process is None:
            self._forget()
            return
        for signal_number, seconds in ladder:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal_number)
            if self._gone_within(seconds):
                return
        self.kill()

    def kill(self) -> None:
        """End it and its children at once with SIGKILL, as a crash would, and wait until all are gone."""
        process = self._living()
        if process is None:
            self._forget()
            return
        members = [process]
        with contextlib.suppress(psutil.NoSuchProcess):
            members += process.children(recursive=True)
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(members[1:], timeout=10)
        self._gone_within(10)

    def last_words(self, words: Sequence[str]) -> str:
        """Give the line of the log that says most about an end: see telling_line."""
        if not self.log.exists():
            return "-"
        return telling_line(self.log.read_text("utf-8", "replace")[-20_000:], words)

    def _living(self) -> psutil.Process | None:
        try:
            process = psutil.Process(int(self._pid_file.read_text("ascii")))
            if self._child is not None and self._child.pid == process.pid:
                # Only the parent's own wait tells the end of all threads, and with it of the ports and locks they held.
                return process if self._child.poll() is None else None
            is_over = is_unreaped(process.pid)
            is_ours = any(self._marker in argument for argument in process.cmdline())
        except (OSError, ValueError, psutil.Error):
            return None
        return process if is_ours and not is_over else None

    def _gone_within(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while self._living() is not None:
            if time.monotonic() >= until:
                return False
            time.sleep(POLL_SECONDS)
        self._forget()
        return True

    def _forget(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._pid_file.unlink()


class _Child(subprocess.Popen[bytes]):
    """A process that may well outlive the object: letting it go is no leak and deserves no warning."""

    def __del__(self) -> None:
        self.poll()


def is_unreaped(pid: int) -> bool:
    """Tell whether a process has ended, all its threads too, and its parent has not asked for its end yet."""
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1
    except psutil.Error:
        return False


def telling_line(text: str, words: Sequence[str]) -> str:
    """Give the last line that has one of the words in it, or the last line at all, but no line of a stack trace."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("\tat ", "\t... "))]
    telling = [line for line in lines if any(word in line for word in words)]
    return (telling or lines or ["-"])[-1].strip()[:300]


def bare_environment() -> dict[str, str]:
    """Give the few variables a part needs; nothing else of ours leaks into it."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8"}
