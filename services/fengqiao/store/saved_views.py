"""The lists that people keep under a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fengqiao.store.database import Database
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("saved_view")


@dataclass(frozen=True, slots=True)
class SavedView:
    """One list: whose it is, its name, its filters as the address has them, and whether the whole centre sees it."""

    view_id: UUID
    login: str
    name: str
    address: str
    shared: bool


async def saved_views(database: Database, login: str, limit: int) -> Sequence[SavedView]:
    """Give the lists of a person, then those that others share."""
    rows = await database.fetch(_SQL["of_account"], {"login": login, "limit": limit})
    return [SavedView(**row) for row in rows]


async def keep_view(database: Database, view: SavedView, now: datetime, limit: int) -> bool:
    """Keep a list; False when the person has as many as `limit` already."""
    params: Mapping[str, object] = {
        "view_id": view.view_id, "login": view.login, "name": view.name, "address": view.address,
        "shared": view.shared, "now": now, "limit": limit,
    }  # fmt: skip
    return bool(await database.fetch(_SQL["keep"], params))


async def forget_view(database: Database, view_id: UUID, login: str) -> bool:
    """Forget a list of a person; False when they have none such."""
    return await database.run(_SQL["forget"], {"view_id": view_id, "login": login}) > 0
