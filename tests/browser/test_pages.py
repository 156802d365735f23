"""Every page, wide and narrow, in both languages: no barrier that axe finds, no sideways scrolling, no error."""

from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from fengqiao.web.desk.node import LinkView
from tests.browser.rig import DESK_WIDTH, PHONE_WIDTH, Stand, chromium, signed_in, stand, widths
from tests.browser.scenes import laid_out, pages
from tests.cities import real_size_topology
from tests.containers import PostgresServer
from tests.node.rig import CITY, COUNTY, TOWNSHIP

SMALLEST_WIDTH = 1024


async def faults(page: Page) -> list[str]:
    """What axe and the width of the page have to say."""
    found = (await Axe().run(page)).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found] + await sideways(page)


async def sideways(page: Page) -> list[str]:
    """Whether the page scrolls sideways at its width, and a wide one also at that of the smallest desk."""
    found, size = [], page.viewport_size
    assert size is not None
    for width in {size["width"], min(size["width"], SMALLEST_WIDTH)}:
        await page.set_viewport_size({"width": width, "height": size["height"]})
        content, window = await widths(page)
        found += [f"scrolls sideways: {content} > {window}"] if content > window else []
    await page.set_viewport_size(size)
    return found


async def visited(page: Page, desk: Stand, centre: str, path: str, language: str) -> list[str]:
    """Open a page and give its faults, each with its address."""
    await page.goto(f"{desk.url(centre, path)}{'&' if '?' in path else '?'}lang={language}")
    return [f"{path} {language}: {fault}" for fault in await faults(page)]


@pytest.mark.parametrize("width", [DESK_WIDTH, PHONE_WIDTH])
async def test_no_page_has_a_barrier_or_scrolls_sideways(postgres: PostgresServer, width: int) -> None:
    async with stand(postgres, shown=real_size_topology()) as desk, chromium(width) as browser:
        scene = await laid_out(desk)
        opened = {code: await signed_in(browser, desk, code) for code in (TOWNSHIP, COUNTY, CITY)}
        logged: list[str] = []
        for page in opened.values():
            page.on("console", lambda message: logged.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: logged.append(str(error)))
        found: list[str] = []
        for language in ("zh", "en"):
            for centre, path in pages(scene):
                found += await visited(opened[centre], desk, centre, path, language)
            desk.links[TOWNSHIP] = LinkView(False, datetime.now(UTC) - timedelta(minutes=5), 7, False)
            found += await visited(opened[TOWNSHIP], desk, TOWNSHIP, "cases", language)
            desk.links[TOWNSHIP] = LinkView(True, datetime.now(UTC), 0, True)
        assert found == []
        assert [line for line in logged if "404" not in line] == []


async def test_the_pages_before_sign_in_have_no_barrier(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium(PHONE_WIDTH) as browser:
        page, found = await browser.new_page(), []
        sign_in = desk.url(TOWNSHIP, "sign-in")
        for address in (desk.address, f"{desk.address}/?q=no-such", desk.url("1", "cases"), sign_in):
            for language in ("zh", "en"):
                await page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
                found += [f"{address} {fault}" for fault in await faults(page)]
        await page.press("#f-password", "Enter")
        await page.wait_for_selector(".summary")
        assert [*found, *await faults(page)] == []


async def test_the_federation_fits_a_wallboard_and_rows_are_36_pixels_high(postgres: PostgresServer) -> None:
    async with stand(postgres, shown=real_size_topology()) as desk, chromium(1920) as browser:
        await laid_out(desk)
        page = await signed_in(browser, desk, CITY, "federation")
        await page.set_viewport_size({"width": 1920, "height": 1080})
        assert await page.locator(".tile").count() == 147
        assert await page.evaluate("document.documentElement.scrollHeight") <= 1080
        page = await signed_in(browser, desk, TOWNSHIP)
        heights = await page.evaluate("[...document.querySelectorAll('tbody tr')].map(row => row.offsetHeight)")
        assert heights
        assert {round(height) for height in heights} <= {36, 37}
