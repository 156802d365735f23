"""A case from the township's counter to the county and to its end: with scripts by keys alone, and without any."""

from playwright.async_api import Page

from fengqiao.domain.case import CaseState
from fengqiao.insight.cases import case_view, find_case
from tests.browser.rig import PHONE_WIDTH, Stand, chromium, signed_in, stand
from tests.containers import PostgresServer
from tests.node.rig import COUNTY, TOWNSHIP

TITLE, TEXT = "铁轨横卧路中", "新河路一段废弃铁轨，行人常被绊倒。"
REASON, RESULT = "涉及铁路产权，请县里牵头", "铁轨已拆除，道路已平整"


async def shown_at_both(desk: Stand, number: str) -> None:
    """Both centres have the same story and the same end."""
    await desk.settle()
    found = [await find_case(desk[code].database, number) for code in (TOWNSHIP, COUNTY)]
    views = [await case_view(desk[code].database, found[0]) for code in (TOWNSHIP, COUNTY)]
    assert views[0].file.case == views[1].file.case
    assert views[0].file.case.state is CaseState.RESOLVED
    assert [row.event.kind.value for row in views[1].events] == [
        "registered",
        "offered",
        "offer_accepted",
        "assigned",
        "resolved",
    ]


async def arrives(page: Page, desk: Stand) -> None:
    """What is offered below stands in the list above."""
    await desk.settle()
    await page.goto(desk.url(COUNTY, "cases?view=offered"))
    assert await page.locator(".row-link").count() == 1


async def test_a_case_goes_up_and_is_resolved_with_the_keyboard_alone(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        below = await signed_in(browser, desk, TOWNSHIP)
        await below.keyboard.press("n")
        await below.wait_for_url("**/cases/new")
        assert await below.evaluate("document.activeElement.id") == "f-title"
        await below.keyboard.type(TITLE)
        await below.keyboard.press("Tab")
        await below.keyboard.type(TEXT)
        await below.keyboard.press("Control+Enter")
        await below.wait_for_url(f"**/cases/{TOWNSHIP}-*")
        number = below.url.rsplit("/", 1)[1]
        await below.keyboard.press("u")
        await below.keyboard.type(REASON)
        await below.keyboard.press("Control+Enter")
        await below.wait_for_selector(".handover-sent")
        above = await signed_in(browser, desk, COUNTY)
        await arrives(above, desk)
        await above.keyboard.press("j")
        await above.keyboard.press("Enter")
        await above.wait_for_url(f"**/cases/{number}?from=offered")
        await above.keyboard.press("a")
        await above.keyboard.press("Enter")
        await above.wait_for_selector("#do-assign")
        await above.keyboard.press("e")
        await above.keyboard.press("ArrowDown")
        await above.keyboard.press("ArrowDown")
        await above.keyboard.press("Control+Enter")
        await above.wait_for_selector(".entry >> text=交办")
        await above.keyboard.press("r")
        await above.keyboard.press("Tab")
        await above.keyboard.type(RESULT)
        await above.keyboard.press("Control+Enter")
        await above.wait_for_selector(".tag-done")
        await shown_at_both(desk, number)


async def test_a_case_goes_up_and_is_resolved_on_a_phone_without_scripts(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium(PHONE_WIDTH, scripts=False) as browser:
        below = await signed_in(browser, desk, TOWNSHIP)
        await below.click("text=新登记")
        await below.fill("#f-title", TITLE)
        await below.fill("#f-text", TEXT)
        await below.click("main button.primary")
        await below.wait_for_url(f"**/cases/{TOWNSHIP}-*")
        number = below.url.rsplit("/", 1)[1]
        await below.click("#do-offer-up summary")
        await below.fill("#offer-up-reason", REASON)
        await below.click("#do-offer-up button")
        assert "未受理" in await below.inner_text(".head")
        above = await signed_in(browser, desk, COUNTY)
        await arrives(above, desk)
        await above.click(".row-link")
        await above.click("#do-accept summary")
        await above.click("#do-accept button")
        await above.click("#do-assign summary")
        await above.select_option("#assign-unit", index=1)
        await above.click("#do-assign button")
        await above.click("#do-resolve summary")
        await above.fill("#resolve-result", RESULT)
        await above.click("#do-resolve button")
        assert RESULT in await above.inner_text(".facts")
        await shown_at_both(desk, number)
