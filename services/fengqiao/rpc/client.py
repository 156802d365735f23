"""A client that speaks in values of the domain: for the command line, replays, the story and tests.

One long-lived channel, a deadline on every call; whatever fails is raised as a Refusal with its kind.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc

from fengqiao.domain.case import CaseFile
from fengqiao.domain.command import AttachFile, DirectiveCommand, IssueDirective, RegisterCase
from fengqiao.domain.directive import DirectiveFile, DirectiveState
from fengqiao.domain.edition import Book, Edition, EditionCommand
from fengqiao.domain.supervision_command import SupervisionCommand
from fengqiao.handlers.case import Registered
from fengqiao.insight.cases import CaseCounts, CaseFilter, CaseList, CaseView
from fengqiao.insight.directives import DirectiveList, DirectiveView
from fengqiao.observe.tracing import current_traceparent
from fengqiao.proto.v1 import case_service_pb2 as case_pb
from fengqiao.proto.v1 import (
    case_service_pb2_grpc,
    catalogue_service_pb2_grpc,
    directive_service_pb2_grpc,
    federation_service_pb2_grpc,
    supervision_service_pb2_grpc,
)
from fengqiao.proto.v1 import catalogue_service_pb2 as catalogue_pb
from fengqiao.proto.v1 import directive_service_pb2 as directive_pb
from fengqiao.proto.v1 import federation_service_pb2 as federation_pb
from fengqiao.proto.v1 import supervision_service_pb2 as supervision_pb
from fengqiao.rpc.case_queries import case_view_from_wire, counts_from_wire, filter_to_wire
from fengqiao.rpc.directive_queries import directive_view_from_wire, side_to_wire
from fengqiao.rpc.errors import refusal_from
from fengqiao.rpc.interceptors import TRACEPARENT
from fengqiao.store.attachments import Attachment
from fengqiao.wire.case import case_file_from_wire
from fengqiao.wire.case_command import PlainCommand, attach_to_wire, command_to_wire, register_to_wire
from fengqiao.wire.directive import DIRECTIVE_STATES, directive_file_from_wire
from fengqiao.wire.directive_command import directive_command_to_wire, issue_to_wire
from fengqiao.wire.edition import BOOKS, edition_from_wire
from fengqiao.wire.edition_command import edition_command_to_wire
from fengqiao.wire.supervision_command import supervision_command_to_wire

Answered = TypeVar("Answered")
MESSAGE_BYTES_LIMIT = 32 * 1024 * 1024
_OPTIONS = (
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # A node that was away is found again within seconds of its start, not within gRPC's two minutes.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.max_receive_message_length", MESSAGE_BYTES_LIMIT),
    ("grpc.max_send_message_length", MESSAGE_BYTES_LIMIT),
    # Two clients of one process to one node have a connection each, as two processes would.
    ("grpc.use_local_subchannel_pool", 1),
)


class NodeClient:
    """A client of one node; `target` is `host:port`, and each call has `timeout_seconds`."""

    def __init__(
        self, target: str, *, timeout_seconds: float = 10.0, credentials: grpc.ChannelCredentials | None = None
    ) -> None:
        self._target = target
        self._timeout_seconds = timeout_seconds
        if credentials is None:
            self._channel = grpc.aio.insecure_channel(target, options=_OPTIONS)
        else:
            self._channel = grpc.aio.secure_channel(target, credentials, options=_OPTIONS)
        self._cases = case_service_pb2_grpc.CaseServiceStub(self._channel)
        self._catalogue = catalogue_service_pb2_grpc.CatalogueServiceStub(self._channel)
        self._directives = directive_service_pb2_grpc.DirectiveServiceStub(self._channel)
        self._supervision = supervision_service_pb2_grpc.SupervisionServiceStub(self._channel)
        self._federation = federation_service_pb2_grpc.FederationServiceStub(self._channel)
        self._health = health_pb2_grpc.HealthStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the channel; calls under way are cancelled."""
        await self._channel.close()

    # --- cases -------------------------------------------------------------------------------------------------------

    async def register(self, command: RegisterCase, actor: str, at: datetime | None = None) -> Registered:
        """Take a case in; `at` is the recorded time of imported work."""
        response = await self._call(self._cases.RegisterCase, register_to_wire(command, actor, at))
        return Registered(case_file_from_wire(response.file), response.new)

    async def carry_out(self, command: PlainCommand, actor: str, at: datetime | None = None) -> CaseFile:
        """Carry out a command on a case that exists; every one has the RPC of its name."""
        method = getattr(self._cases, type(command).__name__)
        response = await self._call(method, command_to_wire(command, actor, at))
        return case_file_from_wire(response.file)

    async def supervise(self, command: SupervisionCommand, actor: str, at: datetime | None = None) -> CaseFile:
        """Carry out a command of supervision; every one has the RPC of its name."""
        method = getattr(self._supervision, type(command).__name__)
        response = await self._call(method, supervision_command_to_wire(command, actor, at))
        return case_file_from_wire(response.file)

    async def supervision_orders(self, level: int = 0) -> supervision_pb.ListOrdersResponse:
        """List the open orders of supervision, of one level or of all."""
        found: supervision_pb.ListOrdersResponse = await self._call(
            self._supervision.ListOrders, supervision_pb.ListOrdersRequest(level=level)
        )
        return found

    async def ledger(self) -> supervision_pb.GetLedgerResponse:
        """Give the ledger of points of the last 90 days."""
        found: supervision_pb.GetLedgerResponse = await self._call(
            self._supervision.GetLedger, supervision_pb.GetLedgerRequest()
        )
        return found

    async def attach(
        self, command: AttachFile, content: bytes, actor: str, at: datetime | None = None
    ) -> tuple[CaseFile, str]:
        """Add a file with its content; gives the case file and the hash by which the content can be pulled."""
        response = await self._call(self._cases.AttachFile, attach_to_wire(command, content, actor, at))
        return case_file_from_wire(response.file), response.sha256

    async def case(self, key: str) -> CaseView:
        """Give one case by its id or number, with its journal."""
        return case_view_from_wire(await self._call(self._cases.GetCase, case_pb.GetCaseRequest(key=key)))

    async def cases(
        self, criteria: CaseFilter | None = None, order: str = "-updated_at", size: int = 50, token: str = ""
    ) -> CaseList:
        """Give one page of cases."""
        request = case_pb.ListCasesRequest(
            filter=filter_to_wire(criteria or CaseFilter()), order_by=order, page_size=size, page_token=token
        )
        response = await self._call(self._cases.ListCases, request)
        return CaseList(tuple(case_file_from_wire(file) for file in response.files), response.next_page_token)

    async def counts(self) -> CaseCounts:
        """Count the cases by role and state."""
        return counts_from_wire(await self._call(self._cases.CountCases, case_pb.CountCasesRequest()))

    async def watch(self, *, snapshot: bool = False) -> AsyncGenerator[case_pb.WatchCasesResponse, None]:
        """Give the changes as they happen, until the caller stops or the node ends (UNAVAILABLE)."""
        call = self._cases.WatchCases(case_pb.WatchCasesRequest(snapshot=snapshot), metadata=_metadata())
        with self._refusing():
            try:
                async for news in call:
                    yield news
            finally:
                call.cancel()

    # --- directives --------------------------------------------------------------------------------------------------

    async def issue(self, command: IssueDirective, actor: str, at: datetime | None = None) -> DirectiveFile:
        """Issue a directive to a child centre."""
        response = await self._call(self._directives.IssueDirective, issue_to_wire(command, actor, at))
        return directive_file_from_wire(response.file)

    async def carry_out_directive(
        self, command: DirectiveCommand, actor: str, at: datetime | None = None
    ) -> DirectiveFile:
        """Carry out a command on a directive that exists; every one has the RPC of its name."""
        method = getattr(self._directives, type(command).__name__)
        response = await self._call(method, directive_command_to_wire(command, actor, at))
        return directive_file_from_wire(response.file)

    async def directive(self, key: str) -> DirectiveView:
        """Give one directive by its id or number, with its journal."""
        request = directive_pb.GetDirectiveRequest(key=key)
        return directive_view_from_wire(await self._call(self._directives.GetDirective, request))

    async def directives(
        self, side: str = "all", states: frozenset[DirectiveState] = frozenset(), size: int = 50, token: str = ""
    ) -> DirectiveList:
        """Give one page of directives."""
        request = directive_pb.ListDirectivesRequest(
            side=side_to_wire(side),
            states=[DIRECTIVE_STATES.number[state] for state in states],
            page_size=size,
            page_token=token,
        )
        response = await self._call(self._directives.ListDirectives, request)
        files = tuple(directive_file_from_wire(file) for file in response.files)
        return DirectiveList(files, response.next_page_token)

    # --- books -------------------------------------------------------------------------------------------------------

    async def carry_out_edition(self, command: EditionCommand, actor: str) -> Edition:
        """Carry out a command on a book; every one has the RPC of its name."""
        method = getattr(self._catalogue, type(command).__name__)
        response = await self._call(method, edition_command_to_wire(command, actor))
        return edition_from_wire(response.edition)

    async def edition(self, book: Book, number: int = 0, *, draft: bool = False) -> Edition:
        """Give an edition: by its number, the draft, or what is in force."""
        request = catalogue_pb.GetEditionRequest(book=BOOKS.number[book], number=number, draft=draft)
        return edition_from_wire((await self._call(self._catalogue.GetEdition, request)).edition)

    async def editions(self, book: Book) -> tuple[Edition, ...]:
        """List the editions of a book without their rows, newest first."""
        request = catalogue_pb.ListEditionsRequest(book=BOOKS.number[book])
        response = await self._call(self._catalogue.ListEditions, request)
        return tuple(map(edition_from_wire, response.editions))

    async def differences(
        self, book: Book, number: int = 0, *, draft: bool = False
    ) -> catalogue_pb.GetDifferencesResponse:
        """Say what an edition changed, and of a draft what is wrong."""
        request = catalogue_pb.GetDifferencesRequest(book=BOOKS.number[book], number=number, draft=draft)
        return await self._call(self._catalogue.GetDifferences, request)

    async def routing_trial(self, cases: int = 0, *, draft: bool = False) -> catalogue_pb.GetRoutingTrialResponse:
        """Run the routing rules in force, or the draft, over past cases."""
        request = catalogue_pb.GetRoutingTrialRequest(draft=draft, cases=cases)
        return await self._call(self._catalogue.GetRoutingTrial, request)

    # --- federation --------------------------------------------------------------------------------------------------

    async def trace(self, key: str) -> federation_pb.Trace:
        """Follow a case to its holder; `partial` says that the way could not be gone to its end."""
        request = federation_pb.TraceCaseRequest(key=key)
        return (await self._call(self._federation.TraceCase, request)).trace

    async def attachment(self, sha256: str, case_key: str = "") -> Attachment:
        """Give the content of an attachment, fetched by the node when another centre has it."""
        request = federation_pb.PullAttachmentRequest(sha256=sha256, case_key=case_key)
        call = self._federation.PullAttachment(request, timeout=self._timeout_seconds, metadata=_metadata())
        gathered, media_type = bytearray(), ""
        with self._refusing():
            async for response in call:
                gathered += response.piece.content
                media_type = response.piece.media_type
        return Attachment(sha256, media_type, bytes(gathered))

    async def status(self) -> federation_pb.GetStatusResponse:
        """Tell how the edges of the node stand."""
        return await self._call(self._federation.GetStatus, federation_pb.GetStatusRequest())

    async def serving(self) -> bool:
        """Tell whether the node says that it can do its work."""
        response = await self._call(self._health.Check, health_pb2.HealthCheckRequest())
        return bool(response.status == health_pb2.HealthCheckResponse.SERVING)

    async def _call(self, method: "grpc.aio.UnaryUnaryMultiCallable[Any, Answered]", request: Message) -> Answered:
        with self._refusing():
            return await method(request, timeout=self._timeout_seconds, metadata=_metadata())

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except grpc.aio.AioRpcError as error:
            raise refusal_from(error, self._target) from error


def _metadata() -> tuple[tuple[str, str], ...]:
    traceparent = current_traceparent()
    return ((TRACEPARENT, traceparent),) if traceparent else ()
