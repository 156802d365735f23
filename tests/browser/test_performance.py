"""Performance, reports and queries in a browser: wide and narrow, in both languages, the chart beside its table."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from fengqiao.domain.course import Grade
from fengqiao.handlers import case as handlers
from fengqiao.handlers.fact import take_in_facts
from fengqiao.timers.report_maker import ReportMaker
from tests.browser.rig import DESK_WIDTH, PHONE_WIDTH, Stand, chromium, signed_in, stand
from tests.browser.scenes import LONG
from tests.browser.test_pages import visited
from tests.cities import real_size_topology
from tests.containers import PostgresServer
from tests.facts import made_facts, told_by
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP
from tests.node.test_handlers_case import a_case

PAGES = (
    "performance", "performance?span=12&against=year&class=01", "performance/league?of=on_time&peers=town",
    "performance/league?of=rework&peers=county", "performance/flows", "performance/heat",
    "performance/cases?of=on_time&side=missing", "performance/reports", "find", "find?q=路灯", "find?q=灯",
)  # fmt: skip


async def laid_out(desk: Stand) -> str:
    """Let the city know of 147 centres, and have a case that is known at the township; gives its number."""
    topology, now = real_size_topology(), datetime.now(UTC)
    facts = list(made_facts(tuple(topology.centres), 40, now, days=100))
    made = [
        replace(fact, grade=Grade.SMALL, path=(fact.centre, topology.parent(fact.centre) or CITY), reopened=serial % 2)
        if serial % 9 == 0 and fact.centre != CITY
        else fact
        for serial, fact in enumerate(facts)
    ]
    await take_in_facts(desk[CITY], 1, told_by(made, now), set[date]())
    command = a_case(title="路灯不亮", text=LONG[:3000], place="新湖街道" * 6)
    registered = await handlers.register(desk[TOWNSHIP], command, CLERK)
    await desk.settle()
    while await ReportMaker(desk[CITY], "0").turn():
        pass
    desk.away.add(COUNTY)
    return registered.file.case.number


@pytest.mark.parametrize("width", [DESK_WIDTH, PHONE_WIDTH])
async def test_no_page_of_performance_has_a_barrier(postgres: PostgresServer, width: int) -> None:
    async with stand(postgres, shown=real_size_topology()) as desk, chromium(width) as browser:
        number = await laid_out(desk)
        page, found = await signed_in(browser, desk, CITY), list[str]()
        for path in PAGES:
            for language in ("zh", "en"):
                found += await visited(page, desk, CITY, path, language)
        page = await signed_in(browser, desk, TOWNSHIP)
        for path in (f"find/{number}", "find?q=路灯"):
            found += await visited(page, desk, TOWNSHIP, path, "zh")
        assert found == []


async def test_the_chart_is_drawn_from_the_table_that_stays_beside_it(postgres: PostgresServer) -> None:
    async with stand(postgres, shown=real_size_topology()) as desk, chromium(DESK_WIDTH) as browser:
        await laid_out(desk)
        page = await signed_in(browser, desk, CITY)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(desk.url(CITY, "performance?span=3"))
        await page.locator("[data-chart] canvas").wait_for()
        inked = """() => { const canvas = document.querySelector("[data-chart] canvas");
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return pixels.filter((value, at) => at % 4 === 3 && value > 0).length; }"""
        assert await page.evaluate(inked) > 5_000
        assert await page.locator("#months-table tbody tr").count() == 12
        assert all(url.startswith(desk.address) for url in asked)


async def test_without_scripts_the_figures_are_there(postgres: PostgresServer) -> None:
    async with stand(postgres, shown=real_size_topology()) as desk, chromium(DESK_WIDTH, scripts=False) as browser:
        await laid_out(desk)
        page = await signed_in(browser, desk, CITY)
        await page.goto(desk.url(CITY, "performance?span=3"))
        assert await page.locator("[data-chart]").is_hidden()
        assert await page.locator("#months-table tbody tr").count() == 12


async def test_a_report_is_wanted_made_and_fetched_by_hand(postgres: PostgresServer, tmp_path: Path) -> None:
    async with stand(postgres, shown=real_size_topology()) as desk, chromium(DESK_WIDTH) as browser:
        await laid_out(desk)
        page = await signed_in(browser, desk, CITY)
        await page.goto(desk.url(CITY, "performance/reports"))
        rows = page.locator("table.reports tbody tr")
        before = await rows.count()
        await page.select_option("select[name=language]", "en")
        await page.get_by_role("button", name="生成").click()
        await page.wait_for_url("**/performance/reports")
        assert await rows.count() == before + 1
        assert await ReportMaker(desk[CITY], "0").turn()
        # The page follows by itself until nothing is under way.
        sheet = rows.first.get_by_role("link", name="XLSX")
        await sheet.wait_for(timeout=8_000)
        async with page.expect_download() as download:
            await sheet.click()
        path = tmp_path / "report.xlsx"
        await (await download.value).save_as(path)
        assert len(openpyxl.load_workbook(path).sheetnames) >= 4
