"""Asking all centres at once (F32): each looks through its own, asks those behind it, and puts the answers together."""

import asyncio
from collections.abc import Iterable, Sequence

from fengqiao.domain.errors import Refusal
from fengqiao.handlers.context import Context
from fengqiao.insight.custody_trace import TraceGap
from fengqiao.insight.federation_search import (
    HITS_LIMIT,
    SEARCH_LATE,
    Hit,
    SearchFound,
    SearchWanted,
    checked,
    merged,
    search_here,
)
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.rpc.neighbours import Neighbours
from fengqiao.rpc.trace import HOP_SHARE, SHORTEST_SECONDS
from fengqiao.wire.case import CASE_STATES
from fengqiao.wire.fields import Fields
from fengqiao.wire.problem import problem_from_wire
from fengqiao.wire.value import NewerValue, instant, stamp, uuid_of


class Searcher:
    """Answers which cases fit, from this centre on. Nobody is asked twice: the centres are a tree."""

    def __init__(self, context: Context, neighbours: Neighbours) -> None:
        self._context = context
        self._neighbours = neighbours

    async def search(self, wanted: SearchWanted, visited: Sequence[str], timeout_seconds: float) -> SearchFound:
        """Look here and at all centres that have not been asked; raises INVALID."""
        sought, here = checked(wanted), self._context.centre.code
        further = [code for code in self._context.topology.neighbours(here) if code not in visited]
        own = self._here(sought, timeout_seconds * HOP_SHARE)
        asked = (self._ask(code, sought, [*visited, here], timeout_seconds) for code in further)
        return merged(await asyncio.gather(own, *asked), sought.limit)

    async def _here(self, wanted: SearchWanted, timeout_seconds: float) -> SearchFound:
        """Look here; a database that is slow or away leaves a gap, and what the others have found stays."""
        here = self._context.centre.code
        try:
            async with asyncio.timeout(timeout_seconds):
                return await search_here(self._context.database, wanted, here, self._context.clock())
        except TimeoutError:
            return SearchFound(gaps=(TraceGap(here, SEARCH_LATE, {}),))
        except Refusal as refusal:
            return SearchFound(gaps=(TraceGap(here, SEARCH_LATE, {"reason": refusal.code}),))

    async def _ask(self, hop: str, wanted: SearchWanted, visited: Sequence[str], timeout_seconds: float) -> SearchFound:
        if timeout_seconds * HOP_SHARE < SHORTEST_SECONDS:
            return SearchFound(gaps=(TraceGap(hop, "deadline_passed", {}),))
        try:
            question = pb.Question(search=pb.SearchQuestion(wanted=wanted_to_wire(wanted), visited=visited))
            answer = await self._neighbours.ask(hop, question, timeout_seconds * HOP_SHARE)
            if answer.HasField("problem"):
                raise problem_from_wire(answer.problem)
            return found_from_wire(answer.search)
        except Refusal as refusal:
            return SearchFound(gaps=(TraceGap(hop, refusal.code, refusal.params),))
        except (ValueError, NewerValue) as unreadable:
            return SearchFound(gaps=(TraceGap(hop, "message_unreadable", {"detail": str(unreadable)}),))


def wanted_to_wire(wanted: SearchWanted) -> pb.CaseSearch:
    """Write what is looked for."""
    first, until = wanted.registered_from, wanted.registered_until
    return pb.CaseSearch(
        words=wanted.words,
        place=wanted.place,
        registered_from=stamp(first) if first is not None else None,
        registered_until=stamp(until) if until is not None else None,
        limit=wanted.limit,
    )


def read_wanted(wire: pb.CaseSearch) -> SearchWanted:
    """Read what a caller looks for, with the usual limit unless another is named; raises INVALID."""
    fields = Fields()
    first = fields.instant("registered_from", wire.registered_from) if wire.HasField("registered_from") else None
    until = fields.instant("registered_until", wire.registered_until) if wire.HasField("registered_until") else None
    fields.check()
    return SearchWanted(wire.words, wire.place, first, until, wire.limit or HITS_LIMIT)


def found_to_wire(found: SearchFound) -> pb.SearchFound:
    """Write what was found."""
    return pb.SearchFound(
        hits=[
            pb.SearchHit(
                case_id=str(hit.case_id),
                number=hit.number,
                title=hit.title,
                place=hit.place,
                origin=hit.origin,
                holder=hit.holder,
                unit=hit.unit,
                state=CASE_STATES.number[hit.state],
                registered_at=stamp(hit.registered_at),
                updated_at=stamp(hit.updated_at),
                told_by=hit.told_by,
            )
            for hit in found.hits
        ],
        gaps=[pb.TraceGap(centre=gap.centre, code=gap.code, params=gap.params) for gap in found.gaps],
        cut=found.cut,
        answered=found.answered,
    )


def found_from_wire(wire: pb.SearchFound) -> SearchFound:
    """Read what was found; raises ValueError or NewerValue for what cannot be read."""
    return SearchFound(
        tuple(
            Hit(
                uuid_of(hit.case_id),
                hit.number,
                hit.title,
                hit.place,
                hit.origin,
                hit.holder,
                hit.unit,
                CASE_STATES.value(hit.state),
                instant(hit.registered_at),
                instant(hit.updated_at),
                hit.told_by,
            )
            for hit in wire.hits
        ),
        gaps_from_wire(wire.gaps),
        wire.cut,
        wire.answered,
    )


def gaps_from_wire(gaps: Iterable[pb.TraceGap]) -> tuple[TraceGap, ...]:
    """Read which centres could not be asked."""
    return tuple(TraceGap(gap.centre, gap.code, dict(gap.params)) for gap in gaps)
