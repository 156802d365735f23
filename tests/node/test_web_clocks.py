"""The clocks on the page of a case: nearest first, each with its reasons, red only for what is overdue."""

from datetime import UTC, datetime, timedelta

from fengqiao.entry.local.postgres import EmbeddedPostgres
from fengqiao.handlers import limits
from tests.node.rig import TOWNSHIP
from tests.node.test_web_desk import number_of, registered
from tests.node.web_stand import web_stand


async def test_a_case_page_shows_its_clocks_and_why_they_are_due_then(postgres: EmbeddedPostgres) -> None:
    async with web_stand(postgres) as desk:
        command = await registered(desk)
        client, path = await desk.signed_in(TOWNSHIP), f"/{TOWNSHIP}/cases/{await number_of(desk, command)}"
        page = (await client.get(path)).text
        assert page.index("三小时交办") < page.index("三日办结")
        assert page.count("为什么是这个时间") == 2
        assert "24:00" in page
        assert "the article" in page
        assert "due-over" not in page
        late = desk.rig.at(TOWNSHIP, datetime.now(UTC) + timedelta(hours=4))
        await limits.fire(late)
        await limits.fire(late)
        await limits.tell(late)
        warned = (await client.get(path)).text
        assert "红色警示" in warned
        assert "三小时交办 · 到期" in warned
