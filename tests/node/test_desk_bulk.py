"""Bulk actions: each case through its own command, each with its own answer, none without a tick (pain 14)."""

import re
from urllib.parse import urlencode

import pytest

from fengqiao.domain.case import CaseState
from fengqiao.domain.command import AddNote, AssignCase, RegisterCase
from fengqiao.domain.course import Grade
from fengqiao.handlers import case as cases
from fengqiao.handlers.context import Actor
from fengqiao.insight.cases import case_view
from fengqiao.web.desk import bulk
from tests.containers import PostgresServer
from tests.node.rig import CLERK, TOWNSHIP, new_id
from tests.node.web_client import Answer, Client
from tests.node.web_stand import WebStand, web_stand

COLLEAGUE = Actor("李强")
LIST = f"/{TOWNSHIP}/cases?view=unassigned"


async def made(desk: WebStand, many: int) -> list[RegisterCase]:
    commands = [RegisterCase(new_id(), f"第 {number} 件", "来访人反映。") for number in range(many)]
    for command in commands:
        await cases.register(desk.rig[TOWNSHIP], command, CLERK)
    return commands


async def ticked(client: Client, page: str = LIST) -> tuple[str, list[str]]:
    """Open a list and tick everything: gives the token of the form and the ticks."""
    opened = await client.get(page)
    return opened.hidden["form_token"], re.findall(r'name="case" value="([^"]+)"', opened.text)


async def sent(client: Client, token: str, picked: list[str], **form: str) -> Answer:
    body = urlencode([("form_token", token), *(("case", one) for one in picked), *form.items()]).encode()
    return await client.ask("POST", f"/{TOWNSHIP}/cases/bulk", body)


async def test_every_ticked_case_is_assigned_and_says_so(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        commands, client = await made(desk, 4), await desk.signed_in(TOWNSHIP)
        token, picked = await ticked(client)
        answer = await sent(client, token, picked[:3], action="assign", unit="police", back=LIST)
        assert answer.status == 200
        assert "办成 3 件，没有办成 0 件" in answer.text
        assert answer.text.count("outcome-done") == 3
        assert f'href="{LIST}"' in answer.text
        files = [(await case_view(desk.rig[TOWNSHIP].database, one.case_id)).file.case for one in commands]
        assert sorted(case.unit for case in files) == ["", "police", "police", "police"]


async def test_what_others_changed_meanwhile_is_told_by_whom_and_when_and_can_be_tried_again(
    postgres: PostgresServer,
) -> None:
    async with web_stand(postgres) as desk:
        commands, client = await made(desk, 3), await desk.signed_in(TOWNSHIP)
        token, picked = await ticked(client)
        here = desk.rig[TOWNSHIP]
        await cases.carry_out(here, AddNote(commands[0].case_id, "只是补充"), COLLEAGUE)
        await cases.carry_out(here, AssignCase(commands[1].case_id, "justice"), COLLEAGUE)
        answer = await sent(client, token, picked, action="assign", unit="police", back=LIST)
        assert "办成 2 件，没有办成 1 件" in answer.text
        stale = answer.text.split("outcome-refused")[1]
        for part in ("诉求件已被别人改动", "李强", "交办", "→ 司法所", "刚刚", 'name="case"'):
            assert part in stale
        case = (await case_view(here.database, commands[1].case_id)).file.case
        assert case.unit == "justice"
        again = re.findall(r'name="case" value="([^"]+)"', answer.text)
        assert len(again) == 1
        assert answer.hidden["unit"] == "police"
        done = await sent(client, token, again, action="assign", unit="police")
        assert "办成 1 件" in done.text
        assert (await case_view(here.database, commands[1].case_id)).file.case.unit == "police"


async def test_what_a_state_does_not_allow_is_refused_by_itself_with_the_reason(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        commands, client = await made(desk, 2), await desk.signed_in(TOWNSHIP)
        await cases.carry_out(desk.rig[TOWNSHIP], AssignCase(commands[0].case_id, "police"), CLERK)
        token, picked = await ticked(client, f"/{TOWNSHIP}/cases?view=holder")
        answer = await sent(client, token, picked, action="admit")
        assert "办成 1 件，没有办成 1 件" in answer.text
        assert "办理中" in answer.text
        unknown = await sent(client, token, [f"{new_id()}:1:1"], action="note", text="补充")
        assert "没有办成 1 件" in unknown.text


@pytest.mark.parametrize(
    ("action", "form", "changed"),
    [
        ("classify", {"item": "0102"}, lambda case: case.course.item == "0102"),
        ("grade", {"grade": "big"}, lambda case: case.course.grade is Grade.BIG),
        ("admit", {}, lambda case: case.state is CaseState.ACCEPTED),
    ],
)
async def test_each_action_does_what_its_single_form_does(
    postgres: PostgresServer, action: str, form: dict[str, str], changed: object
) -> None:
    async with web_stand(postgres) as desk:
        commands, client = await made(desk, 2), await desk.signed_in(TOWNSHIP)
        token, picked = await ticked(client)
        assert "办成 2 件" in (await sent(client, token, picked, action=action, **form)).text
        for command in commands:
            view = await case_view(desk.rig[TOWNSHIP].database, command.case_id)
            assert callable(changed)
            assert changed(view.file.case)
            assert len(view.events) == 2, "one event each, as from the page of the case"


async def test_nothing_is_begun_when_the_form_is_wrong(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        commands, client = await made(desk, 2), await desk.signed_in(TOWNSHIP)
        token, picked = await ticked(client)
        wrong = [
            (picked, {"action": "assign", "unit": ""}, "还没有选择"),
            (picked, {"action": "resolve"}, "还没有选择"),
            ([], {"action": "admit"}, "还没有选中诉求件"),
            (["no-id:1:1"], {"action": "admit"}, "不是有效的标识"),
            ([f"{new_id()}:1:1" for _ in range(201)], {"action": "admit"}, "一次最多 200 件"),
        ]
        for some, form, words in wrong:
            refused = await sent(client, token, some, **form)
            assert (refused.status, words in refused.text) == (422, True)
        for command in commands:
            assert len((await case_view(desk.rig[TOWNSHIP].database, command.case_id)).events) == 1


async def test_when_time_runs_out_the_rest_is_not_begun_and_says_so(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with web_stand(postgres) as desk:
        commands, client = await made(desk, 2), await desk.signed_in(TOWNSHIP)
        token, picked = await ticked(client)
        monkeypatch.setattr(bulk, "BULK_SECONDS", -1.0)
        answer = await sent(client, token, picked, action="admit")
        assert answer.text.count("outcome-waits") == 2
        assert "还没有开始办" in answer.text
        for command in commands:
            assert len((await case_view(desk.rig[TOWNSHIP].database, command.case_id)).events) == 1


async def test_a_command_of_many_costs_each_what_it_costs_alone(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        await made(desk, 6)
        client = await desk.signed_in(TOWNSHIP)
        token, picked = await ticked(client)
        desk.rig.statements.clear()
        await sent(client, token, picked, action="admit")
        assert (desk.rig.statements["work.load"], desk.rig.statements["work.save"]) == (6, 6)
        assert desk.rig.statements.total() - desk.rig.statements["account.session"] == 13
