"""A rig for tests of the gRPC door: the centres of a bench, each with its server, joined by real Links."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from fengqiao.bus.links import Links
from fengqiao.handlers.context import Context
from fengqiao.handlers.inbox import TakenIn
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.rpc.answers import Answers
from fengqiao.rpc.attachments import Puller
from fengqiao.rpc.client import NodeClient
from fengqiao.rpc.interceptors import DoorLimits
from fengqiao.rpc.search import Searcher
from fengqiao.rpc.server import NodeServer, ServerSettings
from fengqiao.rpc.trace import Tracer
from tests.containers import PostgresServer
from tests.node.rig import Bench, bench

DEADLINE_SECONDS = 10.0


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so, which nobody tells of."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not true():  # noqa: ASYNC110 - that is the point
            await asyncio.sleep(0.01)


@dataclass
class Door:
    """One centre as its clients and neighbours see it."""

    context: Context
    limits: DoorLimits = field(default_factory=DoorLimits)
    ready: bool = True

    def __post_init__(self) -> None:
        self.received: list[TakenIn] = []
        self.links = Links(
            self.context, "test", self._answer, self.received.append, lambda _neighbour, _receipt: None, lambda _: 0
        )
        self.answers = Answers(
            Tracer(self.context, self.links),
            Puller(self.context, self.links),
            Searcher(self.context, self.links),
        )
        self.server = NodeServer(
            self.context,
            self.links,
            release="test",
            ready=self._ready,
            settings=ServerSettings(limits=self.limits),
        )
        self.stopping = asyncio.Event()
        self.target = ""
        self.dialling: asyncio.Task[None] | None = None

    async def _answer(self, asker: str, question: pb.Question) -> pb.Answer:
        return await self.answers.answer(asker, question)

    async def _ready(self) -> bool:
        return self.ready

    async def open(self) -> None:
        self.target = f"127.0.0.1:{await self.server.start()}"

    def dial(self, parent: "Door") -> None:
        """Dial the parent, as a node does when it starts."""
        self.dialling = asyncio.create_task(self.links.dial(parent.target, self.stopping))

    async def close(self) -> None:
        self.stopping.set()
        await self.server.stop(0.5)
        self.links.close()
        if self.dialling is not None:
            self.dialling.cancel()
            await asyncio.wait((self.dialling,), timeout=5)


@dataclass
class Served:
    """All doors of a bench, and a client for each."""

    rig: Bench
    doors: dict[str, Door]
    clients: dict[str, NodeClient]

    def __getitem__(self, code: str) -> NodeClient:
        return self.clients[code]

    async def linked(self, child: str) -> None:
        """Dial the parent of a centre and wait until both sides have the Link."""
        parent = self.rig.topology.parent(child)
        assert parent is not None
        self.doors[child].dial(self.doors[parent])
        await until(lambda: self.doors[child].links.up(parent) and self.doors[parent].links.up(child))


@asynccontextmanager
async def served(
    postgres: PostgresServer, limits: DoorLimits | None = None, timeout_seconds: float = DEADLINE_SECONDS
) -> AsyncIterator[Served]:
    """Serve every centre of a bench on a free port."""
    async with bench(postgres) as rig, AsyncExitStack() as stack:
        found = Served(rig, {}, {})
        for code, context in rig.contexts.items():
            door = Door(context, limits or DoorLimits())
            await door.open()
            stack.push_async_callback(door.close)
            found.doors[code] = door
            found.clients[code] = await stack.enter_async_context(
                NodeClient(door.target, timeout_seconds=timeout_seconds)
            )
        yield found
