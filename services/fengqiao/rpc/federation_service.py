"""FederationService: the Link from a child, tracing, attachments, and how the edges stand (DESIGN section 4)."""

from collections.abc import AsyncIterator

from fengqiao.handlers.context import Context
from fengqiao.insight.federation import edge_status
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.proto.v1 import federation_service_pb2_grpc
from fengqiao.rpc.attachments import PIECE_BYTES, Puller, pieces
from fengqiao.rpc.interceptors import ServerCall, time_left
from fengqiao.rpc.neighbours import Neighbours
from fengqiao.rpc.search import Searcher, found_to_wire, read_wanted
from fengqiao.rpc.trace import Tracer

TRACE_SECONDS = 5.0
"""How long a trace or a search may take when the caller names no deadline."""


class FederationService(federation_service_pb2_grpc.FederationServiceServicer):
    """The servicer of one centre."""

    def __init__(self, context: Context, neighbours: Neighbours, release: str) -> None:
        self._context = context
        self._neighbours = neighbours
        self._release = release
        self._tracer = Tracer(context, neighbours)
        self._puller = Puller(context, neighbours)
        self._searcher = Searcher(context, neighbours)

    def Link(
        self, request_iterator: AsyncIterator[pb.LinkRequest], context: ServerCall
    ) -> AsyncIterator[pb.LinkResponse]:
        """Serve the standing stream of a child."""
        return self._neighbours.serve(request_iterator)

    async def TraceCase(self, request: pb.TraceCaseRequest, context: ServerCall) -> pb.TraceCaseResponse:
        """Follow a case to its holder."""
        remaining = time_left(context)
        seconds = TRACE_SECONDS if remaining is None else min(remaining, TRACE_SECONDS)
        return pb.TraceCaseResponse(trace=await self._tracer.trace(request.key, (), seconds))

    async def SearchCases(self, request: pb.SearchCasesRequest, context: ServerCall) -> pb.SearchCasesResponse:
        """Look for cases at all centres."""
        remaining = time_left(context)
        seconds = TRACE_SECONDS if remaining is None else min(remaining, TRACE_SECONDS)
        found = await self._searcher.search(read_wanted(request.wanted), (), seconds)
        return pb.SearchCasesResponse(found=found_to_wire(found))

    async def PullAttachment(
        self, request: pb.PullAttachmentRequest, context: ServerCall
    ) -> AsyncIterator[pb.PullAttachmentResponse]:
        """Give the content of an attachment in pieces."""
        found = await self._puller.pull(request.sha256, request.case_key)
        for offset in range(0, len(found.content), PIECE_BYTES):
            yield pb.PullAttachmentResponse(piece=pieces(found, offset, PIECE_BYTES))

    async def GetStatus(self, request: pb.GetStatusRequest, context: ServerCall) -> pb.GetStatusResponse:
        """Tell the figures of the edges."""
        edges = [
            pb.EdgeStatus(
                neighbour=edge.neighbour,
                sent_seq=edge.sent_seq,
                acked_seq=edge.acked_seq,
                received_seq=edge.received_seq,
                unpublished=edge.unpublished,
                oldest_age_seconds=edge.oldest_age_seconds,
                held=edge.held,
                link_up=self._neighbours.up(edge.neighbour),
            )
            for edge in await edge_status(self._context.database, self._context.clock())
        ]
        return pb.GetStatusResponse(centre=self._context.centre.code, release=self._release, edges=edges)
