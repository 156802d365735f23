"""The embedded Kafka: that it answers, keeps to itself, and comes back."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kafka.errors import UnknownTopicOrPartitionError

from fengqiao.bus.broker import broker_admin
from fengqiao.domain.errors import Refusal
from fengqiao.entry.local.kafka import EmbeddedKafka
from fengqiao.entry.local.ports import PortBook


@pytest.fixture(scope="module")
def own(parts_folder: Path, parts_cache: Path) -> Iterator[EmbeddedKafka]:
    """A broker of our own, because these tests stop and kill it; its start-up archive is spoilt."""
    spoilt = parts_folder / "spoilt.aot"
    spoilt.write_bytes(b"no archive")
    options = [f"-XX:AOTCache={spoilt}"]
    ports = PortBook(parts_folder).allocate(["own_kafka", "own_controller"])
    folder = parts_folder / "own-kafka"
    broker = EmbeddedKafka(folder, ports["own_kafka"], ports["own_controller"], cache=parts_cache, java_options=options)
    broker.start()
    with broker_admin(broker.bootstrap) as admin:
        admin.create_topics({"kept": {"num_partitions": 1}}, wait_for_metadata=True)
    yield broker
    broker.kill()


def topics(broker: EmbeddedKafka) -> set[str]:
    with broker_admin(broker.bootstrap) as admin:
        return set(admin.list_topics())


def test_it_answers_and_makes_no_topic_by_itself(own: EmbeddedKafka) -> None:
    assert own.ready
    with broker_admin(own.bootstrap) as admin:
        told = {topic["name"]: topic["error_code"] for topic in admin.describe_topics(["misspelt"])}
    assert told == {"misspelt": UnknownTopicOrPartitionError.errno}
    assert topics(own) == {"kept"}


def test_a_spoilt_startup_archive_is_no_obstacle(own: EmbeddedKafka) -> None:
    assert "spoilt.aot" in " ".join(psutil.Process(own.pid).cmdline())
    assert own.ready


def test_it_listens_on_loopback_only(own: EmbeddedKafka) -> None:
    listening = {c.laddr for c in psutil.Process(own.pid).net_connections() if c.status == psutil.CONN_LISTEN}
    assert {address.port for address in listening} == {own.port, own.controller_port}
    assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_it_has_a_session_of_its_own_so_that_ctrl_c_does_not_reach_it(own: EmbeddedKafka) -> None:
    assert own.pid is not None
    assert os.getsid(own.pid) == own.pid != os.getsid(0)


def test_its_files_stay_in_its_folder(own: EmbeddedKafka) -> None:
    names = {path.name for path in own.folder.iterdir()}
    assert names == {"data", "kafka.log", "kafka.pid", "server.properties", "tmp"}


def test_a_second_object_finds_the_running_broker_and_keeps_it(own: EmbeddedKafka, parts_cache: Path) -> None:
    other = EmbeddedKafka(own.folder, own.port, own.controller_port, cache=parts_cache)
    other.start()
    assert other.pid == own.pid


def test_topics_are_there_after_sigkill(own: EmbeddedKafka) -> None:
    own.kill()
    assert own.pid is None
    assert not own.ready
    own.start()
    assert topics(own) == {"kept"}


def test_it_stops_in_order_and_another_object_may_ask_for_it(own: EmbeddedKafka, parts_cache: Path) -> None:
    EmbeddedKafka(own.folder, own.port, own.controller_port, cache=parts_cache).stop()
    assert own.pid is None
    assert (own.data / ".kafka_cleanshutdown").exists()


def test_a_taken_port_is_a_refusal_with_its_number(
    embedded_kafka: EmbeddedKafka, parts_folder: Path, parts_cache: Path
) -> None:
    controller_port = PortBook(parts_folder).allocate(["late"])["late"]
    late = EmbeddedKafka(parts_folder / "late-kafka", embedded_kafka.port, controller_port, cache=parts_cache)
    with pytest.raises(Refusal, match=f"port {embedded_kafka.port} is taken"):
        late.start()


def test_a_broken_setting_is_a_refusal_that_says_why(parts_folder: Path, parts_cache: Path) -> None:
    ports = PortBook(parts_folder).allocate(["broken_kafka", "broken_controller"])
    broker = EmbeddedKafka(
        parts_folder / "broken-kafka",
        ports["broken_kafka"],
        ports["broken_controller"],
        cache=parts_cache,
        settings={"log.segment.bytes": "plenty"},
    )
    began = time.monotonic()
    with pytest.raises(Refusal, match=r"plenty.*see .*kafka\.log"):
        broker.start()
    assert time.monotonic() - began < 60
    assert broker.pid is None
