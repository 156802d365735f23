"""What a page asks of all centres (F32): where a case is, and which cases fit; entry hands it to the desk."""

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.insight.custody_trace import CustodyInterval, Trace, TraceStep
from fengqiao.insight.federation_search import SearchFound, SearchWanted
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.rpc.search import Searcher, gaps_from_wire
from fengqiao.rpc.trace import Tracer
from fengqiao.wire.case import CASE_STATES
from fengqiao.wire.value import NewerValue, instant, uuid_of

PAGE_SECONDS = 3.0
"""How long a person waits for centres that do not answer; the page then says which."""


class Asking:
    """Asks over the Links of one centre."""

    def __init__(self, tracer: Tracer, searcher: Searcher) -> None:
        self._tracer = tracer
        self._searcher = searcher

    async def search(self, wanted: SearchWanted) -> SearchFound:
        """Look for cases at all centres; raises INVALID, and UNAVAILABLE database_away."""
        return await self._searcher.search(wanted, (), PAGE_SECONDS)

    async def trace(self, key: str) -> Trace:
        """Follow a case to its holder; raises NOT_FOUND, and UNAVAILABLE when nobody on the way can be asked."""
        found = await self._tracer.trace(key, (), PAGE_SECONDS)
        try:
            return trace_from_wire(found)
        except (ValueError, NewerValue) as error:
            raise Refusal(Kind.UNAVAILABLE, "message_unreadable", {"detail": str(error)}) from error


def trace_from_wire(wire: pb.Trace) -> Trace:
    """Read a trace; raises ValueError or NewerValue for what cannot be read."""
    steps = (
        TraceStep(
            step.centre, step.holder, step.epoch, step.version, CASE_STATES.value(step.state), instant(step.updated_at)
        )
        for step in wire.steps
    )
    custody = (
        CustodyInterval(
            held.centre,
            held.epoch,
            instant(held.since),
            instant(held.until) if held.HasField("until") else None,
            tuple(held.units),
        )
        for held in wire.custody
    )
    return Trace(uuid_of(wire.case_id), wire.number, tuple(steps), tuple(custody), gaps_from_wire(wire.gaps))
