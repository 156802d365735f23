"""SupervisionService: the commands and queries of supervision at one centre, translated (F13, F15, F20)."""

from typing import cast

from google.protobuf.message import Message

from fengqiao.domain.supervision_command import DeductPoints, GrantAccess, OpenOrder, SupervisionCommand
from fengqiao.handlers import supervision
from fengqiao.handlers.context import Context
from fengqiao.insight.supervision import ENTRIES, ROWS, Ledger, ledger
from fengqiao.proto.v1 import case_pb2, supervision_service_pb2_grpc
from fengqiao.proto.v1 import supervision_service_pb2 as pb
from fengqiao.rpc.interceptors import ServerCall
from fengqiao.rpc.requests import CommandRequest, actor_of
from fengqiao.store.points import LedgerLine
from fengqiao.store.supervision import OrderLine, open_orders
from fengqiao.wire.case import case_file_to_wire
from fengqiao.wire.fields import Fields
from fengqiao.wire.supervision_command import GROUNDS, OUTCOMES, STANDINGS, supervision_command_from_wire
from fengqiao.wire.value import stamp


class SupervisionService(supervision_service_pb2_grpc.SupervisionServiceServicer):
    """The servicer of one centre."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def RemindCase(self, request: pb.RemindCaseRequest, context: ServerCall) -> pb.RemindCaseResponse:
        """Remind the holder of a case."""
        file, _ = await self._carry_out(request)
        return pb.RemindCaseResponse(file=file)

    async def RecordCause(self, request: pb.RecordCauseRequest, context: ServerCall) -> pb.RecordCauseResponse:
        """Record why a matter came up."""
        file, _ = await self._carry_out(request)
        return pb.RecordCauseResponse(file=file)

    async def OpenOrder(self, request: pb.OpenOrderRequest, context: ServerCall) -> pb.OpenOrderResponse:
        """Open a supervision order."""
        file, command = await self._carry_out(request)
        return pb.OpenOrderResponse(file=file, order_id=str(cast("OpenOrder", command).order_id))

    async def ConcludeLevel(self, request: pb.ConcludeLevelRequest, context: ServerCall) -> pb.ConcludeLevelResponse:
        """Record the outcome of a level."""
        file, _ = await self._carry_out(request)
        return pb.ConcludeLevelResponse(file=file)

    async def RaiseOrder(self, request: pb.RaiseOrderRequest, context: ServerCall) -> pb.RaiseOrderResponse:
        """Take an order one level up."""
        file, _ = await self._carry_out(request)
        return pb.RaiseOrderResponse(file=file)

    async def GrantAccess(self, request: pb.GrantAccessRequest, context: ServerCall) -> pb.GrantAccessResponse:
        """Let an outside body read the case."""
        file, command = await self._carry_out(request)
        return pb.GrantAccessResponse(file=file, grant_id=str(cast("GrantAccess", command).grant_id))

    async def DeductPoints(self, request: pb.DeductPointsRequest, context: ServerCall) -> pb.DeductPointsResponse:
        """Deduct points by hand."""
        file, command = await self._carry_out(request)
        return pb.DeductPointsResponse(file=file, entry_id=str(cast("DeductPoints", command).entry_id))

    async def AppealPoints(self, request: pb.AppealPointsRequest, context: ServerCall) -> pb.AppealPointsResponse:
        """Appeal against an entry."""
        file, _ = await self._carry_out(request)
        return pb.AppealPointsResponse(file=file)

    async def DecideAppeal(self, request: pb.DecideAppealRequest, context: ServerCall) -> pb.DecideAppealResponse:
        """Decide an appeal."""
        file, _ = await self._carry_out(request)
        return pb.DecideAppealResponse(file=file)

    async def ListOrders(self, request: pb.ListOrdersRequest, context: ServerCall) -> pb.ListOrdersResponse:
        """List open orders."""
        fields = Fields()
        size = request.page_size or ROWS
        if not 1 <= size <= ENTRIES:
            fields.wrong("page_size", "page_size_wrong", value=str(size), limit=str(ENTRIES))
        fields.check()
        lines = await open_orders(self._context.database, size, request.level)
        return pb.ListOrdersResponse(orders=[_order(line) for line in lines])

    async def GetLedger(self, request: pb.GetLedgerRequest, context: ServerCall) -> pb.GetLedgerResponse:
        """Give the ledger of this centre."""
        fields, here = Fields(), self._context
        since = fields.instant("since", request.since) if request.HasField("since") else None
        fields.check()
        found = await ledger(here.database, here.clock(), here.supervision.terms.least_cases, since)
        return _ledger(found)

    async def _carry_out(self, request: Message) -> tuple[case_pb2.CaseFile, SupervisionCommand]:
        fields = Fields()
        actor = actor_of(fields, cast("CommandRequest", request))
        command = supervision_command_from_wire(fields, request, self._context.new_id)
        fields.check()
        return case_file_to_wire(await supervision.carry_out(self._context, command, actor)), command


def _order(line: OrderLine) -> pb.SupervisionOrder:
    order = line.order
    return pb.SupervisionOrder(
        id=str(order.id),
        case_id=str(order.case_id),
        number=line.case.number,
        centre=order.centre,
        holder=line.case.holder,
        level=order.level,
        turn=order.turn,
        ground=GROUNDS.number[order.ground],
        since=stamp(order.since),
        due_at=stamp(order.due_at),
        outcome=OUTCOMES.number[order.outcome] if order.outcome else pb.OUTCOME_UNSPECIFIED,
    )


def _ledger(found: Ledger) -> pb.GetLedgerResponse:
    return pb.GetLedgerResponse(
        units=[
            pb.UnitPoints(
                unit=one.unit,
                points=one.points,
                entries=one.entries,
                reversals=one.reversals,
                cases=one.cases,
                comparable=found.comparable(one),
            )
            for one in found.sums
        ],
        entries=[_entry(line) for line in found.entries],
        least_cases=found.least_cases,
    )


def _entry(line: LedgerLine) -> pb.PointsEntry:
    return pb.PointsEntry(
        id=str(line.entry_id),
        case_id=str(line.case_id),
        number=line.number,
        unit=line.unit,
        rule=line.rule,
        points=line.points,
        limit=line.limit_code,
        rung=line.rung,
        reason=line.reason,
        by=line.by,
        at=stamp(line.at),
        standing=STANDINGS.number[line.standing],
    )
