"""Neighbours without Links: a question goes to the other centre's answers at once, unless the way is cut."""

from collections.abc import AsyncIterator, Mapping, MutableSet
from dataclasses import dataclass

from fengqiao.domain.errors import unavailable
from fengqiao.handlers.context import Context
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.rpc.answers import Answers
from fengqiao.rpc.asking import Asking
from fengqiao.rpc.attachments import Puller
from fengqiao.rpc.search import Searcher
from fengqiao.rpc.trace import Tracer


@dataclass
class Beside:
    """The neighbours of one centre; `away` are centres that nobody can ask."""

    code: str
    contexts: Mapping[str, Context]
    away: MutableSet[str]

    async def ask(self, neighbour: str, question: pb.Question, timeout_seconds: float) -> pb.Answer:
        """Have the other centre answer."""
        if neighbour in self.away or neighbour not in self.contexts:
            raise unavailable("neighbour_away", centre=neighbour)
        context = self.contexts[neighbour]
        other = Beside(neighbour, self.contexts, self.away)
        answers = Answers(Tracer(context, other), Puller(context, other), Searcher(context, other))
        asked = pb.Question()
        asked.CopyFrom(question)
        asked.timeout_milliseconds = round(timeout_seconds * 1000)
        return await answers.answer(self.code, asked)

    def serve(self, requests: AsyncIterator[pb.LinkRequest]) -> AsyncIterator[pb.LinkResponse]:
        """Serve no Link."""
        raise AssertionError(f"nobody dials here: {requests}")

    def up(self, neighbour: str) -> bool:
        """Tell whether the other can be asked."""
        return neighbour not in self.away


def askings(contexts: Mapping[str, Context], away: MutableSet[str]) -> dict[str, Asking]:
    """Give what the pages of each centre ask with."""
    found = {}
    for code, context in contexts.items():
        beside = Beside(code, contexts, away)
        found[code] = Asking(Tracer(context, beside), Searcher(context, beside))
    return found
