"""The door that every call passes: deadline, limits, trace, metrics, log, and what the caller hears when it fails."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc

from fengqiao.domain.errors import Kind, Refusal, unavailable
from fengqiao.observe.logging import logger
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.observe.tracing import traced
from fengqiao.rpc.errors import CODES, failure, refuse

ServerCall = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
TRACEPARENT = "traceparent"
LINK = "FederationService/Link"

_log = logger("rpc")


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """How much is let in at once, and for how long.

    `links` are counted by themselves: however many watch, no child is kept out.

    A call without a deadline gets the cap, a longer one is cut to it. Streams stand as long as their caller allows, and
    end when the server stops.
    """

    calls: int = 256
    streams: int = 256
    links: int = 256
    deadline_cap_seconds: float = 30.0


class Door(grpc.aio.ServerInterceptor):
    """Wraps every handler of one server."""

    def __init__(self, centre: str, metrics: NodeMetrics, limits: DoorLimits) -> None:
        self._centre = centre
        self._metrics = metrics
        self._limits = limits
        self._calls = 0
        self._streams: set[asyncio.Task[Any]] = set()
        self._links: set[asyncio.Task[Any]] = set()
        self._closing = False
        self._wrapped: dict[str, Handler] = {}

    async def intercept_service(self, continuation: Any, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Give the wrapped handler of a method; None when there is no such method."""
        method = handler_call_details.method
        if method not in self._wrapped:
            handler = await continuation(handler_call_details)
            if handler is None:
                return None
            self._wrapped[method] = self._wrap(_short(method), handler)
        return self._wrapped[method]

    def end_streams(self) -> None:
        """End the standing streams, so that a stopping server need not wait; their callers hear UNAVAILABLE."""
        self._closing = True
        for task in self._streams | self._links:
            task.cancel()

    def _ending(self) -> bool:
        return self._closing

    def _wrap(self, name: str, handler: Handler) -> Handler:
        coders = handler.request_deserializer, handler.response_serializer
        if handler.unary_unary:
            return grpc.unary_unary_rpc_method_handler(self._call(name, handler.unary_unary), *coders)
        if handler.unary_stream:
            return grpc.unary_stream_rpc_method_handler(self._stream(name, handler.unary_stream), *coders)
        if handler.stream_stream:
            return grpc.stream_stream_rpc_method_handler(self._stream(name, handler.stream_stream), *coders)
        return grpc.stream_unary_rpc_method_handler(self._call(name, handler.stream_unary), *coders)

    def _call(self, name: str, behaviour: Any) -> Callable[[Any, ServerCall], Any]:
        async def answer(request: Any, call: ServerCall) -> Any:
            with traced(name, _traceparent(call)):
                async with self._passage(name, call):
                    if self._calls >= self._limits.calls:
                        raise unavailable("too_busy")
                    self._calls += 1
                    try:
                        return await self._in_time(behaviour(request, call), call)
                    finally:
                        self._calls -= 1

        return answer

    def _stream(self, name: str, behaviour: Any) -> Callable[[Any, ServerCall], AsyncIterator[Any]]:
        is_link = name == LINK
        standing, limit = (self._links, self._limits.links) if is_link else (self._streams, self._limits.streams)

        async def stream(request: Any, call: ServerCall) -> AsyncIterator[Any]:
            async with self._passage(name, call):
                if len(standing) >= limit or self._ending():
                    raise unavailable("too_busy")
                task = _this_task()
                standing.add(task)
                try:
                    async with aclosing(behaviour(request, call)) as items:
                        async for item in items:
                            yield item
                except asyncio.CancelledError as ended:
                    if not self._ending():
                        raise
                    task.uncancel()
                    raise unavailable("neighbour_away", centre=self._centre) from ended
                finally:
                    standing.discard(task)

        return stream

    async def _in_time(self, work: Any, call: ServerCall) -> Any:
        remaining, cap = time_left(call), self._limits.deadline_cap_seconds
        deadline = asyncio.timeout(cap if remaining is None else min(remaining, cap))
        try:
            async with deadline:
                return await work
        except TimeoutError as error:
            if deadline.expired():
                raise Refusal(Kind.DEADLINE, "deadline_passed") from error
            raise

    @asynccontextmanager
    async def _passage(self, name: str, call: ServerCall) -> AsyncIterator[None]:
        started, code = time.perf_counter(), grpc.StatusCode.OK
        try:
            yield
        except Refusal as refusal:
            code = CODES[refusal.kind]
            _log.info("refused", centre=self._centre, method=name, kind=refusal.kind.value, code=refusal.code)
            await refuse(call, refusal)
        except (asyncio.CancelledError, GeneratorExit):
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception:  # whatever it is, the caller hears a status and no stack trace
            code = grpc.StatusCode.INTERNAL
            await self._failed(name, call)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.observe("fengqiao_rpc_duration_seconds", seconds, name, code.name)
            _log.debug("call", centre=self._centre, method=name, status=code.name, seconds=round(seconds, 6))

    async def _failed(self, name: str, call: ServerCall) -> None:
        with traced(name) as trace_id:
            _log.exception("call failed", centre=self._centre, method=name, trace=trace_id)
            await refuse(call, failure(trace_id), grpc.StatusCode.INTERNAL)


def time_left(call: ServerCall) -> float | None:
    """Give the seconds that the caller still waits; None when it named no deadline (the stubs do not know of that)."""
    return call.time_remaining()


def _short(method: str) -> str:
    # "/fengqiao.proto.v1.CaseService/GetCase" is "CaseService/GetCase" in logs and labels.
    _, service, name = method.split("/")
    return f"{service.rpartition('.')[2]}/{name}"


def _traceparent(call: ServerCall) -> str:
    for key, value in call.invocation_metadata() or ():
        if key == TRACEPARENT and isinstance(value, str):
            return value
    return ""


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a call is served outside a task")
    return task
