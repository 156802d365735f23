"""The gRPC door itself: deadlines, limits, failures without stack traces, health, reflection, starting and stopping."""

import asyncio
from dataclasses import replace
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from fengqiao.domain.command import RegisterCase
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.handlers import case as handlers
from fengqiao.proto.v1 import case_service_pb2 as pb
from fengqiao.proto.v1.case_service_pb2_grpc import CaseServiceStub
from fengqiao.rpc.client import NodeClient
from fengqiao.rpc.errors import refuse
from fengqiao.rpc.interceptors import DoorLimits
from fengqiao.rpc.server import SERVICES, NodeServer, ServerSettings
from fengqiao.store.database import Database
from tests.containers import PostgresServer
from tests.node.rig import COUNTY, TOWNSHIP, bench, new_id
from tests.node.rpc_rig import Door, served, until

CLERK = "王敏"


class Gate:
    """Stands in for a handler that takes as long as the test wants."""

    def __init__(self) -> None:
        self.inside = 0
        self.cancelled = 0
        self.opened = asyncio.Event()

    async def __call__(self, *_: Any) -> Any:
        self.inside += 1
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        raise Refusal(Kind.NOT_FOUND, "case_unknown", {"case": "gate"})


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate()
    monkeypatch.setattr(handlers, "register", made)
    return made


def a_case() -> RegisterCase:
    return RegisterCase(new_id(), "路灯不亮", "村口路灯坏了。")


