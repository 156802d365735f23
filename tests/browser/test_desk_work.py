"""A working day by keyboard: my work, open, act, next; and the same queue with ticks, with scripts and without."""

from datetime import timedelta

from playwright.async_api import Page

from fengqiao.domain.case import CaseState
from fengqiao.domain.command import RegisterCase
from fengqiao.handlers import case as cases
from fengqiao.handlers.context import Actor
from fengqiao.insight.cases import case_view
from tests.browser.rig import DESK_WIDTH, PHONE_WIDTH, Stand, chromium, signed_in, stand
from tests.browser.test_pages import faults
from tests.containers import PostgresServer
from tests.node.rig import CLERK, TOWNSHIP, new_id


async def waiting(desk: Stand, many: int) -> list[RegisterCase]:
    """Register cases, the one that burns most first."""
    here, made = desk[TOWNSHIP], []
    for number in range(many):
        at = here.clock() - timedelta(hours=many - number)
        command = RegisterCase(new_id(), f"第 {number} 件", "来访人反映，三天了。", place="新河路")
        await cases.register(here, command, Actor(CLERK.name, at))
        made.append(command)
    return made


async def title(page: Page) -> str:
    return await page.inner_text(".head h1")


async def units(desk: Stand, made: list[RegisterCase]) -> list[str]:
    return [(await case_view(desk[TOWNSHIP].database, one.case_id)).file.case.unit for one in made]


async def test_work_goes_from_my_list_to_the_case_and_on_to_the_next_by_keys_alone(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        made = await waiting(desk, 3)
        page = await signed_in(browser, desk, TOWNSHIP, "work")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".head h1")
        assert await title(page) == "第 0 件"
        for number in range(3):
            assert await title(page) == f"第 {number} 件"
            await page.keyboard.press("e")
            await page.keyboard.press("ArrowDown")
            await page.keyboard.press("ArrowDown")
            await page.keyboard.press("Control+Enter")
            await page.wait_for_selector(".entry >> text=交办")
            if number < 2:
                await page.keyboard.press("]")
                await page.wait_for_function(f"document.querySelector('.head h1').textContent === '第 {number + 1} 件'")
        assert all(await units(desk, made))
        states = [(await case_view(desk[TOWNSHIP].database, one.case_id)).file.case.state for one in made]
        assert states == [CaseState.ASSIGNED] * 3


async def test_rows_are_ticked_and_assigned_together_by_keys_alone(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        made = await waiting(desk, 4)
        page = await signed_in(browser, desk, TOWNSHIP, "cases?view=unassigned")
        for key in ("j", "x", "j", "x", "j", "x", "x"):
            await page.keyboard.press(key)
        assert await page.inner_text("[data-picked]") == "2"
        assert await page.evaluate("document.activeElement.textContent") == "第 2 件"
        assert await page.locator("label[data-for]:visible").count() == 1, "only the field that the action wants"
        await page.focus("#bulk select[name=unit]")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_selector(".outcomes")
        assert await page.locator(".outcome-done").count() == 2
        assert await faults(page) == []
        await page.set_viewport_size({"width": PHONE_WIDTH, "height": 900})
        assert await faults(page) == []
        await page.set_viewport_size({"width": DESK_WIDTH, "height": 900})
        assert [bool(unit) for unit in await units(desk, made)] == [True, True, False, False]
        await page.click("text=回到列表")
        await page.wait_for_url("**/cases?view=unassigned*")
        assert await page.locator(".row-link").count() == 2


async def test_ticks_ranges_and_filters_work_with_the_mouse(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        await waiting(desk, 5)
        page = await signed_in(browser, desk, TOWNSHIP, "work")
        boxes = page.locator(".pick")
        await boxes.nth(0).click()
        await boxes.nth(3).click(modifiers=["Shift"])
        assert await page.inner_text("[data-picked]") == "4"
        await page.check("[data-pick-all]")
        assert await page.inner_text("[data-picked]") == "5"
        await page.select_option("#f-late", "over")
        await page.wait_for_url("**late=over*")
        await page.wait_for_selector(".chip")
        assert await page.inner_text("[data-picked]") == "0"
        assert await page.locator("label[data-for]:visible").count() == 1, "also after the list was swapped"


async def test_without_scripts_the_board_and_the_ticks_work_on_a_phone(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium(PHONE_WIDTH, scripts=False) as browser:
        made = await waiting(desk, 3)
        page = await signed_in(browser, desk, TOWNSHIP, "cases?view=unassigned")
        await page.locator(".row-form select").nth(0).select_option("police")
        await page.locator(".row-form button").nth(0).click()
        await page.wait_for_url("**/cases?view=unassigned*")
        assert await units(desk, made) == ["police", "", ""]
        for number in range(2):
            await page.locator(".pick").nth(number).check()
        await page.select_option("#bulk select[name=unit]", "justice")
        await page.click("#bulk button")
        assert await page.locator(".outcome-done").count() == 2
        assert await units(desk, made) == ["police", "justice", "justice"]
