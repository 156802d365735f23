"""A rig for tests of the desk: real databases, the desk on a real port, messages on their way, a real browser."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from argon2 import PasswordHasher
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from starlette.types import ASGIApp

from fengqiao.domain.topology import Topology
from fengqiao.entry.listener import Listener
from fengqiao.handlers.context import Context
from fengqiao.store.accounts import Account, seed_account
from fengqiao.web.desk.app import build_desk
from fengqiao.web.desk.node import DemoAccount, DeskNode, DeskSettings, LinkView, TileFigures
from tests.containers import PostgresServer
from tests.node.neighbours import askings
from tests.node.rig import Bench, bench

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOGIN, PASSWORD = "wangmin", "fengqiao-demo"
PERSON = "王敏"
CARRY_SECONDS = 0.05
DESK_WIDTH, PHONE_WIDTH = 1440, 390


@dataclass
class Stand:
    """A desk that runs: its address, the centres behind it, and what it believes of links and of the federation."""

    address: str
    rig: Bench
    links: dict[str, LinkView]
    figures: list[TileFigures] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    _carrying: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __getitem__(self, code: str) -> Context:
        return self.rig[code]

    async def settle(self) -> None:
        """Carry until nobody has anything to send; one carrier at a time, as in a node."""
        async with self._carrying:
            await self.rig.settle()

    def url(self, centre: str, path: str) -> str:
        """Give the address of a page."""
        return f"{self.address}/{centre}/{path}"


@asynccontextmanager
async def stand(
    postgres: PostgresServer,
    topology: Topology | None = None,
    shown: Topology | None = None,
    clock: Callable[[], datetime] | None = None,
) -> AsyncIterator[Stand]:
    """Run a desk over the centres of a topology; `shown` is a larger one that the pages know of.

    `clock` is what the centres and the sessions go by.
    """
    async with bench(postgres, topology) as rig:
        if clock is not None:
            rig.contexts.update({code: replace(one, clock=clock) for code, one in rig.contexts.items()})
        if shown is not None:
            rig.contexts.update(
                {code: replace(one, topology=shown, centre=shown.centre(code)) for code, one in rig.contexts.items()}
            )
        password_hash = PasswordHasher().hash(PASSWORD)
        for context in rig.contexts.values():
            await seed_account(context.database, Account(LOGIN, PERSON, "desk_officer", password_hash))
        links = {code: LinkView(True, datetime.now(UTC), 0, True) for code in rig.contexts}
        found = Stand("", rig, links)
        closing = asyncio.Event()
        settings = DeskSettings(
            secret=b"a secret of at least thirty-two bytes",
            clock=clock or (lambda: datetime.now(UTC)),
            federation_view=lambda: found.figures,
            closing=closing,
            demo_accounts=(DemoAccount(LOGIN, PASSWORD, "desk_officer"),),
            secure_cookies=False,
        )
        asking = askings(rig.contexts, found.away)
        nodes = {
            code: DeskNode(one, partial(links.__getitem__, code), asking[code]) for code, one in rig.contexts.items()
        }
        async with served(build_desk(nodes, settings), closing) as address, _carried(found):
            found.address = address
            yield found


@asynccontextmanager
async def chromium(width: int = DESK_WIDTH, *, scripts: bool = True) -> AsyncIterator[BrowserContext]:
    """Open a browser with an empty profile of its own."""
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield await browser.new_context(
                viewport={"width": width, "height": 900}, java_script_enabled=scripts, locale="zh-CN"
            )
        finally:
            await browser.close()


async def signed_in(context: BrowserContext, desk: Stand, centre: str, path: str = "cases", login: str = LOGIN) -> Page:
    """Open a page of a centre and sign in on the way."""
    page = await context.new_page()
    await page.goto(desk.url(centre, path))
    await page.fill("#f-login", login)
    await page.fill("#f-password", PASSWORD)
    await page.press("#f-password", "Enter")
    await page.wait_for_url(f"**/{centre}/{path}*")
    return page


async def widths(page: Page) -> Sequence[int]:
    """Give the width of the content and that of the window; a wider content scrolls sideways."""
    found: list[int] = await page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return found


@asynccontextmanager
async def served(application: ASGIApp, closing: asyncio.Event) -> AsyncIterator[str]:
    listener = Listener("127.0.0.1", 0)
    listener.serve(application)
    try:
        yield f"http://127.0.0.1:{listener.port}"
    finally:
        closing.set()
        await listener.stop()


@asynccontextmanager
async def _carried(desk: Stand) -> AsyncIterator[None]:
    async def carry() -> None:
        while True:
            await desk.settle()
            await asyncio.sleep(CARRY_SECONDS)

    carrying = asyncio.create_task(carry())
    try:
        yield
    finally:
        carrying.cancel()
        with suppress(asyncio.CancelledError):
            await carrying
