"""CaseService over a real server and a real database: every command and query, and what wrong input hears."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from fengqiao.domain.case import CaseState, Channel, CommandName, Contact, Direction, Role
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    AssignCase,
    AttachFile,
    OfferCase,
    RefuseOffer,
    RegisterCase,
    ResolveCase,
    WithdrawOffer,
)
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.errors import PARAM_LENGTH, Kind, Refusal
from fengqiao.domain.event import EventKind, first_break
from fengqiao.insight.cases import CaseFilter
from fengqiao.proto.v1 import case_service_pb2 as pb
from fengqiao.proto.v1.case_service_pb2_grpc import CaseServiceStub
from fengqiao.rpc.errors import DETAILS_KEY
from fengqiao.store.attachments import stored_attachment
from tests.containers import PostgresServer
from tests.node.rig import CITY, COUNTY, TOWNSHIP, new_id
from tests.node.rpc_rig import Served, served, until

CLERK = "王敏"
PICTURE = b"\x89PNG\r\n" + bytes(range(256)) * 40


def a_case(**values: object) -> RegisterCase:
    base = {
        "case_id": new_id(),
        "title": "铁轨横卧路中",
        "text": "新河路一段废弃铁轨，行人常被绊倒。",
        "place": "新河路",
    }
    return RegisterCase(**(base | values))  # type: ignore[arg-type]  # values of the test's own choosing


async def refused(call: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call  # type: ignore[misc]  # the coroutine of any client method
    return caught.value


async def offered(nodes: Served) -> UUID:
    command = a_case()
    await nodes[TOWNSHIP].register(command, CLERK)
    await nodes[TOWNSHIP].carry_out(OfferCase(command.case_id, new_id(), Direction.UP, "超出镇级职权"), CLERK)
    await nodes.rig.settle()
    return command.case_id


async def test_a_case_goes_through_every_command(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        township, county, city = nodes[TOWNSHIP], nodes[COUNTY], nodes[CITY]
        command = a_case(contact=Contact("李大爷", "13800000000"), channel=Channel.HOTLINE)
        registered = await township.register(command, CLERK)
        assert registered.new
        assert not (await township.register(command, CLERK)).new
        case = command.case_id
        file = await township.carry_out(AssignCase(case, "police", seen_version=1), CLERK)
        assert (file.case.state, file.case.unit, file.case.first_receiver.unit) == ("assigned", "police", "police")
        await township.carry_out(AddNote(case, "现场已拍照"), CLERK)
        digest = hashlib.sha256(PICTURE).hexdigest()
        _, sha256 = await township.attach(AttachFile(case, digest, 0, "image/png", "铁轨.png"), PICTURE, CLERK)
        assert sha256 == digest
        await township.carry_out(OfferCase(case, new_id(), Direction.UP, "超出镇级职权"), CLERK)
        withdrawing = await township.carry_out(WithdrawOffer(case), CLERK)
        assert withdrawing.case.offer is not None
        assert withdrawing.case.offer.withdrawing
        await nodes.rig.settle()
        await township.carry_out(OfferCase(case, new_id(), Direction.UP, "确需县里办"), CLERK)
        await nodes.rig.settle()
        await county.carry_out(RefuseOffer(case, "请先核实"), "赵刚")
        await nodes.rig.settle()
        await township.carry_out(OfferCase(case, new_id(), Direction.UP, "已核实"), CLERK)
        await nodes.rig.settle()
        await county.carry_out(AcceptOffer(case), "赵刚")
        await county.carry_out(OfferCase(case, new_id(), Direction.UP, "涉及铁路"), "赵刚")
        await nodes.rig.settle()
        await city.carry_out(AcceptOffer(case), "孙丽")
        await city.carry_out(AssignCase(case, "transport"), "孙丽")
        closed = await city.carry_out(ResolveCase(case, "铁轨已拆除", ClosingKind.SOLVED), "孙丽")
        assert (closed.case.state, closed.case.closing, closed.role) == ("resolved", "solved", Role.HOLDER)
        await nodes.rig.settle()
        view = await township.case(registered.file.case.number)
        assert view == await township.case(str(case))
        assert view.file.case == (await city.case(str(case))).file.case
        assert view.contact == Contact("李大爷", "13800000000")
        assert (await city.case(str(case))).contact is None
        assert first_break((row.position, row.event, row.hash) for row in view.events) is None
        kinds = list(EventKind)
        assert {row.event.kind for row in view.events} == set(kinds[: kinds.index(EventKind.RESOLVED) + 1])
        assert [row.event.actor for row in view.events[-3:]] == ["孙丽"] * 3


async def test_imported_work_keeps_its_recorded_times_and_is_not_doubled(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        at = datetime(2025, 7, 1, 1, 2, 3, 456789, UTC)
        first = await nodes[TOWNSHIP].register(a_case(reference="热线-7"), CLERK, at)
        again = await nodes[TOWNSHIP].register(a_case(reference="热线-7"), CLERK, at)
        assert (first.new, again.new, again.file.case.id) == (True, False, first.file.case.id)
        assert first.file.case.registered_at == at
        later = at + timedelta(days=3)
        closed = await nodes[TOWNSHIP].carry_out(ResolveCase(first.file.case.id, "已修好"), CLERK, later)
        assert closed.case.resolved_at == later
        future = datetime.now(UTC) + timedelta(days=1)
        assert (await refused(nodes[TOWNSHIP].register(a_case(), CLERK, future))).code == "time_future"


async def test_a_caller_without_an_id_is_given_one(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes, grpc.aio.insecure_channel(nodes.doors[TOWNSHIP].target) as channel:
        request = pb.RegisterCaseRequest(actor=CLERK, title="路灯不亮", text="村口路灯坏了。")
        response = await CaseServiceStub(channel).RegisterCase(request, timeout=10)
        assert response.new
        assert UUID(response.file.case.id).version == 7
        assert list(response.file.allowed)


async def test_lists_filter_order_and_page(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        client = nodes[TOWNSHIP]
        for serial in range(7):
            await client.register(a_case(title=f"路灯 {serial}", urgent=serial % 2 == 0, channel=Channel.QR), CLERK)
        await client.register(a_case(title="噪声扰民"), CLERK)
        numbers: list[str] = []
        token = ""
        while True:
            page = await client.cases(CaseFilter(words="路灯"), "number", 3, token)
            numbers.extend(file.case.number for file in page.rows)
            token = page.next_token
            if not token:
                break
        assert numbers == sorted(numbers)
        assert len(numbers) == len(set(numbers)) == 7
        criteria = CaseFilter(
            view="holder",
            states=frozenset({CaseState.REGISTERED}),
            channel=Channel.QR,
            urgent=True,
            registered_from=datetime.now(UTC) - timedelta(hours=1),
        )
        assert len((await client.cases(criteria)).rows) == 4
        counts = await client.counts()
        assert counts.by_role_state == {(Role.HOLDER, CaseState.REGISTERED): 8}
        assert (await client.cases(CaseFilter(view="following"))).rows == ()


async def test_wrong_input_names_its_fields_and_changes_nothing(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        client = nodes[TOWNSHIP]
        registered = await client.register(a_case(), CLERK)
        case, before = registered.file.case.id, await client.case(str(registered.file.case.id))
        table: list[tuple[object, Kind, str, set[str]]] = [
            (
                client.register(a_case(title=" ", text="长" * 4001), CLERK),
                Kind.INVALID,
                "input_invalid",
                {"title", "text"},
            ),
            (
                client.register(a_case(contact=Contact("名" * 61, "")), CLERK),
                Kind.INVALID,
                "input_invalid",
                {"contact.name"},
            ),
            (client.carry_out(AddNote(case, "\x00 "), CLERK), Kind.INVALID, "input_invalid", {"text"}),
            (client.carry_out(AddNote(case, "长" * 4001), CLERK), Kind.INVALID, "input_invalid", {"text"}),
            (client.carry_out(AddNote(case, "好"), ""), Kind.INVALID, "input_invalid", {"actor"}),
            (client.carry_out(AssignCase(case, "nobody"), CLERK), Kind.INVALID, "input_invalid", {"unit"}),
            (client.carry_out(AssignCase(case, "police", 9), CLERK), Kind.STALE, "case_stale", set()),
            (client.carry_out(AssignCase(new_id(), "police"), CLERK), Kind.NOT_FOUND, "case_unknown", set()),
            (client.carry_out(AcceptOffer(case), CLERK), Kind.STATE, "offer_none", set()),
            (
                client.carry_out(OfferCase(case, new_id(), Direction.DOWN, "理由", CITY), CLERK),
                Kind.FORBIDDEN,
                "offer_not_neighbour",
                set(),
            ),
            (
                client.carry_out(OfferCase(case, new_id(), Direction.DOWN, "理由", "999999"), CLERK),
                Kind.NOT_FOUND,
                "centre_unknown",
                set(),
            ),
            (
                client.attach(AttachFile(case, "0" * 64, 0, "image/png", "图"), PICTURE, CLERK),
                Kind.INVALID,
                "input_invalid",
                {"sha256"},
            ),
            (
                client.attach(AttachFile(case, "", 0, "text/html", "页"), b"<p>", CLERK),
                Kind.INVALID,
                "input_invalid",
                {"media_type"},
            ),
            (
                client.attach(AttachFile(case, "", 0, "image/png", "图"), b"", CLERK),
                Kind.INVALID,
                "input_invalid",
                {"content"},
            ),
            (client.case("371403001-20990101-00001"), Kind.NOT_FOUND, "case_unknown", set()),
            (client.cases(order="-text"), Kind.INVALID, "input_invalid", {"order_by"}),
            (client.cases(size=100_000), Kind.INVALID, "input_invalid", {"page_size"}),
            (client.cases(size=-1), Kind.INVALID, "input_invalid", {"page_size"}),
            (client.cases(token="nonsense"), Kind.INVALID, "input_invalid", {"page_token"}),
        ]
        for call, kind, code, fields in table:
            refusal = await refused(call)
            found = (refusal.kind, refusal.code, {violation.field for violation in refusal.violations})
            assert found == (kind, code, fields)
        assert await client.case(str(case)) == before


async def test_a_file_that_is_refused_leaves_no_content(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        command = a_case()
        await nodes[TOWNSHIP].register(command, CLERK)
        await nodes[TOWNSHIP].carry_out(OfferCase(command.case_id, new_id(), Direction.UP, "超出职权"), CLERK)
        await nodes.rig.settle()
        for case, name, code in (
            (new_id(), "铁轨.png", "case_unknown"),
            (command.case_id, "铁轨.png", "case_unanswered"),
            (command.case_id, "", "case_unanswered"),
        ):
            refusal = await refused(nodes[COUNTY].attach(AttachFile(case, "", 0, "image/png", name), PICTURE, CLERK))
            assert refusal.code == code
        unnamed = AttachFile(command.case_id, "", 0, "image/png", "")
        assert (await refused(nodes[TOWNSHIP].attach(unnamed, PICTURE, CLERK))).code == "input_invalid"
        digest = hashlib.sha256(PICTURE).hexdigest()
        for code in (COUNTY, TOWNSHIP):
            assert await stored_attachment(nodes.rig[code].database, digest) is None


async def test_a_key_that_no_database_can_hold_is_simply_not_found(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        client = nodes[TOWNSHIP]
        for key in ("\0", "371403001\0", "a\0b"):
            assert (await refused(client.case(key))).code == "case_unknown"
            assert (await refused(client.attachment(key, key))).code in {"case_unknown", "attachment_unknown"}
        assert (await client.cases(CaseFilter(words="\0x", unit="\0x"))).rows == ()
        assert (await client.cases(CaseFilter(number="9\0"))).rows == ()


async def test_any_grpc_client_can_read_what_is_wrong(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes, grpc.aio.insecure_channel(nodes.doors[TOWNSHIP].target) as channel:
        stub = CaseServiceStub(channel)
        wrong = pb.RegisterCaseRequest(actor=CLERK, title="路灯", text="坏了", kind=99, case_id="x")  # type: ignore[arg-type]  # wrong on purpose
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.RegisterCase(wrong, timeout=10)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        packed = dict(caught.value.trailing_metadata() or ())[DETAILS_KEY]
        bad = error_details_pb2.BadRequest()
        assert isinstance(packed, bytes)
        assert any(detail.Unpack(bad) for detail in status_pb2.Status.FromString(packed).details)
        assert {violation.field for violation in bad.field_violations} == {"case_id", "kind"}
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.ListCases(pb.ListCasesRequest(filter=pb.CaseFilter(view=77)), timeout=10)  # type: ignore[arg-type]  # wrong on purpose
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_wrong_value_of_any_length_is_quoted_in_part(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        command = a_case()
        await nodes[TOWNSHIP].register(command, CLERK)
        refusal = await refused(nodes[TOWNSHIP].carry_out(AssignCase(command.case_id, "科" * 300_000), CLERK))
        (violation,) = refusal.violations
        assert (refusal.kind, violation.field, violation.code) == (Kind.INVALID, "unit", "unit_unknown")
        assert max(map(len, violation.params.values())) == PARAM_LENGTH


async def test_the_answer_to_a_command_says_what_may_follow(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes, grpc.aio.insecure_channel(nodes.doors[COUNTY].target) as channel:
        case = await offered(nodes)
        response = await CaseServiceStub(channel).GetCase(pb.GetCaseRequest(key=str(case)), timeout=10)
        numbers = {CommandName.ACCEPT: 7, CommandName.REFUSE: 8}
        assert list(response.file.allowed) == list(numbers.values())


async def test_watching_tells_the_snapshot_and_then_every_change(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        client = nodes[TOWNSHIP]
        old = await client.register(a_case(), CLERK)
        news = client.watch(snapshot=True)
        first = await asyncio.wait_for(anext(news), 10)
        assert first.file.case.id == str(old.file.case.id)
        assert (await asyncio.wait_for(anext(news), 10)).WhichOneof("news") == "snapshot_end"
        new = await client.register(a_case(title="井盖丢失"), CLERK)
        changed = await asyncio.wait_for(anext(news), 10)
        assert (changed.file.case.id, changed.file.case.title) == (str(new.file.case.id), "井盖丢失")
        await client.carry_out(AssignCase(old.file.case.id, "police"), CLERK)
        assert (await asyncio.wait_for(anext(news), 10)).file.case.unit == "police"
        await nodes.doors[TOWNSHIP].server.stop(0.5)
        assert (await refused(anext(news))).kind is Kind.UNAVAILABLE
        assert nodes.rig[TOWNSHIP].changes.listeners == 0


async def test_a_watcher_that_is_too_slow_is_told_to_list_again(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        case = await offered(nodes)
        news = nodes[COUNTY].watch()
        waiting = asyncio.ensure_future(anext(news))
        await until(lambda: nodes.rig[COUNTY].changes.listeners == 1)
        nodes.rig[COUNTY].changes.publish([case] * 2000)
        kinds = {(await waiting).WhichOneof("news")}
        while "resync" not in kinds:
            kinds.add((await asyncio.wait_for(anext(news), 10)).WhichOneof("news"))
        await news.aclose()
        assert kinds <= {"resync", "file"}
