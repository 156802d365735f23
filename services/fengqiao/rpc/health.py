"""gRPC health (grpc.health.v1) that asks the node each time instead of remembering what somebody once set."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from fengqiao.rpc.interceptors import ServerCall

POLL_SECONDS = 2.0
Ready = Callable[[], Awaitable[bool]]
"""Tells whether the node can do its work now."""


class HealthService(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # generated without stubs
    """Answers for the whole server (the empty name) and for each of its services alike."""

    def __init__(self, ready: Ready, services: frozenset[str]) -> None:
        self._ready = ready
        self._services = services | {""}

    async def Check(
        self, request: health_pb2.HealthCheckRequest, context: ServerCall
    ) -> health_pb2.HealthCheckResponse:
        """Answer once; NOT_FOUND for a service that is not here."""
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
        return await self._response()

    async def Watch(
        self, request: health_pb2.HealthCheckRequest, context: ServerCall
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        """Answer now and whenever it changes."""
        if request.service not in self._services:
            yield health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
            return
        told = None
        while True:
            response = await self._response()
            if response != told:
                told = response
                yield response
            await asyncio.sleep(POLL_SECONDS)

    async def _response(self) -> health_pb2.HealthCheckResponse:
        serving = await self._ready()
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        return health_pb2.HealthCheckResponse(status=status)
