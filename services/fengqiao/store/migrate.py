"""Migrations: numbered plain SQL, forward only, checksummed, under an advisory lock with limits (DESIGN section 6)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

import psycopg
from psycopg.rows import dict_row

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.store.database import query_text
from fengqiao.store.named_sql import Statement, read_statements

_SQL = read_statements("migration")
LOCK_KEY = 0x66656E67


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """The hash by which a changed file shows."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations() -> tuple[Migration, ...]:
    """Give the migrations of this release in order."""
    found = sorted(
        (entry.name, entry.read_text(encoding="utf-8"))
        for entry in (files("fengqiao.store") / "migrations").iterdir()
        if entry.name.endswith(".sql")
    )
    return tuple(Migration(int(name[:4]), name.removesuffix(".sql"), text) for name, text in found)


def migrate(dsn: str, now: datetime) -> tuple[str, ...]:
    """Bring a database to the schema of this release and give the names of the steps taken.

    Raises STATE schema_changed when a step that was taken reads otherwise now, and UNAVAILABLE database_away.
    """
    try:
        with psycopg.connect(dsn, connect_timeout=5, row_factory=dict_row) as connection:
            limits = {"timeout": "10s", "statement_timeout": "120s"}
            connection.execute(query_text(_SQL["lock_timeout"]), limits)
            connection.execute(query_text(_SQL["lock"]), {"key": LOCK_KEY})
            connection.execute(query_text(_SQL["table"]))
            applied = {row["number"]: row["checksum"] for row in connection.execute(query_text(_SQL["applied"]))}
            taken: list[str] = []
            for step in migrations():
                if step.number in applied:
                    _check_unchanged(step, applied[step.number])
                    continue
                connection.execute(query_text(Statement(step.name, step.text)))
                record = {"number": step.number, "name": step.name, "checksum": step.checksum, "now": now}
                connection.execute(query_text(_SQL["record"]), record)
                taken.append(step.name)
            return tuple(taken)
    except psycopg.OperationalError as trouble:
        raise Refusal(Kind.UNAVAILABLE, "database_away") from trouble


def pending_migrations(dsn: str) -> tuple[str, ...]:
    """Name the steps of this release that a database has not taken; changes nothing.

    Raises STATE schema_changed when a step that was taken reads otherwise now, and UNAVAILABLE database_away, also when
    the role may not read it.
    """
    try:
        with psycopg.connect(dsn, connect_timeout=5, row_factory=dict_row) as connection:
            applied = {row["number"]: row["checksum"] for row in connection.execute(query_text(_SQL["applied"]))}
    except psycopg.errors.UndefinedTable:
        applied = {}
    except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as trouble:
        raise Refusal(Kind.UNAVAILABLE, "database_away") from trouble
    for step in migrations():
        if step.number in applied:
            _check_unchanged(step, applied[step.number])
    return tuple(step.name for step in migrations() if step.number not in applied)


def _check_unchanged(step: Migration, checksum: str) -> None:
    if step.checksum != checksum:
        raise Refusal(Kind.STATE, "schema_changed", {"name": step.name})
