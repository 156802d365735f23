"""What every carrier has to keep, whatever it is made of: subclass `CarrierConformance` and give it `make`."""

import asyncio
import itertools
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from fengqiao.bus.carrier import Carrier, CarrierAway, Parcel, ParcelsRefused, Receiver, Record
from fengqiao.bus.topics import MESSAGE_BYTES
from tests.containers import KafkaBroker
from tests.node.carrier_rig import Shelf, as_values, create_topics, fresh, numbered, send_raw, until

Make = Callable[[str, str, Sequence[str], Receiver], Carrier]
"""Builds a carrier from bootstrap server, centre, topics and receiver; its batches have at most 500 records."""


class Started:
    """Carriers of one test, all of them stopped at its end."""

    def __init__(self, make: Make, kafka: KafkaBroker) -> None:
        self._make = make
        self._kafka = kafka
        self._carriers: list[Carrier] = []

    async def __call__(self, centre: str, topics: Sequence[str], receiver: Receiver) -> Carrier:
        carrier = self._make(self._kafka.bootstrap, centre, topics, receiver)
        self._carriers.append(carrier)
        await carrier.start(20)
        assert carrier.health().connected
        return carrier

    async def stop_all(self) -> None:
        await asyncio.gather(*(carrier.stop() for carrier in self._carriers))


