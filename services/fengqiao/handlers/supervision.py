"""Commands of supervision, and what its clocks do: one path for persons and for the overseer (F13, F15, F20).

The supervision of a case stands in its journal. So a command loads the case with its journal, decides, and saves the
events with the rows that lists and timers read, in one commit.
"""

from collections.abc import Awaitable
from datetime import timedelta

from fengqiao.domain import points, supervision
from fengqiao.domain.case import CaseFile
from fengqiao.domain.course_command import ResumeCase
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import Kind, Refusal, not_found
from fengqiao.domain.event import Event
from fengqiao.domain.limit_course import CLOCK
from fengqiao.domain.supervision_command import (
    FactCommand,
    OrderCommand,
    RaiseOrder,
    RecordCause,
    RemindCase,
    SupervisionCommand,
)
from fengqiao.handlers import case as cases
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.saving import committed, put_case
from fengqiao.observe.logging import logger
from fengqiao.observe.metrics import UNCLASSIFIED
from fengqiao.store.changes import Changes
from fengqiao.store.points import disowned_entries
from fengqiao.store.supervision import due_orders, ended_suspensions
from fengqiao.store.work import work

BATCH = 100
LOOKED_BACK = timedelta(days=30)
"""How far back entries are looked at that may have been made in the time of the next holder."""

_EXPECTED = (Kind.STATE, Kind.STALE, Kind.FORBIDDEN, Kind.NOT_FOUND)

_log = logger("handlers.supervision")


async def carry_out(context: Context, command: SupervisionCommand, actor: Actor) -> CaseFile:
    """Carry out a command of supervision; gives the file of its case afterwards.

    Three statements and one commit, two for a reminder or a cause. Raises NOT_FOUND case_unknown, and whatever the
    rules refuse; then nothing changed.
    """
    with context.metrics.handling(type(command).__name__):
        facts = context.facts(actor)
        changes = Changes(context.clock())
        async with work(context.database) as unit:
            subjects = (command.case_id,)
            loaded = await unit.load(subjects, histories=() if isinstance(command, FactCommand) else subjects)
            file = loaded.cases.get(command.case_id)
            if file is None:
                raise not_found("case_unknown", case=str(command.case_id))
            history = loaded.histories.get(command.case_id, ())
            stored = put_case(context, changes, _decide(context, file, command, history, facts), before=file)
            await unit.save(changes)
        committed(context, changes)
        if isinstance(command, RemindCase):
            context.metrics.count("fengqiao_reminders_total", context.centre.level.value)
        if isinstance(command, RecordCause):
            labels = (command.root_cause.value, stored.case.course.item[:2] or UNCLASSIFIED, context.centre.level.value)
            context.metrics.count("fengqiao_causes_total", *labels)
        return stored


async def raise_due(context: Context, batch: int = BATCH) -> int:
    """Take up a level what has run out of its own without an outcome; gives how many orders went up."""
    code, now = context.centre.code, context.clock()
    raised = 0
    for due in await due_orders(context.database, code, context.supervision.top, now, batch):
        command = RaiseOrder(due.case_id, due.order_id, "", due.turn)
        raised += await _by_clock(carry_out(context, command, Actor(CLOCK)), order=str(due.order_id))
    return raised


async def resume_ended(context: Context, batch: int = BATCH) -> int:
    """Let cases go on whose suspension has used up what was approved, as of that instant; gives how many."""
    resumed = 0
    for ended in await ended_suspensions(context.database, context.clock(), batch):
        command = ResumeCase(ended.case_id, ended.version)
        resumed += await _by_clock(
            cases.carry_out(context, command, Actor(CLOCK, ended.until)), case=str(ended.case_id)
        )
    return resumed


async def take_back_disowned(context: Context, batch: int = BATCH) -> int:
    """Reverse entries that clocks made here before this centre heard that the case had passed on; gives how many."""
    reversed_ = 0
    since = context.clock() - LOOKED_BACK
    for identity, case_id in await disowned_entries(context.database, since, batch):
        changes = Changes(context.clock())
        async with work(context.database) as unit:
            loaded = await unit.load((case_id,), histories=(case_id,))
            file, history = loaded.cases[case_id], loaded.histories[case_id]
            entry = next((one for one in points.entries_in(history) if one.id == identity), None)
            if entry is None or not entry.counted or not points.not_ours(entry, history, file.case.origin):
                continue
            put_case(context, changes, points.taken_back(file, entry, context.facts(Actor(CLOCK))), before=file)
            await unit.save(changes)
        committed(context, changes)
        reversed_ += 1
    return reversed_


def _decide(
    context: Context, file: CaseFile, command: SupervisionCommand, history: tuple[Event, ...], facts: Facts
) -> CaseDecision:
    if isinstance(command, RemindCase):
        return supervision.remind(file, command, facts)
    if isinstance(command, RecordCause):
        return supervision.record_cause(file, command, facts)
    if isinstance(command, OrderCommand):
        return supervision.decide_order(file, command, history, facts, context.supervision)
    return points.decide_points(file, command, history, facts, context.supervision)


async def _by_clock(work_: Awaitable[CaseFile], **subject: str) -> bool:
    """Do what a clock asks for; what somebody else has done meanwhile, or the state forbids, is left as it is."""
    try:
        await work_
    except Refusal as refusal:
        if refusal.kind not in _EXPECTED:
            raise
        _log.info("a clock found it otherwise", reason=refusal.code, **subject)
        return False
    return True
