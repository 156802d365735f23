"""FederationService over real servers, Links and databases: the Link's greeting, tracing, attachments, edges."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import grpc
import pytest

from fengqiao.domain.case import Direction
from fengqiao.domain.command import (
    AcceptOffer,
    ApproveDirective,
    AssignCase,
    AttachFile,
    IssueDirective,
    OfferCase,
    ReceiveDirective,
    RegisterCase,
    ReportDirective,
    SendBackDirective,
)
from fengqiao.domain.directive import DirectiveState
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.proto.v1.federation_service_pb2_grpc import FederationServiceStub
from fengqiao.rpc.attachments import PIECE_BYTES
from fengqiao.wire.envelope import SCHEMA
from tests.containers import PostgresServer
from tests.node.rig import CITY, COUNTY, TOWNSHIP, new_id
from tests.node.rpc_rig import Served, served

CLERK = "王敏"


async def refused(call: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call  # type: ignore[misc]  # the coroutine of any client method
    return caught.value


async def held_by_the_city(nodes: Served) -> UUID:
    """Take a case from the township to the city, and let the city assign it."""
    case = new_id()
    await nodes[TOWNSHIP].register(RegisterCase(case, "铁轨横卧路中", "行人常被绊倒。", unit="police"), CLERK)
    for below, above in ((TOWNSHIP, COUNTY), (COUNTY, CITY)):
        await nodes[below].carry_out(OfferCase(case, new_id(), Direction.UP, "超出职权"), CLERK)
        await nodes.rig.settle()
        await nodes[above].carry_out(AcceptOffer(case), CLERK)
    await nodes[CITY].carry_out(AssignCase(case, "transport"), CLERK)
    return case


async def test_a_case_is_traced_along_its_custody_to_the_holder(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        case = await held_by_the_city(nodes)
        await nodes.rig.settle()
        await nodes.linked(TOWNSHIP)
        await nodes.linked(COUNTY)
        trace = await nodes[TOWNSHIP].trace(str(case))
        assert not trace.partial
        assert [step.centre for step in trace.steps] == [TOWNSHIP, COUNTY, CITY]
        assert {step.holder for step in trace.steps} == {CITY}
        chain = [(held.centre, held.epoch, list(held.units), held.HasField("until")) for held in trace.custody]
        assert chain == [(TOWNSHIP, 1, ["police"], True), (COUNTY, 2, [], True), (CITY, 3, ["transport"], False)]
        from_above = await nodes[CITY].trace(trace.number)
        assert [step.centre for step in from_above.steps] == [CITY]


async def test_a_trace_goes_on_where_the_way_knows_more_than_the_start(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        case = await held_by_the_city(nodes)
        await nodes.rig.carry(CITY)
        await nodes.linked(TOWNSHIP)
        await nodes.linked(COUNTY)
        trace = await nodes[TOWNSHIP].trace(str(case))
        # The county has not told the township yet that the city accepted.
        assert [(step.centre, step.holder) for step in trace.steps] == [
            (TOWNSHIP, COUNTY),
            (COUNTY, CITY),
            (CITY, CITY),
        ]
        assert [held.centre for held in trace.custody] == [TOWNSHIP, COUNTY, CITY]


async def test_until_the_acceptance_arrives_a_trace_ends_at_the_offerer(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        case = await held_by_the_city(nodes)
        await nodes.linked(TOWNSHIP)
        await nodes.linked(COUNTY)
        trace = await nodes[TOWNSHIP].trace(str(case))
        assert [(step.centre, step.holder) for step in trace.steps] == [(TOWNSHIP, COUNTY), (COUNTY, COUNTY)]
        assert (trace.partial, trace.custody[-1].centre) == (False, COUNTY)


async def test_a_trace_whose_way_is_cut_is_marked_and_ends_with_the_last_known_state(
    postgres: PostgresServer,
) -> None:
    async with served(postgres) as nodes:
        case = await held_by_the_city(nodes)
        await nodes.rig.settle()
        await nodes.linked(TOWNSHIP)
        trace = await nodes[TOWNSHIP].trace(str(case))
        assert trace.partial
        assert [(gap.centre, gap.code) for gap in trace.gaps] == [(CITY, "neighbour_away")]
        assert [step.centre for step in trace.steps] == [TOWNSHIP, COUNTY]
        assert (trace.steps[-1].holder, trace.custody[-1].centre) == (CITY, CITY)


async def test_a_case_that_is_unknown_here_is_asked_for_where_its_number_says(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        command = RegisterCase(new_id(), "路灯不亮", "村口路灯坏了。")
        number = (await nodes[TOWNSHIP].register(command, CLERK)).file.case.number
        assert (await refused(nodes[CITY].trace(number))).code == "neighbour_away"
        await nodes.linked(TOWNSHIP)
        await nodes.linked(COUNTY)
        trace = await nodes[CITY].trace(number)
        assert [step.centre for step in trace.steps] == [TOWNSHIP]
        assert not trace.partial
        unknown = await refused(nodes[CITY].trace(f"{TOWNSHIP}-20990101-00001"))
        assert (unknown.kind, unknown.code) == (Kind.NOT_FOUND, "case_unknown")
        assert (await refused(nodes[CITY].trace(str(new_id())))).code == "case_unknown"
        assert (await refused(nodes[CITY].trace("nonsense"))).code == "case_unknown"


async def test_a_trace_keeps_the_deadline_of_its_caller(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        case = await held_by_the_city(nodes)
        await nodes.rig.settle()
        await nodes.linked(TOWNSHIP)

        async def silent(_asker: str, _question: pb.Question) -> pb.Answer:
            await asyncio.sleep(30)
            return pb.Answer()

        nodes.doors[COUNTY].answers.answer = silent  # type: ignore[method-assign,assignment]  # a county that does not answer
        async with grpc.aio.insecure_channel(nodes.doors[TOWNSHIP].target) as channel:
            asked = FederationServiceStub(channel).TraceCase(pb.TraceCaseRequest(key=str(case)), timeout=1.0)
            trace = (await asked).trace
        assert trace.partial
        assert [gap.centre for gap in trace.gaps] == [COUNTY]
        assert [step.centre for step in trace.steps] == [TOWNSHIP]


async def test_an_attachment_is_pulled_over_two_hops_and_kept(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        content = bytes(range(256)) * (PIECE_BYTES // 256 * 2 + 7)
        digest = hashlib.sha256(content).hexdigest()
        case = await held_by_the_city(nodes)
        await nodes.rig.settle()
        await nodes[TOWNSHIP].attach(AttachFile(case, "", 0, "video/mp4", "现场.mp4"), content, CLERK)
        await nodes.rig.settle()
        away = await refused(nodes[CITY].attachment(digest, str(case)))
        assert (away.kind, away.code) == (Kind.UNAVAILABLE, "neighbour_away")
        await nodes.linked(TOWNSHIP)
        await nodes.linked(COUNTY)
        pulled = await nodes[CITY].attachment(digest, str(case))
        assert (pulled.content == content, pulled.media_type) == (True, "video/mp4")
        await nodes.doors[COUNTY].close()
        assert (await nodes[CITY].attachment(digest)).content == content
        unknown = await refused(nodes[CITY].attachment("0" * 64, str(case)))
        assert (unknown.kind, unknown.code) == (Kind.NOT_FOUND, "attachment_unknown")


async def test_the_edges_tell_how_they_stand(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        await held_by_the_city(nodes)
        await nodes.linked(TOWNSHIP)
        status = await nodes[COUNTY].status()
        assert (status.centre, status.release) == (COUNTY, "test")
        edges = {edge.neighbour: edge for edge in status.edges}
        assert set(edges) == {CITY, TOWNSHIP}
        assert (edges[TOWNSHIP].link_up, edges[CITY].link_up) == (True, False)
        assert edges[TOWNSHIP].received_seq == 1
        assert edges[CITY].acked_seq == 1
        assert (edges[TOWNSHIP].unpublished, edges[CITY].unpublished) == (0, 0)
        # The city has accepted and assigned, and nobody has carried its messages down.
        [down] = (await nodes[CITY].status()).edges
        assert (down.neighbour, down.unpublished, down.link_up) == (COUNTY, 2, False)
        assert down.oldest_age_seconds > 0


@pytest.mark.parametrize(
    "hello",
    [
        pb.LinkRequest(hello=pb.Hello(centre=CITY, parent=COUNTY, schema=SCHEMA)),
        pb.LinkRequest(hello=pb.Hello(centre=TOWNSHIP, parent=CITY, schema=SCHEMA)),
        pb.LinkRequest(hello=pb.Hello(centre="999999", parent=COUNTY, schema=SCHEMA)),
        pb.LinkRequest(receipt=pb.Receipt(received_seq=1)),
        pb.LinkRequest(),
    ],
)
async def test_a_link_is_refused_to_whoever_is_no_child(postgres: PostgresServer, hello: pb.LinkRequest) -> None:
    async def frames() -> AsyncIterator[pb.LinkRequest]:
        yield hello
        await asyncio.sleep(30)

    async with served(postgres) as nodes, grpc.aio.insecure_channel(nodes.doors[COUNTY].target) as channel:
        call = FederationServiceStub(channel).Link(frames())
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
        assert not nodes.doors[COUNTY].links.up(TOWNSHIP)


async def test_a_directive_goes_down_and_is_followed_to_its_end(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        county, township = nodes[COUNTY], nodes[TOWNSHIP]
        due = datetime.now(UTC) + timedelta(days=3)
        command = IssueDirective(new_id(), TOWNSHIP, "police", "清理铁轨", "三日内清理。", due, (new_id(),))
        issued = await county.issue(command, CLERK)
        assert (await county.issue(command, CLERK)).directive == issued.directive
        await nodes.rig.settle()
        await township.carry_out_directive(ReceiveDirective(command.directive_id, seen_version=1), CLERK)
        await township.carry_out_directive(ReportDirective(command.directive_id, "已清理"), CLERK)
        await nodes.rig.settle()
        await county.carry_out_directive(SendBackDirective(command.directive_id, "缺照片"), CLERK)
        await nodes.rig.settle()
        await township.carry_out_directive(ReportDirective(command.directive_id, "照片已补"), CLERK)
        await nodes.rig.settle()
        done = await county.carry_out_directive(ApproveDirective(command.directive_id), CLERK)
        await nodes.rig.settle()
        assert done.directive.state is DirectiveState.APPROVED
        view = await township.directive(issued.directive.number)
        assert view == await township.directive(str(command.directive_id))
        assert (view.file.directive, len(view.events)) == (done.directive, 6)
        assert [file.directive.id for file in (await county.directives("issued")).rows] == [command.directive_id]
        assert (await county.directives("received")).rows == ()
        assert (await county.directives(states=frozenset({DirectiveState.DONE}))).rows == ()


async def test_wrong_directives_are_refused(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        county, soon = nodes[COUNTY], datetime.now(UTC) + timedelta(days=1)
        past = IssueDirective(new_id(), TOWNSHIP, "", " ", "长" * 4001, datetime(2020, 1, 1, tzinfo=UTC))
        wrong = await refused(county.issue(past, CLERK))
        assert {violation.field for violation in wrong.violations} == {"title", "text", "due_at"}
        upward = IssueDirective(new_id(), CITY, "", "标题", "内容", soon)
        assert (await refused(county.issue(upward, CLERK))).code == "directive_not_child"
        nobody = IssueDirective(new_id(), TOWNSHIP, "nobody", "标题", "内容", soon)
        assert {violation.field for violation in (await refused(county.issue(nobody, CLERK))).violations} == {"unit"}
        unknown = await refused(county.carry_out_directive(ApproveDirective(new_id()), CLERK))
        assert (unknown.kind, unknown.code) == (Kind.NOT_FOUND, "directive_unknown")
        right = IssueDirective(new_id(), TOWNSHIP, "", "标题", "内容", soon)
        await county.issue(right, CLERK)
        early = await refused(county.carry_out_directive(ApproveDirective(right.directive_id), CLERK))
        assert (early.kind, early.code) == (Kind.STATE, "directive_state")
        assert (await refused(county.directives(token="nonsense"))).kind is Kind.INVALID
