"""One Faust app as a value inside the node's own event loop: no globals, threads, folders, pages or timers."""
# ruff: noqa: D102, SLF001 - overrides of Faust say what they differ in; neither library has a public way to these

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Final, cast

import aiokafka
import faust
from aiokafka import TopicPartition
from aiokafka.client import ConnectionGroup
from aiokafka.errors import KafkaConnectionError, LeaderNotAvailableError, for_code
from aiokafka.producer.message_accumulator import MessageAccumulator
from aiokafka.protocol.offset import OffsetRequest
from faust.sensors import Monitor
from faust.tables.manager import TableManager
from mode import Service

from fengqiao.bus.carrier import Parcel
from fengqiao.bus.faust_consumer import Bundle, Ended, LoopConsumer, LoopTransport
from fengqiao.bus.faust_settings import CarrierSettings, faust_options

CLOSE_SECONDS: Final = 0.5
LATEST: Final = -1
READ_UNCOMMITTED: Final = 0


class QuietMonitor(Monitor):
    """Faust asks for a monitor; the node has its own metrics, so this one keeps no history and runs no sampler."""

    def _get_tasks(self) -> Iterable[Any]:
        return ()


class NoTables(TableManager):
    """Faust waits a second for tables to be declared, at each start; there are none, only the flow to open."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


class RawSchema(faust.Schema[Any, Any]):
    """Gives every record on as it is. A decoder that can fail would acknowledge what it can't read, and lose it."""

    def compile(self, app: Any, **_options: Any) -> Callable[..., Awaitable[Any]]:
        async def decode(message: Any, **_kwargs: Any) -> Any:
            return app.create_event(message.key, message.value, message.headers, message)

        return decode


class NodeApp(faust.App):
    """The Faust app of one centre: one agent over all topics of the node, which only hands on what it gets.

    `take` must not raise: Faust acknowledges, and so loses, what an agent raises on.
    """

    def __init__(
        self, settings: CarrierSettings, topics: Sequence[str], take: Callable[[Bundle], Awaitable[None]], ended: Ended
    ) -> None:
        self._ended = ended
        options: Any = faust_options(settings)
        super().__init__(settings.group, monitor=QuietMonitor(), TableManager=NoTables, **options)

        async def carry(stream: Any) -> None:
            async for event in stream.noack().events():
                await take(event)

        self.agent(self.topic(*topics, schema=RawSchema()), name="carry", concurrency=1)(carry)

    @property
    def kafka(self) -> aiokafka.AIOKafkaConsumer:
        """The aiokafka consumer inside a started app."""
        return cast("LoopConsumer", self.consumer).kafka

    async def post(self, parcel: Parcel) -> asyncio.Future[Any]:
        """Queues one parcel; the future is done when the broker has acknowledged it."""
        headers = list(parcel.headers.items())
        future = await self.producer.send(parcel.topic, parcel.key, parcel.value, None, None, headers)
        return cast("asyncio.Future[Any]", future)

    async def look_for_topics(self) -> None:
        """Asks the broker which topics there are; aiokafka joins the group again by itself when that has changed."""
        await self.kafka._client.force_metadata_update()

    async def end_offsets(self) -> dict[TopicPartition, int]:
        """The end of each partition read, asked on the heartbeats' connection: on the other one, a fetch may wait.

        Raises KafkaError when a leader is unknown or does not answer.
        """
        client = self.kafka._client
        by_leader: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for partition in self.kafka.assignment():
            leader = client.cluster.leader_for_partition(partition)
            if leader in {None, -1}:
                raise LeaderNotAvailableError(partition)
            by_leader[leader][partition.topic].append((partition.partition, LATEST))
        ends = {}
        for leader, topics in by_leader.items():
            request = OffsetRequest(-1, READ_UNCOMMITTED, list(topics.items()))
            answer = await client.send(leader, request, group=ConnectionGroup.COORDINATION)
            for topic, partitions in answer.topics:
                for number, code, _, offset, *_ in partitions:
                    if code:
                        raise for_code(code)(topic)
                    ends[TopicPartition(topic, number)] = offset
        return ends

    def abandon(self) -> None:
        """Lets go at once of what can't be brought to an end any more: offsets, parcels under way, the group.

        aiokafka would try again ten times a second, and a commit would hold up the stop, until the broker is back.
        """
        consumer = cast("LoopConsumer", self.consumer)
        consumer.abandon()
        for task in (*_receiving(consumer.kafka), *_sending(self._kafka_producer())):
            task.cancel()

    async def cut(self) -> None:
        """Ends whatever a stop has left: connections that are open, and tasks of a Faust that did not stop."""
        self.abandon()
        nodes: list[Any] = [getattr(node, "data", None) for node in self.beacon.traverse()]
        services: list[Any] = [service for service in nodes if isinstance(service, Service)]
        tasks = [task for service in services for task in service._futures]
        tasks += [service.actor_task for service in services if getattr(service, "actor_task", None)]
        for task in tasks:
            task.cancel()
        clients = []
        if self.kafka is not None:
            self.kafka._closed = True
            clients.append(self.kafka._client)
        producer = self._kafka_producer()
        if producer is not None:
            producer._closed = True
            clients.append(producer.client)
        closing = asyncio.gather(*(client.close() for client in clients), return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(closing, CLOSE_SECONDS)

    def _kafka_producer(self) -> Any:
        producer: Any = self.producer
        return producer._producer

    def _create_directories(self) -> None:
        """Faust makes a data folder for its tables in the working directory; there are no tables."""

    def _new_transport(self) -> LoopTransport:
        return LoopTransport(self.conf.broker_consumer, self)

    def _new_consumer(self) -> LoopConsumer:
        consumer = cast("LoopConsumer", super()._new_consumer())
        consumer.ended = self._ended
        return consumer

    def _crash(self, reason: BaseException) -> None:
        super()._crash(reason)
        self._ended(f"faust crashed: {reason!r}")


def _receiving(consumer: aiokafka.AIOKafkaConsumer | None) -> Iterator[asyncio.Task[Any]]:
    """The tasks by which aiokafka receives and keeps its place in the group."""
    coordinator = consumer._coordinator if consumer else None
    if coordinator is not None:
        tasks = (coordinator._coordination_task, coordinator._heartbeat_task, coordinator._commit_refresh_task)
        yield from (task for task in tasks if task is not None)
    fetcher = consumer._fetcher if consumer else None
    if fetcher is not None:
        yield fetcher._fetch_task
        yield from fetcher._pending_tasks


def _sending(producer: aiokafka.AIOKafkaProducer | None) -> Iterator[asyncio.Task[Any]]:
    """The task by which aiokafka sends; the parcels that it still has are told that they will not arrive."""
    if producer is not None and producer._sender is not None:
        _fail_parcels(producer._message_accumulator)
        if producer._sender.sender_task is not None:
            yield producer._sender.sender_task


def _fail_parcels(accumulator: MessageAccumulator) -> None:
    batches = [*accumulator._pending_batches, *(batch for queue in accumulator._batches.values() for batch in queue)]
    # aiokafka 0.14 takes each batch that it has ever sent out of this set, also those that wait to be sent again; and
    # it leaves an error that nobody asks for with each that was never sent. Both would be told with a stack trace.
    accumulator._pending_batches.update(batches)
    accumulator.fail_all(KafkaConnectionError("given up"))
    for batch in batches:
        if not batch._drain_waiter.cancelled():
            batch._drain_waiter.exception()
