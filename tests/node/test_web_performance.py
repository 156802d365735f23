"""Performance at the desk: figures with their two numbers, addresses that make no sense, the way to the cases."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fengqiao.handlers.fact import take_in_facts
from tests.containers import PostgresServer
from tests.facts import made_facts, told_by
from tests.node.rig import CITY, COUNTY, TOWNSHIP
from tests.node.web_stand import WebStand, web_stand

PAGES = (
    "performance", "performance/league?of=rework&peers=county", "performance/flows", "performance/heat",
    "performance/cases?of=on_time&side=missing",
)  # fmt: skip


async def told(desk: WebStand, each: int = 40) -> None:
    """Let the city know of cases of every centre."""
    now = datetime.now(UTC)
    facts = made_facts(tuple(desk.rig.topology.centres), each, now, days=60)
    records = told_by((replace(fact, holder=fact.centre) for fact in facts), now)
    await take_in_facts(desk.rig[CITY], 1, records, set())


@pytest.mark.parametrize("page", PAGES)
async def test_every_page_is_there_in_both_languages_with_and_without_facts(
    postgres: PostgresServer, page: str
) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(CITY)
        for _ in range(2):
            for language in ("zh", "en"):
                answer = await client.get(f"/{CITY}/{page}{'&' if '?' in page else '?'}lang={language}")
                assert answer.status == 200
            await told(desk)


async def test_a_rate_stands_with_its_two_numbers_and_leads_to_its_cases(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        await told(desk)
        client = await desk.signed_in(CITY)
        page = (await client.get(f"/{CITY}/performance?span=3")).text
        assert "按期率" in page
        assert " / " in page
        assert "of=on_time&amp;side=missing" in page
        cases = (await client.get(f"/{CITY}/performance/cases?of=extension&side=counted")).text
        assert f"/{CITY}/find/" in cases
        assert cases.count('<tr role="row">') > 1


@pytest.mark.parametrize(
    "wrong",
    ["performance?span=5", "performance?month=1999-01", "performance?month=x", "performance?class=zz",
     "performance?against=never", "performance/league?of=nothing", "performance/league?peers=giants",
     "performance/cases?side=none", "performance/cases?token=x"],
)  # fmt: skip
async def test_an_address_that_makes_no_sense_says_what_can_be_chosen(postgres: PostgresServer, wrong: str) -> None:
    async with web_stand(postgres) as desk:
        answer = await (await desk.signed_in(CITY)).get(f"/{CITY}/{wrong}")
        assert answer.status == 422


async def test_only_centres_with_others_below_have_the_page(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        assert "/performance" in (await (await desk.signed_in(COUNTY)).get(f"/{COUNTY}/federation")).text
        assert "/performance" not in (await (await desk.signed_in(TOWNSHIP)).get(f"/{TOWNSHIP}/federation")).text
