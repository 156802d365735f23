"""The catalogue and the routing rules in a browser: no barrier, no sideways scrolling, keys, suggestions."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from fengqiao.domain.command import AssignCase, RegisterCase
from fengqiao.domain.course_command import ClassifyCase
from fengqiao.handlers import case as cases
from tests.browser.rig import DESK_WIDTH, PHONE_WIDTH, Stand, chromium, signed_in, stand
from tests.browser.test_pages import visited
from tests.containers import PostgresServer
from tests.node.edition_acts import published, renamed, routed, routing_published
from tests.node.rig import CITY, CLERK, TOWNSHIP, new_id

PAGES = (
    (CITY, "catalogue"),
    (CITY, "catalogue?sheet=workflow"),
    (CITY, "catalogue/rows/item/0102"),
    (CITY, "catalogue/draft"),
    (CITY, "catalogue/history"),
    (CITY, "catalogue/editions/2"),
    (TOWNSHIP, "catalogue/rows/department/police"),
    (TOWNSHIP, "routing"),
    (TOWNSHIP, "routing/rows/route/+"),
    (TOWNSHIP, "routing/draft"),
    (TOWNSHIP, "routing/trial"),
    (TOWNSHIP, "cases/new"),
    (CITY, "routing/trial"),
)


async def laid_out_books(desk: Stand) -> None:
    """A catalogue in force and a draft of the next, rules in force and a draft of them, and past cases."""
    await published(desk[CITY], "0102", "道路与桥梁")
    await renamed(desk[CITY], "0103", "征收与补偿")
    await desk.settle()
    here = desk[TOWNSHIP]
    for item, unit in (("0201", "police"), ("0202", "justice"), ("0101", "justice")):
        command = RegisterCase(
            new_id(), f"关于事项 {item} 的诉求，写得长一些，看列表怎样收起来", "正文", place="新河路"
        )
        await cases.register(here, command, CLERK)
        await cases.carry_out(here, ClassifyCase(command.case_id, item), CLERK)
        await cases.carry_out(here, AssignCase(command.case_id, unit), CLERK)
    await routing_published(here, {"items": "02", "unit": "police"}, {"places": "新河路", "unit": "land"})
    await routed(here, "late", 9, items="0201", unit="justice")


async def pictured(page: Page, name: str) -> None:
    """Keep a picture when somebody asked for pictures."""
    if folder := os.environ.get("FENGQIAO_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [DESK_WIDTH, PHONE_WIDTH])
async def test_no_page_of_a_book_has_a_barrier_or_scrolls_sideways(postgres: PostgresServer, width: int) -> None:
    async with stand(postgres) as desk, chromium(width) as browser:
        await laid_out_books(desk)
        opened = {code: await signed_in(browser, desk, code) for code in (TOWNSHIP, CITY)}
        found: list[str] = []
        for language in ("zh", "en"):
            for number, (centre, path) in enumerate(PAGES):
                found += await visited(opened[centre], desk, centre, path, language)
                await pictured(opened[centre], f"{width}-{language}-{number:02}-{path.replace('/', '_')[:30]}")
        assert found == []


async def test_what_is_typed_at_registration_brings_the_suggestion_and_a_choice_stays(
    postgres: PostgresServer,
) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        await laid_out_books(desk)
        page = await signed_in(browser, desk, TOWNSHIP, "cases/new")
        await page.fill("#f-place", "新河路口")
        await page.press("#f-place", "Tab")
        await expect(page.locator("#f-unit")).to_have_value("land")
        await expect(page.locator("#unit-part")).to_contain_text("规则“规则r2”建议：自然资源所。")
        await page.select_option("#f-unit", "justice")
        await page.select_option("#f-channel", "hotline")
        await page.wait_for_load_state("networkidle")
        await expect(page.locator("#f-unit")).to_have_value("justice")
        await page.fill("#f-title", "路灯不亮")
        await page.fill("#f-text", "村口的路灯坏了三天。")
        await page.press("#f-text", "Control+Enter")
        await page.wait_for_url("**/cases/371401001-*")
        await expect(page.locator(".facts").first).to_contain_text("司法所")


async def test_a_row_is_added_by_keyboard(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        page = await signed_in(browser, desk, CITY, "catalogue")
        await page.goto(desk.url(CITY, "catalogue?sheet=item"))
        await page.keyboard.press("n")
        await page.wait_for_url("**/rows/item/*")
        await page.fill("#f-code", "0104")
        await page.fill("#f-name", "供热供气")
        await page.fill("#f-name_en", "Heating and gas")
        await page.press("#f-name_en", "Control+Enter")
        await page.wait_for_url("**/catalogue?sheet=item")
        await expect(page.locator(".waiting")).to_contain_text("草稿有 1 处改动")
        await expect(page.locator("tbody")).to_contain_text("供热供气")
