"""DirectiveService: the commands and queries on the directives of one centre, translated (F39)."""

from fengqiao.handlers import directive as directives
from fengqiao.handlers.context import Context
from fengqiao.insight.directives import DirectiveFilter, directive_view, find_directive, list_directives
from fengqiao.proto.v1 import directive_pb2, directive_service_pb2_grpc
from fengqiao.proto.v1 import directive_service_pb2 as pb
from fengqiao.rpc.directive_queries import directive_view_to_wire, side_from_wire
from fengqiao.rpc.interceptors import ServerCall
from fengqiao.rpc.requests import actor_of
from fengqiao.wire.directive import DIRECTIVE_STATES, directive_file_to_wire
from fengqiao.wire.directive_command import DirectiveRequest, directive_command_from_wire, issue_from_wire
from fengqiao.wire.fields import Fields

PAGE_SIZE = 50


class DirectiveService(directive_service_pb2_grpc.DirectiveServiceServicer):
    """The servicer of one centre."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def IssueDirective(self, request: pb.IssueDirectiveRequest, context: ServerCall) -> pb.IssueDirectiveResponse:
        """Issue a directive to a child centre."""
        fields = Fields()
        actor = actor_of(fields, request)
        command = issue_from_wire(fields, request, self._context.new_id)
        fields.check()
        file = await directives.issue(self._context, command, actor)
        return pb.IssueDirectiveResponse(file=directive_file_to_wire(file, self._context.centre.code))

    async def ReceiveDirective(
        self, request: pb.ReceiveDirectiveRequest, context: ServerCall
    ) -> pb.ReceiveDirectiveResponse:
        """Sign for a directive."""
        return pb.ReceiveDirectiveResponse(file=await self._carry_out(request))

    async def ReportDirective(
        self, request: pb.ReportDirectiveRequest, context: ServerCall
    ) -> pb.ReportDirectiveResponse:
        """Report that it is carried out."""
        return pb.ReportDirectiveResponse(file=await self._carry_out(request))

    async def ApproveDirective(
        self, request: pb.ApproveDirectiveRequest, context: ServerCall
    ) -> pb.ApproveDirectiveResponse:
        """Approve the report."""
        return pb.ApproveDirectiveResponse(file=await self._carry_out(request))

    async def SendBackDirective(
        self, request: pb.SendBackDirectiveRequest, context: ServerCall
    ) -> pb.SendBackDirectiveResponse:
        """Send the report back."""
        return pb.SendBackDirectiveResponse(file=await self._carry_out(request))

    async def GetDirective(self, request: pb.GetDirectiveRequest, context: ServerCall) -> pb.GetDirectiveResponse:
        """Give one directive with its journal."""
        database = self._context.database
        view = await directive_view(database, await find_directive(database, request.key))
        return directive_view_to_wire(view, self._context.centre.code)

    async def ListDirectives(self, request: pb.ListDirectivesRequest, context: ServerCall) -> pb.ListDirectivesResponse:
        """List directives page by page."""
        fields, centre = Fields(), self._context.centre.code
        states = frozenset(fields.value("states", DIRECTIVE_STATES, state) for state in request.states)
        fields.check()
        criteria = DirectiveFilter(centre, side_from_wire(request.side), states)
        size = request.page_size or PAGE_SIZE
        page = await list_directives(self._context.database, criteria, size, request.page_token)
        return pb.ListDirectivesResponse(
            files=[directive_file_to_wire(file, centre) for file in page.rows], next_page_token=page.next_token
        )

    async def _carry_out(self, request: DirectiveRequest) -> directive_pb2.DirectiveFile:
        fields = Fields()
        actor = actor_of(fields, request)
        command = directive_command_from_wire(fields, request)
        fields.check()
        file = await directives.carry_out(self._context, command, actor)
        return directive_file_to_wire(file, self._context.centre.code)
