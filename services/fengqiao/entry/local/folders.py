"""Folders of the embedded parts: made, proved writable, with room left, and open to the account that needs them."""

import os
import shutil
import stat
from pathlib import Path

from fengqiao.entry.local.errors import disk_nearly_full, folder_not_writable

MIB = 1024 * 1024
NEEDED_MIB = 1024
LOG_LIMIT_BYTES = 8 * MIB


def prepare_folder(path: Path, needed_mib: int = NEEDED_MIB) -> Path:
    """Make a folder and prove that it can be written to and has room; returns its absolute path.

    Raises STATE folder_not_writable or disk_nearly_full.
    """
    folder = path.expanduser().resolve()
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise folder_not_writable(folder) from error
    free_mib = shutil.disk_usage(folder).free // MIB
    if free_mib < needed_mib:
        raise disk_nearly_full(free_mib, needed_mib)
    return folder


def allow_passage(path: Path) -> None:
    """Let other accounts pass through a folder and everything above it, without letting them list it.

    PostgreSQL runs under an account of its own when we are root, and a folder below /root would be closed to it. Only
    the missing search bit is added.
    """
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def allow_reading(tree: Path) -> None:
    """Let other accounts read and run what lies below a folder, for packages installed under a strict umask."""
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)


def rotate_log(log: Path) -> None:
    """Set a log that has grown large aside, keeping one older file; called before each start."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".1.log"))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash in between, sees either the old or the new text."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
