"""A backup put in the place of the database; and whether the node may run on it.

Both directions between a township and its county are sequences without gaps. A database that is older than what the
county has heard would give numbers a second time, and the county would take new messages for old ones. So the node
starts only when the numbers prove that nothing is missing; otherwise a hold keeps it down until people have decided.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from township.backup import AT, run_local_list
from township.database import ROLE, SUPERUSER, create, database_name, exists, psql, run
from township.places import Places
from township.words import said, tell

EDGES = "SELECT sent_seq, received_seq FROM edge ORDER BY neighbour"
RENAME = 'ALTER DATABASE :"name" RENAME TO :"to"'


@dataclass(frozen=True, slots=True)
class Numbers:
    """How far a township has sent to its county and received from it."""

    sent: int = 0
    received: int = 0

    @classmethod
    def told(cls, rows: str) -> "Numbers":
        """Read them from the rows of EDGES; a township has one neighbour, or none before its first start."""
        if not rows:
            return cls()
        sent, received = rows.splitlines()[0].split("|")
        return cls(int(sent), int(received))


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to: the numbers of the backup, whether the node may start, where the old database is kept."""

    numbers: Numbers
    may_start: bool
    kept_as: str


def restore(places: Places, dump: Path, county: Numbers | None, now: datetime) -> Restored:
    """Restore a backup beside the database and put it in its place; the old one is kept under another name.

    `county` is what the county tells of this township: received from it (`sent`) and acknowledged by it (`received`).
    The node must not run. Raises Trouble; then the database is the one that it was.
    """
    run_local_list(places, dump)
    name, fresh = database_name(places), f"{database_name(places)}_restoring"
    if exists(places, fresh):
        psql(places, SUPERUSER, 'DROP DATABASE :"name"', name=fresh)
    create(places, fresh)
    run(places, "pg_restore", "--exit-on-error", "--no-owner", f"--role={ROLE}", f"--dbname={fresh}", str(dump))
    psql(places, fresh, "ANALYZE")
    numbers, before = Numbers.told(psql(places, fresh, EDGES)), _numbers_before(places, name)
    kept_as = ""
    if exists(places, name):
        kept_as = f"{name}_before_{now.strftime(AT).lower()}"
        psql(places, SUPERUSER, RENAME, name=name, to=kept_as)
    psql(places, SUPERUSER, RENAME, name=fresh, to=name)
    return Restored(numbers, is_whole(numbers, before, county), kept_as)


def is_whole(backup: Numbers, before: Numbers | None, county: Numbers | None) -> bool:
    """Say whether a backup knows everything that was exchanged, by the database before it or by the county's word."""
    known = [numbers for numbers in (before, county) if numbers is not None]
    return bool(known) and all(one.sent <= backup.sent and one.received <= backup.received for one in known)


def hold(places: Places, restored: Restored) -> None:
    """Keep the node down, also over restarts, and say why; or let it go when the numbers fit."""
    if restored.may_start:
        places.hold.unlink(missing_ok=True)
        return
    numbers = restored.numbers
    text = said(
        f"备份到发出 {numbers.sent}、收到 {numbers.received} 为止，不能证明县中心没有更新的往来；"
        "节点暂不启动，见 README“磁盘坏了”。",
        f"The backup knows of {numbers.sent} sent and {numbers.received} received; nothing proves that the county has "
        "no later ones. The node stays down: see README, “When the disk fails”.",
    )
    places.hold.write_text(f"{text}\n", "utf-8")
    tell(text)


def _numbers_before(places: Places, name: str) -> Numbers | None:
    """Give the numbers of the database that is replaced; None when there is none or nothing was ever in it."""
    if not exists(places, name) or psql(places, name, "SELECT to_regclass('public.edge')") != "edge":
        return None
    # An empty one was made by the start of a new machine: it proves nothing about the lost one.
    rows = psql(places, name, EDGES)
    return Numbers.told(rows) if rows and Numbers.told(rows) != Numbers() else None
