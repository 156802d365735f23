"""Answers to what a neighbour asks over the Link; a refusal is part of the answer, never raised."""

from fengqiao.domain.errors import Refusal, wrong_state
from fengqiao.observe.logging import logger
from fengqiao.observe.tracing import traced
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.rpc.attachments import Puller
from fengqiao.rpc.errors import failure
from fengqiao.rpc.search import Searcher, found_to_wire, read_wanted
from fengqiao.rpc.trace import Tracer
from fengqiao.wire.problem import problem_to_wire

LONGEST_SECONDS = 30.0

_log = logger("rpc.answers")


class Answers:
    """What the Links of one centre are given to answer with: `answer(asker, question)`."""

    def __init__(self, tracer: Tracer, puller: Puller, searcher: Searcher) -> None:
        self._tracer = tracer
        self._puller = puller
        self._searcher = searcher

    async def answer(self, asker: str, question: pb.Question) -> pb.Answer:
        """Answer one question within the time that its asker still waits."""
        try:
            return await self._answered(question)
        except Refusal as refusal:
            return pb.Answer(id=question.id, problem=problem_to_wire(refusal))
        except Exception:  # the asker hears a refusal with a trace id, and the Link goes on
            with traced("answer failed") as trace_id:
                _log.exception("answer failed", asker=asker, about=question.WhichOneof("about"), trace=trace_id)
                return pb.Answer(id=question.id, problem=problem_to_wire(failure(trace_id)))

    async def _answered(self, question: pb.Question) -> pb.Answer:
        seconds = min(question.timeout_milliseconds / 1000, LONGEST_SECONDS)
        match question.WhichOneof("about"):
            case "trace":
                trace = await self._tracer.trace(question.trace.key, question.trace.visited, seconds)
                return pb.Answer(id=question.id, trace=trace)
            case "attachment":
                return pb.Answer(id=question.id, attachment=await self._puller.piece(question.attachment, seconds))
            case "search":
                wanted, visited = read_wanted(question.search.wanted), question.search.visited
                found = await self._searcher.search(wanted, visited, seconds)
                return pb.Answer(id=question.id, search=found_to_wire(found))
            case _:
                # A newer release asks something that this one does not know.
                raise wrong_state("message_unknown_type", type="question")
