"""The maker of reports of one centre (F31): makes what is wanted, and wants what the calendar says."""

import asyncio
from contextlib import suppress
from datetime import date

from fengqiao.domain.calendar import city_day
from fengqiao.domain.errors import Refusal
from fengqiao.handlers import report as handlers
from fengqiao.handlers.context import Context
from fengqiao.insight.report import Desk, report
from fengqiao.insight.report_document import report_document
from fengqiao.insight.report_sheet import report_sheet
from fengqiao.observe.logging import logger
from fengqiao.store.reports import ReportTask

IDLE_SECONDS = 5.0
"""Somebody looks at the page while a report is made: that long nothing moves there."""

CALENDAR_WAITS_SECONDS = 600.0
"""A node that has just started has other things to do than the calendar wants; what a person wants is made at once."""

GATHERED, WRITTEN = 60, 80
"""How far a report is, in hundredths, once its tables are gathered and once its sheet is written."""

_log = logger("timers.report_maker")


class ReportMaker:
    """Makes the reports of a centre that has others below it; of several processes each takes what is next."""

    def __init__(self, context: Context, maker: str) -> None:
        self._context = context
        self._maker = maker
        self._wanted_on: date | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Turn until told to stop."""
        started = asyncio.get_running_loop().time()
        while not stopping.is_set():
            outcome, made = "done", False
            try:
                settled = asyncio.get_running_loop().time() - started >= CALENDAR_WAITS_SECONDS
                made = await (self.turn() if settled else self.make_next())
            except Refusal as refusal:
                outcome = "failed"
                _log.warning("reports wait", centre=self._context.centre.code, reason=refusal.code)
            except Exception:  # a fault of ours in one report must not end the making of all others
                outcome = "failed"
                _log.exception("a report was not made", centre=self._context.centre.code)
            self._context.metrics.count("fengqiao_loop_turns_total", "report_maker", outcome)
            if not made:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), IDLE_SECONDS)

    async def turn(self) -> bool:
        """Once a day want what the calendar says; make the next report. Gives whether there was one."""
        context = self._context
        today = city_day(context.clock())
        if self._wanted_on != today:
            await handlers.want_last(context)
            self._wanted_on = today
        return await self.make_next()

    async def make_next(self) -> bool:
        """Make the next report that waits; gives whether there was one. What cannot be made is put back, and raised."""
        context = self._context
        task = await handlers.take_report(context, self._maker)
        if task is None:
            return False
        try:
            await self._make(task)
        except BaseException:  # whatever it is goes on; the report waits for its next maker
            await handlers.put_back(context, task, self._maker)
            raise
        return True

    async def _make(self, task: ReportTask) -> None:
        context = self._context
        desk = Desk(context.centre.code, context.topology, context.handbook.catalogue, task.language)
        gathered = await report(context.database, desk, task.span, task.days, context.clock())
        await handlers.note_progress(context, task, self._maker, GATHERED)
        # Both take a tenth of a second and more: the loop goes on meanwhile.
        sheet = await asyncio.to_thread(report_sheet, gathered, task.language)
        await handlers.note_progress(context, task, self._maker, WRITTEN)
        document = await asyncio.to_thread(report_document, gathered, task.language)
        await handlers.keep_report(context, task, self._maker, sheet, document, gathered.as_of)
