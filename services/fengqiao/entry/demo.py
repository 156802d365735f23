"""Seeded accounts of a demonstration: the same at every centre, their passwords shown on the sign-in page.

They go into the template that the local stack clones its databases from, and nowhere else.
"""

from dataclasses import dataclass

from argon2 import PasswordHasher

from fengqiao.store.accounts import Account, seed_account
from fengqiao.store.database import Database


@dataclass(frozen=True, slots=True)
class SeededAccount:
    """An account of the demonstration with its password."""

    login: str
    name: str
    role: str
    password: str


DEMO_ACCOUNTS = (
    SeededAccount("clerk", "王敏", "desk_officer", "fengqiao"),
    SeededAccount("dispatcher", "李强", "dispatcher", "fengqiao"),
    SeededAccount("head", "赵建国", "deputy_head", "fengqiao"),
)


async def seed_demo_accounts(dsn: str) -> None:
    """Put the accounts into a database; those that are there stay as they are."""
    database = Database(dsn, connections=2)
    await database.open(10)
    try:
        hasher = PasswordHasher()
        for seeded in DEMO_ACCOUNTS:
            account = Account(seeded.login, seeded.name, seeded.role, hasher.hash(seeded.password))
            await seed_account(database, account)
    finally:
        await database.close()
