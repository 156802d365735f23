"""The desk without a browser: sign-in, form tokens, sessions, errors, nothing typed lost, and what a page costs."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from fengqiao.domain.case import CaseState, Direction, Role
from fengqiao.domain.command import AcceptOffer, AddNote, OfferCase, RegisterCase
from fengqiao.handlers import case as cases
from fengqiao.insight.cases import CaseFilter, case_view, find_case, list_cases
from fengqiao.insight.directives import DirectiveFilter, list_directives
from fengqiao.store.attachments import stored_attachment
from fengqiao.web.desk.node import LinkView, TileFigures
from tests.containers import PostgresServer
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, new_id
from tests.node.web_client import Client
from tests.node.web_stand import LOGIN, PASSWORD, WebStand, web_stand

STATEMENTS_OF_A_PAGE = 5
"""DESIGN section 9, besides the one that knows the session."""


async def registered(desk: WebStand, title: str = "铁轨横卧路中") -> RegisterCase:
    command = RegisterCase(new_id(), title, "新河路一段废弃铁轨，行人常被绊倒。")
    await cases.register(desk.rig[TOWNSHIP], command, CLERK)
    return command


async def number_of(desk: WebStand, command: RegisterCase) -> str:
    return (await case_view(desk.rig[TOWNSHIP].database, command.case_id)).file.case.number


async def test_a_page_asks_for_sign_in_and_then_shows_what_was_wanted(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = Client(desk.app)
        asked = await client.get(f"/{TOWNSHIP}/cases?view=all")
        assert asked.status == 303
        assert asked.header("location") == f"/{TOWNSHIP}/sign-in?next=%2F{TOWNSHIP}%2Fcases%3Fview%3Dall"
        done = await client.send(asked.header("location"), f"/{TOWNSHIP}/sign-in", login=LOGIN, password=PASSWORD)
        assert (done.status, done.header("location")) == (303, f"/{TOWNSHIP}/cases?view=all")
        assert (await client.get(f"/{TOWNSHIP}/cases")).status == 200


async def test_sign_in_leads_to_no_other_place(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        for wanted in ("https://elsewhere.test/", "//elsewhere.test", f"/{COUNTY}/cases", "/\\elsewhere"):
            client, path = Client(desk.app), f"/{TOWNSHIP}/sign-in"
            done = await client.send(path, path, login=LOGIN, password=PASSWORD, next=wanted)
            assert done.header("location") == f"/{TOWNSHIP}/work", wanted


async def test_a_session_belongs_to_one_centre_and_ends_with_sign_out(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(TOWNSHIP)
        assert {where for where, name in client.cookies if name == "session"} == {f"/{TOWNSHIP}/"}
        assert (await client.get(f"/{COUNTY}/cases")).status == 303
        stolen = Client(desk.app, {(f"/{COUNTY}/", "session"): client.cookies[f"/{TOWNSHIP}/", "session"]})
        assert (await stolen.get(f"/{COUNTY}/cases")).status == 303
        kept = Client(desk.app, dict(client.cookies))
        await client.send(f"/{TOWNSHIP}/cases", f"/{TOWNSHIP}/sign-out")
        assert (await kept.get(f"/{TOWNSHIP}/cases")).status == 303


async def test_a_wrong_password_is_refused_and_the_login_stays_typed(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        path = f"/{TOWNSHIP}/sign-in"
        for login, password in ((LOGIN, "wrong"), ("nobody", PASSWORD), ("", "")):
            refused = await Client(desk.app).send(path, path, login=login, password=password)
            assert refused.status == 422
            assert "账号或密码不对" in refused.text
            assert f'value="{login}"' in refused.text
            assert "wrong" not in refused.text.split('name="password"')[1].split(">")[0]


async def test_a_form_without_its_token_changes_nothing(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command = await registered(desk)
        path = f"/{TOWNSHIP}/cases/{await number_of(desk, command)}"
        client, other = await desk.signed_in(TOWNSHIP), await desk.signed_in(TOWNSHIP)
        foreign = (await other.get(path)).hidden["form_token"]
        for token in ("", "made-up", foreign):
            refused = await client.post(f"{path}/note", text="没有令牌", form_token=token)
            assert refused.status == 403
        assert len((await case_view(desk.rig[TOWNSHIP].database, command.case_id)).events) == 1


async def test_registering_twice_with_one_form_registers_one_case(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client, path = await desk.signed_in(TOWNSHIP), f"/{TOWNSHIP}/cases/new"
        form = {**(await client.get(path)).hidden, "title": "路灯不亮", "text": "三天了"}
        form |= {"kind": "request", "request_type": "help", "channel": "desk"}
        first, again = await client.post(path, **form), await client.post(path, **form)
        assert first.status == again.status == 303
        assert first.header("location") == again.header("location")
        assert len((await list_cases(desk.rig[TOWNSHIP].database, CaseFilter())).rows) == 1


async def test_wrong_fields_are_named_and_nothing_typed_is_lost(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client, path = await desk.signed_in(TOWNSHIP), f"/{TOWNSHIP}/cases/new"
        form = {"title": "", "text": "长" * 4001, "place": "新河路", "contact_phone": "139", "urgent": "true"}
        refused = await client.send(
            path, path, **form, kind="no-such", request_type="help", channel="desk", contact_name="张先生"
        )
        assert refused.status == 422
        assert "no-such" in refused.text
        refused = await client.send(path, path, **form, kind="dispute", request_type="help", channel="desk")
        assert refused.status == 422
        for part in ('href="#f-title"', 'href="#f-text"', "最多 4000 字", "长" * 4001, 'value="新河路"', 'value="139"'):
            assert part in refused.text
        assert 'value="dispute" selected' in refused.text.replace("  ", " ")
        assert (await list_cases(desk.rig[TOWNSHIP].database, CaseFilter())).rows == ()


async def test_a_stale_form_shows_what_changed_and_changes_nothing(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command = await registered(desk)
        path = f"/{TOWNSHIP}/cases/{await number_of(desk, command)}"
        client, colleague = await desk.signed_in(TOWNSHIP), await desk.signed_in(TOWNSHIP)
        old = (await client.get(path)).hidden
        await colleague.send(path, f"{path}/assign", unit="police")
        refused = await client.post(f"{path}/resolve", **old, result="已拆除", closing="solved")
        assert refused.status == 409
        assert "诉求件已被别人改动" in refused.text
        assert 'class="changes"' in refused.text
        assert "→ 派出所" in refused.text
        assert "已拆除" in refused.text
        file = (await case_view(desk.rig[TOWNSHIP].database, command.case_id)).file
        assert file.case.state is CaseState.ASSIGNED


async def test_only_allowed_actions_are_offered_and_the_others_are_explained(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command = await registered(desk)
        number = await number_of(desk, command)
        await cases.carry_out(desk.rig[TOWNSHIP], OfferCase(command.case_id, new_id(), Direction.UP, "职权"), CLERK)
        await desk.rig.settle()
        below = (await (await desk.signed_in(TOWNSHIP)).get(f"/{TOWNSHIP}/cases/{number}")).text
        assert 'id="do-withdraw"' in below
        assert 'id="do-assign"' not in below
        assert "已移交给 第371401县，等待对方受理" in below
        assert "已发往第371401县，未受理" in below
        above = (await (await desk.signed_in(COUNTY)).get(f"/{COUNTY}/cases/{number}")).text
        assert 'id="do-accept"' in above
        assert 'id="do-resolve"' not in above
        refused = await (await desk.signed_in(COUNTY)).send(
            f"/{COUNTY}/cases/{number}", f"/{COUNTY}/cases/{number}/resolve", result="x", closing="solved"
        )
        assert refused.status == 409
        assert (await case_view(desk.rig[COUNTY].database, command.case_id)).file.role is Role.CANDIDATE


async def test_the_city_cannot_offer_up_and_a_township_cannot_dispatch(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command = await registered(desk)
        number = await number_of(desk, command)
        page = (await (await desk.signed_in(TOWNSHIP)).get(f"/{TOWNSHIP}/cases/{number}")).text
        assert 'id="do-offer-up"' in page
        assert 'id="do-dispatch"' not in page
        for code, parent in ((TOWNSHIP, COUNTY), (COUNTY, CITY)):
            await cases.carry_out(desk.rig[code], OfferCase(command.case_id, new_id(), Direction.UP, "职权"), CLERK)
            await desk.rig.settle()
            await cases.carry_out(desk.rig[parent], AcceptOffer(command.case_id), CLERK)
            await desk.rig.settle()
        page = (await (await desk.signed_in(CITY)).get(f"/{CITY}/cases/{number}")).text
        assert 'id="do-offer-up"' not in page
        assert 'id="do-dispatch"' in page


async def test_a_directive_goes_down_is_answered_sent_back_and_approved(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        county, township = await desk.signed_in(COUNTY), await desk.signed_in(TOWNSHIP)
        new = f"/{COUNTY}/directives/new"
        wrong = await county.send(new, new, recipient="", title="", text="x", due_at="2020-01-01T10:00")
        assert wrong.status == 422
        due = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%dT%H:%M}"
        done = await county.send(
            new, new, recipient=TOWNSHIP, unit="police", title="排查道口", text="逐处登记", due_at=due
        )
        assert done.status == 303
        number = done.header("location").rsplit("/", 1)[1]
        await desk.rig.settle()
        for client, centre, step, words in (
            (township, TOWNSHIP, "receive", {}),
            (township, TOWNSHIP, "report", {"report": "已排查"}),
            (county, COUNTY, "send-back", {"reason": "少两处"}),
            (township, TOWNSHIP, "report", {"report": "已补齐"}),
            (county, COUNTY, "approve", {}),
        ):
            page = f"/{centre}/directives/{number}"
            assert (await client.send(page, f"{page}/{step}", **words)).status == 303, step
            await desk.rig.settle()
        found = (await list_directives(desk.rig[COUNTY].database, DirectiveFilter(COUNTY))).rows
        assert [(one.directive.state.value, one.directive.report) for one in found] == [("approved", "已补齐")]
        assert "审核通过" in (await township.get(f"/{TOWNSHIP}/directives/{number}")).text


TROUBLE = (
    (f"/{TOWNSHIP}/cases/371401001-20200101-00001", 404, "本中心没有诉求件"),
    (f"/{TOWNSHIP}/cases/{'0' * 32}", 404, "本中心没有诉求件"),
    (f"/{TOWNSHIP}/directives/D1-2-3", 404, "本中心没有交办单"),
    (f"/{TOWNSHIP}/nothing", 404, "没有这个页面"),
    ("/999999/cases", 404, "本服务不承载中心"),
    (f"/{TOWNSHIP}/cases?state=no-such", 422, "没有“no-such”这个选项"),
    (f"/{TOWNSHIP}/cases?from=yesterday", 422, "不是带时区的时间"),
    (f"/{TOWNSHIP}/cases?token=torn", 422, "翻页标记无效"),
    (f"/{TOWNSHIP}/directives?state=no-such", 422, "没有“no-such”这个选项"),
    (f"/{TOWNSHIP}/directives/new", 403, "不是本中心的下级"),
)


async def test_trouble_is_told_in_words_in_both_languages(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(TOWNSHIP)
        for path, status, words in TROUBLE:
            lang = f"{path}{'&' if '?' in path else '?'}lang="
            found = await client.get(f"{lang}zh")
            assert (found.status, words in found.text) == (status, True), path
            assert "Traceback" not in found.text
            assert '<html lang="en">' in (await client.get(f"{lang}en")).text


async def test_a_crash_shows_its_number_and_no_stack(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    async with web_stand(postgres) as desk:
        client = await desk.signed_in(TOWNSHIP)
        monkeypatch.setattr("fengqiao.web.desk.case_list.search_cases", crash)
        found = await client.get(f"/{TOWNSHIP}/cases")
        assert found.status == 500
        assert "secret detail" not in found.text
        assert "ZeroDivisionError" not in found.text
        assert "系统出错" in found.text


async def test_every_page_keeps_to_its_statements_whatever_its_length(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        made = [await registered(desk, f"第 {number} 件") for number in range(30)]
        client = await desk.signed_in(TOWNSHIP)
        number = await number_of(desk, made[0])
        await client.send(f"/{TOWNSHIP}/cases", f"/{TOWNSHIP}/views", name="急件", address="view=holder&urgent=true")
        pages = (
            "work", "cases?view=all", "cases?view=all&q=第", "cases?view=holder&order=number", "cases?view=resolved",
            f"cases/{number}", "cases/new", "directives", "federation", "dead-letters", "keys",
        )  # fmt: skip
        for path in pages:
            desk.rig.statements.clear()
            assert (await client.get(f"/{TOWNSHIP}/{path}")).status == 200
            besides = desk.rig.statements.total() - desk.rig.statements["account.session"]
            assert besides <= STATEMENTS_OF_A_PAGE, (path, desk.rig.statements)


async def test_every_answer_forbids_what_we_do_not_need(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        for path in ("/", f"/{TOWNSHIP}/sign-in", "/static/desk.css", "/none"):
            found = await Client(desk.app).get(path)
            policy = found.header("content-security-policy")
            assert "default-src 'self'" in policy, path
            assert "unsafe" not in policy
            assert found.header("x-content-type-options") == "nosniff"
            assert "style=" not in found.text
            assert "onclick" not in found.text


async def test_the_language_is_remembered(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(TOWNSHIP)
        assert "本中心在办" in (await client.get(f"/{TOWNSHIP}/cases")).text
        assert "With this centre" in (await client.get(f"/{TOWNSHIP}/cases?lang=en")).text
        assert "With this centre" in (await client.get(f"/{TOWNSHIP}/cases")).text
        assert "本中心在办" in (await client.get(f"/{TOWNSHIP}/cases?lang=zh")).text


async def test_pages_of_a_list_meet_without_gap_or_overlap(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        wanted = {await number_of(desk, await registered(desk, f"第 {n} 件")) for n in range(120)}
        client, seen, path = await desk.signed_in(TOWNSHIP), [], f"/{TOWNSHIP}/cases?order=number"
        while path:
            page = (await client.get(path)).text
            seen += [part.split('"')[0] for part in page.split(f'class="row-link" href="/{TOWNSHIP}/cases/')[1:]]
            path = (
                page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""
            )
        assert seen == sorted(wanted)


async def test_a_full_number_in_the_search_opens_the_case(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        number = await number_of(desk, await registered(desk))
        found = await (await desk.signed_in(TOWNSHIP)).get(f"/{TOWNSHIP}/cases?q={number}")
        assert (found.status, found.header("location")) == (303, f"/{TOWNSHIP}/cases/{number}")


async def test_what_people_type_is_shown_as_text_and_never_as_markup(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command = await registered(desk, "<script>alert(1)</script>")
        await cases.carry_out(desk.rig[TOWNSHIP], AddNote(command.case_id, "<img src=x onerror=alert(2)>"), CLERK)
        client = await desk.signed_in(TOWNSHIP)
        for path in ("cases", f"cases/{await number_of(desk, command)}"):
            page = (await client.get(f"/{TOWNSHIP}/{path}")).text
            assert "<script>alert" not in page
            assert "<img src=x" not in page


async def test_the_banner_says_since_when_and_what_waits_while_cut_off(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(TOWNSHIP)
        assert 'class="cut"' not in (await client.get(f"/{TOWNSHIP}/cases")).text
        desk.links[TOWNSHIP] = LinkView(False, datetime.now(UTC) - timedelta(minutes=3), 23, False)
        page = (await client.get(f"/{TOWNSHIP}/cases")).text
        assert "与上级第371401县断线" in page
        assert "23 条消息等待发送" in page


async def test_the_federation_tells_figures_only_of_hosted_centres(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        desk.figures[:] = [
            TileFigures(COUNTY, True, False, 240.0, 12, 3, 41),
            TileFigures(TOWNSHIP, False, False, 0.0, 0, 0, 0),
        ]
        page = (await (await desk.signed_in(CITY)).get(f"/{CITY}/federation")).text
        assert page.count('class="tile ') == 3
        assert "在办 41 件" in page
        assert "最久等待 4 分钟" in page
        assert page.count("不在本机") >= 2
        assert "tile-cut" in page


async def test_an_attachment_comes_back_as_a_download(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command = await registered(desk)
        path = f"/{TOWNSHIP}/cases/{await number_of(desk, command)}"
        client = await desk.signed_in(TOWNSHIP)
        token, edge = (await client.get(path)).hidden["form_token"], "----edge"
        body = (
            f'--{edge}\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="content"; filename="现场.txt"\r\n'
            f"Content-Type: text/plain\r\n\r\n看过了\r\n--{edge}--\r\n"
        ).encode()
        kind = {"content-type": f"multipart/form-data; boundary={edge}"}
        elsewhere = f"/{TOWNSHIP}/cases/{new_id()}"
        assert (await client.ask("POST", f"{elsewhere}/attach", body, kind)).status == 404
        digest = hashlib.sha256("看过了".encode()).hexdigest()
        assert await stored_attachment(desk.rig[TOWNSHIP].database, digest) is None, "what is refused leaves nothing"
        assert (await client.ask("POST", f"{path}/attach", body, kind)).status == 303
        page = (await client.get(path)).text
        assert "现场.txt" in page
        link = page.split("/files/")[1].split('"')[0]
        got = await client.get(f"/{TOWNSHIP}/cases/{command.case_id}/files/{link}")
        assert (got.status, got.text) == (200, "看过了")
        assert got.header("content-disposition").startswith("attachment;")
        assert (await client.get(f"/{TOWNSHIP}/cases/{command.case_id}/files/{'0' * 64}")).status == 404


async def test_a_case_is_found_by_its_id_and_its_number_alike(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command = await registered(desk)
        number = await number_of(desk, command)
        assert await find_case(desk.rig[TOWNSHIP].database, number) == command.case_id
        client = await desk.signed_in(TOWNSHIP)
        by_id = await client.get(f"/{TOWNSHIP}/cases/{command.case_id}")
        assert by_id.status == 200
        assert number in by_id.text


async def test_a_parked_message_shows_why_and_is_replayed_or_dropped(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        await desk.rig.deliver(TOWNSHIP, COUNTY, [b"no envelope at all"])
        client, path = await desk.signed_in(TOWNSHIP), f"/{TOWNSHIP}/dead-letters"
        page = await client.get(path)
        assert "消息无法解读" in page.text
        letter = page.text.split(f'action="{path}/')[1].split("/")[0]
        replayed = await client.send(path, f"{path}/{letter}/replay")
        assert replayed.status == 303
        again = (await client.get(path)).text
        assert "消息无法解读" in again
        letter = again.split(f'action="{path}/')[1].split("/")[0]
        assert (await client.send(path, f"{path}/{letter}/drop")).status == 303
        assert "没有停放的消息" in (await client.get(path)).text
        assert (await client.send(path, f"{path}/{letter}/drop")).status == 404
