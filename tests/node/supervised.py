"""Cases under supervision for the node tests: an overdue case, an order on it, an entry of the ledger."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fengqiao.domain.command import AssignCase
from fengqiao.domain.errors import Refusal
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.points import PointsEntry, entries_in
from fengqiao.domain.supervision import SupervisionOrder, orders_in
from fengqiao.domain.supervision_command import OpenOrder
from fengqiao.domain.words import Language
from fengqiao.handlers import case as cases
from fengqiao.handlers import supervision
from fengqiao.handlers.context import Actor, Context
from fengqiao.insight.cases import case_view
from tests.node.rig import CLERK, TOWNSHIP, Bench, new_id
from tests.node.test_handlers_case import a_case
from tests.node.test_limits import swept

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUPERVISOR, COLLEAGUE = Actor("孙督查"), Actor("赵刚")


async def refused(call: Awaitable[object]) -> Refusal:
    """Wait for a refusal, and look that it can be said in both languages."""
    with pytest.raises(Refusal) as caught:
        await call
    for sentence_of in (caught.value.sentence, *(fault.sentence for fault in caught.value.violations)):
        assert all(sentence_of(language) for language in Language)
    return caught.value


async def events_of(context: Context, case_id: UUID) -> tuple[Event, ...]:
    return tuple(row.event for row in (await case_view(context.database, case_id)).events)


async def orders_of(context: Context, case_id: UUID) -> tuple[SupervisionOrder, ...]:
    return orders_in(await events_of(context, case_id))


async def entries_of(context: Context, case_id: UUID) -> tuple[PointsEntry, ...]:
    return entries_in(await events_of(context, case_id))


async def kinds_of(context: Context, case_id: UUID) -> list[EventKind]:
    return [event.kind for event in await events_of(context, case_id)]


async def overdue(rig: Bench, *, unit: str = "justice", code: str = TOWNSHIP, by: timedelta = 10 * DAY) -> UUID:
    """Register a case that long ago, assign it at once, and let its clocks fire by now."""
    began = datetime.now(UTC) - by
    command = a_case()
    await cases.register(rig.at(code, began), command, CLERK)
    if unit:
        await cases.carry_out(rig.at(code, began), AssignCase(command.case_id, unit), CLERK)
    await swept(rig[code])
    return command.case_id


async def ordered(context: Context, case_id: UUID) -> UUID:
    """Open an order on a case."""
    order_id = new_id()
    await supervision.carry_out(context, OpenOrder(case_id, order_id, "群众催问三次"), SUPERVISOR)
    return order_id


async def climbed(rig: Bench, case_id: UUID, level: int) -> datetime:
    """Let the limits of an order's levels pass until it stands at one; gives a moment at which it does."""
    now = datetime.now(UTC)
    while (order := (await orders_of(rig[TOWNSHIP], case_id))[0]).level < level:
        now = order.due_at + HOUR
        await supervision.raise_due(rig.at(TOWNSHIP, now))
    return now
