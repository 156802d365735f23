"""Seeded accounts of a demonstration: the same at every centre, their passwords shown on the sign-in page.

Those of the staff go into the template that the local stack clones its databases from, and into those of `node run`;
those of bodies outside the chain are at the city and the counties only.
"""

from collections.abc import Iterable
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
    SeededAccount("supervisor", "孙督查", "supervisor", "fengqiao"),
)

DEMO_BODIES = (
    SeededAccount("delegate", "周代表", "delegates", "fengqiao"),
    SeededAccount("reporter", "吴记者", "media", "fengqiao"),
    SeededAccount("inspector", "郑组长", "discipline", "fengqiao"),
)


async def seed_demo_accounts(dsn: str) -> None:
    """Put the accounts into a database; those that are there stay as they are."""
    database = Database(dsn, connections=2)
    await database.open(10)
    try:
        await seed_demo_staff([database])
    finally:
        await database.close()


async def seed_demo_staff(databases: Iterable[Database]) -> None:
    """Put the accounts of the staff into databases of nodes that run; those that are there stay as they are."""
    await _seed(databases, DEMO_ACCOUNTS)


async def seed_demo_bodies(databases: Iterable[Database]) -> None:
    """Put the accounts of outside bodies into the databases of the city and the counties."""
    await _seed(databases, DEMO_BODIES)


async def _seed(databases: Iterable[Database], seeded: Iterable[SeededAccount]) -> None:
    accounts = _hashed(seeded)
    for database in databases:
        for account in accounts:
            await seed_account(database, account)


def _hashed(seeded: Iterable[SeededAccount]) -> tuple[Account, ...]:
    hasher = PasswordHasher()
    return tuple(Account(one.login, one.name, one.role, hasher.hash(one.password)) for one in seeded)
