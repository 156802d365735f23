"""The keys of the desk: rows, actions, search, help; and that they rest while somebody types."""

from tests.browser.rig import chromium, signed_in, stand
from tests.browser.scenes import laid_out
from tests.containers import PostgresServer
from tests.node.rig import TOWNSHIP

FOCUSED = "document.activeElement.textContent"


async def test_keys_walk_the_rows_open_a_case_and_open_its_forms(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        scene = await laid_out(desk)
        page = await signed_in(browser, desk, TOWNSHIP, "cases?view=all")
        titles = await page.locator(".row-link").all_text_contents()
        walked = []
        for key in ("j", "j", "j", "j", "k"):
            await page.keyboard.press(key)
            walked.append(await page.evaluate(FOCUSED))
        assert walked == [titles[0], titles[1], titles[2], titles[2], titles[1]]
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".head h1")
        assert await page.inner_text(".head h1") == titles[1]
        await page.goto(desk.url(TOWNSHIP, f"cases?q={scene.open[:-1]}"))
        await page.locator(".row-link", has_text="铁轨横卧路中").focus()
        await page.keyboard.press("e")
        await page.wait_for_selector("#do-assign[open]")
        assert await page.evaluate("document.activeElement.id") == "assign-unit"


async def test_keys_show_themselves_and_rest_while_somebody_types(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        page = await signed_in(browser, desk, TOWNSHIP)
        await page.keyboard.press("?")
        await page.wait_for_selector("dialog[open]")
        assert await page.locator("dialog kbd").count() >= 15
        await page.keyboard.press("n")
        assert page.url.endswith("/cases")
        await page.keyboard.press("Escape")
        assert await page.locator("dialog[open]").count() == 0
        await page.keyboard.press("/")
        assert await page.evaluate("document.activeElement.id") == "search"
        await page.keyboard.type("nur?")
        assert await page.input_value("#search") == "nur?"
        assert page.url.endswith("/cases")
        await page.keyboard.press("Escape")
        assert await page.evaluate("document.activeElement.tagName") == "BODY"


async def test_tab_reaches_everything_in_the_order_of_the_page(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        scene = await laid_out(desk)
        page = await signed_in(browser, desk, TOWNSHIP, f"cases/{scene.open}")
        reached = []
        for _ in range(40):
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("document.activeElement.textContent.trim().split(/\\s+/)[0]"))
        assert reached[0] == "跳到正文"
        wanted = ["闭环", "快捷键", "交办", "提级", "办结", "补充情况"]
        places = [reached.index(word, 8 if word == "交办" else 0) for word in wanted]
        assert places == sorted(places)
