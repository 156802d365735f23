"""What the carrier's tests share: topics, a receiver that remembers, waiting with a deadline, raw sends."""

import asyncio
import contextlib
import itertools
import logging
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from fengqiao.bus.carrier import Parcel, Record

_serial = itertools.count(1)


def fresh(word: str) -> str:
    """A name that no other test, worker or run on the same broker has."""
    return f"{word}.{os.getpid()}.{time.monotonic_ns()}.{next(_serial)}"


class Shelf:
    """A receiver that keeps what it is given; `refuse` may raise to play a database that is away."""

    def __init__(self, refuse: Callable[[Sequence[Record]], None] = lambda _: None, pause_seconds: float = 0.0) -> None:
        self.records: list[Record] = []
        self.batches: list[list[Record]] = []
        self.asked = 0
        self.busy = asyncio.Event()
        self._refuse = refuse
        self._pause_seconds = pause_seconds

    async def __call__(self, records: Sequence[Record]) -> None:
        self.asked += 1
        self.busy.set()
        self._refuse(records)
        await asyncio.sleep(self._pause_seconds)
        self.batches.append(list(records))
        self.records.extend(records)

    def values(self, topic: str) -> list[bytes]:
        """What has been taken of one topic, in the order of arrival."""
        return [record.value for record in self.records if record.topic == topic]

    def offsets(self) -> dict[str, list[int]]:
        """The offsets taken, by topic, in the order of arrival."""
        by_topic: dict[str, list[int]] = defaultdict(list)
        for record in self.records:
            by_topic[record.topic].append(record.offset)
        return dict(by_topic)


class ShownLines(logging.Handler):
    """What reaches the root's handlers, as an operator reads it (pytest's caplog also sees what is withheld)."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def texts(self) -> list[str]:
        """The lines as text."""
        return [record.getMessage() for record in self.records]


@contextlib.contextmanager
def shown_lines() -> Iterator[ShownLines]:
    """Collects the lines of the whole process while the block runs."""
    shown = ShownLines()
    logging.getLogger().addHandler(shown)
    try:
        yield shown
    finally:
        logging.getLogger().removeHandler(shown)


async def until(holds: Callable[[], bool], seconds: float = 40.0) -> float:
    """Waits until something holds and gives the seconds it took; fails with AssertionError at the deadline."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        await asyncio.sleep(0.01)
    return time.monotonic() - began


def numbered(topic: str, numbers: Iterable[int]) -> list[Parcel]:
    """Parcels whose values are their numbers."""
    return [Parcel(topic, b"case", str(number).encode(), {"ce_id": str(number).encode()}) for number in numbers]


def as_values(numbers: Iterable[int]) -> list[bytes]:
    """The values of `numbered`."""
    return [str(number).encode() for number in numbers]


async def create_topics(bootstrap: str, *topics: str, partitions: int = 1) -> None:
    """Makes topics on the broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, partitions, 1) for topic in topics])
    finally:
        await admin.close()


async def delete_topics(bootstrap: str, *topics: str) -> None:
    """Takes topics away from the broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics(list(topics))
    finally:
        await admin.close()


async def send_raw(bootstrap: str, parcels: Iterable[Parcel]) -> None:
    """Sends by plain aiokafka, as a neighbour's node would."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        waiting = [
            await producer.send(parcel.topic, parcel.value, key=parcel.key, headers=list(parcel.headers.items()))
            for parcel in parcels
        ]
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()


async def commit_raw(bootstrap: str, group: str, topic: str, offset: int) -> None:
    """Commits an offset for a group without members."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.commit({TopicPartition(topic, 0): offset})
    finally:
        await consumer.stop()
