"""Bare parts for floors: a commit of one row, and aiokafka's way from send to receive, with nothing of ours around."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiokafka
import psycopg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

LINE_TABLE = "CREATE TABLE bare_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)"
LINE = "INSERT INTO bare_line (body) VALUES (%s)"
RECEIVE_SECONDS = 10.0
Action = Callable[[int], Coroutine[Any, Any, None]]


class BareHop:
    """A commit in one database, a record through the broker, a commit in another database, one after the other."""

    def __init__(
        self,
        producer: aiokafka.AIOKafkaProducer,
        consumer: aiokafka.AIOKafkaConsumer,
        child: psycopg.AsyncConnection,
        parent: psycopg.AsyncConnection,
    ) -> None:
        self._producer = producer
        self._consumer = consumer
        self._child = child
        self._parent = parent
        self._topic = next(iter(consumer.subscription()))

    async def pass_over(self, body: bytes) -> float:
        """Carry one body; gives the ms it took."""
        began = time.perf_counter()
        await self._child.execute(LINE, (body,))
        sent = await self._producer.send(self._topic, body)
        async with asyncio.timeout(RECEIVE_SECONDS):
            record = await self._consumer.getone()
        await self._parent.execute(LINE, (record.value,))
        took = (time.perf_counter() - began) * 1000
        await sent
        return took


@asynccontextmanager
async def bare_hop(bootstrap: str, child_dsn: str, parent_dsn: str) -> AsyncIterator[BareHop]:
    """Open what a bare hop needs: a topic of its own, one producer, one consumer, a connection to either database."""
    topic = await fresh_topic(bootstrap)
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    consumer = aiokafka.AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    child, parent = await line_connection(child_dsn), await line_connection(parent_dsn)
    await asyncio.gather(producer.start(), consumer.start())
    try:
        yield BareHop(producer, consumer, child, parent)
    finally:
        await asyncio.gather(producer.stop(), consumer.stop(), child.close(), parent.close())


async def line_connection(dsn: str) -> psycopg.AsyncConnection:
    """Connect to a database in which one row can be committed by one statement; prepared like ours."""
    connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
    connection.prepare_threshold = 1
    await connection.execute(LINE_TABLE)
    return connection


async def fresh_topic(bootstrap: str) -> str:
    """Make a topic of one partition; gives its name."""
    name = f"bare-{uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, 1)])
    finally:
        await admin.close()
    return name


async def open_loop(rate: float, count: int, actions: Sequence[Action]) -> None:
    """Begin `count` turns, `rate` a second, whatever became of those before; the actions take turns (interleaved)."""
    began, tasks = time.perf_counter(), list[asyncio.Task[None]]()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(actions[number % len(actions)](number)))
    await asyncio.gather(*tasks)
