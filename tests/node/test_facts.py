"""Facts on real databases: what a township tells is what county and city count, whatever comes twice, late or again."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fengqiao.bus.carrier import CarrierAway, CarrierHealth, Parcel
from fengqiao.bus.feed_teller import LOOK_EVERY, MARK, FeedTeller
from fengqiao.bus.topics import feed_topic
from fengqiao.domain.calendar import city_day
from fengqiao.domain.case import Direction
from fengqiao.domain.command import AcceptOffer, AssignCase, OfferCase, ResolveCase
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.fact import month_of
from fengqiao.domain.figures import Rate
from fengqiao.domain.tally import Measure
from fengqiao.handlers import case as handlers
from fengqiao.handlers.changes import QUEUE_LIMIT
from fengqiao.handlers.context import Actor
from fengqiao.handlers.fact import ReadingOver, take_in_facts
from fengqiao.insight.wallboard import centres_below, wallboard
from fengqiao.store import facts as store
from fengqiao.wire.feed import FeedRecord, decode_feed
from tests.containers import PostgresServer
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, Bench, bench, new_id
from tests.node.test_handlers_case import a_case

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=40)
FIRST, LAST = month_of(LONG_AGO), month_of(NOW)


class Wire:
    """A carrier that keeps what it is given; it can be away."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []
        self.away = False

    async def start(self, deadline_seconds: float) -> None:
        """Be there."""

    async def stop(self) -> None:
        """Have nothing to stop."""

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Keep what is sent."""
        if self.away:
            raise CarrierAway("away")
        self.parcels.extend(parcels)

    def health(self) -> CarrierHealth:
        """Say whether it is there."""
        return CarrierHealth(not self.away, not self.away, 0, 0.0, 0, 0, 0, 0)

    def told(self) -> list[FeedRecord]:
        """Give the records and forget them; each lies in the township's topic under its own key."""
        parcels, self.parcels = self.parcels, []
        records = []
        for parcel in parcels:
            record = decode_feed(parcel.value)
            assert record is not None
            assert parcel.topic == feed_topic(record.centre)
            assert parcel.key == (record.fact.case_id.bytes if record.fact else MARK)
            records.append(record)
        return records


def teller(rig: Bench, wire: Wire, code: str = TOWNSHIP, holder: str = "0") -> FeedTeller:
    return FeedTeller(rig[code], wire, holder)


async def played(rig: Bench) -> None:
    """Three cases: one resolved long after it came, one in time, one open."""
    for registered_at, days in ((LONG_AGO, 14.5), (LONG_AGO, 2.5), (NOW - timedelta(days=1), None)):
        command = a_case()
        await handlers.register(rig[TOWNSHIP], command, Actor("王敏", registered_at))
        await handlers.carry_out(rig[TOWNSHIP], AssignCase(command.case_id, "police"), Actor("王敏", registered_at))
        if days is not None:
            resolve = ResolveCase(command.case_id, "已办结。", ClosingKind.SOLVED)
            await handlers.carry_out(rig[TOWNSHIP], resolve, Actor("王敏", registered_at + timedelta(days=days)))


async def counted(rig: Bench, code: str) -> dict[tuple[Measure, str], int]:
    found = await store.sums(rig[code].database, [TOWNSHIP], FIRST, LAST, list(Measure))
    return {(one.measure, one.detail): one.many for one in found if one.many}


