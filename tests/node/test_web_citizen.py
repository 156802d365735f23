"""The public page of performance: figures of a month that name nobody, without a cookie, made once a minute."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from string import Formatter

import pytest
from starlette.applications import Starlette

from fengqiao.domain.calendar import city_day
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.performance import Indicator, Months, moved_by
from fengqiao.domain.publication import published_count
from fengqiao.handlers.fact import take_in_facts
from fengqiao.insight.performance import Asked, overview
from fengqiao.insight.publication import publication
from fengqiao.insight.wallboard import centres_below
from fengqiao.web.assets import STATIC
from fengqiao.web.citizen.app import build_citizen
from fengqiao.web.citizen.node import CitizenNode
from fengqiao.web.citizen.texts import TEXTS
from fengqiao.web.citizen.visit import TEMPLATES
from tests.cities import made_topology
from tests.containers import PostgresServer
from tests.facts import made_facts, told_by
from tests.node.rig import CITY, COUNTY, TOWNSHIP, Bench, bench
from tests.node.web_client import Client

MONTH = moved_by(city_day(datetime.now(UTC)), -1)
NOW = datetime.now(UTC)


@dataclass
class Public:
    """The application and the centres behind it."""

    app: Starlette
    rig: Bench

    async def told(self, each: int = 40) -> None:
        """Let the city know of cases of every centre in the last month; the township has a third of them."""
        end = datetime.combine(moved_by(MONTH, 1), time(), CITY_ZONE)
        for centre in self.rig.topology.centres:
            many = each // 3 if centre == TOWNSHIP else each
            facts = made_facts((centre,), many, end, days=27, seed=int(centre))
            records = told_by((replace(fact, updated_at=end) for fact in facts), NOW)
            await take_in_facts(self.rig[CITY], 1, records, set[date]())


@asynccontextmanager
async def public(postgres: PostgresServer) -> AsyncIterator[Public]:
    async with bench(postgres, made_topology(counties=2, townships=2)) as rig:
        nodes = {
            code: CitizenNode(one.centre, one.topology, one.database, one.clock) for code, one in rig.contexts.items()
        }
        yield Public(build_citizen(nodes, secure_transport=False), rig)


async def test_the_last_month_is_published_with_the_figures_that_the_desk_has(postgres: PostgresServer) -> None:
    async with public(postgres) as site:
        await site.told(60)
        page = await Client(site.app).get(f"/{CITY}/performance")
        assert page.status == 200
        centres, months = centres_below(site.rig.topology, CITY), Months(MONTH, MONTH)
        desk = await overview(site.rig[CITY].database, Asked(centres, months, None, NOW), months.before())
        registered, closed = (published_count(count) for count in (desk.registered[0], desk.closed[0]))
        assert registered == 260
        assert f"登记约 {registered:,} 件，办结约 {closed:,} 件。" in page.text
        on_time = next(one.now for one in desk.rates if one.indicator is Indicator.ON_TIME)
        assert on_time.share is not None
        assert on_time.denominator > 200
        assert f"<b>{on_time.share * 100:.1f} %</b>" in page.text


async def test_nobody_is_known_and_nothing_of_a_case_is_there(postgres: PostgresServer) -> None:
    async with public(postgres) as site:
        await site.told()
        page = await Client(site.app).get(f"/{CITY}/performance")
        assert page.header("set-cookie") == ""
        assert page.header("cache-control") == "public, max-age=60"
        assert "default-src 'self'" in page.header("content-security-policy")
        assert re.findall(r"\d{6,}-\d{8}-\d+", page.text) == []
        assert re.findall(r'(?:src|href)="https?:', page.text) == []


async def test_small_counts_are_not_shown_and_no_other_is_exact(postgres: PostgresServer) -> None:
    async with public(postgres) as site:
        await site.told(24)
        text = (await Client(site.app).get(f"/{CITY}/performance")).text
        assert "不足 30 件，不公布" in text
        found = await publication(site.rig[CITY].database, site.rig.topology, COUNTY, MONTH, NOW)
        assert [(one.centre, one.registered) for one in found.branches] == [(COUNTY, 24), (TOWNSHIP, 8)]
        node = CitizenNode(site.rig.topology.centre(COUNTY), site.rig.topology, site.rig[CITY].database, lambda: NOW)
        page = (await Client(build_citizen({COUNTY: node}, secure_transport=False)).get(f"/{COUNTY}/performance")).text
        cells = re.findall(r'<td class="num">(?:<svg.*?</svg> )?([^<]*)</td>', page)
        assert "不足 10" in cells
        counts = [int(cell.replace(",", "")) for cell in cells if cell.replace(",", "").isdigit()]
        assert 20 in counts
        assert [count for count in counts if count % 10] == []


async def test_a_thousand_readers_cost_what_one_does(postgres: PostgresServer) -> None:
    async with public(postgres) as site:
        await site.told(12)
        client = Client(site.app)
        await client.get(f"/{CITY}/performance")
        site.rig.statements.clear()
        for _ in range(20):
            assert (await client.get(f"/{CITY}/performance")).status == 200
        assert site.rig.statements.total() == 0
        await client.get(f"/{CITY}/performance?month={moved_by(MONTH, -3):%Y-%m}")
        assert site.rig.statements.total() == 5


async def test_a_township_says_who_publishes_its_figures_and_the_front_lists_who_does(
    postgres: PostgresServer,
) -> None:
    async with public(postgres) as site:
        client = Client(site.app)
        township = await client.get(f"/{TOWNSHIP}/performance")
        assert (township.status, site.rig.topology.centre(COUNTY).name in township.text) == (200, True)
        front = (await client.get("/")).text
        assert f"/{CITY}/performance" in front
        assert f"/{TOWNSHIP}/performance" not in front
        home = await client.get(f"/{COUNTY}/")
        assert (home.status, home.header("location")) == (303, f"/{COUNTY}/performance")


@pytest.mark.parametrize(
    "path",
    ["/1/performance", "/none/x/y", f"/{CITY}/performance?month=1999-01", f"/{CITY}/performance?month=%3Cscript%3E"],
)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_is_not_there_is_a_page_that_says_so(postgres: PostgresServer, path: str, language: str) -> None:
    async with public(postgres) as site:
        page = await Client(site.app).get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert page.status == 404
        assert "<script" not in page.text
        assert TEXTS["error_text"][language == "en"] in page.text


async def test_a_database_that_is_away_is_a_page_that_says_when_to_come_again(postgres: PostgresServer) -> None:
    async with public(postgres) as site:
        await site.rig[CITY].database.close()
        page = await Client(site.app).get(f"/{CITY}/performance")
        assert page.status in {500, 503}
        assert TEXTS["error_late"][0] in page.text
        assert "Traceback" not in page.text


async def test_a_page_never_leads_to_another_host(postgres: PostgresServer) -> None:
    async with public(postgres) as site:
        for path in ("//elsewhere.example/x", f"//{CITY}/performance"):
            page = await Client(site.app).ask("GET", f"http://here{path}")
            assert re.findall(r'(?:href|src|action)="(?:https?:|//)', page.text) == []


async def test_a_database_that_is_away_is_not_asked_by_everybody_and_stops_no_other_centre(
    postgres: PostgresServer,
) -> None:
    async with public(postgres) as site:
        await site.rig[COUNTY].database.close()
        client = Client(site.app)
        answers = await asyncio.gather(*(client.get(f"/{COUNTY}/performance") for _ in range(5)))
        assert {answer.status for answer in answers} <= {500, 503}
        assert (await client.get(f"/{CITY}/performance")).status == 200


async def test_a_page_is_light_enough_for_a_poor_line(postgres: PostgresServer) -> None:
    async with public(postgres) as site:
        await site.told(12)
        page = await Client(site.app).get(f"/{CITY}/performance")
        files = [STATIC / name for name in re.findall(r"/static/([\w.-]+)\?v=", page.text)]
        assert len(files) == 3
        assert len(page.text.encode()) + sum(path.stat().st_size for path in files) < 60_000


async def test_what_was_kept_is_made_anew_after_a_minute(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        ahead = timedelta()
        context = rig[CITY]
        node = CitizenNode(context.centre, rig.topology, context.database, lambda: datetime.now(UTC) + ahead)
        client = Client(build_citizen({CITY: node}, secure_transport=False))
        await client.get(f"/{CITY}/performance")
        rig.statements.clear()
        ahead = timedelta(seconds=61)
        await client.get(f"/{CITY}/performance")
        assert rig.statements.total() == 5


def test_both_languages_say_the_same_and_every_text_is_used() -> None:
    code = "\n".join(path.read_text("utf-8") for path in TEMPLATES.parent.rglob("*.py") if path.name != "texts.py")
    source = code + "\n".join(path.read_text("utf-8") for path in TEMPLATES.glob("*.html"))
    for key, (chinese, english) in TEXTS.items():
        names = [sorted(name for _, name, _, _ in Formatter().parse(one) if name) for one in (chinese, english)]
        assert names[0] == names[1], key
        assert f'"{key}"' in source, key
    for path in TEMPLATES.glob("*.html"):
        shown = re.sub(r"\{[{%#].*?[}%#]\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert re.findall(r"[\u4e00-\u9fff]+", shown) == [], path.name
