"""Pulling the content of an attachment from the centre that has it (DESIGN section 4): piece by piece, over the Links.

The journal of a case names the centre that attached a file. A centre on the way passes questions and pieces on and
keeps nothing; whoever pulled keeps the content once its hash is right.
"""

from fengqiao.domain.errors import not_found
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.handling import ATTACHMENT_BYTES_LIMIT
from fengqiao.handlers.attachment import content, keep_pulled
from fengqiao.handlers.context import Context
from fengqiao.insight.cases import find_case
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.rpc.neighbours import Neighbours
from fengqiao.store.attachments import Attachment
from fengqiao.store.queries import journal
from fengqiao.wire.problem import problem_from_wire

PIECE_BYTES = 1024 * 1024
PIECE_SECONDS = 10.0
"""How long the puller waits for each piece."""


class Puller:
    """Gives attachments of this centre, and fetches those of others."""

    def __init__(self, context: Context, neighbours: Neighbours) -> None:
        self._context = context
        self._neighbours = neighbours

    async def pull(self, sha256: str, case_key: str) -> Attachment:
        """Give an attachment, fetched when it is not here; raises NOT_FOUND attachment_unknown, or UNAVAILABLE."""
        here = await content(self._context, sha256)
        if here is not None:
            return here
        source = await self._source(sha256, case_key)
        fetched = await self._fetched(sha256, source)
        await keep_pulled(self._context, fetched)
        return fetched

    async def piece(self, question: pb.AttachmentQuestion, timeout_seconds: float) -> pb.AttachmentPiece:
        """Answer a neighbour's question for a piece, by asking on when the content is elsewhere."""
        here = await content(self._context, question.sha256)
        if here is not None:
            length = min(question.length or PIECE_BYTES, PIECE_BYTES)
            return pieces(here, question.offset, length)
        return await self._ask(question, timeout_seconds)

    async def _source(self, sha256: str, case_key: str) -> str:
        if case_key:
            case_id = await find_case(self._context.database, case_key)
            for row in await journal(self._context.database, case_id):
                if _attaches(row.event, sha256):
                    return row.event.centre
        raise not_found("attachment_unknown", sha256=sha256)

    async def _fetched(self, sha256: str, source: str) -> Attachment:
        gathered = bytearray()
        while True:
            question = pb.AttachmentQuestion(sha256=sha256, source=source, offset=len(gathered), length=PIECE_BYTES)
            piece = await self._ask(question, PIECE_SECONDS)
            gathered += piece.content
            if len(gathered) >= min(piece.size_bytes, ATTACHMENT_BYTES_LIMIT) or not piece.content:
                return Attachment(sha256, piece.media_type, bytes(gathered))

    async def _ask(self, question: pb.AttachmentQuestion, timeout_seconds: float) -> pb.AttachmentPiece:
        here, topology = self._context.centre.code, self._context.topology
        if question.source == here or question.source not in topology.centres:
            raise not_found("attachment_unknown", sha256=question.sha256)
        hop = topology.next_hop(here, question.source)
        answer = await self._neighbours.ask(hop, pb.Question(attachment=question), timeout_seconds)
        if answer.HasField("problem"):
            raise problem_from_wire(answer.problem)
        return answer.attachment


def pieces(attachment: Attachment, offset: int, length: int) -> pb.AttachmentPiece:
    """Cut one piece out of a content."""
    return pb.AttachmentPiece(
        content=attachment.content[offset : offset + length],
        offset=offset,
        size_bytes=len(attachment.content),
        media_type=attachment.media_type,
    )


def _attaches(event: Event, sha256: str) -> bool:
    return event.kind is EventKind.ATTACHED and event.details.get("sha256") == sha256