async def refused(call: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call  # type: ignore[misc]  # the coroutine of any client method
    return caught.value


async def test_a_call_without_a_deadline_is_given_one(postgres: PostgresServer, gate: Gate) -> None:
    async with (
        served(postgres, DoorLimits(deadline_cap_seconds=0.2)) as nodes,
        grpc.aio.insecure_channel(nodes.doors[TOWNSHIP].target) as channel,
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await CaseServiceStub(channel).RegisterCase(pb.RegisterCaseRequest(actor=CLERK, title="灯", text="坏"))
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert "nothing was changed" in (caught.value.details() or "")
        assert (gate.inside, gate.cancelled) == (1, 1)


async def test_a_deadline_that_passes_is_told_as_such(postgres: PostgresServer, gate: Gate) -> None:
    async with served(postgres, timeout_seconds=0.2) as nodes:
        refusal = await refused(nodes[TOWNSHIP].register(a_case(), CLERK))
        assert (refusal.kind, refusal.code) == (Kind.DEADLINE, "deadline_passed")
        await until(lambda: gate.cancelled == 1)


async def test_what_is_too_much_at_once_is_turned_away(postgres: PostgresServer, gate: Gate) -> None:
    async with served(postgres, DoorLimits(calls=2, streams=1)) as nodes:
        client = nodes[TOWNSHIP]
        waiting = [asyncio.create_task(refused(client.register(a_case(), CLERK))) for _ in range(2)]
        await until(lambda: gate.inside == 2)
        busy = await refused(client.register(a_case(), CLERK))
        assert (busy.kind, busy.code) == (Kind.UNAVAILABLE, "too_busy")
        gate.opened.set()
        assert [refusal.code for refusal in await asyncio.gather(*waiting)] == ["case_unknown"] * 2
        news = client.watch(snapshot=True)
        await anext(news)
        assert (await refused(anext(client.watch(snapshot=True)))).code == "too_busy"
        await news.aclose()


async def test_however_many_watch_a_child_finds_its_link(postgres: PostgresServer) -> None:
    async with served(postgres, DoorLimits(streams=1)) as nodes:
        news = nodes[COUNTY].watch(snapshot=True)
        await anext(news)
        assert (await refused(anext(nodes[COUNTY].watch(snapshot=True)))).code == "too_busy"
        await nodes.linked(TOWNSHIP)
        await news.aclose()


async def test_an_unexpected_failure_shows_a_trace_id_and_no_stack_trace(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise ZeroDivisionError("a secret of the inside")

    monkeypatch.setattr(handlers, "register", broken)
    async with served(postgres) as nodes, grpc.aio.insecure_channel(nodes.doors[TOWNSHIP].target) as channel:
        request = pb.RegisterCaseRequest(actor=CLERK, title="灯", text="坏")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await CaseServiceStub(channel).RegisterCase(request, timeout=10)
        assert caught.value.code() is grpc.StatusCode.INTERNAL
        seen = f"{caught.value.details()}{caught.value.trailing_metadata()}"
        assert "secret" not in seen
        assert "ZeroDivisionError" not in seen
        refusal = await refused(nodes[TOWNSHIP].register(a_case(), CLERK))
        assert refusal.code == "page_failed"
        assert len(refusal.params["trace"]) == 32
        text = nodes.rig[TOWNSHIP].metrics.text().decode()
        assert 'method="CaseService/RegisterCase"' in text
        assert 'code="INTERNAL"' in text


async def test_a_database_that_is_away_is_told_as_unavailable(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
        door = Door(replace(rig[TOWNSHIP], database=nowhere))
        await door.open()
        async with NodeClient(door.target) as client:
            refusal = await refused(client.counts())
        await door.close()
        assert refusal.kind is Kind.UNAVAILABLE


async def test_health_asks_the_node_each_time(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes, grpc.aio.insecure_channel(nodes.doors[TOWNSHIP].target) as channel:
        stub, door = health_pb2_grpc.HealthStub(channel), nodes.doors[TOWNSHIP]
        assert await nodes[TOWNSHIP].serving()
        watching = stub.Watch(health_pb2.HealthCheckRequest())
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.SERVING
        door.ready = False
        assert not await nodes[TOWNSHIP].serving()
        for service in SERVICES:
            answer = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
            assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert (await asyncio.wait_for(watching.read(), 10)).status == health_pb2.HealthCheckResponse.NOT_SERVING
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Check(health_pb2.HealthCheckRequest(service="nobody"), timeout=10)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
        watching.cancel()


async def test_reflection_names_the_services(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes, grpc.aio.insecure_channel(nodes.doors[TOWNSHIP].target) as channel:
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
        await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
        listed = await call.read()
        await call.done_writing()
        call.cancel()
        assert set(SERVICES) < {service.name for service in listed.list_services_response.service}


async def test_a_port_that_is_taken_is_named(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        first = nodes.doors[TOWNSHIP]
        second = NodeServer(
            first.context,
            first.links,
            release="test",
            ready=lambda: asyncio.sleep(0, result=True),
            settings=ServerSettings(port=first.server.port),
        )
        refusal = await refused(second.start())
        assert (refusal.code, refusal.params) == ("port_taken", {"port": str(first.server.port)})
        await second.stop(0)


async def test_stopping_finishes_the_calls_under_way_and_ends_the_streams(postgres: PostgresServer, gate: Gate) -> None:
    async with served(postgres) as nodes:
        client, door = nodes[TOWNSHIP], nodes.doors[TOWNSHIP]
        news = client.watch(snapshot=True)
        await anext(news)
        calling = asyncio.create_task(refused(client.register(a_case(), CLERK)))
        await until(lambda: gate.inside == 1)
        stopping = asyncio.create_task(door.server.stop(10))
        assert (await refused(anext(news))).kind is Kind.UNAVAILABLE
        gate.opened.set()
        assert (await calling).code == "case_unknown"
        await asyncio.wait_for(stopping, 5)
        assert (await refused(client.counts())).kind is Kind.UNAVAILABLE


async def test_stopping_cuts_what_does_not_end_in_time(postgres: PostgresServer, gate: Gate) -> None:
    async with served(postgres) as nodes:
        calling = asyncio.create_task(refused(nodes[TOWNSHIP].register(a_case(), CLERK)))
        await until(lambda: gate.inside == 1)
        await asyncio.wait_for(nodes.doors[TOWNSHIP].server.stop(0.2), 5)
        assert (await calling).kind is Kind.UNAVAILABLE
        await until(lambda: gate.cancelled == 1)


async def test_a_caller_who_has_gone_when_it_is_refused_is_a_call_that_was_cancelled() -> None:
    class Gone:
        async def abort(self, *_: object, **__: object) -> None:
            raise grpc.aio.InternalError("execute_batch")

    call: Any = Gone()
    with pytest.raises(asyncio.CancelledError):
        await refuse(call, Refusal(Kind.DEADLINE, "deadline_passed"))
