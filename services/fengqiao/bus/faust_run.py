"""One life of a Faust app: from the connection made to the connection lost.

A run is never repaired. Whatever goes wrong inside, it says so once through `ended`, and the carrier makes a new one.
"""

import asyncio
import logging
from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.errors import (
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)

from fengqiao.bus.carrier import CarrierAway, Parcel, ParcelsRefused
from fengqiao.bus.delivery import Delivery
from fengqiao.bus.faust_app import NodeApp
from fengqiao.bus.faust_consumer import Bundle
from fengqiao.bus.faust_settings import BUNDLES_AHEAD, CarrierSettings

_log = logging.getLogger(__name__)

_CUT_SECONDS = 1.5
_FINAL = (InvalidTopicError, MessageSizeTooLargeError, RecordListTooLargeError, TopicAuthorizationFailedError)


class FaustRun:
    """A started Faust app, the queue between its agent and the receiver, and what is known about its offsets."""

    def __init__(self, settings: CarrierSettings, topics: Sequence[str], delivery: Delivery) -> None:
        self._settings = settings
        self._topics = frozenset(topics)
        self._delivery = delivery
        self._bundles: asyncio.Queue[Bundle] = asyncio.Queue(BUNDLES_AHEAD)
        self._held: Bundle | None = None
        self._next_offsets: dict[TopicPartition, int] = {}
        self._closing = False
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._app = NodeApp(settings, topics, self._take, self.end)
        self._delivering = asyncio.create_task(self._deliver_batches(), name=f"deliver {settings.centre}")

    async def start(self) -> None:
        """Connects and joins the group; raises what Faust and aiokafka raise when the broker does not answer."""
        await self._app.start()

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Sends all and waits for the acknowledgements; raises CarrierAway when the run ends meanwhile."""
        sending = asyncio.create_task(self._send(parcels))
        try:
            await asyncio.wait((sending, self.ended), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise CarrierAway(self.ended.result())
            if sending.cancelled():
                # aiokafka cancels what waits for its connection when that is cut. It is not we who were cancelled.
                raise CarrierAway("the connection was cut")
            sending.result()
        finally:
            sending.cancel()

    async def _send(self, parcels: Sequence[Parcel]) -> None:
        acknowledged: dict[int, asyncio.Future[object]] = {}
        refused: dict[int, str] = {}
        try:
            for index, parcel in enumerate(parcels):
                try:
                    acknowledged[index] = await self._app.post(parcel)
                except Exception as error:  # `_note_refused` raises CarrierAway again for all but what is final
                    _note_refused(refused, index, error)
        except BaseException:  # cancelled, or the broker is away: what was posted before has nobody to hear of it
            for future in acknowledged.values():
                future.add_done_callback(_unheard)
            raise
        outcomes = await asyncio.gather(*acknowledged.values(), return_exceptions=True)
        for index, outcome in zip(acknowledged, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                _note_refused(refused, index, outcome)
        if refused:
            raise ParcelsRefused(refused)

    def assigned(self) -> bool:
        """Whether this member reads every topic that it should."""
        return {partition.topic for partition in self._app.kafka.assignment()} >= self._topics

    async def look_for_topics(self) -> None:
        """Asks the broker whether missing topics exist by now; aiokafka joins again by itself when they do."""
        await self._app.look_for_topics()

    async def lag(self) -> int:
        """Records in the assigned topics that the receiver has not taken, by the broker's own end offsets."""
        ends = await self._app.end_offsets()
        return sum([max(0, end - await self._next_offset(partition)) for partition, end in ends.items()])

    async def _next_offset(self, partition: TopicPartition) -> int:
        known = self._next_offsets.get(partition)
        return known if known is not None else await self._app.kafka.position(partition)

    async def stop(self, deadline_seconds: float) -> None:
        """Finishes the batch in hand, commits (unless the run has ended by itself), closes everything."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + deadline_seconds
        await self._finish_batch(give_up_at)
        stopping = asyncio.create_task(self._app.stop())
        await asyncio.wait((stopping,), timeout=max(0.5, give_up_at - loop.time()))
        if not stopping.done():
            # Without the broker nothing is left to wait for, so this takes long only where 147 stop at once.
            self.end("the broker did not answer to the stop")
            await asyncio.wait((stopping,), timeout=_CUT_SECONDS)
        if not stopping.done():
            _log.warning("centre %s: Faust did not stop in time and is cut off", self._settings.centre)
            stopping.cancel()
        await self._app.cut()

    async def _finish_batch(self, give_up_at: float) -> None:
        """Lets a transaction end, but interrupts the wait for records and the pause after a refusal."""
        self._closing = True
        loop = asyncio.get_running_loop()
        while not self._delivering.done():
            if not self._delivery.in_receiver or loop.time() >= give_up_at:
                self._delivering.cancel()
            await asyncio.wait((self._delivering,), timeout=0.05)

    def end(self, reason: str) -> None:
        """Says why this run is over; the first reason stands. It holds on to nothing from here on."""
        if not self.ended.done():
            self.ended.set_result(reason)
            self._app.abandon()

    async def _take(self, bundle: Bundle) -> None:
        first = bundle.value[0]
        self._next_offsets.setdefault(TopicPartition(first.topic, first.partition), first.offset)
        await self._bundles.put(bundle)

    async def _deliver_batches(self) -> None:
        while not self._closing:
            bundles = await self._next_batch()
            records = [record for bundle in bundles for record in bundle.value]
            await self._delivery.deliver(records)
            for bundle in bundles:
                bundle.ack()
                last = bundle.value[-1]
                self._next_offsets[TopicPartition(last.topic, last.partition)] = last.offset + 1

    async def _next_batch(self) -> list[Bundle]:
        """What has gathered while the receiver was at work, so that a batch is never waited for."""
        held, self._held = self._held, None
        batch = [held or await self._bundles.get()]
        room = self._settings.batch_records - len(batch[0].value)
        while not self._bundles.empty():
            bundle = self._bundles.get_nowait()
            room -= len(bundle.value)
            if room < 0:
                self._held = bundle
                break
            batch.append(bundle)
        return batch


def _note_refused(refused: dict[int, str], index: int, error: BaseException) -> None:
    """Note what will never be taken; aiokafka and Faust wrap their errors differently, and all others mean `away`."""
    cause = error.__cause__ or error
    if not isinstance(cause, _FINAL):
        raise CarrierAway(repr(error)) from error
    refused[index] = repr(cause)


def _unheard(future: "asyncio.Future[object]") -> None:
    """Asks for the outcome that its sender no longer waits for, which asyncio would complain about with a trace."""
    if not future.cancelled():
        future.exception()
