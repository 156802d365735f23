"""The carrier lives through a broker that stops, comes back, or comes back with an empty disk."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from fengqiao.bus.carrier import CarrierAway
from fengqiao.bus.faust_carrier import FaustCarrier
from fengqiao.bus.faust_settings import CarrierSettings
from fengqiao.bus.log_limits import TRANSPORT_LOGGERS, limit_transport_logging
from fengqiao.entry.local.kafka import EmbeddedKafka
from fengqiao.entry.local.ports import PortBook
from tests.node.carrier_rig import (
    Shelf,
    as_values,
    commit_raw,
    create_topics,
    delete_topics,
    fresh,
    numbered,
    send_raw,
    shown_lines,
    until,
)

pytestmark = pytest.mark.timeout(180)  # brokers and processes are started here, on a machine that may be busy


@pytest.fixture(scope="module")
def broker(parts_folder: Path, parts_cache: Path) -> Iterator[EmbeddedKafka]:
    """A broker of our own, because these tests stop it and delete its data."""
    ports = PortBook(parts_folder).allocate(["outage", "outage_controller"])
    own = EmbeddedKafka(parts_folder / "outage", ports["outage"], ports["outage_controller"], cache=parts_cache)
    own.start()
    yield own
    own.kill()


class Node:
    """One carrier with its topic and its receiver."""

    def __init__(self, broker: EmbeddedKafka, topic: str = "", centre: str = "") -> None:
        self.topic = topic or fresh("fengqiao.up")
        self.centre = centre or fresh("c")
        self.shelf = Shelf()
        self.settings = CarrierSettings(self.centre, (broker.bootstrap,), send_deadline_seconds=3.0, probe_seconds=0.5)
        self.carrier = FaustCarrier(self.settings, [self.topic], self.shelf)

    async def sends(self, number: int) -> None:
        """Sends as a relay does: again and again until it is acknowledged."""
        async with asyncio.timeout(30):
            while True:
                try:
                    return await self.carrier.send(numbered(self.topic, [number]))
                except CarrierAway:
                    await asyncio.sleep(0.2)

    def has(self, number: int) -> bool:
        return str(number).encode() in self.shelf.values(self.topic)


@pytest.fixture
async def node(broker: EmbeddedKafka) -> AsyncIterator[Node]:
    await asyncio.to_thread(broker.start)
    node = Node(broker)
    await create_topics(broker.bootstrap, node.topic)
    await node.carrier.start(20)
    await node.sends(1)
    await until(lambda: node.has(1))
    yield node
    await node.carrier.stop()


async def test_a_broker_that_stops_and_comes_back_is_used_again(broker: EmbeddedKafka, node: Node) -> None:
    await asyncio.to_thread(broker.stop)
    await until(lambda: not node.carrier.health().connected)
    assert node.carrier.health().lag is None
    await asyncio.sleep(3)
    await asyncio.to_thread(broker.start)
    assert await until(lambda: node.carrier.health().assigned) < 15
    await node.sends(2)
    await until(lambda: node.has(2))
    assert node.carrier.health().restarts_total == 1


async def test_a_broker_that_is_killed_and_comes_back_loses_nothing_that_was_acknowledged(
    broker: EmbeddedKafka, node: Node
) -> None:
    sent = 1
    for _ in range(2):
        for _ in range(20):
            sent += 1
            await node.sends(sent)
        await asyncio.to_thread(broker.kill)
        await asyncio.to_thread(broker.start)
    await node.sends(sent + 1)
    await until(lambda: node.has(sent + 1))
    first_seen = list(dict.fromkeys(node.shelf.values(node.topic)))
    assert first_seen == as_values(range(1, sent + 2))


async def test_a_send_during_an_outage_fails_at_once_and_one_under_way_within_its_deadline(
    broker: EmbeddedKafka, node: Node
) -> None:
    stopping = asyncio.create_task(asyncio.to_thread(broker.kill))
    failed_after: list[float] = []
    for number in range(2, 2_000):
        began = time.monotonic()
        try:
            await node.carrier.send(numbered(node.topic, [number]))
        except CarrierAway:
            failed_after.append(time.monotonic() - began)
        if len(failed_after) >= 3:
            break
        await asyncio.sleep(0.01)
    await stopping
    assert len(failed_after) == 3
    assert max(failed_after) < 3.5
    assert failed_after[-1] < 0.1


async def test_a_broker_with_an_empty_disk_is_read_from_its_first_record(broker: EmbeddedKafka, node: Node) -> None:
    for number in range(2, 40):
        await node.sends(number)
    await until(lambda: node.has(39))
    await asyncio.sleep(1.5)  # the offsets are committed once a second
    await asyncio.to_thread(broker.wipe)
    await asyncio.to_thread(broker.start)
    await until(lambda: node.carrier.health().connected)
    await create_topics(broker.bootstrap, node.topic)
    await send_raw(broker.bootstrap, numbered(node.topic, range(100, 160)))
    await until(lambda: node.has(159))
    assert node.shelf.values(node.topic)[-60:] == as_values(range(100, 160))
    await node.sends(160)
    await until(lambda: node.has(160))
    await until(lambda: node.carrier.health().lag == 0)


async def test_an_empty_disk_is_noticed_though_the_new_log_is_longer_than_the_old_one_when_looked_at(
    broker: EmbeddedKafka, node: Node
) -> None:
    await asyncio.to_thread(broker.wipe)
    await asyncio.to_thread(broker.start)
    await create_topics(broker.bootstrap, node.topic)
    await send_raw(broker.bootstrap, numbered(node.topic, range(100, 700)))
    await until(lambda: node.has(699))
    assert node.shelf.values(node.topic)[-600:] == as_values(range(100, 700))


async def test_a_topic_that_is_deleted_and_made_anew_is_read_from_its_first_record(
    broker: EmbeddedKafka, node: Node
) -> None:
    for number in range(2, 40):
        await node.sends(number)
    await until(lambda: node.has(39))
    await delete_topics(broker.bootstrap, node.topic)
    await asyncio.sleep(2)
    await create_topics(broker.bootstrap, node.topic)
    await send_raw(broker.bootstrap, numbered(node.topic, range(100, 110)))
    await until(lambda: node.has(109))
    assert [value for value in node.shelf.values(node.topic) if int(value) >= 100] == as_values(range(100, 110))


async def test_an_offset_committed_in_a_log_that_is_gone_does_not_hide_the_new_one(broker: EmbeddedKafka) -> None:
    await asyncio.to_thread(broker.start)
    node = Node(broker)
    await create_topics(broker.bootstrap, node.topic)
    await commit_raw(broker.bootstrap, node.settings.group, node.topic, 39)
    await send_raw(broker.bootstrap, numbered(node.topic, range(10)))
    try:
        await node.carrier.start(20)
        await until(lambda: node.has(9))
        await until(lambda: node.carrier.health().lag == 0)
        assert node.shelf.values(node.topic) == as_values(range(10))
        assert node.carrier.health().restarts_total == 0
    finally:
        await node.carrier.stop()
    again = Node(broker, node.topic, node.centre)
    await again.carrier.start(20)
    await again.sends(10)
    await until(lambda: again.has(10))
    await again.carrier.stop()
    assert again.shelf.values(node.topic) == as_values([10])


async def test_it_stops_within_five_seconds_while_the_broker_is_away(broker: EmbeddedKafka, node: Node) -> None:
    await asyncio.to_thread(broker.kill)
    began = time.monotonic()
    await node.carrier.stop()
    assert time.monotonic() - began < 5
    await asyncio.sleep(0.1)
    assert strange_tasks() == []


async def test_it_stops_within_five_seconds_when_the_broker_hangs(broker: EmbeddedKafka, node: Node) -> None:
    process = psutil.Process(broker.pid)
    process.suspend()
    try:
        began = time.monotonic()
        await node.carrier.stop()
        assert time.monotonic() - began < 5
    finally:
        process.resume()


async def test_a_faust_that_does_not_stop_is_cut_off_and_leaves_no_tasks(
    broker: EmbeddedKafka, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: Any = node.carrier._run
    monkeypatch.setattr(run._app, "stop", asyncio.Event().wait)
    began = time.monotonic()
    await node.carrier.stop()
    assert time.monotonic() - began < 5.5
    await asyncio.sleep(0.2)
    assert strange_tasks() == []


def strange_tasks() -> list[str]:
    """What runs besides the test itself."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    return [repr(task) for task in others if "test_" not in task.get_name() and "fixture" not in repr(task)]


async def test_an_outage_writes_at_most_twenty_lines_a_minute(broker: EmbeddedKafka) -> None:
    await asyncio.to_thread(broker.start)
    nodes = [Node(broker) for _ in range(12)]
    await create_topics(broker.bootstrap, *(node.topic for node in nodes))
    limit = limit_transport_logging(20)
    try:
        await asyncio.gather(*(node.carrier.start(30) for node in nodes))
        with shown_lines() as shown:
            await asyncio.to_thread(broker.kill)
            for _ in range(20):
                await asyncio.gather(*(_tries(node) for node in nodes))
                await asyncio.sleep(0.25)
            await asyncio.to_thread(broker.start)
            await until(lambda: all(node.carrier.health().assigned for node in nodes))
        lines = [each for each in shown.records if each.name.startswith(TRANSPORT_LOGGERS)]
        assert 1 <= len(lines) <= 20
        assert len(lines) + limit.hidden_total > 20
    finally:
        await asyncio.gather(*(node.carrier.stop() for node in nodes))
        limit.undo()


async def _tries(node: Node) -> None:
    try:
        await node.carrier.send(numbered(node.topic, [1]))
    except CarrierAway:
        return
