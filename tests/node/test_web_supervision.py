"""Supervision at the desk: by forms alone, each with its key; and bodies that see what they were granted, no more."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fengqiao.domain.case import Contact
from fengqiao.domain.points import Standing
from fengqiao.domain.supervision_command import AppealPoints, GrantAccess
from fengqiao.entry.demo import DEMO_BODIES, seed_demo_bodies
from fengqiao.handlers import case as cases
from fengqiao.handlers import supervision
from fengqiao.handlers.access import read_granted
from fengqiao.insight.cases import case_view
from fengqiao.insight.supervision import order_view
from fengqiao.store.accounts import Account, account, seed_account
from fengqiao.store.points import ledger_lines
from fengqiao.web.desk import order, points, supervision_actions
from fengqiao.web.desk.case_actions import KEYS as CASE_KEYS
from fengqiao.web.desk.keys import KEYS as LISTED
from tests.containers import PostgresServer
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, new_id
from tests.node.supervised import (
    DAY,
    SUPERVISOR,
    climbed,
    entries_of,
    ordered,
    overdue,
    refused,
)
from tests.node.test_handlers_case import a_case
from tests.node.test_limits import swept
from tests.node.web_client import Client
from tests.node.web_stand import HASHED, PASSWORD, WebStand, web_stand

NAME, PHONE = "郑晓明", "13853412345"


async def signed_in_as(desk: WebStand, login: str, role: str, name: str = "周代表") -> Client:
    await seed_account(desk.rig[TOWNSHIP].database, Account(login, name, role, HASHED))
    client = Client(desk.app)
    await client.send(f"/{TOWNSHIP}/sign-in", f"/{TOWNSHIP}/sign-in", login=login, password=PASSWORD)
    return client


def test_supervision_has_keys_of_its_own() -> None:
    assert not set(supervision_actions.KEYS.values()) & set(CASE_KEYS.values())
    for keys in (supervision_actions.KEYS, order.KEYS, points.KEYS):
        assert set(keys.values()) <= set(LISTED)
        assert len(set(keys.values())) == len(keys)


async def test_a_case_is_supervised_by_forms_alone(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        here, client = desk.rig[TOWNSHIP], await desk.signed_in(TOWNSHIP)
        case_id = await overdue(desk.rig, by=timedelta(days=4))
        number = (await case_view(here.database, case_id)).file.case.number
        page = f"/{TOWNSHIP}/cases/{number}"
        empty = await client.send(page, f"/{TOWNSHIP}/supervision/cases/{number}/remind", text=" ")
        assert empty.status == 422
        assert 'id="remind-text-error"' in empty.text
        told = await client.send(page, f"/{TOWNSHIP}/supervision/cases/{number}/remind", text="群众又来问了")
        assert told.status == 303
        assert "催办 1 次" in (await client.get(page)).text
        unchosen = await client.send(page, f"/{TOWNSHIP}/supervision/cases/{number}/cause", text="无人管护")
        assert unchosen.status == 422
        assert 'id="cause-root_cause-error"' in unchosen.text
        caused = await client.send(
            page, f"/{TOWNSHIP}/supervision/cases/{number}/cause",
            root_cause="upkeep", text="无人管护", improvement="纳入月检",
        )  # fmt: skip
        assert caused.status == 303
        shown = (await client.get(page)).text
        assert "成因：日常管护" in shown
        assert "纳入月检" in shown
        order_id = new_id()
        opened = await client.send(
            page, f"/{TOWNSHIP}/supervision/cases/{number}/order", reason="催办后没有动静", order_id=str(order_id)
        )
        assert opened.status == 303
        board = (await client.get(f"/{TOWNSHIP}/supervision")).text
        assert "受理部门回访督办" in board
        assert "群众又来问了" in board
        order_page = f"/{TOWNSHIP}/supervision/orders/{order_id}"
        assert f'href="{order_page}"' in board
        unsaid = await client.send(order_page, f"{order_page}/conclude", words="回访过")
        assert unsaid.status == 422
        assert "回访过" in unsaid.text
        done = await client.send(order_page, f"{order_page}/conclude", outcome="not_remedied", words="已回访，未修复。")
        assert done.status == 303
        raised = await client.send(order_page, f"{order_page}/raise", reason="受理部门督办无效")
        assert raised.status == 303
        english = (await client.get(f"{order_page}?lang=en")).text
        assert "Level 2 · Supervision by the joint office" in english
        assert (
            await client.send(order_page, f"{order_page}/conclude", seen_turn="1", outcome="remedied", words="好")
        ).status == 409


async def test_points_are_appealed_and_decided_by_forms_alone(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        here, client = desk.rig[TOWNSHIP], await desk.signed_in(TOWNSHIP)
        case_id = await overdue(desk.rig, by=timedelta(days=4))
        number = (await case_view(here.database, case_id)).file.case.number
        entry = (await entries_of(here, case_id))[0]
        ledger = await client.get(f"/{TOWNSHIP}/supervision/points")
        assert "司法所" in ledger.text
        assert "件数不足，不比较" in ledger.text
        page = f"/{TOWNSHIP}/supervision/points/{entry.id}"
        assert (await client.send(page, f"{page}/appeal", reason="当事人失联")).status == 303
        own = await client.send(page, f"{page}/uphold", reason="属实")
        assert own.status == 409
        assert "须由另一人裁决" in own.text
        other = await signed_in_as(desk, "sun", "supervisor", SUPERVISOR.name)
        assert "待裁决的申诉" in (await other.get(f"/{TOWNSHIP}/supervision/points")).text
        assert (await other.send(page, f"{page}/uphold", reason="")).status == 422
        assert (await other.send(page, f"{page}/uphold", reason="通话记录属实")).status == 303
        assert [line.standing for line in await ledger_lines(here.database, 9) if line.entry_id == entry.id] == [
            Standing.REVERSED
        ]
        by_hand = await other.send(
            f"/{TOWNSHIP}/cases/{number}",
            f"/{TOWNSHIP}/supervision/cases/{number}/deduct",
            rule="untrue-result", unit="police", reason="回访发现没有办", entry_id=str(new_id()),
        )  # fmt: skip
        assert by_hand.status == 303


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_empty_pages_say_what_would_appear(postgres: PostgresServer, lang: str) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(TOWNSHIP)
        for path, words in (
            ("supervision", {"zh": "没有在办的督办单", "en": "No open orders"}),
            ("supervision/points", {"zh": "没有扣分记录", "en": "No entries"}),
        ):
            page = await client.get(f"/{TOWNSHIP}/{path}?lang={lang}")
            assert (page.status, words[lang] in page.text) == (200, True)


async def test_a_page_of_supervision_is_at_most_five_statements(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(TOWNSHIP)
        counts = []
        for _ in range(2):
            case_id = await overdue(desk.rig, by=timedelta(days=4))
            order_id = await ordered(desk.rig[TOWNSHIP], case_id)
            entry = (await entries_of(desk.rig[TOWNSHIP], case_id))[0]
            asked = AppealPoints(case_id, entry.id, "当事人失联")
            await supervision.carry_out(desk.rig[TOWNSHIP], asked, CLERK)
            found = []
            for path in ("", f"/orders/{order_id}", "/points", f"/points/{entry.id}"):
                desk.rig.statements.clear()
                assert (await client.get(f"/{TOWNSHIP}/supervision{path}")).status == 200
                found.append(sum(desk.rig.statements.values()))
            counts.append(found)
        assert counts[0] == counts[1]
        assert max(counts[0]) <= 5


async def granted(desk: WebStand) -> tuple[str, str]:
    """A case whose reporter is known, granted to the delegates; gives the grant and the order."""
    here, began = desk.rig[TOWNSHIP], datetime.now(UTC) - 10 * DAY
    text = f"我叫{NAME}，电话 {PHONE}，身份证 370829197001011234。路灯坏了三天。"
    command = a_case(contact=Contact(NAME, PHONE), text=text, title=f"{NAME}反映路灯不亮")
    await cases.register(desk.rig.at(TOWNSHIP, began), command, CLERK)
    await swept(here)
    order_id, grant_id = await ordered(here, command.case_id), new_id()
    # Levels 1 and 2 have passed by now as far as their clocks are asked.
    await climbed(desk.rig, command.case_id, 3)
    until = datetime.now(UTC) + DAY
    wanted = GrantAccess(command.case_id, order_id, grant_id, "评议办理结果", until)
    await supervision.carry_out(here, wanted, SUPERVISOR)
    return str(grant_id), str(order_id)


async def test_a_body_reads_its_case_without_the_reporter_and_each_reading_is_shown(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        grant_id, order_id = await granted(desk)
        here, delegate = desk.rig[TOWNSHIP], await signed_in_as(desk, "zhou", "delegates")
        listed = await delegate.get(f"/{TOWNSHIP}/access")
        assert f"/{TOWNSHIP}/access/{grant_id}" in listed.text
        desk.rig.statements.clear()
        page = await delegate.get(f"/{TOWNSHIP}/access/{grant_id}")
        assert sum(desk.rig.statements.values()) <= 5
        assert (page.status, "路灯坏了三天" in page.text) == (200, True)
        for secret in (NAME, PHONE, "370829197001011234"):
            assert secret not in page.text
        assert 'name="form_token"' not in page.text.split("<main")[1]
        (shown,) = (await order_view(here.database, UUID(order_id))).grants
        assert [one.name for one in shown[1]] == ["周代表"]
        staff = await desk.signed_in(TOWNSHIP)
        assert "周代表 查阅" in (await staff.get(f"/{TOWNSHIP}/supervision/orders/{order_id}")).text


@pytest.mark.parametrize(
    "path", ["cases", "supervision", "supervision/points", "directives", "federation", "events", "dead-letters"]
)
async def test_a_body_gets_to_nothing_else(postgres: PostgresServer, path: str) -> None:
    async with web_stand(postgres) as desk:
        delegate = await signed_in_as(desk, "zhou", "delegates")
        page = await delegate.get(f"/{TOWNSHIP}/{path}")
        assert page.status == 403
        assert "只能查阅授权的诉求件" in page.text
        home = await delegate.get(f"/{TOWNSHIP}/")
        assert home.header("location") == f"/{TOWNSHIP}/access"


async def test_a_grant_of_another_body_is_not_there_and_one_that_is_over_says_so(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        grant_id, order_id = await granted(desk)
        reporter = await signed_in_as(desk, "wu", "media")
        assert (await reporter.get(f"/{TOWNSHIP}/access/{grant_id}")).status == 404
        delegate = await signed_in_as(desk, "zhou", "delegates")
        desk.rig.contexts[TOWNSHIP] = desk.rig.at(TOWNSHIP, datetime.now(UTC) + 2 * DAY)
        refusal = await refused(read_granted(desk.rig[TOWNSHIP], UUID(grant_id), "delegates", "zhou", "周代表"))
        assert refusal.code == "access_expired"
        view = await order_view(desk.rig[TOWNSHIP].database, UUID(order_id))
        assert view.grants[0][1] == ()
        assert (await delegate.get(f"/{TOWNSHIP}/access/{new_id()}")).status == 404


async def test_demo_accounts_of_outside_bodies_open_their_two_pages(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        await seed_demo_bodies([desk.rig[code].database for code in (CITY, COUNTY)])
        assert {one.role for one in DEMO_BODIES} == desk.rig[CITY].supervision.outside_bodies()
        for code in (CITY, COUNTY):
            for one in DEMO_BODIES:
                client = Client(desk.app)
                signed_in = await client.send(
                    f"/{code}/sign-in", f"/{code}/sign-in", login=one.login, password=one.password
                )
                assert signed_in.header("location") == f"/{code}/access"
                assert (await client.get(f"/{code}/access")).status == 200
        assert await account(desk.rig[TOWNSHIP].database, DEMO_BODIES[0].login) is None
