"""Following a case to the centre that holds it (F32, DESIGN section 4): each hop tells what it knows and asks the next.

A hop that can't be asked in time ends the way there: the answer is marked partial and ends with the last known state.
A centre that does not know the case sends the question towards the centre that its number names.
"""

from collections.abc import Sequence

from fengqiao.domain.case import CaseFile, Role
from fengqiao.domain.errors import Kind, Refusal, not_found, unavailable
from fengqiao.domain.event import Event
from fengqiao.handlers.context import Context
from fengqiao.insight.cases import find_case
from fengqiao.insight.custody_trace import custody_intervals
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.rpc.neighbours import Neighbours
from fengqiao.store.queries import case_file_by_id, journal
from fengqiao.wire.case import CASE_STATES, ROLES
from fengqiao.wire.problem import problem_from_wire
from fengqiao.wire.value import stamp

HOP_SHARE = 0.9
"""What a centre leaves of its own time to the next one, so that it can still answer when the next one can't."""

SHORTEST_SECONDS = 0.005


class Tracer:
    """Answers where a case is, from this centre on."""

    def __init__(self, context: Context, neighbours: Neighbours) -> None:
        self._context = context
        self._neighbours = neighbours

    async def trace(self, key: str, visited: Sequence[str], timeout_seconds: float) -> pb.Trace:
        """Trace a case by its id or number; raises NOT_FOUND case_unknown when nobody on the way knows it."""
        found = await self._local(key)
        if found is None:
            return await self._towards_origin(key, visited, timeout_seconds)
        file, events = found
        trace = self._known(file, events)
        if file.role is not Role.HOLDER:
            await self._follow(trace, file.case.holder, visited, timeout_seconds)
        return trace

    async def _local(self, key: str) -> tuple[CaseFile, tuple[Event, ...]] | None:
        try:
            case_id = await find_case(self._context.database, key)
        except Refusal as refusal:
            if refusal.kind is Kind.NOT_FOUND:
                return None
            raise
        file = await case_file_by_id(self._context.database, case_id)
        if file is None:
            return None
        return file, tuple(row.event for row in await journal(self._context.database, case_id))

    async def _towards_origin(self, key: str, visited: Sequence[str], timeout_seconds: float) -> pb.Trace:
        origin = key.strip().partition("-")[0]
        if origin not in self._context.topology.centres or origin == self._context.centre.code:
            raise not_found("case_unknown", case=key)
        hop = self._context.topology.next_hop(self._context.centre.code, origin)
        return await self._ask(hop, key, visited, timeout_seconds)

    async def _follow(self, trace: pb.Trace, holder: str, visited: Sequence[str], timeout_seconds: float) -> None:
        hop = self._context.topology.next_hop(self._context.centre.code, holder)
        try:
            further = await self._ask(hop, trace.case_id, visited, timeout_seconds)
        except Refusal as refusal:
            trace.partial = True
            trace.gaps.add(centre=hop, code=refusal.code, params=refusal.params)
            return
        trace.steps.extend(further.steps)
        if further.custody:
            del trace.custody[:]
            trace.custody.extend(further.custody)
        trace.partial = further.partial
        trace.gaps.extend(further.gaps)

    async def _ask(self, hop: str, key: str, visited: Sequence[str], timeout_seconds: float) -> pb.Trace:
        if timeout_seconds * HOP_SHARE < SHORTEST_SECONDS:
            raise Refusal(Kind.DEADLINE, "deadline_passed")
        if hop in visited or hop == self._context.centre.code:
            # It asked us: the news of the last hand-over is still under way between the two.
            raise unavailable("neighbour_away", centre=self._context.topology.centre(hop).name)
        asked = pb.TraceQuestion(key=key, visited=[*visited, self._context.centre.code])
        answer = await self._neighbours.ask(hop, pb.Question(trace=asked), timeout_seconds * HOP_SHARE)
        if answer.HasField("problem"):
            raise problem_from_wire(answer.problem)
        return answer.trace

    def _known(self, file: CaseFile, events: Sequence[Event]) -> pb.Trace:
        case = file.case
        step = pb.TraceStep(
            centre=self._context.centre.code,
            role=ROLES.number[file.role],
            holder=case.holder,
            epoch=case.epoch,
            version=case.version,
            state=CASE_STATES.number[case.state],
            updated_at=stamp(case.updated_at),
        )
        custody = [
            pb.CustodyInterval(
                centre=interval.centre,
                epoch=interval.epoch,
                since=stamp(interval.since),
                until=stamp(interval.until) if interval.until else None,
                units=interval.units,
            )
            for interval in custody_intervals(events, case)
        ]
        return pb.Trace(case_id=str(case.id), number=case.number, steps=[step], custody=custody)
