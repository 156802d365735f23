"""What SIGKILL leaves behind: the message in hand comes again, at once, and no offset is ahead of what was taken."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from fengqiao.bus.faust_settings import GROUP_PREFIX
from tests.containers import KafkaBroker
from tests.node.carrier_rig import create_topics, fresh, numbered, send_raw, until

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(180)  # brokers and processes are started here, on a machine that may be busy


class Program:
    """The killable node: its processes, and the ledger that outlives them."""

    def __init__(self, kafka: KafkaBroker, topic: str, file: Path) -> None:
        self._kafka = kafka
        self.topic = topic
        self.centre = fresh("c")
        self._file = file
        self._process: asyncio.subprocess.Process | None = None
        self.started_at = 0.0

    async def start(self, hang_at: int | None = None) -> None:
        arguments = [self._kafka.bootstrap, self.centre, self.topic, str(self._file)]
        self.started_at = time.monotonic()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.node.carrier_program",
            *arguments,
            *([] if hang_at is None else [str(hang_at)]),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "services"},
            stdout=asyncio.subprocess.PIPE,
        )

    async def says(self, word: str) -> str:
        """The rest of the first line that begins with the word."""
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            async for line in self._process.stdout:
                text = line.decode().strip()
                if text.startswith(word):
                    return text.removeprefix(word).strip()
        raise AssertionError(f"it never said {word}")

    async def ends(self, signal_number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal_number)
            await asyncio.wait_for(self._process.wait(), 10)

    def lines(self, word: str) -> list[list[int]]:
        rows = self._file.read_text("ascii").splitlines() if self._file.exists() else []
        return [[int(part) for part in row.removeprefix(word).split()] for row in rows if row.startswith(word)]

    async def committed(self) -> int | None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._kafka.bootstrap, group_id=f"{GROUP_PREFIX}{self.centre}", enable_auto_commit=False
        )
        await consumer.start()
        try:
            consumer.assign([TopicPartition(self.topic, 0)])
            offset: int | None = await consumer.committed(TopicPartition(self.topic, 0))
            return offset
        finally:
            await consumer.stop()


@pytest.fixture
async def program(kafka: KafkaBroker, tmp_path: Path) -> AsyncIterator[Program]:
    topic = fresh("fengqiao.up")
    await create_topics(kafka.bootstrap, topic)
    program = Program(kafka, topic, tmp_path / "ledger")
    yield program
    await program.ends(signal.SIGKILL)


async def test_the_message_in_hand_at_sigkill_comes_again_and_offsets_are_right(
    program: Program, kafka: KafkaBroker
) -> None:
    await send_raw(kafka.bootstrap, numbered(program.topic, range(100)))
    await program.start()
    await until(lambda: len(program.lines("taken")) == 100, 30)
    for _ in range(50):
        if await program.committed() == 100:
            break
        await asyncio.sleep(0.2)
    assert await program.committed() == 100
    await program.ends(signal.SIGKILL)

    await program.start(hang_at=150)
    await program.says("started")
    await send_raw(kafka.bootstrap, numbered(program.topic, range(100, 200)))
    await until(lambda: program.lines("in hand") == [[150]], 30)
    await asyncio.sleep(1.5)  # a commit that were wrong would have gone out by now
    await program.ends(signal.SIGKILL)
    committed = await program.committed()
    assert committed is not None
    assert 100 <= committed <= 150

    await program.start()
    await until(lambda: [199, 199] in program.lines("taken"), 30)
    taken = [offset for offset, _ in program.lines("taken")]
    assert set(taken) == set(range(200))
    assert taken[:100] == list(range(100))
    assert taken[-50:] == list(range(150, 200))


async def test_a_killed_node_takes_messages_again_within_three_seconds_of_its_start(
    program: Program, kafka: KafkaBroker
) -> None:
    await program.start()
    await program.says("started")
    await send_raw(kafka.bootstrap, numbered(program.topic, [1]))
    await program.says("first")
    for number in (2, 3):
        await program.ends(signal.SIGKILL)
        await send_raw(kafka.bootstrap, numbered(program.topic, [number]))
        await program.start()
        assert float(await program.says("first")) < 3.0


async def test_sigterm_ends_it_in_order_with_its_offsets_committed(program: Program, kafka: KafkaBroker) -> None:
    await send_raw(kafka.bootstrap, numbered(program.topic, range(50)))
    await program.start()
    await until(lambda: len(program.lines("taken")) == 50, 30)
    began = time.monotonic()
    await program.ends(signal.SIGTERM)
    assert time.monotonic() - began < 5
    assert await program.committed() == 50
