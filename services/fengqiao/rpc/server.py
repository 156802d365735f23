"""The gRPC server of one node: the services, health, reflection, and a stop that finishes what is under way."""

from dataclasses import dataclass, field

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.handlers.context import Context
from fengqiao.proto.v1 import (
    case_service_pb2,
    case_service_pb2_grpc,
    catalogue_service_pb2,
    catalogue_service_pb2_grpc,
    directive_service_pb2,
    directive_service_pb2_grpc,
    federation_service_pb2,
    federation_service_pb2_grpc,
    supervision_service_pb2,
    supervision_service_pb2_grpc,
)
from fengqiao.rpc.case_service import CaseService
from fengqiao.rpc.catalogue_service import CatalogueService
from fengqiao.rpc.directive_service import DirectiveService
from fengqiao.rpc.federation_service import FederationService
from fengqiao.rpc.health import HealthService, Ready
from fengqiao.rpc.interceptors import Door, DoorLimits
from fengqiao.rpc.neighbours import Neighbours
from fengqiao.rpc.supervision_service import SupervisionService

MESSAGE_BYTES_LIMIT = 32 * 1024 * 1024
"""An attachment of 20 MiB fits in one request; a Link frame of envelopes stays far below."""

SERVICES = (
    case_service_pb2.DESCRIPTOR.services_by_name["CaseService"].full_name,
    catalogue_service_pb2.DESCRIPTOR.services_by_name["CatalogueService"].full_name,
    directive_service_pb2.DESCRIPTOR.services_by_name["DirectiveService"].full_name,
    federation_service_pb2.DESCRIPTOR.services_by_name["FederationService"].full_name,
    supervision_service_pb2.DESCRIPTOR.services_by_name["SupervisionService"].full_name,
)

_OPTIONS = (
    # A port that somebody else has is an error here, not something to share.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", MESSAGE_BYTES_LIMIT),
    ("grpc.max_send_message_length", MESSAGE_BYTES_LIMIT),
    # A line that is dead is found within half a minute, and a caller may ask as often as our own clients do.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.http2.max_ping_strikes", 0),
)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where to listen (port 0: any free one), with which credentials (None: none, for loopback), how much at once."""

    host: str = "127.0.0.1"
    port: int = 0
    credentials: grpc.ServerCredentials | None = None
    limits: DoorLimits = field(default_factory=DoorLimits)


class NodeServer:
    """The server of one centre; made and started inside the event loop that serves it."""

    def __init__(
        self, context: Context, neighbours: Neighbours, *, release: str, ready: Ready, settings: ServerSettings
    ) -> None:
        self._settings = settings
        self._door = Door(context.centre.code, context.metrics, settings.limits)
        self._server = grpc.aio.server(interceptors=(self._door,), options=_OPTIONS)
        case_service_pb2_grpc.add_CaseServiceServicer_to_server(CaseService(context), self._server)
        catalogue_service_pb2_grpc.add_CatalogueServiceServicer_to_server(CatalogueService(context), self._server)
        directive_service_pb2_grpc.add_DirectiveServiceServicer_to_server(DirectiveService(context), self._server)
        supervision_service_pb2_grpc.add_SupervisionServiceServicer_to_server(SupervisionService(context), self._server)
        federation_service_pb2_grpc.add_FederationServiceServicer_to_server(
            FederationService(context, neighbours, release), self._server
        )
        health_pb2_grpc.add_HealthServicer_to_server(HealthService(ready, frozenset(SERVICES)), self._server)
        health_name = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
        reflection.enable_server_reflection((*SERVICES, health_name, reflection.SERVICE_NAME), self._server)
        self.port = 0

    async def start(self) -> int:
        """Listen and serve; gives the port. Raises UNAVAILABLE port_taken."""
        address = f"{self._settings.host}:{self._settings.port}"
        try:
            if self._settings.credentials is None:
                self.port = self._server.add_insecure_port(address)
            else:
                self.port = self._server.add_secure_port(address, self._settings.credentials)
        except RuntimeError as error:
            raise Refusal(Kind.UNAVAILABLE, "port_taken", {"port": str(self._settings.port)}) from error
        await self._server.start()
        return self.port

    async def stop(self, deadline_seconds: float) -> None:
        """Take no new calls, end the standing streams, finish the calls under way or cut them at the deadline."""
        self._door.end_streams()
        await self._server.stop(deadline_seconds)
