"""The catalogue and the routing rules at the desk: rows, drafts, two persons, trials, and what is suggested."""

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from fengqiao.domain.command import AssignCase, RegisterCase
from fengqiao.domain.course import Grade
from fengqiao.domain.course_command import ClassifyCase, GradeCase
from fengqiao.domain.edition import YES, Book, PublishDraft, PutRow, Sheet, SheetField
from fengqiao.handlers import case as cases
from fengqiao.handlers import edition as editions
from fengqiao.store.accounts import Account, seed_account
from fengqiao.store.editions import standing_editions
from tests.containers import PostgresServer
from tests.node.edition_acts import COLLEAGUE, renamed, routed, routing_published
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, new_id
from tests.node.web_client import Answer, Client
from tests.node.web_stand import HASHED, PASSWORD, WebStand, web_stand

SECOND = "zhaogang"
SHEETS = ("class", "item", "department", "workflow", "standard", "rule")


async def second_person(desk: WebStand, centre: str) -> Client:
    await seed_account(desk.rig[centre].database, Account(SECOND, "赵刚", "supervisor", HASHED))
    client = Client(desk.app)
    await client.send(f"/{centre}/sign-in", f"/{centre}/sign-in", login=SECOND, password=PASSWORD)
    return client


def fields(page: str) -> dict[str, str]:
    """What a form of a row holds, as a browser would send it back."""
    form = page.split('<form method="post"')[2] if page.count('<form method="post"') > 1 else page
    found = dict(re.findall(r'<input id="f-(\w+)"[^>]*? value="([^"]*)"', form))
    found |= dict(re.findall(r'<textarea id="f-(\w+)"[^>]*>\n([^<]*)</textarea>', form))
    for name, options in re.findall(r'<select id="f-(\w+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]* selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


async def saved(client: Client, path: str, **changes: str) -> Answer:
    opened = await client.get(path)
    return await client.post(path, **{**opened.hidden, **fields(opened.text), **changes})


async def test_a_row_is_changed_published_by_another_and_classifies_at_once(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client, other = await desk.signed_in(CITY), await second_person(desk, CITY)
        path = f"/{CITY}/catalogue/rows/item/0102"
        done = await saved(client, path, name="道路与桥梁")
        assert done.status == 303
        listed = (await client.get(f"/{CITY}/catalogue?sheet=item")).text
        assert "草稿有 1 处改动，王敏 最后修改" in listed
        draft = f"/{CITY}/catalogue/draft"
        assert "事项 0102“道路与桥梁”的名称由“市政与道路”改为“道路与桥梁”。" in (await other.get(draft)).text
        own = await client.send(draft, f"{draft}/publish")
        assert own.status == 409
        assert "须由另一人发布" in own.text
        assert (await other.send(draft, f"{draft}/publish")).status == 303
        assert desk.rig[CITY].handbook.catalogue.item("0102").name == "道路与桥梁"
        history = (await client.get(f"/{CITY}/catalogue/history")).text
        assert "手册文件" in history
        changed = (await client.get(f"/{CITY}/catalogue/editions/2")).text
        assert "改为“道路与桥梁”" in changed
        await desk.rig.settle()
        below = await desk.signed_in(TOWNSHIP)
        assert "道路与桥梁" in (await below.get(f"/{TOWNSHIP}/catalogue?sheet=item")).text
        refused = await below.post(f"/{TOWNSHIP}/catalogue/rows/item/0102", form_token="x")
        assert refused.status == 403


@pytest.mark.parametrize("sheet", SHEETS)
async def test_every_sheet_is_listed_searched_and_shown_in_both_languages(postgres: PostgresServer, sheet: str) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(CITY)
        row = next(row for row in desk.rig[CITY].handbook.catalogue.rows if row.sheet == sheet)
        for lang, name in (("zh", row.value(SheetField.NAME)), ("en", row.value(SheetField.NAME_EN))):
            shown = await client.get(f"/{CITY}/catalogue?sheet={sheet}&q={row.code}&lang={lang}")
            assert (shown.status, name in shown.text) == (200, True)
            assert (await client.get(f"/{CITY}/catalogue/rows/{sheet}/{row.code}?lang={lang}")).status == 200
        nothing = await client.get(f"/{CITY}/catalogue?sheet={sheet}&q=nothing-like-it&lang=zh")
        assert "没有符合的内容" in nothing.text


async def test_what_is_wrong_with_a_row_stands_beside_its_field_and_what_was_typed_stays(
    postgres: PostgresServer,
) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(CITY)
        path = f"/{CITY}/catalogue/rows/item/+"
        refused = await client.send(path, path, code="01x", name="", name_en="Something", lead="housing、urban")
        assert refused.status == 422
        for wrong in ('href="#f-code"', 'href="#f-name"', 'href="#f-lead"', "多个牵头部门", 'value="Something"'):
            assert wrong in refused.text, wrong
        twice = await client.send(path, path, code="0101", name="住房", name_en="Housing")
        assert "代码 0101 重复" in twice.text
        orphan = await client.send(path, path, code="9901", name="新事项", name_en="New")
        assert orphan.status == 303
        assert "事项 9901 没有对应的大类 99。" in (await client.get(f"/{CITY}/catalogue/draft")).text


async def test_a_row_that_was_changed_meanwhile_is_refused_with_what_it_says_now(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(CITY)
        path = f"/{CITY}/catalogue/rows/item/0102"
        opened = await client.get(path)
        await renamed(desk.rig[CITY], "0102", "别人的名称")
        sent = {**opened.hidden, **fields(opened.text), "name": "我的名称"}
        refused = await client.post(path, **sent)
        assert refused.status == 409
        assert "0102 已被 王敏 改动" in refused.text
        assert "现在是：别人的名称" in refused.text
        assert 'value="我的名称"' in refused.text
        again = await client.post(path, **{**sent, **refused.hidden})
        assert again.status == 303


async def test_rules_are_tried_against_past_cases_before_they_are_switched_on(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        here, client = desk.rig[TOWNSHIP], await desk.signed_in(TOWNSHIP)
        empty = (await client.get(f"/{TOWNSHIP}/routing/trial")).text
        assert "还没有规则可试" in empty
        numbers = []
        for item, unit in (("0201", "police"), ("0202", "justice"), ("0101", "justice")):
            command = RegisterCase(new_id(), f"事项 {item}", "正文")
            numbers.append((await cases.register(here, command, CLERK)).file.case.number)
            await cases.carry_out(here, ClassifyCase(command.case_id, item), CLERK)
            await cases.carry_out(here, AssignCase(command.case_id, unit), CLERK)
        await routed(here, "traffic", 1, items="02", unit="police")
        await routed(here, "bus", 2, items="0202", unit="justice")
        page = (await client.get(f"/{TOWNSHIP}/routing/trial")).text
        assert "50.00 % · 1 / 2" in page
        assert "bus 规则bus：已被 traffic 全部包含" in page
        differing = page.split('id="other"')[1].split("</section>")[0]
        assert f"/{TOWNSHIP}/cases/{numbers[1]}" in differing
        assert numbers[2].partition("-")[2] in page.split('id="unmatched"')[1]
        assert here.in_force.routes.routes == (), "nothing is switched on by trying"


async def test_a_published_rule_suggests_at_registration_and_at_assignment(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        here, client = desk.rig[TOWNSHIP], await desk.signed_in(TOWNSHIP)
        await routing_published(
            here, {"items": "02", "unit": "police"}, {"places": "新河路", "unit": "land"}, {"grades": "big", "to": "up"}
        )

        async def asked(**typed: str) -> str:
            return (await client.get(f"/{TOWNSHIP}/cases/new/suggestion?{urlencode(typed)}")).text

        part = await asked(place="新河路口", kind="request", channel="desk")
        assert re.search(r'value="land"[^>]* selected', part)
        assert "规则“规则r2”建议：自然资源所。" in part
        kept = await asked(place="新河路口", unit="justice", suggested="")
        assert re.search(r'value="justice"[^>]* selected', kept), "what a person chose stays"
        followed = await asked(place="别处", unit="land", suggested="land")
        assert not re.search(r'value="land"[^>]* selected', followed), "a suggestion that no longer holds is taken back"
        command = RegisterCase(new_id(), "公交改线", "正文")
        number = (await cases.register(here, command, CLERK)).file.case.number
        await cases.carry_out(here, ClassifyCase(command.case_id, "0202"), CLERK)
        form = (await client.get(f"/{TOWNSHIP}/cases/{number}")).text.split('id="do-assign"')[1].split("</form>")[0]
        assert re.search(r'value="police"[^>]* selected', form)
        assert "规则“规则r1”建议：派出所。" in form
        big = RegisterCase(new_id(), "大桥断裂", "正文")
        number = (await cases.register(here, big, CLERK)).file.case.number
        await cases.carry_out(here, GradeCase(big.case_id, Grade.BIG), CLERK)
        page = (await client.get(f"/{TOWNSHIP}/cases/{number}")).text
        for action in ("assign", "offer-up"):
            form = page.split(f'id="do-{action}"')[1].split("</form>")[0]
            assert "规则“规则r3”建议：提级。" in form, action


async def test_rules_in_force_that_became_wrong_by_themselves_are_named(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(TOWNSHIP)
        await routing_published(desk.rig[TOWNSHIP], {"items": "0202", "unit": "police"})
        assert "须改正" not in (await client.get(f"/{TOWNSHIP}/routing")).text
        command = RegisterCase(new_id(), "公交改线", "正文")
        number = (await cases.register(desk.rig[TOWNSHIP], command, CLERK)).file.case.number
        await cases.carry_out(desk.rig[TOWNSHIP], ClassifyCase(command.case_id, "0202"), CLERK)
        city = desk.rig[CITY]
        row = next(row for row in city.handbook.catalogue.rows if row.key == (Sheet.ITEM, "0202"))
        retired = replace(row, values={**row.values, SheetField.RETIRED: YES})
        await editions.carry_out(city, PutRow(retired, Book.CATALOGUE, row.mark), CLERK)
        await editions.carry_out(city, PublishDraft(Book.CATALOGUE), COLLEAGUE)
        await desk.rig.settle()
        assert "规则 r1 引用的事项“0202”已停用。" in (await client.get(f"/{TOWNSHIP}/routing")).text
        page = (await client.get(f"/{TOWNSHIP}/cases/{number}")).text
        assert f"0202 {row.value(SheetField.NAME)}" in page, "a case of a retired item stays readable"
        assert f"目录 {desk.rig[TOWNSHIP].first_handbook.catalogue.version}" in page
        assert '<option value="0202"' not in page, "and nobody chooses it any more"


async def test_pages_of_a_book_ask_few_things_whatever_their_length(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        here, client = desk.rig[TOWNSHIP], await desk.signed_in(TOWNSHIP)
        await routed(here, "r1", 1, items="02", unit="police")
        for path in (
            "catalogue?sheet=workflow",
            "catalogue/rows/item/0102",
            "catalogue/history",
            "routing",
            "routing/draft",
            "routing/trial",
            "routing/rows/route/r1",
            "routing/history",
        ):
            desk.rig.statements.clear()
            assert (await client.get(f"/{TOWNSHIP}/{path}")).status == 200, path
            assert sum(desk.rig.statements.values()) <= 5, (path, desk.rig.statements)


async def test_a_draft_that_is_thrown_away_leaves_what_is_in_force(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(COUNTY)
        await routed(desk.rig[COUNTY], "r1", 1, items="02", unit="police")
        draft = f"/{COUNTY}/routing/draft"
        await routed(replace(desk.rig[COUNTY], clock=desk.rig[COUNTY].clock), "r2", 2, items="03", unit="police")
        opened = await client.get(draft)
        stale = await client.post(f"{draft}/drop", **{**opened.hidden, "seen_revision": "1"})
        assert (stale.status, "草稿在您查看之后又有改动" in stale.text) == (409, True)
        assert (await client.send(draft, f"{draft}/drop")).status == 303
        assert await standing_editions(desk.rig[COUNTY].database, (Book.ROUTING,)) == ()
        assert "没有草稿" in (await client.get(draft)).text


def test_every_sheet_of_the_catalogue_is_looked_at() -> None:
    assert set(SHEETS) == {sheet.value for sheet in Sheet if sheet is not Sheet.ROUTE}


async def test_who_may_only_read_a_row_reads_words_and_no_codes(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        page = (await (await desk.signed_in(TOWNSHIP)).get(f"/{TOWNSHIP}/catalogue/rows/department/police")).text
        assert "设群众工作科室" in page
        assert ">section<" not in page
