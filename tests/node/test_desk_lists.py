"""Lists of the desk: queues, urgency, filters, words, keyset pages, counts with a bound, kept lists."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from fengqiao.domain.case import Case, CaseKind, Contact, Direction
from fengqiao.domain.command import AcceptOffer, AssignCase, OfferCase, RegisterCase, ResolveCase
from fengqiao.domain.course import ClosingKind, Grade, SuspensionReason
from fengqiao.domain.course_command import (
    ClassifyCase,
    EvaluateCase,
    GradeCase,
    ReopenCase,
    ReplyToCitizen,
    ReturnCase,
    SignOffResult,
    SubmitResult,
    SuspendCase,
)
from fengqiao.domain.errors import Refusal
from fengqiao.domain.limit import nearest
from fengqiao.domain.stage import ACTING, Stage, stage_of
from fengqiao.handlers import case as cases
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.word_index import index_words
from fengqiao.insight.case_beside import case_beside
from fengqiao.insight.case_search import (
    COUNT_MOST,
    VIEWS,
    CaseQuery,
    count_cases,
    desk_counters,
    every_page,
    search_cases,
)
from fengqiao.insight.cases import case_view
from fengqiao.store import case_lines
from fengqiao.store.case_lines import ORDER_FIELDS, WALKED_FIELDS
from fengqiao.store.changes import Changes
from fengqiao.store.work import save_new
from fengqiao.web.desk.case_query import FILTERS, RANGES
from tests.containers import PostgresServer
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, bench, new_id
from tests.node.web_stand import WebStand, web_stand
from tests.unit.samples import situations

HEAD, COLLEAGUE = Actor("赵建国"), Actor("李强")


async def taken_in(here: Context, title: str = "路灯不亮", ago: timedelta = timedelta(0), **more: object) -> Case:
    given: dict[str, object] = {"place": "新河路", **more}
    command = RegisterCase(new_id(), title, f"来访人说{title}，三天了。", **given)  # type: ignore[arg-type]  # fields of it
    return (await cases.register(here, command, Actor(CLERK.name, here.clock() - ago))).file.case


async def titles(here: Context, query: CaseQuery, order: str = "due_at") -> list[str]:
    return [line.title for line in (await search_cases(here.database, query, order, here.clock())).lines]


async def test_the_database_and_the_rules_agree_on_the_queue_of_every_situation(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        database, expected = rig[COUNTY].database, dict[str, str]()
        for name, file in situations().items():
            number = f"371401-20261123-{len(expected):05}"
            changes = Changes(datetime.now(UTC))
            changes.put_case(replace(file, case=replace(file.case, id=new_id(), number=number)), (), new=True)
            row = next(iter(changes.new_cases.values()))
            changes.new_cases[row.case.id] = replace(row, journal_length=1, journal_hash=b"\0" * 32)
            await save_new(database, changes)
            expected[number] = stage_of(file).value
            assert name
        found = [page async for page in every_page(database, CaseQuery("all"), "number", datetime.now(UTC))]
        assert {line.number: line.stage for page in found for line in page.lines} == expected
        assert {stage.value for stage in Stage} - set(expected.values()) <= {Stage.ASIDE, Stage.DISPUTED}


async def test_a_line_is_due_when_the_nearest_of_its_running_clocks_is(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        case = await taken_in(here)
        for command in (None, AssignCase(case.id, "police"), ResolveCase(case.id, "已修好")):
            if command is not None:
                await cases.carry_out(here, command, CLERK)
            stands = (await case_view(here.database, case.id)).file.case
            clock = nearest(stands.limits, here.limits.calendar)
            line = (await search_cases(here.database, CaseQuery("all"), "number", here.clock())).lines[0]
            assert line.due_at == (clock.due_at(here.limits.calendar) if clock else None)


async def test_my_work_stands_by_urgency_and_leaves_out_my_own_proposals(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        made = [await taken_in(here, f"第 {hours} 件", timedelta(hours=hours)) for hours in (1, 30, 10, 2)]
        await cases.carry_out(here, AssignCase(made[1].id, "police"), CLERK)
        submitted = SubmitResult(made[1].id, "已修好", ClosingKind.SOLVED, (), "看过现场")
        await cases.carry_out(here, submitted, COLLEAGUE)
        everything = ["第 10 件", "第 2 件", "第 1 件"]
        own = await titles(here, CaseQuery("mine", not_of=COLLEAGUE.name))
        others = await titles(here, CaseQuery("mine", not_of=HEAD.name))
        assert [title for title in others if title != "第 30 件"] == everything == own
        assert "第 30 件" in others
        assert await titles(here, CaseQuery("mine", stages=(Stage.SIGN_OFF,))) == ["第 30 件"]
        assert await titles(here, CaseQuery("mine", late="over")) == ["第 10 件"]
        assert "第 30 件" not in await titles(here, CaseQuery("unassigned"))


async def test_every_filter_narrows_and_none_makes_a_page_fail(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        here, client = desk.rig[TOWNSHIP], await desk.signed_in(TOWNSHIP)
        await laid_out(here)
        values = {
            "state": "replied", "kind": "dispute", "type": "help", "channel": "desk", "urgent": "true", "item": "01",
            "grade": "small", "unit": "police", "late": "over", "q": "停车", "place": "新河", "first": "police",
            "helper": "justice", "origin": TOWNSHIP, "holder": COUNTY, "closing": "solved",
        }  # fmt: skip
        day = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
        for name in FILTERS:
            value = day if name in RANGES else values.get(name, "yes")
            for view in ("holder", "all", "mine"):
                found = await client.get(f"/{TOWNSHIP}/cases?view={view}&{name}={quote(value)}")
                assert (found.status, name) == (200, name)
                assert 'class="chip"' in found.text
                wrong = await client.get(f"/{TOWNSHIP}/cases?view={view}&{name}={quote('无此')}")
                assert wrong.status in (200, 422)


async def laid_out(here: Context) -> Mapping[str, Case]:
    made = {
        title: await taken_in(here, title) for title in ("路灯不亮", "小区停车难", "楼下烧烤", "邻居养犬", "自来水浑浊")
    }
    lamp, parking, grill, dog = (made[title].id for title in ("路灯不亮", "小区停车难", "楼下烧烤", "邻居养犬"))
    for case_id in (lamp, parking, grill, dog):
        await cases.carry_out(here, AssignCase(case_id, "police"), CLERK)
    await cases.carry_out(here, ClassifyCase(lamp, "0102"), CLERK)
    await cases.carry_out(here, GradeCase(lamp, Grade.SMALL), CLERK)
    await cases.carry_out(here, SubmitResult(lamp, "已修好", ClosingKind.SOLVED, (), "看过"), COLLEAGUE)
    await cases.carry_out(here, SignOffResult(lamp), HEAD)
    await cases.carry_out(here, ReplyToCitizen(lamp, "修好了"), CLERK)
    await cases.carry_out(here, EvaluateCase(lamp, True, False), CLERK)
    await cases.carry_out(here, ReturnCase(parking, "不属于本单位"), CLERK)
    await cases.carry_out(here, SuspendCase(dog, SuspensionReason.HEARING, 3, "听证"), CLERK)
    await cases.carry_out(here, ResolveCase(grill, "已劝离", ClosingKind.EXPLAINED), CLERK)
    await cases.carry_out(here, ReopenCase(grill, "又来了"), CLERK)
    return made


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"item": "01%"}, ["路灯不亮"]),
        ({"classified": False}, ["楼下烧烤", "自来水浑浊", "小区停车难", "邻居养犬"]),
        ({"grade": "small"}, ["路灯不亮"]),
        ({"satisfied": False}, ["路灯不亮"]),
        ({"solved": True}, ["路灯不亮"]),
        ({"returned": True}, ["小区停车难"]),
        ({"reopened": True}, ["楼下烧烤"]),
        ({"states": ["replied"]}, ["路灯不亮"]),
        ({"reachable": True}, []),
        ({"first": "police", "returned": False, "reopened": False, "evaluated": False}, ["邻居养犬"]),
    ],
)
async def test_a_filter_finds_what_it_says(
    postgres: PostgresServer, criteria: Mapping[str, object], expected: list[str]
) -> None:
    async with bench(postgres) as rig:
        await laid_out(rig[TOWNSHIP])
        for view in ("holder", "all"):
            assert sorted(await titles(rig[TOWNSHIP], CaseQuery(view, criteria), "number")) == sorted(expected)


async def test_words_of_one_character_and_more_are_found_before_and_after_they_are_stored(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        for title in ("路灯不亮", "小区停车难", "Led 路灯 100% 坏", "铁路 灯"):
            await taken_in(here, title)
        for stored in (0, 4):
            if stored:
                assert await index_words(here) == stored
                assert await index_words(here) == 0
            for words, expected in (
                ("灯", {"路灯不亮", "Led 路灯 100% 坏", "铁路 灯"}),
                ("路灯", {"路灯不亮", "Led 路灯 100% 坏"}),
                ("停车难", {"小区停车难"}),
                ("路灯 led", {"Led 路灯 100% 坏"}),
                ("100%", {"Led 路灯 100% 坏"}),
                ("100_", set()),
                ("三天", {"路灯不亮", "小区停车难", "Led 路灯 100% 坏", "铁路 灯"}),
                ("无此词", set()),
            ):
                assert set(await titles(here, CaseQuery("all", words=words), "title")) == expected, (words, stored)
                assert set(await titles(here, CaseQuery("unassigned", words=words), "due_at")) == expected


async def test_the_beginning_of_a_number_finds_its_cases(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        made = [await taken_in(rig[TOWNSHIP]) for _ in range(12)]
        for view in ("all", "holder"):
            query = CaseQuery(view, words=made[9].number[:-1])
            found = await search_cases(rig[TOWNSHIP].database, query, "number", datetime.now(UTC))
            assert [line.number for line in found.lines] == [
                case.number for case in made if case.number[:-1] == made[9].number[:-1]
            ]


@pytest.mark.parametrize("order", [f"{way}{name}" for name in ORDER_FIELDS for way in ("", "-")])
async def test_pages_meet_without_gap_or_overlap_in_every_order(postgres: PostgresServer, order: str) -> None:
    async with bench(postgres) as rig:
        here, name = rig[TOWNSHIP], order.removeprefix("-")
        for number in range(11):
            case = await taken_in(here, f"第 {number % 4} 件", timedelta(hours=number % 3), place=f"{number % 2} 号院")
            if name == "resolved_at":
                await cases.carry_out(here, ResolveCase(case.id, "已办"), CLERK)
        view = "resolved" if name == "resolved_at" else "holder"
        for chosen in {view, "all" if name in WALKED_FIELDS else view}:
            seen, token, begun = list[str](), "", False
            while token or not begun:
                page = await search_cases(here.database, CaseQuery(chosen), order, here.clock(), size=3, token=token)
                seen, token, begun = [*seen, *(line.number for line in page.lines)], page.next_token, True
            assert len(seen) == len(set(seen)) == 11


async def test_a_walk_stops_at_its_bound_and_the_next_page_goes_on(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        for number in range(20):
            kind = CaseKind.DISPUTE if number in (0, 1, 13) else CaseKind.REQUEST
            await taken_in(here, f"第 {number} 件", timedelta(hours=20 - number), kind=kind)
        monkeypatch.setattr(case_lines, "WALK", 6)
        query, seen, token, begun, pages = CaseQuery("all", {"kind": "dispute"}), list[str](), "", False, 0
        while token or not begun:
            page = await search_cases(here.database, query, "-registered_at", here.clock(), token=token)
            seen += [line.title for line in page.lines]
            token, begun, pages = page.next_token, True, pages + 1
            assert page.looked_at == (6 if token else 0)
        assert (seen, pages) == (["第 13 件", "第 1 件", "第 0 件"], 4)
        queue = await search_cases(here.database, CaseQuery("holder", {"kind": "dispute"}), "number", here.clock())
        assert len(queue.lines) == 3, "a queue is shown as a whole"


async def test_an_order_without_an_index_is_not_offered_where_everything_is_listed(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        with pytest.raises(Refusal):
            await titles(desk.rig[TOWNSHIP], CaseQuery("all"), "title")
        client = await desk.signed_in(TOWNSHIP)
        for order, status in (("title", 200), ("no-such", 422)):
            assert (await client.get(f"/{TOWNSHIP}/cases?view=all&order={order}")).status == status


async def test_counts_stop_at_their_bound(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        here, client = desk.rig[TOWNSHIP], await desk.signed_in(TOWNSHIP)
        for number in range(COUNT_MOST + 5):
            await taken_in(here, f"第 {number} 件", timedelta(hours=10))
        counters = await desk_counters(here.database, TOWNSHIP, COUNTY, ACTING, "", here.clock())
        expected = {"unassigned": COUNT_MOST, "mine": COUNT_MOST, "red": COUNT_MOST, "yellow": 0, "offered": 0}
        assert {name: counters.many[name] for name in expected} == expected
        queries = [CaseQuery("unassigned"), CaseQuery("all", {"kind": "dispute"}), CaseQuery("resolved")]
        assert list(await count_cases(here.database, queries, here.clock())) == [COUNT_MOST, 0, 0]
        assert "99+" in (await client.get(f"/{TOWNSHIP}/work")).text


async def test_what_comes_from_above_is_counted_and_listed(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        case = await taken_in(desk.rig[COUNTY], "河道垃圾")
        offer = OfferCase(case.id, new_id(), Direction.DOWN, "属地办理", TOWNSHIP)
        await cases.carry_out(desk.rig[COUNTY], offer, CLERK)
        await desk.rig.settle()
        client = await desk.signed_in(TOWNSHIP)
        page = (await client.get(f"/{TOWNSHIP}/work")).text
        assert "来自上级" in page
        listed = (await client.get(f"/{TOWNSHIP}/cases?view=offered&holder={COUNTY}")).text
        assert "河道垃圾" in listed
        assert "属地办理" in listed
        await cases.carry_out(desk.rig[TOWNSHIP], AcceptOffer(case.id), CLERK)
        assert "来自上级" not in (await client.get(f"/{TOWNSHIP}/work")).text


async def test_a_list_is_kept_under_a_name_counted_linked_shared_and_forgotten(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        here, client = desk.rig[TOWNSHIP], await desk.signed_in(TOWNSHIP)
        await taken_in(here, urgent=True)
        views, address = f"/{TOWNSHIP}/views", "view=holder&urgent=true"
        for name in ("急件", " 急件\x07 "):
            kept = await client.send(f"/{TOWNSHIP}/cases", views, name=name, address=address, shared="true")
            assert (kept.status, kept.header("location")) == (303, f"/{TOWNSHIP}/cases?{address}")
        page = (await client.get(f"/{TOWNSHIP}/cases?{address}")).text
        beside = page.split('class="saved"')[1].split("</ul>")[0]
        assert beside.count("<li>") == 1
        assert '<span>急件</span> <span class="count num">1</span>' in beside
        assert 'aria-current="page"' in beside
        assert (await client.send(f"/{TOWNSHIP}/cases", views, name="", address=address)).status == 422
        assert (await client.send(f"/{TOWNSHIP}/cases", views, name="坏", address="state=no-such")).status == 422
        forget = beside.split('action="')[1].split('"')[0]
        assert (await client.send(f"/{TOWNSHIP}/cases", forget)).status == 303
        assert 'class="saved"' not in (await client.get(f"/{TOWNSHIP}/cases")).text
        assert (await client.send(f"/{TOWNSHIP}/cases", forget)).status == 404


async def test_beside_a_case_stand_those_of_its_reporter_and_open_ones_at_its_place(
    postgres: PostgresServer,
) -> None:
    async with web_stand(postgres) as desk:
        here = desk.rig[TOWNSHIP]
        known = Contact("李大爷", "13800000000")
        first = await taken_in(here, "路灯不亮", contact=known)
        second = await taken_in(here, "楼下烧烤", contact=known, place="建设街")
        await taken_in(here, "路灯又不亮")
        await taken_in(here, "很久以前", timedelta(weeks=13))
        other = await taken_in(here, "别的事")
        for case_id, item in ((first.id, "0102"), (other.id, "0902")):
            await cases.carry_out(here, ClassifyCase(case_id, item), CLERK)
        await cases.carry_out(here, ResolveCase(second.id, "已劝离"), CLERK)
        beside = await case_beside(here.database, first.id, here.clock())
        assert [line.title for line in beside.of_reporter] == ["楼下烧烤"]
        assert (beside.reporter_many, beside.reporter_open) == (1, 0)
        assert [line.title for line in beside.nearby] == ["路灯又不亮"]
        page = (await (await desk.signed_in(TOWNSHIP)).get(f"/{TOWNSHIP}/cases/{first.number}")).text
        assert "共 1 件，未办结 0 件" in page
        assert "路灯又不亮" in page


async def test_a_queue_leads_from_case_to_case_until_it_is_done(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        here, client = desk.rig[TOWNSHIP], await desk.signed_in(TOWNSHIP)
        made = [await taken_in(here, ago=timedelta(hours=3 - number)) for number in range(3)]
        opened = f"/{TOWNSHIP}/cases/{made[0].number}"
        done = await client.send(f"{opened}?from=unassigned", f"{opened}/assign", unit="police")
        assert done.header("location") == f"{opened}?from=unassigned"
        assert "下一件" in (await client.get(done.header("location"))).text
        following = await client.get(f"/{TOWNSHIP}/cases-next?view=unassigned&after={made[0].number}")
        assert following.header("location") == f"/{TOWNSHIP}/cases/{made[1].number}?from=unassigned"
        skipped = await client.get(f"/{TOWNSHIP}/cases-next?view=unassigned&after={made[1].number}")
        assert skipped.header("location") == f"/{TOWNSHIP}/cases/{made[2].number}?from=unassigned"
        for case in made[1:]:
            await cases.carry_out(here, AssignCase(case.id, "police"), CLERK)
        empty = await client.get(f"/{TOWNSHIP}/cases-next?view=unassigned&after={made[2].number}")
        assert empty.header("location") == f"/{TOWNSHIP}/cases?view=unassigned"


async def test_a_row_of_the_dispatch_board_assigns_and_comes_back_to_it(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        case = await taken_in(desk.rig[TOWNSHIP])
        client, board = await desk.signed_in(TOWNSHIP), f"/{TOWNSHIP}/cases?view=unassigned"
        page = await client.get(board)
        assert f'form="assign-{case.number}" name="unit"' in page.text
        path = f"/{TOWNSHIP}/cases/{case.number}/assign"
        done = await client.post(path, **{**page.hidden, "unit": "police"})
        assert (done.status, done.header("location")) == (303, board)
        assert (await case_view(desk.rig[TOWNSHIP].database, case.id)).file.case.unit == "police"
        elsewhere = await client.post(
            path, **{**page.hidden, "unit": "police", "back": "//elsewhere.test", "seen_version": ""}
        )
        assert elsewhere.header("location") == f"/{TOWNSHIP}/cases/{case.number}"


async def test_each_view_names_itself_and_what_would_appear(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(CITY)
        for view in VIEWS:
            for language in ("zh", "en"):
                page = await client.get(f"/{CITY}/cases?view={view}&lang={language}")
                assert page.status == 200
                assert 'class="empty"' in page.text


async def opened_modules(desk: WebStand) -> list[tuple[str, int]]:
    client = await desk.signed_in(TOWNSHIP)
    page = (await client.get(f"/{TOWNSHIP}/work")).text
    links = [part.split('"')[0] for part in page.split('class="modules"')[1].split("</nav>")[0].split('href="')[1:]]
    return [(link, (await client.get(link)).status) for link in links]


async def test_the_five_modules_lead_to_pages(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        opened = await opened_modules(desk)
        assert [status for _, status in opened] == [200] * 5
