"""What comes live: a quiet count, a hint on the page that is open, and no row that moves by itself."""

import asyncio

from fengqiao.domain.command import AddNote, RegisterCase
from fengqiao.handlers import case as cases
from fengqiao.insight.cases import find_case
from tests.browser.rig import Stand, chromium, signed_in, stand
from tests.browser.scenes import laid_out
from tests.containers import PostgresServer
from tests.node.rig import CLERK, TOWNSHIP, new_id

LISTENING_SECONDS = 20.0


async def listening(desk: Stand, many: int) -> None:
    """Wait until that many streams are open."""
    async with asyncio.timeout(LISTENING_SECONDS):
        while desk[TOWNSHIP].changes.listeners != many:  # noqa: ASYNC110 - the hub tells by a number only
            await asyncio.sleep(0.02)


async def test_new_cases_are_counted_and_no_row_moves(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        await laid_out(desk)
        page = await signed_in(browser, desk, TOWNSHIP)
        await listening(desk, 1)
        before = await page.locator(".row-link").all_text_contents()
        for number in range(3):
            command = RegisterCase(new_id(), f"新来的第 {number} 件", "路灯不亮")
            await cases.register(desk[TOWNSHIP], command, CLERK)
        await page.wait_for_selector("text=3 条新")
        assert await page.locator(".row-link").all_text_contents() == before
        await page.click("text=刷新列表")
        await page.wait_for_selector("text=新来的第 2 件")


async def test_an_open_case_says_that_it_has_changed_even_before_it_listened(
    postgres: PostgresServer,
) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        scene = await laid_out(desk)
        page = await signed_in(browser, desk, TOWNSHIP, f"cases/{scene.open}")
        await listening(desk, 1)
        case_id = await find_case(desk[TOWNSHIP].database, scene.open)
        address = await page.get_attribute("#live", "sse-connect")
        await cases.carry_out(desk[TOWNSHIP], AddNote(case_id, "又有人摔倒"), CLERK)
        await page.wait_for_selector("text=有更新")
        late = "address => new Promise(tell => new EventSource(address).addEventListener('news', e => tell(e.data)))"
        assert "有更新" in await page.evaluate(late, address)
        await page.click(".news a")
        await page.wait_for_selector("text=又有人摔倒")


async def test_streams_end_with_the_server(postgres: PostgresServer) -> None:
    async with chromium() as browser:
        async with stand(postgres) as desk:
            await signed_in(browser, desk, TOWNSHIP)
            await listening(desk, 1)
            hub = desk[TOWNSHIP].changes
        assert hub.listeners == 0
