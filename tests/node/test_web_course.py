"""The loop at the desk: every action has its form and key, forms make commands, and what is refused stays typed."""

import re

import pytest

from fengqiao.domain.case import CaseState, Role
from fengqiao.domain.command import AssignCase, AttachFile, RegisterCase
from fengqiao.domain.course import Grade, SuspensionReason
from fengqiao.domain.course_command import MergeCase, SuspendCase
from fengqiao.domain.transitions import allowed_commands
from fengqiao.handlers import case as cases
from fengqiao.handlers.attachment import attach
from fengqiao.handlers.context import Actor
from fengqiao.insight.cases import case_view
from fengqiao.web.desk.case_actions import COMMANDS, FIELDS, KEYS
from fengqiao.web.desk.case_commands import BUILDERS
from fengqiao.web.desk.course_commands import COURSE_BUILDERS
from fengqiao.web.desk.keys import KEYS as LISTED
from tests.containers import PostgresServer
from tests.node.rig import CLERK, COUNTY, TOWNSHIP, new_id
from tests.node.web_stand import WebStand, web_stand
from tests.unit.samples import situations

COLLEAGUE = Actor("赵刚")


async def registered(desk: WebStand, title: str = "路灯不亮") -> tuple[RegisterCase, str]:
    command = RegisterCase(new_id(), title, "村口的路灯坏了三天。")
    file = (await cases.register(desk.rig[TOWNSHIP], command, CLERK)).file
    return command, f"/{TOWNSHIP}/cases/{file.case.number}"


def test_every_action_has_a_key_a_form_and_a_command() -> None:
    assert set(COMMANDS) == set(KEYS) == set(FIELDS)
    assert set(COMMANDS) == {*BUILDERS, *COURSE_BUILDERS, "attach", "merge"}
    assert set(KEYS.values()) <= set(LISTED)


@pytest.mark.parametrize("situation", situations())
def test_no_key_stands_for_two_actions_at_once(situation: str) -> None:
    allowed = allowed_commands(situations()[situation])
    keys = [KEYS[name] for name, command in COMMANDS.items() if command in allowed]
    assert sorted(keys) == sorted(set(keys))


