"""The citizens' pages in a browser: a phone and a wide screen, both languages, no barrier, nobody else asked."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fengqiao.handlers.fact import take_in_facts
from fengqiao.web.citizen.app import build_citizen
from fengqiao.web.citizen.node import CitizenNode
from tests.browser.rig import DESK_WIDTH, PHONE_WIDTH, chromium, served
from tests.browser.test_pages import faults
from tests.cities import real_size_topology
from tests.containers import PostgresServer
from tests.facts import made_facts, told_by
from tests.node.rig import CITY, TOWNSHIP, bench


@pytest.mark.parametrize("width", [DESK_WIDTH, PHONE_WIDTH, 320])
async def test_no_page_for_citizens_has_a_barrier_or_needs_a_script(postgres: PostgresServer, width: int) -> None:
    topology, now = real_size_topology(), datetime.now(UTC)
    async with bench(postgres) as rig:
        facts = made_facts(tuple(topology.centres), 30, now, days=100)
        city = replace(rig[CITY], topology=topology, centre=topology.centre(CITY))
        await take_in_facts(city, 1, told_by(facts, now), set())
        nodes = {
            code: CitizenNode(topology.centre(code), topology, context.database, context.clock)
            for code, context in rig.contexts.items()
        }
        site = build_citizen(nodes, secure_transport=False)
        # axe is a script of the test; the pages bring none.
        async with served(site, asyncio.Event()) as address, chromium(width) as browser:
            page, found, asked = await browser.new_page(), list[str](), list[str]()
            page.on("request", lambda request: asked.append(request.url))
            for path in ("", f"{CITY}/performance", f"{TOWNSHIP}/performance", "none"):
                for language in ("zh", "en"):
                    await page.goto(f"{address}/{path}?lang={language}")
                    assert await page.locator("script").count() == 0
                    found += [f"{path} {language}: {fault}" for fault in await faults(page)]
            assert found == []
            assert all(url.startswith(address) for url in asked)
            await page.goto(f"{address}/{CITY}/performance")
            await page.select_option("#month", index=1)
            await page.get_by_role("button", name="查看").click()
            await page.wait_for_url("**/performance?month=*")
            assert await page.locator("h1").count() == 1
