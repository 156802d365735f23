"""Faust's Kafka consumer, made fit for 147 of them in one event loop (faust-streaming 0.15.3, pinned).

Faust starts a thread with a second event loop for every consumer, pays for conductor, stream and acknowledgement per
record, keeps books that mistake bundles for gaps, and goes on over a broker whose disk is a new one. Here the consumer
runs on the loop that started it, hands records on in bundles, and says when it can't go on.
"""
# ruff: noqa: D102, SLF001 - overrides of Faust say what they differ in; neither library has a public way to these

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, cast
from weakref import WeakSet

import aiokafka
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import CloseReason
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message
from mode import Service

from fengqiao.bus.carrier import Record
from fengqiao.bus.faust_settings import FETCH_TIMER_MS, FETCH_WAIT_MS, IDLE_POLL_SECONDS, TAKING_SECONDS

Ended = Callable[[str], None]
"""Told, perhaps several times, why an app can't go on."""


class Bundle(Protocol):
    """What the agent gets: a Faust event whose value is a bundle (see `LoopConsumer`)."""

    value: tuple[Record, ...]

    def ack(self) -> bool:
        """Says that the receiver has taken the bundle; its offset goes with the next commit."""
        ...


class LoopConsumerThread(driver.AIOKafkaConsumerThread):
    """What Faust calls the consumer's thread, without the thread: every call is made on the loop it comes from."""

    wait_for_shutdown = False

    def _get_tasks(self) -> Iterable[Any]:
        return ()

    async def start(self) -> None:
        self._thread_started.set()
        await self._default_start()
        self._wait_for_taking()

    def _wait_for_taking(self) -> None:
        """Lets aiokafka ask the broker again only when all that it has was taken from it.

        After a tenth of a second it would ask for the other topics alone, the broker would hold that request for as
        long as nothing comes there, and what waits in the busy topic stood still for `FETCH_WAIT_MS` after every fetch
        (540 messages a second instead of 2,350, measured). There is one receiver: nobody else could go on meanwhile.
        """
        fetcher = self._consumer._fetcher if self._consumer is not None else None
        if fetcher is not None:
            fetcher._prefetch_backoff = TAKING_SECONDS

    async def stop(self) -> None:
        await Service.stop(self)

    def _stopped_set(self) -> None:
        self._stopped.set()

    async def crash(self, exc: BaseException) -> None:
        await Service.crash(self, exc)

    async def on_stop(self) -> None:
        if self._consumer is not None:
            await self._consumer.stop()

    async def call_thread(self, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = fun(*args, **kwargs)
        return await result if asyncio.iscoroutine(result) else result

    async def commit(self, offsets: Mapping[TP, int]) -> bool:
        """A commit is tried again by aiokafka until the broker is back, and Faust's stop would wait for that."""
        committing = asyncio.ensure_future(self._commit(offsets))
        abandoned = cast("LoopConsumer", self.consumer).abandoned
        await asyncio.wait((committing, abandoned), return_when=asyncio.FIRST_COMPLETED)
        if committing.done():
            return committing.result()
        committing.cancel()
        return False

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await self.consumer.on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        await self.consumer.on_partitions_assigned(assigned, generation_id)

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        conf: Any = self.app.conf
        consumer = aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            bootstrap_servers=driver.server_list(transport.url, transport.default_port),
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset=conf.consumer_auto_offset_reset,
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            consumer_timeout_ms=FETCH_TIMER_MS,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            **driver.credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
        )
        self._watch(consumer._client)
        return consumer

    def _watch(self, client: AIOKafkaClient) -> None:
        """Ends the app with the first broken connection.

        Behind it the broker may come back with an empty disk, and neither aiokafka nor Faust would see that offsets
        mean other records now. A new app asks the broker for its committed offsets, and finds none.
        """
        ended = cast("LoopConsumer", self.consumer).ended
        told = client._on_connection_closed

        def closed(connection: Any, reason: CloseReason) -> None:
            told(connection, reason)
            if reason in {CloseReason.CONNECTION_BROKEN, CloseReason.CONNECTION_TIMEOUT}:
                ended(f"connection to {connection.host}:{connection.port} lost")

        client._on_connection_closed = closed


class LoopConsumer(driver.Consumer):
    """Faust's consumer on the node's own loop, which hands records on in bundles.

    A Faust message here is a bundle: the consecutive records of one partition out of one fetch, with the offset of
    the last of them, so that the cost of conductor, stream and acknowledgement is paid once a bundle and not once a
    record (2,000 records a second against 65,000, measured).
    """

    ended: Ended

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bundles: WeakSet[Message] = WeakSet()
        self.abandoned: asyncio.Future[None] = self.loop.create_future()

    def _new_consumer_thread(self) -> LoopConsumerThread:
        return LoopConsumerThread(self, loop=self.loop, thread_loop=self.loop, beacon=self.beacon)

    @property
    def kafka(self) -> aiokafka.AIOKafkaConsumer | None:
        """The aiokafka consumer inside, None before the start."""
        return self._thread._consumer

    def abandon(self) -> None:
        """From now on no offset is committed: what was read may belong to a log that does not exist any more."""
        if not self.abandoned.done():
            self.abandoned.set_result(None)

    def on_buffer_full(self, tp: TP) -> None:
        """Faust would stop fetching and look again after a second; the full queue itself holds the fetcher back."""

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ARG002 - Faust asks each second
        fetched, _ = await self._wait_next_records(IDLE_POLL_SECONDS)
        generation = self.app.consumer_generation_id
        if fetched is None or self.should_stop:
            return
        for tp, records in fetched.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return  # A rebalance has begun: the new assignment starts from the committed offsets.
            self._follow_rewind(tp, records[0].offset)
            bundle = self._bundle(tp, records)
            self._bundles.add(bundle)
            yield tp, bundle

    def _bundle(self, tp: TP, records: Sequence[Any]) -> Message:
        last = records[-1]
        bundle: Any = tuple(map(_record, records))
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            headers=None,
            key=None,
            value=bundle,
            checksum=None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )

    def _follow_rewind(self, tp: TP, first_offset: int) -> None:
        """Starts the books of a partition again when it was deleted and made anew: Faust would drop all of it.

        What is still in hand of the old log is not acknowledged any more: its offsets mean nothing in the new one.
        """
        read = self._read_offset[tp]
        if read is None or first_offset >= read:
            return
        self.log.warning("%s starts again at %d, it had been read to %d", tp.topic, first_offset, read)
        for bundle in self._bundles:
            if bundle.tp == tp:
                bundle.acked = True
        for book in (self._read_offset, self._committed_offset, self._acked):
            book.pop(tp, None)

    def ack(self, message: Message) -> bool:
        """Bundles are acknowledged in the order of their offsets, so the last one is all there is to remember.

        Faust's own books take the offsets between two messages for a gap, and the second message for a part of it.
        """
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        self._acked[message.tp] = [message.offset]
        return True

    def _new_offset(self, tp: TP) -> int | None:
        taken = self._acked.pop(tp, None)
        return taken[-1] + 1 if taken and not self.abandoned.done() else None

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """There are no gaps to keep: see `ack`."""


class LoopTransport(driver.Transport):
    """Faust's aiokafka transport with the consumer above."""

    Consumer = LoopConsumer


def _record(raw: Any) -> Record:
    headers = {name: value or b"" for name, value in raw.headers}
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value or b"", headers, raw.timestamp)
