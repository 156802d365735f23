"""`topics sync` against a real broker, at the size of the real city."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka.admin import ConfigResource

from fengqiao.bus.broker import broker_admin, broker_answers
from fengqiao.bus.topic_sync import Alteration, Drift, SyncReport, sync_topics
from fengqiao.bus.topics import topics_for, up_topic
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.entry.local.kafka import EmbeddedKafka
from fengqiao.entry.local.ports import PortBook
from tests.cities import real_size_topology

TABLE = topics_for(real_size_topology())
CHILD = up_topic("371401")


@pytest.fixture(scope="module")
def broker(parts_folder: Path, parts_cache: Path) -> Iterator[EmbeddedKafka]:
    """A broker of our own, because the test counts its topics and deletes its data."""
    ports = PortBook(parts_folder).allocate(["sync", "sync_controller"])
    own = EmbeddedKafka(parts_folder / "sync", ports["sync"], ports["sync_controller"], cache=parts_cache)
    own.start()
    yield own
    own.kill()


def told_soon(broker: EmbeddedKafka, holds: Callable[[SyncReport], bool]) -> bool:
    """Says whether a dry run tells what it should within ten seconds: brokers take up a change a little later."""
    until = time.monotonic() + 10
    while not (is_told := holds(sync_topics(broker.bootstrap, TABLE, dry_run=True))) and time.monotonic() < until:
        time.sleep(0.05)
    return is_told


@pytest.fixture
def synced(broker: EmbeddedKafka) -> EmbeddedKafka:
    sync_topics(broker.bootstrap, TABLE)
    return broker


def test_a_second_run_changes_nothing(broker: EmbeddedKafka) -> None:
    first = sync_topics(broker.bootstrap, TABLE)
    second = sync_topics(broker.bootstrap, TABLE)
    assert len(first.created) == 586
    assert second.in_step
    assert second.unchanged == 586


def test_dry_run_tells_and_touches_nothing(synced: EmbeddedKafka) -> None:
    with broker_admin(synced.bootstrap) as admin:
        admin.alter_configs([ConfigResource("TOPIC", CHILD, {"retention.ms": "1000"})])
    expected = (Alteration(CHILD, "retention.ms", "1000", "604800000"),)
    assert told_soon(synced, lambda report: report.altered == expected)
    assert told_soon(synced, lambda report: report.altered == expected)
    done = sync_topics(synced.bootstrap, TABLE)
    assert (done.dry_run, done.altered) == (False, expected)
    assert told_soon(synced, lambda report: report.in_step)


def test_unknown_topics_and_partition_counts_are_reported_and_left_alone(synced: EmbeddedKafka) -> None:
    with broker_admin(synced.bootstrap) as admin:
        admin.create_topics({"fengqiao.up.old": {"num_partitions": 1}, "payroll": {}}, wait_for_metadata=True)
        admin.create_partitions({CHILD: 2})
        drift = (Drift(CHILD, "partitions", "2", "1"), Drift("fengqiao.up.old", "unknown", "fengqiao.up.old", "-"))
        assert told_soon(synced, lambda report: report.drift == drift)
        assert sync_topics(synced.bootstrap, TABLE).drift == drift
        assert {"fengqiao.up.old", "payroll"} <= set(admin.list_topics())


def test_a_broker_that_lost_its_disk_gets_all_topics_again(synced: EmbeddedKafka) -> None:
    synced.wipe()
    synced.start()
    few = TABLE[-10:]
    assert sync_topics(synced.bootstrap, few).created == tuple(topic.name for topic in few)


def test_a_new_broker_knows_the_coordinator_of_every_group_once_it_was_awaited(broker: EmbeddedKafka) -> None:
    broker.await_groups(30)
    with broker_admin(broker.bootstrap) as admin:
        assert [admin.list_group_offsets(f"group-{n}") for n in range(8)] == [{f"group-{n}": {}} for n in range(8)]


def test_no_broker_is_a_refusal_within_the_deadline(broker: EmbeddedKafka) -> None:
    broker.kill()
    began = time.monotonic()
    with pytest.raises(Refusal) as refused:
        sync_topics(broker.bootstrap, TABLE, call_seconds=1.0)
    assert (refused.value.kind, refused.value.code) == (Kind.UNAVAILABLE, "broker_away")
    assert time.monotonic() - began < 5
    assert not broker_answers(broker.bootstrap, 0.5)
