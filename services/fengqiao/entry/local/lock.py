"""One stack on one data folder: a lock that ends with its holder, however it ends (issue 3, point 7)."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from fengqiao.entry.local.errors import stack_locked


class StackLock:
    """The lock on a data folder, held by the process that runs the stack; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "stack.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; raises STATE stack_locked with the pid of the holder. Not inherited by started parts."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _lock_soon(descriptor)
        except OSError as error:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise stack_locked(self._folder, holder or "?") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> int | None:
        """Give the pid of the process that holds the lock, None when nobody does."""
        try:
            descriptor = os.open(self._file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            text = os.read(descriptor, 20).decode("ascii", "replace").strip()
            return int(text) if text.isdigit() else None
        finally:
            os.close(descriptor)
        return None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock_soon(descriptor: int) -> None:
    # Somebody asking for the holder has the lock for a moment; that is no reason to refuse.
    for _ in range(5):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
