"""Each finding about Faust of DESIGN section 4 that is a setting, read back from a started app."""

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fengqiao.bus.delivery import Delivery
from fengqiao.bus.faust_app import NodeApp
from fengqiao.bus.faust_run import FaustRun
from fengqiao.bus.faust_settings import CarrierSettings, faust_options
from tests.containers import KafkaBroker
from tests.node.carrier_rig import Shelf, create_topics, fresh

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


@pytest.fixture
async def run(kafka: KafkaBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaustRun]:
    monkeypatch.chdir(tmp_path)
    topic = fresh("fengqiao.up")
    await create_topics(kafka.bootstrap, topic)
    run = FaustRun(CarrierSettings(fresh("c"), (kafka.bootstrap,)), [topic], Delivery(Shelf()))
    await run.start()
    yield run
    await run.stop(3)


@pytest.fixture
def app(run: FaustRun) -> Any:
    return run._app


async def test_one_agent_reads_all_topics_with_concurrency_one(app: Any) -> None:
    assert [agent.concurrency for agent in app.agents.values()] == [1]


async def test_membership_is_static_and_the_session_is_ten_seconds(app: Any) -> None:
    consumer = app.kafka
    assert consumer._group_instance_id == f"{app.conf.id}.0"
    assert consumer._session_timeout_ms == 10_000
    assert consumer._heartbeat_interval_ms * 3 < 10_000
    assert consumer._coordinator._group_instance_id == consumer._group_instance_id


async def test_the_group_is_the_centre_and_the_instance_its_replica() -> None:
    settings = CarrierSettings("371403", ("a:1",), replica="2")
    assert (settings.group, settings.instance) == ("fengqiao.371403", "fengqiao.371403.2")


async def test_batches_of_the_producer_have_a_mebibyte_and_wait_for_all_replicas(app: Any) -> None:
    producer = app.producer._producer
    assert producer._message_accumulator._batch_size == 1_048_576
    assert producer._sender._acks == -1
    assert producer._message_accumulator._linger_time == 0


async def test_offsets_are_committed_by_us_once_a_second_and_an_unknown_group_reads_from_the_earliest(app: Any) -> None:
    assert app.conf.broker_commit_interval == 1.0
    assert app.kafka._enable_auto_commit is False
    assert app.kafka._auto_offset_reset == "earliest"


async def test_no_web_no_leader_topic_no_declared_topics_no_autodiscovery(app: Any) -> None:
    conf = app.conf
    assert (conf.web_enabled, conf.topic_allow_declare, conf.autodiscover) == (False, False, False)
    assert conf.topic_disable_leader is True
    topics = await app.kafka.topics()
    assert [topic for topic in topics if app.conf.id in topic] == []


async def test_at_least_once_and_no_tables(app: Any) -> None:
    assert app.conf.processing_guarantee.value == "at_least_once"
    assert not app.in_transaction
    assert len(app.tables) == 0


async def test_keys_and_values_are_raw_bytes(app: Any) -> None:
    assert (app.conf.key_serializer, app.conf.value_serializer) == ("raw", "raw")


async def test_a_receiver_may_wait_for_its_database_for_a_day(app: Any) -> None:
    assert app.kafka._max_poll_interval_ms == 86_400_000


async def test_a_run_makes_no_threads_takes_no_signals_and_leaves_no_tasks(kafka: KafkaBroker) -> None:
    def surroundings() -> tuple[object, ...]:
        threads = {thread.ident for thread in threading.enumerate()}
        return threads, [signal.getsignal(number) for number in SIGNALS], logging.getLogger().handlers

    before, tasks = surroundings(), asyncio.all_tasks()
    run = FaustRun(CarrierSettings(fresh("c"), (kafka.bootstrap,)), [fresh("t")], Delivery(Shelf()))
    await run.start()
    assert surroundings() == before
    await run.stop(3)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == tasks


def test_faust_makes_no_folder_for_its_tables(app: Any, tmp_path: Path) -> None:
    assert app.started
    assert list(tmp_path.iterdir()) == []


async def test_apps_are_values_that_share_nothing() -> None:
    async def take(_: object) -> None:
        raise AssertionError("nothing is taken here")

    apps = [NodeApp(CarrierSettings(c, ("a:1",)), ["t"], take, lambda _: None) for c in ("1", "2")]
    assert [app.conf.id for app in apps] == ["fengqiao.1", "fengqiao.2"]
    assert apps[0].agents is not apps[1].agents
    assert apps[0].monitor is not apps[1].monitor
    await asyncio.gather(*(app.stop() for app in apps))


def test_every_option_is_one_that_faust_knows() -> None:
    from faust.types.settings import Settings

    assert set(faust_options(CarrierSettings("1", ("a:1",)))) <= set(Settings.SETTINGS)