def unused_server() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class CarrierConformance:
    """The tests; each runs against a real broker."""

    @pytest.fixture
    def make(self) -> Make:
        raise AssertionError("a subclass says how its carrier is made")

    @pytest.fixture
    async def started(self, make: Make, kafka: KafkaBroker) -> AsyncIterator[Started]:
        started = Started(make, kafka)
        yield started
        await started.stop_all()

    @pytest.fixture
    async def topic(self, kafka: KafkaBroker) -> str:
        name = fresh("fengqiao.up")
        await create_topics(kafka.bootstrap, name)
        return name

    async def test_a_record_arrives_as_the_parcel_was_sent(self, started: Started, topic: str) -> None:
        shelf = Shelf()
        carrier = await started(fresh("c"), [topic], shelf)
        before = time.time()
        await carrier.send([Parcel(topic, b"371403001-1", b"\x00\xff", {"ce_id": b"7", "ce_type": b"case"})])
        await until(lambda: bool(shelf.records))
        record = shelf.records[0]
        assert (record.topic, record.partition, record.offset) == (topic, 0, 0)
        assert (record.key, record.value) == (b"371403001-1", b"\x00\xff")
        assert record.headers == {"ce_id": b"7", "ce_type": b"case"}
        assert abs(record.timestamp_ms / 1000 - before) < 10

    async def test_a_quiet_topic_does_not_hold_back_a_busy_one(self, started: Started, kafka: KafkaBroker) -> None:
        busy, quiet = fresh("fengqiao.up"), fresh("fengqiao.down")
        await create_topics(kafka.bootstrap, busy, quiet)
        await send_raw(kafka.bootstrap, [Parcel(busy, b"case", b"x" * 2_000, {}) for _ in range(6_000)])
        taken_at = list[float]()

        def work(records: Sequence[Record]) -> None:
            time.sleep(0.15)  # Decoding and deciding keep the loop of a node as long as this.
            taken_at.append(time.monotonic())

        shelf = Shelf(work)
        await started(fresh("c"), [busy, quiet], shelf)
        await until(lambda: len(shelf.records) == 6_000)
        waits = [after - before for before, after in itertools.pairwise(taken_at)]
        assert len(waits) >= 11
        assert max(waits) < 1.5

    async def test_order_is_kept_in_each_topic_and_batches_are_bounded(
        self, started: Started, kafka: KafkaBroker
    ) -> None:
        topics = [fresh("fengqiao.up") for _ in range(3)]
        await create_topics(kafka.bootstrap, *topics)
        for topic in topics:
            await send_raw(kafka.bootstrap, numbered(topic, range(2_000)))
        shelf = Shelf()
        await started(fresh("c"), topics, shelf)
        await until(lambda: len(shelf.records) >= 6_000)
        assert [shelf.values(topic) for topic in topics] == [as_values(range(2_000))] * 3
        assert shelf.offsets() == {topic: list(range(2_000)) for topic in topics}
        assert max(len(batch) for batch in shelf.batches) <= 500

    async def test_a_receiver_that_raises_gets_the_same_batch_again_and_nothing_is_lost(
        self, started: Started, kafka: KafkaBroker, topic: str
    ) -> None:
        refused: list[list[Record]] = []

        def refuse(records: Sequence[Record]) -> None:
            if len(refused) < 3:
                refused.append(list(records))
                raise ConnectionError("the database is away")

        await send_raw(kafka.bootstrap, numbered(topic, range(700)))
        shelf = Shelf(refuse)
        await started(fresh("c"), [topic], shelf)
        await until(lambda: len(shelf.records) >= 700)
        assert refused[0] == refused[1] == refused[2] == shelf.batches[0]
        assert shelf.values(topic) == as_values(range(700))

    async def test_a_refused_batch_shows_in_health_and_is_not_taken_for_a_dead_consumer(
        self, started: Started, topic: str
    ) -> None:
        willing = False

        def refuse(_: Sequence[Record]) -> None:
            if not willing:
                raise ConnectionError("the database is away")

        carrier = await started(fresh("c"), [topic], shelf := Shelf(refuse))
        await carrier.send(numbered(topic, [1]))
        await until(lambda: carrier.health().receiver_failures >= 2)
        assert not carrier.health().stalled(0.0)
        assert carrier.health().delivered_total == 0
        willing = True
        await until(lambda: bool(shelf.records))
        assert carrier.health().receiver_failures == 0
        assert carrier.health().delivered_total == 1

    async def test_a_graceful_stop_commits_so_that_the_next_start_gets_nothing_twice(
        self, started: Started, topic: str
    ) -> None:
        centre = fresh("c")
        first = Shelf()
        carrier = await started(centre, [topic], first)
        await carrier.send(numbered(topic, range(10)))
        await until(lambda: len(first.records) == 10)
        await carrier.stop()
        assert not carrier.health().connected
        second = Shelf()
        again = await started(centre, [topic], second)
        await again.send(numbered(topic, [10]))
        await until(lambda: bool(second.records))
        assert second.values(topic) == as_values([10])

    async def test_stop_lets_the_batch_in_hand_finish_and_leaves_the_rest_for_the_next_start(
        self, started: Started, kafka: KafkaBroker, topic: str
    ) -> None:
        await send_raw(kafka.bootstrap, numbered(topic, range(1_200)))
        centre = fresh("c")
        slow = Shelf(pause_seconds=0.5)
        carrier = await started(centre, [topic], slow)
        await slow.busy.wait()
        await carrier.stop()
        assert len(slow.batches) == 1
        rest = Shelf()
        await started(centre, [topic], rest)
        await until(lambda: len(slow.records) + len(rest.records) >= 1_200)
        assert slow.values(topic) + rest.values(topic) == as_values(range(1_200))

    async def test_stop_does_not_wait_for_a_database_that_is_away(
        self, started: Started, kafka: KafkaBroker, topic: str
    ) -> None:
        def refuse(_: Sequence[Record]) -> None:
            raise ConnectionError("the database is away")

        await send_raw(kafka.bootstrap, numbered(topic, [1]))
        centre = fresh("c")
        carrier = await started(centre, [topic], refused := Shelf(refuse))
        await until(lambda: refused.asked >= 4)
        began = time.monotonic()
        await carrier.stop()
        assert time.monotonic() - began < 3
        await started(centre, [topic], shelf := Shelf())
        await until(lambda: shelf.values(topic) == as_values([1]))

    async def test_records_without_value_key_or_header_value_are_handed_on(
        self, started: Started, kafka: KafkaBroker, topic: str
    ) -> None:
        bare = {"ce_id": None}
        emptied = Parcel(topic, b"case", None, bare)  # type: ignore[arg-type]  # what compaction leaves of a case
        nameless = Parcel(topic, None, b"x", bare)  # type: ignore[arg-type]  # what a foreign writer may send
        await send_raw(kafka.bootstrap, [emptied, nameless, *numbered(topic, [1])])
        await started(fresh("c"), [topic], shelf := Shelf())
        await until(lambda: len(shelf.records) == 3)
        assert [(each.key, each.value, each.headers) for each in shelf.records] == [
            (b"case", b"", {"ce_id": b""}),
            (None, b"x", {"ce_id": b""}),
            (b"case", b"1", {"ce_id": b"1"}),
        ]

    async def test_two_carriers_in_one_loop_keep_to_their_own_topics(
        self, started: Started, kafka: KafkaBroker
    ) -> None:
        up, down = fresh("fengqiao.up"), fresh("fengqiao.down")
        await create_topics(kafka.bootstrap, up, down)
        parent = await started(fresh("parent"), [up], above := Shelf())
        child = await started(fresh("child"), [down], below := Shelf())
        await child.send(numbered(up, range(5)))
        await parent.send(numbered(down, range(5, 9)))
        await until(lambda: len(above.records) == 5 and len(below.records) == 4)
        assert (set(above.offsets()), set(below.offsets())) == ({up}, {down})

    async def test_a_topic_that_is_made_later_is_read_without_a_restart(
        self, started: Started, kafka: KafkaBroker, topic: str
    ) -> None:
        late = fresh("fengqiao.down")
        carrier = await started(fresh("c"), [topic, late], shelf := Shelf())
        assert not carrier.health().assigned
        await create_topics(kafka.bootstrap, late)
        await send_raw(kafka.bootstrap, [*numbered(late, range(3)), *numbered(topic, range(3))])
        await until(lambda: len(shelf.records) >= 6)
        assert carrier.health().assigned
        assert shelf.values(late) == shelf.values(topic) == as_values(range(3))

    async def test_without_a_broker_it_starts_reports_it_refuses_to_send_and_stops(self, make: Make) -> None:
        carrier = make(unused_server(), "371400", ["fengqiao.up.371403"], Shelf())
        began = time.monotonic()
        await carrier.start(0.5)
        health = carrier.health()
        assert (health.connected, health.assigned, health.lag) == (False, False, None)
        assert not health.stalled(0.0)
        with pytest.raises(CarrierAway):
            await carrier.send(numbered("fengqiao.up.371403", [1]))
        await carrier.stop()
        assert time.monotonic() - began < 5

    async def test_a_parcel_that_is_too_large_is_refused_by_itself_and_the_others_arrive(
        self, started: Started, topic: str
    ) -> None:
        shelf = Shelf()
        carrier = await started(fresh("c"), [topic], shelf)
        small, large = numbered(topic, [1, 2]), Parcel(topic, b"large", bytes(MESSAGE_BYTES), {})
        with pytest.raises(ParcelsRefused) as refused:
            await carrier.send([small[0], large, small[1]])
        assert list(refused.value.reasons) == [1]
        await until(lambda: len(shelf.records) == 2)
        assert [record.value for record in shelf.records] == [parcel.value for parcel in small]

    async def test_a_parcel_for_a_topic_that_does_not_exist_is_refused_within_the_deadline(
        self, started: Started, topic: str
    ) -> None:
        carrier = await started(fresh("c"), [topic], Shelf())
        with pytest.raises(CarrierAway):
            await asyncio.wait_for(carrier.send(numbered(fresh("nowhere"), [1])), 15)
        await carrier.send(numbered(topic, [1]))
        assert carrier.health().sent_total == 1
