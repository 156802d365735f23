"""The wallboard of the city with 147 centres: it fits, says what the facts say, and follows them by itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from fengqiao.handlers.fact import take_in_facts
from tests.browser.rig import DESK_WIDTH, PHONE_WIDTH, chromium, signed_in, stand, widths
from tests.browser.test_pages import faults
from tests.cities import real_size_topology
from tests.containers import PostgresServer
from tests.facts import made_facts, told_by
from tests.node.rig import CITY

FOLLOWS_MS = 9_000
"""The page asks every five seconds."""


async def test_the_wallboard_says_what_147_centres_have_told_and_fits_one_screen(postgres: PostgresServer) -> None:
    topology = real_size_topology()
    async with stand(postgres, shown=topology) as desk, chromium(1920) as browser:
        now, months, context = datetime.now(UTC), set[date](), desk[CITY]
        facts = list(made_facts(tuple(topology.centres), 12, now, days=14))
        told = told_by(facts, now)
        silent = topology.children(topology.city.code)[-1]
        told = [replace(one, told_at=now - timedelta(hours=2)) if one.centre == silent else one for one in told]
        await take_in_facts(context, 1, told, months)
        page = await signed_in(browser, desk, CITY, "wallboard")
        await page.set_viewport_size({"width": 1920, "height": 1080})
        assert await page.locator(".tile").count() == 147
        assert await page.evaluate("document.documentElement.scrollHeight") <= 1080
        overdue = dict.fromkeys(topology.centres, 0)
        for fact in facts:
            overdue[fact.centre] += fact.resolved_at is None and fact.limits[0].due_at < now
        burning = next(code for code, many in overdue.items() if many)
        corner = page.locator(f"#tile-{burning} .corner")
        assert (await corner.inner_text()).split()[-1].endswith(str(overdue[burning]))
        assert await page.locator(".glance.burning").count() == sum(many > 0 for many in overdue.values())
        assert await page.locator(".glance.silent").count() == 1
        assert await page.locator(f"#tile-{silent}.silent").count() == 1
        assert await faults(page) == []
        # A case is solved somewhere: the page follows by itself, and what has the focus keeps it.
        await page.focus(f"#tile-{burning}")
        solved = [
            replace(fact, resolved_at=now, version=2, limits=(replace(fact.limits[0], met_at=now, ended_at=now),))
            for fact in facts
            if fact.centre == burning and fact.resolved_at is None
        ]
        await take_in_facts(context, 1, told_by(solved, now), months)
        await corner.wait_for(state="detached", timeout=FOLLOWS_MS)
        assert await page.evaluate("document.activeElement.id") == f"tile-{burning}"


async def test_the_wallboard_is_readable_on_a_desk_and_on_a_phone_in_both_languages(postgres: PostgresServer) -> None:
    topology = real_size_topology()
    async with stand(postgres, shown=topology) as desk:
        now = datetime.now(UTC)
        told = told_by(made_facts(tuple(topology.centres), 3, now, days=14), now)
        await take_in_facts(desk[CITY], 1, told, set())
        for width in (DESK_WIDTH, PHONE_WIDTH):
            async with chromium(width) as browser:
                page = await signed_in(browser, desk, CITY, "wallboard")
                for language in ("zh", "en"):
                    await page.goto(desk.url(CITY, f"wallboard?lang={language}"))
                    assert await page.locator(".tile").count() == 147
                    content, window = await widths(page)
                    assert content <= window
                    assert await faults(page) == []
