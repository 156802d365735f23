"""The RPCs of the course of a case: each is the command of its name, translated; nothing is decided here."""

from typing import cast

from google.protobuf.message import Message

from fengqiao.handlers import case as cases
from fengqiao.handlers.context import Context
from fengqiao.proto.v1 import case_pb2
from fengqiao.proto.v1 import case_service_pb2 as pb
from fengqiao.rpc.interceptors import ServerCall
from fengqiao.rpc.requests import CommandRequest, actor_of
from fengqiao.wire.case import case_file_to_wire
from fengqiao.wire.case_command import command_from_wire
from fengqiao.wire.fields import Fields


async def carried_out(context: Context, request: Message) -> case_pb2.CaseFile:
    """Carry out the command of a request; gives the file as it is afterwards."""
    fields = Fields()
    actor = actor_of(fields, cast("CommandRequest", request))
    command = command_from_wire(fields, request, context.new_id)
    fields.check()
    return case_file_to_wire(await cases.carry_out(context, command, actor))


class CourseRpcs:
    """The part of CaseService between acceptance and the citizen's last word."""

    _context: Context

    async def AdmitCase(self, request: pb.AdmitCaseRequest, context: ServerCall) -> pb.AdmitCaseResponse:
        """Accept a registered case for handling."""
        return pb.AdmitCaseResponse(file=await carried_out(self._context, request))

    async def DeclineCase(self, request: pb.DeclineCaseRequest, context: ServerCall) -> pb.DeclineCaseResponse:
        """Decline a registered case."""
        return pb.DeclineCaseResponse(file=await carried_out(self._context, request))

    async def ClassifyCase(self, request: pb.ClassifyCaseRequest, context: ServerCall) -> pb.ClassifyCaseResponse:
        """Say which item of the catalogue the case is about; may be corrected."""
        return pb.ClassifyCaseResponse(file=await carried_out(self._context, request))

    async def GradeCase(self, request: pb.GradeCaseRequest, context: ServerCall) -> pb.GradeCaseResponse:
        """Say at which tier the case ought to be settled; may be corrected."""
        return pb.GradeCaseResponse(file=await carried_out(self._context, request))

    async def TransferCase(self, request: pb.TransferCaseRequest, context: ServerCall) -> pb.TransferCaseResponse:
        """Hand an assigned case to another unit of the centre, with a reason; the first receiver stays."""
        return pb.TransferCaseResponse(file=await carried_out(self._context, request))

    async def InvolveUnits(self, request: pb.InvolveUnitsRequest, context: ServerCall) -> pb.InvolveUnitsResponse:
        """Name the units that help; the lead stays with the assigned one. Nobody is named."""
        return pb.InvolveUnitsResponse(file=await carried_out(self._context, request))

    async def ReturnCase(self, request: pb.ReturnCaseRequest, context: ServerCall) -> pb.ReturnCaseResponse:
        """The assigned unit gives the case back, once within a centre, with a reason."""
        return pb.ReturnCaseResponse(file=await carried_out(self._context, request))

    async def ObjectToDispatch(
        self, request: pb.ObjectToDispatchRequest, context: ServerCall
    ) -> pb.ObjectToDispatchResponse:
        """After one return, a unit objects again."""
        return pb.ObjectToDispatchResponse(file=await carried_out(self._context, request))

    async def ArbitrateCase(self, request: pb.ArbitrateCaseRequest, context: ServerCall) -> pb.ArbitrateCaseResponse:
        """Decide finally which unit of the holding centre takes the case."""
        return pb.ArbitrateCaseResponse(file=await carried_out(self._context, request))

    async def SuspendCase(self, request: pb.SuspendCaseRequest, context: ServerCall) -> pb.SuspendCaseResponse:
        """Apply for the case to stand still."""
        return pb.SuspendCaseResponse(file=await carried_out(self._context, request))

    async def ExtendCase(self, request: pb.ExtendCaseRequest, context: ServerCall) -> pb.ExtendCaseResponse:
        """Apply for more time, once in the life of a case."""
        return pb.ExtendCaseResponse(file=await carried_out(self._context, request))

    async def ChallengeCase(self, request: pb.ChallengeCaseRequest, context: ServerCall) -> pb.ChallengeCaseResponse:
        """Propose that what is asked is unreasonable; another person has to confirm, and an explanation is owed."""
        return pb.ChallengeCaseResponse(file=await carried_out(self._context, request))

    async def ApproveApplication(
        self, request: pb.ApproveApplicationRequest, context: ServerCall
    ) -> pb.ApproveApplicationResponse:
        """Approve, as a second person, what was applied for."""
        return pb.ApproveApplicationResponse(file=await carried_out(self._context, request))

    async def DenyApplication(
        self, request: pb.DenyApplicationRequest, context: ServerCall
    ) -> pb.DenyApplicationResponse:
        """Deny, as a second person, what was applied for."""
        return pb.DenyApplicationResponse(file=await carried_out(self._context, request))

    async def ResumeCase(self, request: pb.ResumeCaseRequest, context: ServerCall) -> pb.ResumeCaseResponse:
        """End the suspension."""
        return pb.ResumeCaseResponse(file=await carried_out(self._context, request))

    async def SubmitResult(self, request: pb.SubmitResultRequest, context: ServerCall) -> pb.SubmitResultResponse:
        """Submit a result for sign-off, with evidence."""
        return pb.SubmitResultResponse(file=await carried_out(self._context, request))

    async def SignOffResult(self, request: pb.SignOffResultRequest, context: ServerCall) -> pb.SignOffResultResponse:
        """Sign the result off, as a second person."""
        return pb.SignOffResultResponse(file=await carried_out(self._context, request))

    async def SendBackResult(self, request: pb.SendBackResultRequest, context: ServerCall) -> pb.SendBackResultResponse:
        """Send the result back, as a second person, with a reason."""
        return pb.SendBackResultResponse(file=await carried_out(self._context, request))

    async def ReplyToCitizen(self, request: pb.ReplyToCitizenRequest, context: ServerCall) -> pb.ReplyToCitizenResponse:
        """Tell the citizen what was done."""
        return pb.ReplyToCitizenResponse(file=await carried_out(self._context, request))

    async def RevisitCitizen(self, request: pb.RevisitCitizenRequest, context: ServerCall) -> pb.RevisitCitizenResponse:
        """Record a re-visit."""
        return pb.RevisitCitizenResponse(file=await carried_out(self._context, request))

    async def EvaluateCase(self, request: pb.EvaluateCaseRequest, context: ServerCall) -> pb.EvaluateCaseResponse:
        """Record the citizen's judgement, once after each reply."""
        return pb.EvaluateCaseResponse(file=await carried_out(self._context, request))

    async def CloseCase(self, request: pb.CloseCaseRequest, context: ServerCall) -> pb.CloseCaseResponse:
        """Close the case by the kind of closing that was signed off."""
        return pb.CloseCaseResponse(file=await carried_out(self._context, request))

    async def ReopenCase(self, request: pb.ReopenCaseRequest, context: ServerCall) -> pb.ReopenCaseResponse:
        """Open the case again under the same number; after closing only within the window."""
        return pb.ReopenCaseResponse(file=await carried_out(self._context, request))

    async def RetractCase(self, request: pb.RetractCaseRequest, context: ServerCall) -> pb.RetractCaseResponse:
        """The citizen takes the case back; it closes as withdrawn."""
        return pb.RetractCaseResponse(file=await carried_out(self._context, request))

    async def MergeCase(self, request: pb.MergeCaseRequest, context: ServerCall) -> pb.MergeCaseResponse:
        """Let a duplicate follow another case, `lead`; both stay, and it can be undone."""
        return pb.MergeCaseResponse(file=await carried_out(self._context, request))

    async def UnmergeCase(self, request: pb.UnmergeCaseRequest, context: ServerCall) -> pb.UnmergeCaseResponse:
        """Let a merged case go its own way again."""
        return pb.UnmergeCaseResponse(file=await carried_out(self._context, request))
