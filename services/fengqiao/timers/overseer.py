"""The overseer of one node: orders go up a level when theirs runs out, suspensions end by themselves (F13, F20).

It reads the clock, calls the handlers that persons call, and sleeps until the next instant. No person is asked: whether
a chair is empty changes nothing. Several processes of one centre may do this; each thing is done once.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from fengqiao.domain.errors import Refusal
from fengqiao.handlers import supervision
from fengqiao.handlers.context import Context
from fengqiao.observe.logging import logger
from fengqiao.store.supervision import next_due

IDLE_SECONDS = 20.0
"""How long it sleeps at most: a day's limit that is stored meanwhile, or a clock that jumps, is noticed by then."""

LEDGER_EVERY = timedelta(hours=1)

_log = logger("timers.overseer")


class Overseer:
    """The overseer of one node."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ledger_at: datetime | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Turn until told to stop."""
        while not stopping.is_set():
            outcome, wait_seconds = "done", IDLE_SECONDS
            try:
                wait_seconds = await self.turn()
            except Refusal as refusal:
                outcome = "failed"
                _log.warning("overseer waits", centre=self._context.centre.code, reason=refusal.code)
            except Exception:  # a fault of ours in one order must not end the supervision of all others
                outcome = "failed"
                _log.exception("overseer turn failed", centre=self._context.centre.code)
            self._context.metrics.count("fengqiao_loop_turns_total", "overseer", outcome)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), wait_seconds)

    async def turn(self) -> float:
        """Do what is due; gives the seconds until the next look. A turn that finds nothing is one statement."""
        context, now = self._context, self._context.clock()
        if self._ledger_at is None or now - self._ledger_at >= LEDGER_EVERY:
            await supervision.take_back_disowned(context)
            self._ledger_at = now
        due_at = await next_due(context.database, context.centre.code, context.supervision.top)
        if due_at is not None and due_at <= now:
            done = await supervision.resume_ended(context) + await supervision.raise_due(context)
            # What nobody could do now is tried again after a pause, not at once.
            return 0.0 if done else IDLE_SECONDS
        left = (due_at - now).total_seconds() if due_at is not None else IDLE_SECONDS
        return min(max(left, 0.0), IDLE_SECONDS)
