"""A database per centre, cloned from a migrated template: 0.16 s each instead of every migration anew."""

from datetime import datetime

import psycopg
from psycopg import sql

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.store.database import query_text
from fengqiao.store.migrate import migrate
from fengqiao.store.named_sql import read_statements

TEMPLATE = "fengqiao_template"
_SQL = read_statements("server")


def database_name(centre: str) -> str:
    """Give the name of the database of a centre."""
    return f"fengqiao_{centre}"


def ensure_template(admin_dsn: str, template_dsn: str, now: datetime) -> None:
    """Create the template when it is missing, and bring it to the schema of this release."""
    with psycopg.connect(admin_dsn, connect_timeout=5, autocommit=True) as connection:
        if TEMPLATE not in existing_databases(connection):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    migrate(template_dsn, now)


def clone_database(admin_dsn: str, name: str) -> bool:
    """Create a database from the template; False when it is there already. The template must not be in use."""
    try:
        with psycopg.connect(admin_dsn, connect_timeout=5, autocommit=True) as connection:
            if name in existing_databases(connection):
                return False
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
            return True
    except psycopg.OperationalError as trouble:
        raise Refusal(Kind.UNAVAILABLE, "database_away") from trouble


def existing_databases(connection: psycopg.Connection[tuple[str, ...]]) -> frozenset[str]:
    """Give the names of the databases of a server."""
    return frozenset(row[0] for row in connection.execute(query_text(_SQL["databases"])))
