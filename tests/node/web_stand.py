"""A desk over the rig's centres, for tests that need no browser; and the people who work at it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from argon2 import PasswordHasher
from starlette.applications import Starlette

from fengqiao.handlers.context import Context
from fengqiao.store.accounts import Account, seed_account
from fengqiao.web.desk.app import build_desk
from fengqiao.web.desk.node import DeskNode, DeskSettings, LinkView, TileFigures
from tests.containers import PostgresServer
from tests.node.neighbours import askings
from tests.node.rig import Bench, bench
from tests.node.web_client import Client

LOGIN, PASSWORD, PERSON = "wangmin", "fengqiao-demo", "王敏"
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass
class WebStand:
    """The desk, the centres behind it, and what it is told of links and of the federation."""

    app: Starlette
    rig: Bench
    links: dict[str, LinkView]
    closing: asyncio.Event
    away: set[str]
    figures: list[TileFigures] = field(default_factory=list)

    async def signed_in(self, centre: str) -> Client:
        """Give a client that is signed in at a centre."""
        client = Client(self.app)
        await client.send(f"/{centre}/sign-in", f"/{centre}/sign-in", login=LOGIN, password=PASSWORD)
        return client


@asynccontextmanager
async def desk_over(contexts: Mapping[str, Context], rig: Bench | None = None) -> AsyncIterator[WebStand]:
    """Make a desk over centres, with the person who works at each."""
    for context in contexts.values():
        await seed_account(context.database, Account(LOGIN, PERSON, "desk_officer", HASHED))
    links = {code: LinkView(True, datetime.now(UTC), 0, True) for code in contexts}
    closing, figures = asyncio.Event(), list[TileFigures]()
    settings = DeskSettings(
        secret=b"a secret of at least thirty-two bytes",
        clock=lambda: datetime.now(UTC),
        federation_view=lambda: figures,
        closing=closing,
        secure_cookies=False,
    )
    away = set[str]()
    asking = askings(contexts, away)
    nodes = {code: DeskNode(one, partial(links.__getitem__, code), asking[code]) for code, one in contexts.items()}
    topology = next(iter(contexts.values())).topology
    app = build_desk(nodes, settings)
    yield WebStand(app, rig or Bench(topology, dict(contexts)), links, closing, away, figures)


@asynccontextmanager
async def web_stand(postgres: PostgresServer) -> AsyncIterator[WebStand]:
    """Make a desk over one centre of each level."""
    async with bench(postgres) as rig, desk_over(rig.contexts, rig) as stand:
        yield stand
