"""The Links of a node: it dials its parent, its children dial it, and whoever has to reach a neighbour asks here.

A parent never dials, so a township behind a NAT needs no open port (DESIGN section 4). Each process of a centre dials
each process of its parent, so that whichever process somebody asks has a Link of its own. A Link that comes again takes
the place of the one before it on the same line (the same process on the other side), and of no other.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime

import grpc

from fengqiao.bus.link_session import Answerer, Frame, LinkSession, Sent
from fengqiao.domain.errors import Kind, Refusal, forbidden, unavailable
from fengqiao.handlers.context import Context
from fengqiao.handlers.inbox import TakenIn
from fengqiao.observe.logging import logger
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.proto.v1 import federation_service_pb2_grpc as pb_grpc
from fengqiao.wire.envelope import SCHEMA

GREETING_SECONDS = 30.0
REDIAL_FIRST_SECONDS = 0.2
REDIAL_LONGEST_SECONDS = 5.0
CHANNEL_OPTIONS = (
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_receive_message_length", 32 * 1024 * 1024),
    ("grpc.max_send_message_length", 32 * 1024 * 1024),
    # The channel's own back-off grows to two minutes; ours decides when to dial again.
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
)

_log = logger("bus.links")
AnySession = LinkSession[pb.LinkRequest] | LinkSession[pb.LinkResponse]


class Links:
    """The standing Links of one centre by neighbour."""

    def __init__(
        self,
        context: Context,
        release: str,
        answer: Answerer,
        taken_in: Callable[[TakenIn], None],
        heard: Callable[[str, int], None],
        received_seq: Callable[[str], int],
        replica: str = "",
    ) -> None:
        self._context = context
        self._release = release
        self._answer = answer
        self._taken_in = taken_in
        self._heard = heard
        self._received_seq = received_seq
        self._replica = replica
        self._sessions: dict[str, dict[str, AnySession]] = {}
        self.changed_at: datetime = context.clock()

    def session(self, neighbour: str) -> AnySession | None:
        """Give the newest standing Link to a neighbour, None when there is none."""
        return next(reversed(self._sessions.get(neighbour, {}).values()), None)

    def tell(self, neighbour: str, received_seq: int) -> bool:
        """Queue a receipt for every process of a neighbour; False when it has to be told later, or by another way."""
        told = [session.tell(received_seq) for session in self._sessions.get(neighbour, {}).values()]
        return bool(told) and all(told)

    def up(self, neighbour: str) -> bool:
        """Tell whether the Link to a neighbour stands."""
        return bool(self._sessions.get(neighbour))

    def refresh_gauges(self) -> None:
        """Say of every neighbour whether its Link stands, of those too that never had one since the start."""
        for neighbour in self._context.topology.neighbours(self._context.centre.code):
            self._tell(neighbour)

    async def ask(self, neighbour: str, question: pb.Question, timeout_seconds: float) -> pb.Answer:
        """Ask a neighbour over its Link; raises UNAVAILABLE neighbour_away."""
        session = self.session(neighbour)
        if session is None:
            raise unavailable("neighbour_away", centre=self._context.topology.centre(neighbour).name)
        return await session.ask(question, timeout_seconds)

    async def dial(self, target: str, stopping: asyncio.Event) -> None:
        """Keep the Link to the parent standing until told to stop; dials again with back-off."""
        failures = 0
        while not stopping.is_set():
            try:
                stood, outcome = await self._dial_once(target), "done"
            except Exception:  # a fault of ours in one message must not end the dialling: there would be no Link again
                stood, outcome = False, "failed"
                _log.exception("link failed", centre=self._context.centre.code)
            self._context.metrics.count("fengqiao_loop_turns_total", "link", outcome)
            failures = 0 if stood else failures + 1
            pause = min(REDIAL_LONGEST_SECONDS, REDIAL_FIRST_SECONDS * (1 << min(failures, 6)))
            # The random part keeps all children of a restarted parent from dialling in the same instant.
            pause *= random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), pause)

    async def serve(self, requests: AsyncIterator[pb.LinkRequest]) -> AsyncIterator[pb.LinkResponse]:
        """Serve the Link that a child dialled: greet it, then send and take in until it ends.

        Raises FORBIDDEN message_sender when the caller is no child of this centre.
        """
        hello = await self._hello(requests)
        session = self._made(hello.centre, pb.LinkResponse)
        yield pb.LinkResponse(
            welcome=pb.Welcome(
                centre=self._context.centre.code,
                received_seq=self._received_seq(hello.centre),
                schema=SCHEMA,
                release=self._release,
            )
        )
        reading = asyncio.create_task(self._stood(session, hello.replica, requests, hello.received_seq))
        try:
            async for frame in session.outgoing():
                yield frame
        finally:
            session.close()
            reading.cancel()

    def close(self) -> None:
        """End all Links."""
        for session in [one for lines in self._sessions.values() for one in lines.values()]:
            session.close()

    def _tell(self, neighbour: str) -> None:
        direction = "up" if neighbour == self._context.centre.parent else "down"
        self._context.metrics.set("fengqiao_link_up", float(self.up(neighbour)), neighbour, direction)

    async def _dial_once(self, target: str) -> bool:
        parent = self._context.centre.parent
        if parent is None:
            raise Refusal(Kind.FORBIDDEN, "offer_no_parent")
        session = self._made(parent, pb.LinkRequest)
        async with grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS) as channel:
            call = pb_grpc.FederationServiceStub(channel).Link(self._requests(parent, session))
            try:
                async with asyncio.timeout(GREETING_SECONDS):
                    first = await call.read()
                if not isinstance(first, pb.LinkResponse) or first.WhichOneof("frame") != "welcome":
                    return False
                await self._stood(session, target, _frames(call), first.welcome.received_seq)
            except (grpc.aio.AioRpcError, TimeoutError, asyncio.InvalidStateError) as trouble:
                code = trouble.code().name if isinstance(trouble, grpc.aio.AioRpcError) else type(trouble).__name__
                _log.info("no link to the parent", centre=self._context.centre.code, reason=code)
                return False
            finally:
                session.close()
                call.cancel()
        return True

    async def _requests(self, parent: str, session: LinkSession[pb.LinkRequest]) -> AsyncIterator[pb.LinkRequest]:
        yield pb.LinkRequest(
            hello=pb.Hello(
                centre=self._context.centre.code,
                parent=parent,
                received_seq=self._received_seq(parent),
                schema=SCHEMA,
                release=self._release,
                replica=self._replica,
            )
        )
        async for frame in session.outgoing():
            yield frame

    async def _hello(self, requests: AsyncIterator[pb.LinkRequest]) -> pb.Hello:
        try:
            async with asyncio.timeout(GREETING_SECONDS):
                first = await anext(requests, None)
        except TimeoutError as silence:
            raise Refusal(Kind.DEADLINE, "deadline_passed") from silence
        hello = first.hello if first is not None and first.WhichOneof("frame") == "hello" else pb.Hello()
        here = self._context.centre.code
        if hello.parent != here or hello.centre not in self._context.topology.children(here):
            raise forbidden("message_sender", sender=hello.centre or "?")
        return hello

    def _made(self, neighbour: str, wrap: type[Sent]) -> LinkSession[Sent]:
        return LinkSession(self._context, neighbour, wrap, self._answer, self._taken_in, self._heard)

    async def _stood(self, session: AnySession, line: str, incoming: AsyncIterator[Frame], receipt: int) -> None:
        lines = self._sessions.setdefault(session.neighbour, {})
        before = lines.pop(line, None)
        lines[line] = session
        self.changed_at = self._context.clock()
        self._tell(session.neighbour)
        if before is not None:
            before.close()
        self._heard(session.neighbour, receipt)
        try:
            await session.run(incoming)
        except (grpc.aio.AioRpcError, TimeoutError):
            return
        except Exception:  # whatever one message has done, the neighbour dials again and sends it again
            _log.exception("link ended", neighbour=session.neighbour)
        finally:
            if lines.get(line) is session:
                del lines[line]
            if not lines:
                self.changed_at = self._context.clock()
                self._tell(session.neighbour)


async def _frames(call: "grpc.aio.StreamStreamCall[pb.LinkRequest, pb.LinkResponse]") -> AsyncIterator[pb.LinkResponse]:
    # A call that was read from once can't be iterated over any more, so it is read to its end.
    while isinstance(frame := await call.read(), pb.LinkResponse):
        yield frame
