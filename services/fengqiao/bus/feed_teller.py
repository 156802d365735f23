"""Telling the feed: what changed at this centre is told to those above, soon and for certain (F31, DESIGN section 4).

Whoever changes a case in this process is heard at once. Once a minute the journal is looked through as well, from a
minute before the last such look, for what other processes of the centre changed and what a broken connection lost. To
tell twice does no harm, and nothing is written in the transaction of a change. The topic keeps each case's newest fact.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from fengqiao.bus.carrier import Carrier, CarrierAway, Parcel
from fengqiao.bus.topics import feed_topic
from fengqiao.bus.waiting import first_of
from fengqiao.domain.errors import Refusal
from fengqiao.domain.fact import Fact, Revision, fact_of
from fengqiao.handlers.changes import Change, Subscription
from fengqiao.handlers.context import Context
from fengqiao.observe.logging import logger
from fengqiao.store import facts as store
from fengqiao.wire.feed import FeedRecord, feed_bytes

BATCH = 500
GATHER_SECONDS = 0.5
"""How long changes are gathered before they are told: figures above may be five seconds old."""

LOOK_EVERY = timedelta(seconds=60)
LOOK_BACK = timedelta(seconds=60)
"""No transaction of ours is open that long, so what was journalled before then has been seen."""

FAILED_PAUSE_SECONDS = 2.0
WAITING_LIMIT = 20_000
"""As many changes wait to be told; beyond that the journal is looked through instead."""

LOOK_LIMIT = 50_000
"""As many cases may have changed between two looks; beyond that everything is told anew."""

MARK = b"mark"

_log = logger("bus.feed_teller")


class FeedTeller:
    """Tells the cases that one centre took in. Of several processes of the centre the one with the lease tells."""

    def __init__(self, context: Context, carrier: Carrier, holder: str) -> None:
        self._context = context
        self._carrier = carrier
        self._holder = holder
        self._waiting: set[UUID] = set()
        # How the cases stood that were told since the last look but one, so that a look tells none of them again.
        self._told: dict[UUID, Revision] = {}
        self._looked_at: datetime | None = None
        self._ours = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Tell until told to stop."""
        with self._context.changes.subscribed(WAITING_LIMIT) as subscription:
            while not stopping.is_set():
                outcome, pause_seconds = "done", 0.0
                try:
                    await self.turn()
                except (Refusal, CarrierAway) as trouble:
                    outcome, pause_seconds = "failed", FAILED_PAUSE_SECONDS
                    _log.info("the feed waits", centre=self._context.centre.code, reason=str(trouble))
                except Exception:  # a fault of ours about one case must not end the telling of all others
                    outcome, pause_seconds = "failed", FAILED_PAUSE_SECONDS
                    _log.exception("the feed is not told", centre=self._context.centre.code)
                self._context.metrics.count("fengqiao_loop_turns_total", "feed_teller", outcome)
                if pause_seconds:
                    # What was to be told is looked for in the journal again.
                    self._looked_at = None
                    await first_of(stopping.wait(), asyncio.sleep(pause_seconds))
                await self._gather(subscription, stopping)

    async def turn(self) -> int:
        """Tell what waits, and look through the journal when it is time; gives how many facts were told."""
        if not self._carrier.health().connected:
            raise CarrierAway("no connection to the broker")
        now, many = self._context.clock(), 0
        look = self._looked_at is None or now - self._looked_at >= LOOK_EVERY
        if look:
            many += await self._look(now)
        while self._waiting and self._ours:
            cases = [self._waiting.pop() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                facts = await self._tell(cases)
            except BaseException:  # whatever it is goes on; what was not told waits to be told
                self._waiting.update(cases)
                raise
            self._told.update((fact.case_id, fact.revision) for fact in facts)
            many += len(facts)
        if look and self._ours:
            await self._send([(MARK, FeedRecord(self._context.centre.code, now))])
            await store.note_told(self._context.database, now)
        self._looked_at = now if look else self._looked_at
        return many

    async def _gather(self, subscription: Subscription, stopping: asyncio.Event) -> None:
        """Wait for a change, the time of the next look, or the stop; then a moment for the changes that follow."""
        if self._looked_at is None or stopping.is_set():
            return
        left = (self._looked_at + LOOK_EVERY - self._context.clock()).total_seconds()
        change = await first_of(subscription.next(max(left, 0.1)), stopping.wait())
        if isinstance(change, Change):
            await first_of(stopping.wait(), asyncio.sleep(GATHER_SECONDS))
            self._note([change, *subscription.at_hand()])

    def _note(self, changes: Iterable[Change]) -> None:
        if not self._ours:
            # The process that tells finds them in the journal.
            return
        for change in changes:
            if change.subject is None or len(self._waiting) >= WAITING_LIMIT:
                # Some changes were not heard one by one: the journal has them all.
                self._looked_at = None
            else:
                self._waiting.add(change.subject)

    async def _look(self, now: datetime) -> int:
        """Find what the journal says has changed; when nothing is known to be told, or too much has changed, all."""
        database, origin = self._context.database, self._context.centre.code
        found = await store.look(database, origin, self._holder, now, LOOK_BACK, LOOK_LIMIT)
        self._ours = found is not None
        if found is None:
            self._waiting.clear()
            self._told.clear()
            return 0
        if found.told_until is not None and len(found.changed) < LOOK_LIMIT:
            known = self._told
            self._told = {case: known[case] for case in found.changed if case in known}
            self._waiting.update(case for case, revision in found.changed.items() if known.get(case) != revision)
            return 0
        self._told.clear()
        many, last = 0, UUID(int=0)
        while page := await store.cases_after(database, origin, last, BATCH):
            many += len(await self._tell(page))
            last = page[-1]
        return many

    async def _tell(self, cases: Sequence[UUID]) -> list[Fact]:
        found = await store.to_tell(self._context.database, self._context.centre.code, cases)
        facts = [fact_of(one.file, one.hand_overs, self._context.limits.calendar) for one in found]
        centre, at = self._context.centre.code, self._context.clock()
        await self._send([(fact.case_id.bytes, FeedRecord(centre, at, fact)) for fact in facts])
        return facts

    async def _send(self, records: Sequence[tuple[bytes, FeedRecord]]) -> None:
        if not records:
            return
        topic = feed_topic(self._context.centre.code)
        await self._carrier.send([Parcel(topic, key, feed_bytes(record), {}) for key, record in records])
        facts = sum(record.fact is not None for _, record in records)
        self._context.metrics.count("fengqiao_facts_told_total", by=facts)
