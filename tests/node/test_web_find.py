"""A case is found from every desk of the federation, and a silent holder leaves the last known state (F32)."""

from urllib.parse import quote

from fengqiao.domain.case import Direction
from fengqiao.domain.command import AcceptOffer, AssignCase, OfferCase
from fengqiao.handlers import case as handlers
from fengqiao.insight.cases import case_view
from tests.containers import PostgresServer
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, new_id
from tests.node.test_handlers_case import a_case
from tests.node.web_stand import WebStand, web_stand


async def held_by_the_county(desk: WebStand) -> str:
    """Let a case rise from the township to the county; gives its number."""
    rig, command = desk.rig, a_case()
    await handlers.register(rig[TOWNSHIP], command, CLERK)
    await handlers.carry_out(rig[TOWNSHIP], OfferCase(command.case_id, new_id(), Direction.UP, "超出职权"), CLERK)
    await rig.settle()
    await handlers.carry_out(rig[COUNTY], AcceptOffer(command.case_id), CLERK)
    await rig.settle()
    await handlers.carry_out(rig[COUNTY], AssignCase(command.case_id, "police"), CLERK)
    return (await case_view(rig[COUNTY].database, command.case_id)).file.case.number


async def test_a_case_is_found_by_its_number_from_every_desk_and_traced(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        number = await held_by_the_county(desk)
        for code in (CITY, COUNTY, TOWNSHIP):
            client = await desk.signed_in(code)
            found = (await client.get(f"/{code}/find?q={number[:18]}")).text
            assert found.count(f"/{code}/find/{number}") == 1
            assert "3 个中心中 3 个已答复" in found
            assert "最后所知" not in found
            traced = (await client.get(f"/{code}/find/{number}")).text
            assert desk.rig.topology.centre(COUNTY).name in traced
            assert "仍在办理" in traced
        assert f"/{CITY}/cases/{number}" not in (await (await desk.signed_in(CITY)).get(f"/{CITY}/find/{number}")).text


async def test_where_the_holder_is_silent_the_last_known_state_stands_and_says_so(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        number = await held_by_the_county(desk)
        client = await desk.signed_in(TOWNSHIP)
        desk.away.add(COUNTY)
        found = (await client.get(f"/{TOWNSHIP}/find?q={number}")).text
        assert found.count(f"/{TOWNSHIP}/find/{number}") == 1
        assert "最后所知" in found
        assert "未答复的中心" in found
        assert "及其后 1 个中心" in found
        traced = (await client.get(f"/{TOWNSHIP}/find/{number}")).text
        assert "最后所知状态" in traced


async def test_words_place_and_days_narrow_a_search(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        await handlers.register(desk.rig[TOWNSHIP], a_case(title="广场舞扰民", place="人民广场"), CLERK)
        await handlers.register(desk.rig[TOWNSHIP], a_case(title="路灯不亮", place="新河路"), CLERK)
        client = await desk.signed_in(CITY)
        for query, title in (("q=路灯", "路灯不亮"), ("place=广场", "广场舞扰民"), ("q=扰民&place=人民", "广场舞扰民")):
            found = (await client.get(f"/{CITY}/find?{quote(query, safe='=&')}")).text
            assert [one in found for one in ("路灯不亮", "广场舞扰民")].count(True) == 1
            assert title in found
        assert "没有找到" in (await client.get(f"/{CITY}/find?q={quote('路灯')}&registered_to=2001-01-01")).text


async def test_a_search_for_nothing_or_nonsense_says_what_to_do(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(CITY)
        assert (await client.get(f"/{CITY}/find")).status == 200
        assert (await client.get(f"/{CITY}/find?q={quote('灯')}")).status == 422
        assert (await client.get(f"/{CITY}/find?registered_from=gestern")).status == 422
        assert (await client.get(f"/{CITY}/find/{CITY}-20200101-00001")).status == 404
