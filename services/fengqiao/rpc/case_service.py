"""CaseService: the commands and queries on the cases of one centre, translated (DESIGN section 8, machines)."""

from collections.abc import AsyncIterator

from fengqiao.handlers import attachment
from fengqiao.handlers import case as cases
from fengqiao.handlers.context import Context
from fengqiao.insight.cases import PAGE_SIZE, case_counts, case_view, find_case, list_cases
from fengqiao.proto.v1 import case_pb2, case_service_pb2_grpc
from fengqiao.proto.v1 import case_service_pb2 as pb
from fengqiao.rpc.case_queries import case_view_to_wire, counts_to_wire, filter_from_wire
from fengqiao.rpc.case_watch import watch
from fengqiao.rpc.course_service import CourseRpcs, carried_out
from fengqiao.rpc.interceptors import ServerCall
from fengqiao.rpc.requests import actor_of
from fengqiao.wire.case import case_file_to_wire
from fengqiao.wire.case_command import CaseRequest, attach_from_wire, register_from_wire
from fengqiao.wire.fields import Fields


class CaseService(CourseRpcs, case_service_pb2_grpc.CaseServiceServicer):
    """The servicer of one centre."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def RegisterCase(self, request: pb.RegisterCaseRequest, context: ServerCall) -> pb.RegisterCaseResponse:
        """Take a case in."""
        fields = Fields()
        actor = actor_of(fields, request)
        command = register_from_wire(fields, request, self._context.new_id)
        fields.check()
        registered = await cases.register(self._context, command, actor)
        return pb.RegisterCaseResponse(file=case_file_to_wire(registered.file), new=registered.new)

    async def AssignCase(self, request: pb.AssignCaseRequest, context: ServerCall) -> pb.AssignCaseResponse:
        """Give the case to a unit."""
        return pb.AssignCaseResponse(file=await self._carry_out(request))

    async def AddNote(self, request: pb.AddNoteRequest, context: ServerCall) -> pb.AddNoteResponse:
        """Add a fact in words."""
        return pb.AddNoteResponse(file=await self._carry_out(request))

    async def AttachFile(self, request: pb.AttachFileRequest, context: ServerCall) -> pb.AttachFileResponse:
        """Add a file with its content."""
        fields = Fields()
        actor = actor_of(fields, request)
        command = attach_from_wire(fields, request)
        fields.check()
        attached = await attachment.attach(self._context, command, request.content, actor)
        return pb.AttachFileResponse(file=case_file_to_wire(attached.file), sha256=attached.sha256)

    async def OfferCase(self, request: pb.OfferCaseRequest, context: ServerCall) -> pb.OfferCaseResponse:
        """Offer the case to the parent or a child."""
        return pb.OfferCaseResponse(file=await self._carry_out(request))

    async def WithdrawOffer(self, request: pb.WithdrawOfferRequest, context: ServerCall) -> pb.WithdrawOfferResponse:
        """Ask for the open offer back."""
        return pb.WithdrawOfferResponse(file=await self._carry_out(request))

    async def AcceptOffer(self, request: pb.AcceptOfferRequest, context: ServerCall) -> pb.AcceptOfferResponse:
        """Accept the case that is offered."""
        return pb.AcceptOfferResponse(file=await self._carry_out(request))

    async def RefuseOffer(self, request: pb.RefuseOfferRequest, context: ServerCall) -> pb.RefuseOfferResponse:
        """Refuse the case that is offered."""
        return pb.RefuseOfferResponse(file=await self._carry_out(request))

    async def ResolveCase(self, request: pb.ResolveCaseRequest, context: ServerCall) -> pb.ResolveCaseResponse:
        """Close the case."""
        return pb.ResolveCaseResponse(file=await self._carry_out(request))

    async def GetCase(self, request: pb.GetCaseRequest, context: ServerCall) -> pb.GetCaseResponse:
        """Give one case with its journal."""
        database = self._context.database
        return case_view_to_wire(await case_view(database, await find_case(database, request.key)))

    async def ListCases(self, request: pb.ListCasesRequest, context: ServerCall) -> pb.ListCasesResponse:
        """List cases page by page."""
        fields = Fields()
        criteria = filter_from_wire(fields, request.filter)
        fields.check()
        size, order = request.page_size or PAGE_SIZE, request.order_by or "-updated_at"
        page = await list_cases(self._context.database, criteria, order, size, request.page_token)
        return pb.ListCasesResponse(
            files=[case_file_to_wire(file) for file in page.rows], next_page_token=page.next_token
        )

    async def CountCases(self, request: pb.CountCasesRequest, context: ServerCall) -> pb.CountCasesResponse:
        """Count the cases by role and state."""
        return counts_to_wire(await case_counts(self._context.database))

    def WatchCases(self, request: pb.WatchCasesRequest, context: ServerCall) -> AsyncIterator[pb.WatchCasesResponse]:
        """Tell of every change until the caller hangs up."""
        return watch(self._context, snapshot=request.snapshot)

    async def _carry_out(self, request: CaseRequest) -> case_pb2.CaseFile:
        return await carried_out(self._context, request)
