"""Records of topics behind the nodes' backs: read all of them, and write anything."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiokafka

from fengqiao.proto.v1 import envelope_pb2


@dataclass(frozen=True)
class Lying:
    """One record where it lies."""

    offset: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def seq(self) -> int:
        """Its number on the edge; 0 for a pure receipt."""
        return envelope_pb2.Envelope.FromString(self.value).seq

    @property
    def urgent(self) -> bool:
        return envelope_pb2.Envelope.FromString(self.value).urgent


async def lying_in(bootstrap: str, topic: str) -> list[Lying]:
    """All records of a topic, in order."""
    partition = aiokafka.TopicPartition(topic, 0)
    consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    found: list[Lying] = []
    async with asyncio.timeout(30):
        await consumer.start()
        try:
            consumer.assign([partition])
            end = (await consumer.end_offsets([partition]))[partition]
            # Not `seek_to_beginning`, after which aiokafka 0.14 may still begin at the end.
            consumer.seek(partition, (await consumer.beginning_offsets([partition]))[partition])
            while await consumer.position(partition) < end:
                batch: list[Any] = (await consumer.getmany(partition, timeout_ms=500)).get(partition, [])
                found += [Lying(one.offset, one.key, one.value, tuple(one.headers)) for one in batch]
        finally:
            await consumer.stop()
    return found


def first_copies(records: Sequence[Lying]) -> list[Lying]:
    """The numbered records, each number once: what is brought again must not double with every seed."""
    found: dict[int, Lying] = {}
    for record in records:
        if record.seq:
            found.setdefault(record.seq, record)
    return list(found.values())


async def write(bootstrap: str, topic: str, records: Sequence[Lying]) -> list[int]:
    """Write records to the end of a topic; gives their offsets."""
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    async with asyncio.timeout(30):
        await producer.start()
        try:
            sent = [
                await producer.send_and_wait(topic, one.value, key=one.key, headers=list(one.headers))
                for one in records
            ]
        finally:
            await producer.stop()
    return [one.offset for one in sent]


async def committed(bootstrap: str, group: str, topic: str) -> int:
    """The offset that a consumer group has committed for a topic; 0 when none."""
    partition = aiokafka.TopicPartition(topic, 0)
    consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    async with asyncio.timeout(30):
        await consumer.start()
        try:
            consumer.assign([partition])
            return await consumer.committed(partition) or 0
        finally:
            await consumer.stop()


def noise(value: bytes) -> Lying:
    """A record of one's own making."""
    return Lying(-1, b"", value, ())