async def test_what_a_township_tells_is_what_the_county_counts(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        wire = Wire()
        await played(rig)
        assert await teller(rig, wire).turn() == 3
        records, months = wire.told(), set[date]()
        assert await take_in_facts(rig[COUNTY], 1, records, months) == {"newer": 3}
        assert months == {FIRST, LAST}
        sums = await counted(rig, COUNTY)
        assert sums[Measure.REGISTERED, ""] == 3
        assert sums[Measure.CLOSED, "solved"] == 2
        assert (sums[Measure.WITHIN, "3"], sums[Measure.WITHIN, "15"]) == (1, 2)
        assert (sums[Measure.DUE, "article-solve"], sums[Measure.ON_TIME, "article-solve"]) == (2, 1)
        centres = centres_below(rig.topology, COUNTY)
        county, township = await wallboard(rig[COUNTY].database, centres, city_day(LONG_AGO), city_day(NOW), NOW)
        assert (county.registered, county.as_of) == (0, None)
        assert (township.registered, township.closed, township.open, township.overdue) == (3, 2, 1, 0)
        # Both were assigned in time; of the two that were to be solved, one was late.
        assert township.on_time == Rate("on_time", 4, 5)
        (mark,) = [record for record in records if record.fact is None]
        assert township.as_of == mark.told_at


async def test_what_comes_twice_or_late_moves_no_sum(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        wire, months = Wire(), set[date]()
        command = a_case()
        await handlers.register(rig[TOWNSHIP], command, CLERK)
        await teller(rig, wire).turn()
        young = wire.told()
        await handlers.carry_out(rig[TOWNSHIP], ResolveCase(command.case_id, "好", ClosingKind.SOLVED), CLERK)
        await teller(rig, wire).turn()
        old = wire.told()
        assert await take_in_facts(rig[COUNTY], 1, [*young, *old], months) == {"newer": 2}
        sums = await counted(rig, COUNTY)
        assert sums[Measure.CLOSED, "solved"] == sums[Measure.REGISTERED, ""] == sums[Measure.DIRECT, ""] == 1
        assert await take_in_facts(rig[COUNTY], 1, [*old, *young], months) == {"repeated": 2}
        assert await counted(rig, COUNTY) == sums
        # In another order, and one by one, it comes to the same.
        known = set[date]()
        for records in (old, young, old):
            await take_in_facts(rig[CITY], 1, records, known)
        assert await counted(rig, CITY) == sums


async def test_a_new_reading_begins_with_nothing_and_ends_the_old_one(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        wire, months = Wire(), set[date]()
        await played(rig)
        await teller(rig, wire).turn()
        records = wire.told()
        await take_in_facts(rig[COUNTY], 1, records, months)
        before = await counted(rig, COUNTY)
        assert await store.begin_again(rig[COUNTY].database) == 2
        assert await counted(rig, COUNTY) == {}
        with pytest.raises(ReadingOver):
            await take_in_facts(rig[COUNTY], 1, records, months)
        assert await take_in_facts(rig[COUNTY], 2, records, months) == {"newer": 3}
        assert await counted(rig, COUNTY) == before


async def test_a_batch_of_facts_costs_two_statements_whatever_its_length(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        wire, months = Wire(), {FIRST, LAST}
        await played(rig)
        await teller(rig, wire).turn()
        await store.make_months(rig[COUNTY].database, months)
        rig.statements.clear()
        await take_in_facts(rig[COUNTY], 1, wire.told(), months)
        assert rig.statements == {"fact.load": 1, "fact.save": 1}


async def test_a_case_that_rose_is_told_by_its_origin_with_its_way(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        wire = Wire()
        command = a_case()
        await handlers.register(rig[TOWNSHIP], command, CLERK)
        offer = OfferCase(command.case_id, new_id(), Direction.UP, "超出镇级职权")
        await handlers.carry_out(rig[TOWNSHIP], offer, CLERK)
        await rig.settle()
        await handlers.carry_out(rig[COUNTY], AcceptOffer(command.case_id), CLERK)
        await rig.settle()
        # The county holds it now, and has nothing to tell: the case is told where it came in.
        assert await teller(rig, wire, COUNTY).turn() == 0
        assert [record.fact for record in wire.told()] == [None]
        assert await teller(rig, wire).turn() == 1
        (fact,) = [record.fact for record in wire.told() if record.fact is not None]
        assert (fact.centre, fact.holder, fact.path) == (TOWNSHIP, COUNTY, (TOWNSHIP, COUNTY))
        await take_in_facts(rig[CITY], 1, [FeedRecord(TOWNSHIP, NOW, fact)], set())
        assert (await counted(rig, CITY))[Measure.ROSE, "county"] == 1


async def test_what_is_told_once_is_not_told_again_and_what_changed_meanwhile_is(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        wire = Wire()
        await played(rig)
        assert await teller(rig, wire).turn() == 3
        assert len(wire.told()) == 4
        # Another process of the centre changes a case, which this one does not hear of; the journal says it. What was
        # journalled within the last minute is looked at again, and the reader knows it.
        command = a_case()
        await handlers.register(rig[TOWNSHIP], command, CLERK)
        later = FeedTeller(rig.at(TOWNSHIP, datetime.now(UTC) + timedelta(seconds=100)), wire, "0")
        assert await later.turn() == 4
        later = FeedTeller(rig.at(TOWNSHIP, datetime.now(UTC) + timedelta(seconds=300)), wire, "0")
        wire.told()
        assert await later.turn() == 0
        assert [record.fact for record in wire.told()] == [None]


async def test_only_the_process_with_the_lease_tells(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        wire = Wire()
        await played(rig)
        assert await teller(rig, wire, holder="0").turn() == 3
        wire.told()
        assert await teller(rig, wire, holder="1").turn() == 0
        assert wire.told() == []
        after_the_lease = FeedTeller(rig.at(TOWNSHIP, datetime.now(UTC) + store.LEASE * 2), wire, "1")
        assert await after_the_lease.turn() == 3
        assert len(wire.told()) == 4


async def test_a_change_in_this_process_is_told_within_seconds_and_an_absent_broker_only_delays_it(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        wire, stopping = Wire(), asyncio.Event()
        telling = asyncio.create_task(teller(rig, wire).run(stopping))
        try:
            await _until(lambda: wire.parcels != [])
            wire.told()
            command = a_case()
            await handlers.register(rig[TOWNSHIP], command, CLERK)
            await _until(lambda: wire.parcels != [])
            assert [record.fact.case_id for record in wire.told() if record.fact] == [command.case_id]
            wire.away = True
            await handlers.carry_out(rig[TOWNSHIP], AssignCase(command.case_id, "police"), CLERK)
            await asyncio.sleep(1.5)
            assert wire.parcels == []
            wire.away = False
            await _until(lambda: wire.parcels != [])
            assert [record.fact.unit for record in wire.told() if record.fact] == ["police"]
        finally:
            stopping.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(telling, 2)
        assert telling.done()
        assert not telling.cancelled()


async def test_what_was_heard_is_told_once_however_much_is_heard_at_once(postgres: PostgresServer) -> None:
    ahead = timedelta()
    async with bench(postgres) as rig:
        wire, stopping = Wire(), asyncio.Event()
        context = replace(rig[TOWNSHIP], clock=lambda: datetime.now(UTC) + ahead)
        await played(rig)
        telling = asyncio.create_task(FeedTeller(context, wire, "0").run(stopping))
        try:
            await _until(lambda: wire.parcels != [])
            command = a_case()
            await handlers.register(context, command, CLERK)
            await _until(lambda: len(wire.parcels) == 5)
            wire.told()
            # More than a page's listener may have waiting: none of the other cases is looked for, let alone told.
            context.changes.publish([command.case_id] * (QUEUE_LIMIT * 4))
            await _until(lambda: wire.parcels != [])
            assert [record.fact.case_id for record in wire.told() if record.fact] == [command.case_id]
            # The next look finds it in the journal, as it was told.
            ahead = LOOK_EVERY
            context.changes.publish([new_id()])
            await _until(lambda: any(parcel.key == MARK for parcel in wire.parcels))
            assert command.case_id not in [record.fact.case_id for record in wire.told() if record.fact]
        finally:
            stopping.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(telling, 2)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(8):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event to wait on
            await asyncio.sleep(0.05)