async def test_a_case_goes_through_the_loop_by_forms_alone(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command, path = await registered(desk)
        node, client = desk.rig[TOWNSHIP], await desk.signed_in(TOWNSHIP)
        for action, form in (
            ("admit", {}),
            ("classify", {"item": "0102"}),
            ("grade", {"grade": "middle"}),
            ("assign", {"unit": "police"}),
            ("involve", {"units": "justice"}),
            ("transfer", {"reason": "由其牵头"}),
        ):
            if action == "transfer":
                page = (await client.get(path)).text
                form["unit"] = re.findall(r'<option value="(\w+)"', page.split('id="transfer-unit"')[1])[3]
            done = await client.send(path, f"{path}/{action}", **form)
            assert (done.status, action) == (303, action)
        offered = (await client.get(path)).text.split('id="do-involve"')[1].split("</form>")[0]
        assert re.findall(r'value="(\w+)" checked', offered) == ["justice"]
        picture = AttachFile(command.case_id, "", 0, "image/png", "修好.png")
        sha256 = (await attach(node, picture, b"\x89PNG\r\n picture", CLERK)).sha256
        assert f'value="{sha256}"' in (await client.get(f"{path}?act=submit")).text
        submitted = await client.send(path, f"{path}/submit", closing="solved", result="已修复", evidence=sha256)
        assert submitted.status == 303
        held = (await client.get(path)).text
        assert 'id="do-send-back"' in held
        own = await client.send(path, f"{path}/sign-off")
        assert own.status == 409
        assert "须由另一人办理" in own.text
        case = (await case_view(node.database, command.case_id)).file.case
        assert (case.state, case.course.item, case.course.grade) == (CaseState.SUBMITTED, "0102", Grade.MIDDLE)
        assert case.course.submission is not None
        assert case.course.submission.evidence == (sha256,)
        page = (await client.get(path)).text
        for shown in ("待把关", "0102 市政与道路", "市住房和城乡建设局", "中事", "提交的结果", "修好.png"):
            assert shown in page


async def test_what_a_form_lacks_is_named_and_what_was_typed_stays(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command, path = await registered(desk)
        client = await desk.signed_in(TOWNSHIP)
        for action, form, wrong in (
            ("decline", {"reason": "法院已受理", "referred_to": ""}, "decline-referred_to"),
            ("classify", {"item": ""}, "classify-item"),
            ("grade", {}, "grade-grade"),
            ("merge", {"lead": "371401001-20990101-99999"}, "merge-lead"),
        ):
            refused = await client.send(path, f"{path}/{action}", **form)
            assert (refused.status, action) == (422, action)
            assert f'href="#{wrong}"' in refused.text
            assert all(value in refused.text for value in form.values())
        await cases.carry_out(desk.rig[TOWNSHIP], AssignCase(command.case_id, "police"), CLERK)
        late = await client.send(path, f"{path}/suspend", cause="hearing", days="99", reason="听证会期间")
        assert late.status == 422
        assert "应为 1 至 30 天" in late.text
        assert "听证会期间" in late.text
        assert 'value="99"' in late.text


async def test_a_stale_form_of_the_loop_is_refused_with_what_changed(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command, path = await registered(desk)
        client = await desk.signed_in(TOWNSHIP)
        old = (await client.get(path)).hidden
        await cases.carry_out(desk.rig[TOWNSHIP], AssignCase(command.case_id, "police"), COLLEAGUE)
        refused = await client.post(f"{path}/classify", **old, item="0102")
        assert refused.status == 409
        assert "诉求件已被别人改动" in refused.text
        assert "→ 派出所" in refused.text


async def test_the_page_says_what_holds_a_case_still(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        node = desk.rig[TOWNSHIP]
        command, path = await registered(desk)
        other, other_path = await registered(desk, "路灯又不亮")
        await cases.carry_out(node, AssignCase(command.case_id, "police"), CLERK)
        asking = SuspendCase(command.case_id, SuspensionReason.MATERIALS, 5, "等待材料")
        await cases.carry_out(node, asking, COLLEAGUE)
        client = await desk.signed_in(TOWNSHIP)
        waiting = (await client.get(path)).text
        assert "办理中 · 待批准" in waiting
        assert 'id="do-approve"' in waiting
        assert 'id="do-submit"' not in waiting
        assert (await client.send(path, f"{path}/approve")).status == 303
        assert "办理中 · 已中止" in (await client.get(path)).text
        assert (await client.send(path, f"{path}/resume")).status == 303
        await cases.carry_out(node, MergeCase(other.case_id, command.case_id), CLERK)
        assert "待交办 · 已并案" in (await client.get(other_path)).text


async def test_an_arbiter_finds_what_waits_and_chooses_a_unit_of_the_holder(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command, path = await registered(desk)
        client, above = await desk.signed_in(TOWNSHIP), await desk.signed_in(COUNTY)
        for action, form in (
            ("assign", {"unit": "police"}),
            ("return", {"reason": "不属于"}),
            ("assign", {"unit": "justice"}),
            ("object", {"reason": "也不属于"}),
        ):
            assert (await client.send(path, f"{path}/{action}", **form)).status == 303
        await desk.rig.settle()
        number = path.rsplit("/", 1)[1]
        assert number.partition("-")[2] in (await above.get(f"/{COUNTY}/cases?view=arbitration")).text
        page = f"/{COUNTY}/cases/{number}"
        assert "派出所" in (await above.get(page)).text.split('id="arbitrate-unit"')[1].split("</select>")[0]
        decided = await above.send(page, f"{page}/arbitrate", unit="police", reason="由派出所办理")
        # The same person may not ask and decide, and here both centres have one of that name.
        assert decided.status == 409
        assert (await case_view(desk.rig[COUNTY].database, command.case_id)).file.role is Role.ARBITER
