"""The sweeper of one node: sleeps until the next rung is due, fires what is due, tells the consequences (DESIGN 5).

It reads the clock, calls handlers, and sleeps. Several processes of one centre share the work by the database. A clock
of the machine that jumps fires nothing twice and loses nothing: what has fired is remembered by limit and rung, and no
sleep is longer than `IDLE_SECONDS`, so that a jump forward is noticed within that time.
"""

import asyncio
from datetime import datetime, timedelta

from fengqiao.domain.errors import Refusal
from fengqiao.handlers import limits
from fengqiao.handlers.context import Context
from fengqiao.observe.logging import logger
from fengqiao.store.limits import next_firing

IDLE_SECONDS = 20.0
"""How often an idle sweeper looks for what another process of its centre left behind."""

SHARED_SECONDS = 0.05
"""How long it waits for another process that is firing what is due here."""

TROUBLE_SECONDS = 5.0

_log = logger("timers.sweeper")


class Sweeper:
    """The sweeper of one node."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._look_at: datetime | None = None
        self._earlier = asyncio.Event()
        self._projected = False

    def clock_set(self, at: datetime) -> None:
        """Say that a rung was stored; wakes the sweeper when that is earlier than what it waits for."""
        if self._look_at is None or at < self._look_at:
            self._look_at = at
            self._earlier.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Turn until told to stop."""
        stopped = asyncio.create_task(stopping.wait())
        try:
            while not stopping.is_set():
                await self._turn()
                await self._pause(stopped)
        finally:
            stopped.cancel()

    async def _turn(self) -> None:
        outcome = "done"
        # What is stored while this turn looks may be earlier than what it finds: its mark is put down before it looks.
        self._look_at = self._idle_until()
        try:
            await self._sweep()
        except Refusal as refusal:
            outcome = "failed"
            _log.warning("sweeper waits", centre=self._context.centre.code, reason=refusal.code)
        except Exception:  # a fault of ours in one case must not stop all clocks of the centre
            outcome = "failed"
            _log.exception("sweep failed", centre=self._context.centre.code)
        if outcome == "failed":
            self._look_at = self._context.clock() + timedelta(seconds=TROUBLE_SECONDS)
        self._context.metrics.count("fengqiao_loop_turns_total", "sweeper", outcome)

    async def _sweep(self) -> None:
        # The calendar is read when the process starts, so once is enough.
        while not self._projected:
            self._projected = not await limits.reproject(self._context)
        while True:
            ahead = await next_firing(self._context.database)
            if ahead.fire_at is not None and ahead.fire_at <= self._context.clock():
                if not await limits.fire(self._context):
                    await asyncio.sleep(SHARED_SECONDS)
            elif not (ahead.untold and await limits.tell(self._context)):
                if ahead.fire_at is not None:
                    self.clock_set(ahead.fire_at)
                return

    def _idle_until(self) -> datetime:
        return self._context.clock() + timedelta(seconds=IDLE_SECONDS)

    async def _pause(self, stopped: "asyncio.Task[bool]") -> None:
        """Sleep until the next instant; shorter when an earlier one is stored, never longer than an idle turn."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not stopped.done():
            look_at = self._look_at or self._idle_until()
            left = min((look_at - self._context.clock()).total_seconds(), began + IDLE_SECONDS - loop.time())
            if left <= 0:
                return
            self._earlier.clear()
            earlier = asyncio.create_task(self._earlier.wait())
            await asyncio.wait((stopped, earlier), timeout=left, return_when=asyncio.FIRST_COMPLETED)
            earlier.cancel()
