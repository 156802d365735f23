"""Backups: a dump of the whole database every night, proved readable, copied to another disk, old ones forgotten."""

import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from township.database import SUPERUSER, database_name, psql, run
from township.identity import machine_variables
from township.places import Places
from township.words import Trouble, said, tell

NAME = re.compile(r"(?P<database>fengqiao_\d+)-(?P<at>\d{8}T\d{6}Z)\.dump")
AT = "%Y%m%dT%H%M%SZ"
# However old they are: a machine that was off for a month still has something to go back to.
FEWEST_KEPT = 3
SPARE_BYTES = 64 * 1024 * 1024


def back_up(places: Places, now: datetime) -> Path:
    """Write one backup, copy it where the machine's variables say, and forget old ones; gives its file."""
    variables, name = machine_variables(places), database_name(places)
    places.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    needed = int(psql(places, SUPERUSER, "SELECT pg_database_size(:'name')", name=name)) + SPARE_BYTES
    free = shutil.disk_usage(places.backups).free
    if free < needed:
        mib = 1024 * 1024
        raise Trouble(
            said(
                f"磁盘空间不足，无法备份：剩 {free // mib} MiB，可能要 {needed // mib} MiB。",
                f"Too little room for a backup: {free // mib} MiB left, it may take {needed // mib} MiB.",
            )
        )
    whole = places.backups / f"{name}-{now.astimezone(UTC).strftime(AT)}.dump"
    draft = whole.with_suffix(".part")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    run(places, "pg_dump", "--format=custom", "--no-owner", f"--file={draft}", name)
    # A dump that cannot be listed cannot be restored either.
    run_local_list(places, draft)
    _settle(draft, whole)
    days = int(variables.get("BACKUP_DAYS", "14"))
    forget_old(places.backups, now - timedelta(days=days))
    tell(said(f"备份完成：{whole}", f"Backed up: {whole}"))
    if copy := variables.get("BACKUP_COPY", ""):
        _copy(whole, Path(copy))
        forget_old(Path(copy), now - timedelta(days=days))
        tell(said(f"已拷贝到 {copy}", f"Copied to {copy}"))
    return whole


def run_local_list(places: Places, dump: Path) -> str:
    """Read a dump's list of contents; raises Trouble when the file is none."""
    return run(places, "pg_restore", "--list", str(dump))


def backups_in(folder: Path) -> list[Path]:
    """Give the backups of a folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if NAME.fullmatch(path.name)), key=made_at)


def made_at(dump: Path) -> datetime:
    """Give when a backup was made, by its name: copying a file changes its times."""
    found = NAME.fullmatch(dump.name)
    if found is None:
        raise Trouble(said(f"{dump.name} 不是备份文件名。", f"{dump.name} is no name of a backup."))
    return datetime.strptime(found["at"], AT).replace(tzinfo=UTC)


def forget_old(folder: Path, before: datetime) -> None:
    """Remove backups made before an instant, but never the newest few."""
    for dump in backups_in(folder)[:-FEWEST_KEPT]:
        if made_at(dump) < before:
            dump.unlink()


def _copy(dump: Path, folder: Path) -> None:
    # A folder that is not there is a disk that is not plugged in; making it would fill the first disk twice.
    if not folder.is_dir():
        raise Trouble(
            said(
                f"备份已在本机，但第二块盘 {folder} 不在，没有拷贝。",
                f"The backup is on this machine, but the second disk {folder} is not there: not copied.",
            )
        )
    draft = folder / f"{dump.name}.part"
    shutil.copyfile(dump, draft)
    _settle(draft, folder / dump.name)


def _settle(draft: Path, whole: Path) -> None:
    """Bring a file to the disk before it gets its name, and the name as well."""
    for path in (draft, draft.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if path == draft:
            draft.replace(whole)
