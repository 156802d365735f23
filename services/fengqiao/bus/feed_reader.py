"""Reading the feeds of the centres below: a Faust app of its own, so that no figure ever holds up a case (F31).

A reading has a number, which is part of the consumer group's name: a new reading begins with empty tables and at the
beginning of the topics, which keep the newest fact of every case. So what is read can be made anew at any time.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date

from fengqiao.bus.carrier import Carrier, Receiver, Record
from fengqiao.bus.topics import feed_topic
from fengqiao.bus.waiting import first_of
from fengqiao.domain.errors import Refusal
from fengqiao.handlers.context import Context
from fengqiao.handlers.fact import ReadingOver, take_in_facts
from fengqiao.observe.logging import logger
from fengqiao.store.facts import generation_of
from fengqiao.wire.feed import FeedRecord, decode_feed

LOOK_SECONDS = 5.0
START_SECONDS = 20.0
FAILED_PAUSE_SECONDS = 2.0

CarrierMaker = Callable[[int, Receiver], Carrier]
"""Makes the carrier of a reading."""

_log = logger("bus.feed_reader")


class FeedReader:
    """Keeps the reading of one centre going, and begins a new one when somebody asks for it."""

    def __init__(self, context: Context, make_carrier: CarrierMaker) -> None:
        self._context = context
        self._make_carrier = make_carrier
        self._carrier: Carrier | None = None
        self._months: set[date] = set()
        self._over = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Read until told to stop."""
        while not stopping.is_set():
            outcome, pause_seconds = "done", 0.0
            try:
                await self._read_one(await generation_of(self._context.database), stopping)
            except Refusal as refusal:
                outcome, pause_seconds = "failed", FAILED_PAUSE_SECONDS
                _log.warning("the feeds wait", centre=self._context.centre.code, reason=refusal.code)
            except Exception:  # a fault of ours in one reading must not end the reading for good
                outcome, pause_seconds = "failed", FAILED_PAUSE_SECONDS
                _log.exception("the feeds are not read", centre=self._context.centre.code)
            self._context.metrics.count("fengqiao_loop_turns_total", "feed_reader", outcome)
            if pause_seconds:
                await first_of(stopping.wait(), asyncio.sleep(pause_seconds))

    @property
    def lag(self) -> int | None:
        """How many records wait in the topics; None while nobody can say."""
        return self._carrier.health().lag if self._carrier is not None else None

    async def _read_one(self, generation: int, stopping: asyncio.Event) -> None:
        """Read until a new reading begins; returns then, and when told to stop."""
        self._over.clear()
        self._months.clear()

        async def receive(records: Sequence[Record]) -> None:
            await self._receive(generation, records)

        self._carrier = self._make_carrier(generation, receive)
        try:
            await self._carrier.start(START_SECONDS)
            while not (stopping.is_set() or self._over.is_set()):
                await first_of(stopping.wait(), self._over.wait(), asyncio.sleep(LOOK_SECONDS))
                with suppress(Refusal):
                    if await generation_of(self._context.database) != generation:
                        self._over.set()
        finally:
            carrier, self._carrier = self._carrier, None
            await carrier.stop()

    async def _receive(self, generation: int, records: Sequence[Record]) -> None:
        if self._over.is_set():
            return
        try:
            await take_in_facts(self._context, generation, self._readable(records), self._months)
        except ReadingOver:
            # Acknowledged in a group that nobody will ask for again.
            self._over.set()

    def _readable(self, records: Sequence[Record]) -> list[FeedRecord]:
        """Give what can be read and comes from whom the topic belongs to; the rest is counted and left."""
        found = []
        for record in records:
            try:
                told = decode_feed(record.value)
            except Refusal as refusal:
                _log.error("a fact cannot be read", topic=record.topic, offset=record.offset, reason=str(refusal))
                self._context.metrics.count("fengqiao_facts_total", "unreadable")
                continue
            if told is None or record.topic != feed_topic(told.centre):
                verdict = "newer_release" if told is None else "misplaced"
                self._context.metrics.count("fengqiao_facts_total", verdict)
                continue
            found.append(told)
        return found
