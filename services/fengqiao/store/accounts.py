"""Accounts and sessions of the desk of one centre."""

from dataclasses import dataclass
from datetime import datetime

from fengqiao.store.database import Database
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("account")


@dataclass(frozen=True, slots=True)
class Account:
    """A person who works at the centre."""

    login: str
    name: str
    role: str
    password_hash: str


async def account(database: Database, login: str) -> Account | None:
    """Give the account with a login."""
    rows = await database.fetch(_SQL["by_login"], {"login": login})
    return Account(**rows[0]) if rows else None


async def seed_account(database: Database, new: Account) -> None:
    """Create an account; one with the same login stays as it is."""
    await database.run(
        _SQL["seed"],
        {"login": new.login, "name": new.name, "role": new.role, "password_hash": new.password_hash},
    )


async def put_account(database: Database, changed: Account) -> None:
    """Create an account or change it; its open sessions end, for its password may be another one now."""
    await database.run(
        _SQL["put"],
        {
            "login": changed.login,
            "name": changed.name,
            "role": changed.role,
            "password_hash": changed.password_hash,
        },
    )


async def accounts(database: Database) -> tuple[Account, ...]:
    """Give all accounts by login."""
    return tuple(Account(**row) for row in await database.fetch(_SQL["all"], {}))


async def open_session(database: Database, login: str, token_hash: bytes, now: datetime, expires_at: datetime) -> None:
    """Open a session; only the hash of its token is stored."""
    params = {"login": login, "token_hash": token_hash, "now": now, "expires_at": expires_at}
    await database.run(_SQL["open_session"], params)


async def session(database: Database, token_hash: bytes, now: datetime) -> Account | None:
    """Give the account whose session this is; None when there is none or it is over."""
    rows = await database.fetch(_SQL["session"], {"token_hash": token_hash, "now": now})
    return Account(**rows[0]) if rows else None


async def close_session(database: Database, token_hash: bytes, now: datetime) -> None:
    """Close a session, and forget those that are over."""
    await database.run(_SQL["close_session"], {"token_hash": token_hash, "now": now})
