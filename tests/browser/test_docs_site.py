"""The site of docs/ in a real browser: words of the field are found, nobody else is asked, a phone is wide enough."""

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests import docs_site
from tests.browser.rig import DESK_WIDTH, PHONE_WIDTH, chromium

TALL = ("index.html", "officers/first-day.html", "officers/pages.html", "reference/settings.html", "monitoring.html")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site, built and served on this machine."""
    folder: Path = tmp_path_factory.mktemp("site")
    assert docs_site.build(folder) == ""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def search(page: Page, words: str) -> list[str]:
    """Type words into the search and give the pages that it names, best first."""
    await page.reload()
    await page.click("input.md-search__input")
    await page.keyboard.insert_text(words)
    await page.keyboard.press("Shift")
    found = page.locator(".md-search-result__item > a.md-search-result__link")
    await expect(found.first).to_be_visible()
    hrefs = await found.evaluate_all("links => links.map(link => new URL(link.href).pathname.slice(1))")
    return list(dict.fromkeys(hrefs))


async def test_words_of_the_field_are_found_among_the_first_pages(address: str) -> None:
    wanted = {
        "督办单": "officers/supervisor.html",
        "首接单位": "officers/case.html",
        "停放": "officers/what-if.html",
        "登记 电话": "officers/clerk.html",
        "缺号": "runbooks/FengqiaoInboxGap.html",
        "备份": "operators/backup.html",
        "FENGQIAO_KAFKA": "reference/settings.html",
        "fengqiao_limits_overdue": "reference/metrics.html",
    }
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(f"{address}/index.html")
        missed = {
            words: found[:5] for words, name in wanted.items() if name not in (found := await search(page, words))[:5]
        }
    assert missed == {}


@pytest.mark.parametrize("width", [DESK_WIDTH, PHONE_WIDTH])
async def test_no_page_asks_another_host_and_none_is_wider_than_the_screen(address: str, width: int) -> None:
    async with chromium(width) as browser:
        asked: list[str] = []
        browser.on("request", lambda request: asked.append(request.url))
        page = await browser.new_page()
        for name in TALL:
            await page.goto(f"{address}/{name}")
            await expect(page.locator("h1").first).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert len(asked) > len(TALL)
        assert [one for one in asked if not one.startswith((address, "data:", "blob:"))] == []
