"""One standing Link between two neighbours: envelopes, receipts, questions and answers over one gRPC stream.

Both sides are the same after the greeting; they differ only in the message that wraps their frames. The queue of frames
is bounded: who is too slow gets no more than fits, and what did not fit stays in the outbox.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from fengqiao.domain.errors import Refusal, unavailable
from fengqiao.handlers.context import Context
from fengqiao.handlers.inbox import Delivery, TakenIn, take_in
from fengqiao.observe.logging import logger
from fengqiao.proto.v1 import federation_service_pb2 as pb

Sent = TypeVar("Sent", pb.LinkRequest, pb.LinkResponse)
Frame = pb.LinkRequest | pb.LinkResponse
Answerer = Callable[[str, pb.Question], Awaitable[pb.Answer]]
"""Answers a question of a neighbour; a refusal is part of the answer, never raised."""

QUEUE_FRAMES = 64
BEAT_SECONDS = 5.0
SILENCE_SECONDS = 20.0
QUESTIONS_AT_ONCE = 16

_log = logger("bus.link")


class LinkSession(Generic[Sent]):
    """A Link that stands. `taken_in` hears of every batch, `heard` of every receipt."""

    def __init__(
        self,
        context: Context,
        neighbour: str,
        wrap: type[Sent],
        answer: Answerer,
        taken_in: Callable[[TakenIn], None],
        heard: Callable[[str, int], None],
    ) -> None:
        self.neighbour = neighbour
        self._context = context
        self._wrap: type[Sent] = wrap
        self._answer = answer
        self._taken_in = taken_in
        self._heard = heard
        self._frames: asyncio.Queue[Sent | None] = asyncio.Queue(QUEUE_FRAMES)
        self._receipt = 0
        self._asked: dict[int, asyncio.Future[pb.Answer]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._next_question = 1
        self._closed = asyncio.Event()

    def send(self, envelopes: Sequence[bytes]) -> bool:
        """Queue envelopes; False when the line is too slow for more at the moment."""
        try:
            self._frames.put_nowait(self._wrap(envelopes=pb.Envelopes(envelopes=envelopes)))
        except asyncio.QueueFull:
            return False
        return True

    def tell(self, received_seq: int) -> bool:
        """Queue a receipt; False when it has to be told later."""
        self._receipt = received_seq
        try:
            self._frames.put_nowait(self._wrap(receipt=pb.Receipt(received_seq=received_seq)))
        except asyncio.QueueFull:
            return False
        return True

    async def ask(self, question: pb.Question, timeout_seconds: float) -> pb.Answer:
        """Ask the neighbour; raises UNAVAILABLE neighbour_away when no answer comes in the time."""
        question.id, self._next_question = self._next_question, self._next_question + 1
        question.timeout_milliseconds = int(timeout_seconds * 1000)
        future: asyncio.Future[pb.Answer] = asyncio.get_running_loop().create_future()
        self._asked[question.id] = future
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._frames.put(self._wrap(question=question))
                return await future
        except TimeoutError as error:
            raise self._away() from error
        finally:
            self._asked.pop(question.id, None)

    async def outgoing(self) -> AsyncIterator[Sent]:
        """Give the frames to send until the session is closed; a receipt goes out when nothing else does."""
        while not self._closed.is_set():
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    frame = await self._frames.get()
            except TimeoutError:
                frame = self._wrap(receipt=pb.Receipt(received_seq=self._receipt))
            if frame is None:
                return
            yield frame

    async def run(self, incoming: AsyncIterator[Frame]) -> None:
        """Take in what the neighbour sends until it ends, falls silent, or the session is closed."""
        try:
            while not self._closed.is_set():
                async with asyncio.timeout(SILENCE_SECONDS):
                    frame = await anext(incoming, None)
                if frame is None:
                    return
                await self._take(frame)
        finally:
            self.close()

    def close(self) -> None:
        """End the session: nothing more is sent, and who waits for an answer hears that none will come."""
        self._closed.set()
        # Whoever waits for a frame is woken by the mark of the end; a full queue wakes him anyway.
        with suppress(asyncio.QueueFull):
            self._frames.put_nowait(None)
        for future in self._asked.values():
            if not future.done():
                future.set_exception(self._away())
        for task in self._answering:
            task.cancel()

    async def _take(self, frame: Frame) -> None:
        match frame.WhichOneof("frame"):
            case "envelopes":
                await self._take_envelopes(frame.envelopes.envelopes)
            case "receipt":
                self._heard(self.neighbour, frame.receipt.received_seq)
            case "question":
                await self._begin_answer(frame.question)
            case "answer":
                future = self._asked.get(frame.answer.id)
                if future is not None and not future.done():
                    future.set_result(frame.answer)
            case _:
                _log.info("frame of a newer release passed over", neighbour=self.neighbour)

    async def _take_envelopes(self, envelopes: Sequence[bytes]) -> None:
        deliveries = [Delivery(self.neighbour, envelope, "link") for envelope in envelopes]
        try:
            self._taken_in(await take_in(self._context, deliveries))
        except Refusal as refusal:
            # The database is away: nothing was taken in, nothing is acknowledged, and the sender sends it again.
            _log.warning("envelopes not taken in", neighbour=self.neighbour, reason=refusal.code)

    async def _begin_answer(self, question: pb.Question) -> None:
        if len(self._answering) >= QUESTIONS_AT_ONCE:
            await asyncio.wait(self._answering, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._answer_one(question))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer_one(self, question: pb.Question) -> None:
        timeout_seconds = question.timeout_milliseconds / 1000
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                answer = await self._answer(self.neighbour, question)
                answer.id = question.id
                await self._frames.put(self._wrap(answer=answer))

    def _away(self) -> Refusal:
        return unavailable("neighbour_away", centre=self._context.topology.centre(self.neighbour).name)
