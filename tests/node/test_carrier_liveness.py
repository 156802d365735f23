"""Liveness is "an offset moved or the lag is 0": it tells a consumer that died silently from one with nothing to do."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from fengqiao.bus.carrier import CarrierHealth
from fengqiao.bus.faust_carrier import FaustCarrier
from fengqiao.bus.faust_settings import CarrierSettings
from tests.containers import KafkaBroker
from tests.node.carrier_rig import Shelf, create_topics, fresh, numbered, send_raw, until

ALIVE = CarrierHealth(
    connected=True,
    assigned=True,
    lag=5,
    seconds_since_progress=31.0,
    receiver_failures=0,
    delivered_total=0,
    sent_total=0,
    restarts_total=0,
)


class Watched:
    """A carrier that looks after itself often, with its topic and receiver."""

    def __init__(self, kafka: KafkaBroker, stall_seconds: float) -> None:
        self.bootstrap = kafka.bootstrap
        self.topic = fresh("fengqiao.up")
        self.shelf = Shelf()
        settings = CarrierSettings(fresh("c"), (kafka.bootstrap,), probe_seconds=0.3, stall_seconds=stall_seconds)
        self.carrier = FaustCarrier(settings, [self.topic], self.shelf)

    async def start(self) -> None:
        await create_topics(self.bootstrap, self.topic)
        await self.carrier.start(20)
        await send_raw(self.bootstrap, numbered(self.topic, [1]))
        await until(lambda: len(self.shelf.records) == 1)
        await until(lambda: self.carrier.health().lag == 0)

    def kill_silently(self) -> None:
        """Ends what fetches, and nothing else: the heartbeats go on, no error is raised, the process is up."""
        run: Any = self.carrier._run
        run._app.kafka._fetcher._fetch_task.cancel()


@pytest.fixture
async def watched(kafka: KafkaBroker) -> AsyncIterator[Watched]:
    watched = Watched(kafka, stall_seconds=60.0)
    await watched.start()
    yield watched
    await watched.carrier.stop()


async def test_an_idle_consumer_is_alive(watched: Watched) -> None:
    await asyncio.sleep(2.0)
    health = watched.carrier.health()
    assert health.lag == 0
    assert not health.stalled(1.5)


async def test_a_silently_dead_consumer_is_told_from_an_idle_one(watched: Watched) -> None:
    watched.kill_silently()
    await send_raw(watched.bootstrap, numbered(watched.topic, range(2, 5)))
    await until(lambda: watched.carrier.health().lag == 3)
    await until(lambda: watched.carrier.health().stalled(1.5))
    assert watched.carrier.health().connected
    assert len(watched.shelf.records) == 1


async def test_a_carrier_that_stands_still_is_started_anew_by_itself(kafka: KafkaBroker) -> None:
    watched = Watched(kafka, stall_seconds=1.5)
    await watched.start()
    try:
        watched.kill_silently()
        await send_raw(watched.bootstrap, numbered(watched.topic, range(2, 5)))
        await until(lambda: len(watched.shelf.records) >= 4)
        assert watched.carrier.health().restarts_total == 1
    finally:
        await watched.carrier.stop()


async def test_a_faust_app_that_crashes_is_replaced(watched: Watched) -> None:
    run: Any = watched.carrier._run
    await run._app.consumer.crash(RuntimeError("made up"))
    await until(lambda: watched.carrier.health().restarts_total == 1)
    await send_raw(watched.bootstrap, numbered(watched.topic, [2]))
    await until(lambda: b"2" in watched.shelf.values(watched.topic))
    assert watched.carrier.health().connected


@pytest.mark.parametrize(
    ("changed", "stalled"),
    [
        ({}, True),
        ({"lag": None}, True),
        ({"lag": 0}, False),
        ({"seconds_since_progress": 29.0}, False),
        ({"receiver_failures": 1}, False),
        ({"connected": False, "lag": None}, False),
    ],
)
def test_stalled_means_connected_with_lag_with_a_willing_receiver_and_without_progress(
    changed: dict[str, Any], stalled: bool
) -> None:
    from dataclasses import replace

    assert replace(ALIVE, **changed).stalled(30.0) is stalled
