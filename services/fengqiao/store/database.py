"""The database of one centre: a pool of connections, statements by name, and one kind of trouble (DESIGN section 6)."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from fengqiao.domain.errors import Refusal, unavailable
from fengqiao.store.named_sql import Statement, read_statements

Connection = AsyncConnection[DictRow]
StatementObserver = Callable[[str, float], None]
"""Is told the name and the duration in seconds of every statement."""

WAIT_SECONDS = 5.0
"""How long a caller waits for a free connection."""

STATEMENT_TIMEOUT_MS = 30_000

_SQL = read_statements("probe")


def query_text(statement: Statement) -> LiteralString:
    """Give the text of a statement to psycopg, which asks for literal strings; ours come from files of the package."""
    return statement.text


class Database:
    """The pool of one centre. Raises UNAVAILABLE database_away when PostgreSQL can't be reached."""

    def __init__(self, dsn: str, *, connections: int = 4, observe: StatementObserver | None = None) -> None:
        self.dsn = dsn
        self._observe = observe or _unobserved
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            connection_class=AsyncConnection[DictRow],
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "connect_timeout": 5,
                "application_name": "fengqiao",
                "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC",
            },
            min_size=1,
            max_size=connections,
            max_waiting=200,
            timeout=WAIT_SECONDS,
            reconnect_timeout=30.0,
            num_workers=1,
            open=False,
            check=None,
        )

    async def open(self, deadline_seconds: float) -> None:
        """Open the pool and wait for the first connection."""
        await self._pool.open()
        try:
            await self._pool.wait(timeout=deadline_seconds)
        except PoolTimeout as trouble:
            raise unavailable("database_away") from trouble

    async def close(self) -> None:
        """Close the pool; what is under way is given two seconds."""
        await self._pool.close(timeout=2.0)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection in autocommit mode; trouble of the connection becomes `database_away`."""
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, PoolTimeout, TooManyRequests) as trouble:
            raise _away(trouble) from trouble

    async def fetch(self, statement: Statement, params: Mapping[str, Any] | None = None) -> list[DictRow]:
        """Run one statement of its own transaction and give its rows."""
        async with self.connection() as connection:
            return await self.fetch_on(connection, statement, params)

    async def fetch_on(
        self, connection: Connection, statement: Statement, params: Mapping[str, Any] | None = None
    ) -> list[DictRow]:
        """Run one statement on a lent connection and give its rows."""
        started = time.perf_counter()
        cursor = await connection.execute(query_text(statement), params)
        rows = await cursor.fetchall() if cursor.description else []
        self._observe(statement.name, time.perf_counter() - started)
        return rows

    async def run(self, statement: Statement, params: Mapping[str, Any] | None = None) -> int:
        """Run one statement of its own transaction and give the number of rows that it touched."""
        async with self.connection() as connection:
            started = time.perf_counter()
            cursor = await connection.execute(query_text(statement), params)
            self._observe(statement.name, time.perf_counter() - started)
            return cursor.rowcount

    def observe(self, name: str, seconds: float) -> None:
        """Count a statement that was run on a lent connection."""
        self._observe(name, seconds)


async def alive(database: Database) -> bool:
    """Ask the database for a sign of life; raises UNAVAILABLE database_away when it gives none."""
    rows = await database.fetch(_SQL["alive"])
    return bool(rows[0]["alive"])


def _unobserved(name: str, seconds: float) -> None:
    """Observe nothing; for tools that have no metrics."""


def _away(trouble: BaseException) -> Refusal:
    refusal = unavailable("database_away")
    refusal.add_note(str(trouble))
    return refusal
