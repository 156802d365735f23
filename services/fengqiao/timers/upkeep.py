"""What a node does from time to time without being asked: held messages tried again, words stored, old rows pruned.

The loop reads the clock, calls handlers, and sleeps; a turn that finds nothing costs one small query.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from fengqiao.domain.errors import Refusal
from fengqiao.handlers.context import Context
from fengqiao.handlers.edition import catch_up, refresh_in_force
from fengqiao.handlers.fact import summarise_facts
from fengqiao.handlers.inbox import retry_held
from fengqiao.handlers.word_index import index_words
from fengqiao.observe.logging import logger
from fengqiao.store.inbox import prune_done

QUICK_SECONDS = 1.0
IDLE_SECONDS = 10.0
PRUNE_EVERY = timedelta(hours=1)
KEEP_DONE = timedelta(days=7)
EDITIONS_EVERY = timedelta(minutes=1)
SUMMARISE_EVERY = timedelta(days=1)
SUMMARISE_AGAIN = timedelta(hours=1)
SUMMARISE_AFTER = timedelta(minutes=10)
"""A node that has just started has other things to do."""

_log = logger("timers.upkeep")


class Upkeep:
    """The upkeep of one node."""

    def __init__(self, context: Context, facts_months: int) -> None:
        self._context = context
        self._facts_months = facts_months
        self._has_children = bool(context.topology.children(context.centre.code))
        self._summarise_at = context.clock() + SUMMARISE_AFTER
        self._held = asyncio.Event()
        self._pruned_at: datetime | None = None
        self._editions_at: datetime | None = None

    def note_held(self) -> None:
        """Say that a message is held, so that it is tried again soon and not at the next idle turn."""
        self._held.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Turn until told to stop."""
        while not stopping.is_set():
            outcome, tried = "done", 0
            try:
                tried = await retry_held(self._context)
                tried += await index_words(self._context)
                await self._prune()
                await self._look_at_editions()
                await self._summarise()
            except Refusal as refusal:
                outcome = "failed"
                _log.warning("upkeep waits", centre=self._context.centre.code, reason=refusal.code)
            except Exception:  # a fault of ours in one message must not end the upkeep: held messages would stay held
                outcome = "failed"
                _log.exception("upkeep turn failed", centre=self._context.centre.code)
            self._context.metrics.count("fengqiao_loop_turns_total", "upkeep", outcome)
            await self._pause(stopping, quick=tried > 0)

    async def _prune(self) -> None:
        now = self._context.clock()
        if self._pruned_at is None or now - self._pruned_at >= PRUNE_EVERY:
            await prune_done(self._context.database, now - KEEP_DONE)
            self._pruned_at = now

    async def _look_at_editions(self) -> None:
        # Another process of this centre may have published, and a child may have joined after the last publication.
        now = self._context.clock()
        if self._editions_at is None or now - self._editions_at >= EDITIONS_EVERY:
            await refresh_in_force(self._context)
            await catch_up(self._context)
            self._editions_at = now

    async def _summarise(self) -> None:
        now = self._context.clock()
        if self._has_children and now >= self._summarise_at:
            # What cannot be done now, because somebody reads all facts, is tried again soon.
            self._summarise_at = now + SUMMARISE_AGAIN
            if many := await summarise_facts(self._context, self._facts_months):
                _log.info("old facts are summarised", centre=self._context.centre.code, facts=many)
            self._summarise_at = now + SUMMARISE_EVERY

    async def _pause(self, stopping: asyncio.Event, *, quick: bool) -> None:
        if quick or self._held.is_set():
            self._held.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), QUICK_SECONDS)
            return
        waits = [asyncio.create_task(stopping.wait()), asyncio.create_task(self._held.wait())]
        await asyncio.wait(waits, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
