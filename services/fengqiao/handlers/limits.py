"""What the clocks of a centre do: rungs fire, their consequences are told, due times follow the calendar (DESIGN 5).

A firing and its consequence are two steps. The first is set-based and fast whatever is due; the second writes the
journal of each case and tells its followers, and marks the firing in the same commit: each is told exactly once.
"""

from collections.abc import Iterable
from datetime import UTC
from uuid import UUID, uuid5

from fengqiao.domain.case import CaseFile
from fengqiao.domain.custody import facts_added
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.limit import RED, Limit
from fengqiao.domain.limit_course import CLOCK, fired_event, firing_id, projected
from fengqiao.domain.points import entry_id, imposed
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.saving import committed, put_case, put_clock, put_due
from fengqiao.observe.limit_metrics import MISSED
from fengqiao.observe.logging import logger
from fengqiao.store.changes import Changes
from fengqiao.store.limits import Fired, Firing, OutdatedClock, fire_due, outdated_clocks, untold_firings
from fengqiao.store.work import Unfit, work

FIRE_BATCH = 5_000
TELL_BATCH = 200
LATE_SECONDS = 1.0

_log = logger("handlers.limits")


async def fire(context: Context, batch: int = FIRE_BATCH) -> int:
    """Fire a batch of what is due, oldest first; gives how many rungs. One statement and one commit."""
    fired = await fire_due(context.database, context.clock(), batch)
    _count(context, fired)
    return fired.many


async def tell(context: Context, batch: int = TELL_BATCH) -> int:
    """Journal a batch of firings on their cases and tell their followers; gives how many. Three statements, one commit.

    When the database refuses a batch, the firings are told one by one; one that it refuses alone, too, is given up and
    logged, for it would keep back all that come after it.
    """
    try:
        return await _told(context, batch)
    except Unfit as trouble:
        _log.warning("a batch of firings is told one by one", reason=str(trouble))
    try:
        return await _told(context, 1)
    except Unfit as trouble:
        return await _given_up(context, trouble)


async def reproject(context: Context, batch: int = TELL_BATCH) -> int:
    """Derive due times again that were provisional and are covered by a notice now; gives how many were."""
    changes = Changes(context.clock())
    async with work(context.database) as unit:
        clocks = await outdated_clocks(unit.transaction, context.limits.calendar.horizon, batch)
        if not clocks:
            return 0
        cases = dict((await unit.load({clock.case_id for clock in clocks})).cases)
        for clock in clocks:
            _project(context, changes, clock, cases)
        await unit.save(changes)
    committed(context, changes)
    return len(changes.clocks)


async def _told(context: Context, batch: int) -> int:
    changes = Changes(context.clock())
    async with work(context.database) as unit:
        firings = await untold_firings(unit.transaction, batch)
        if not firings:
            return 0
        identities = [firing_id(firing.limit_id, firing.rung, firing.fire_at) for firing in firings]
        charged = [entry_id(firing.limit_id, firing.rung, context.centre.code) for firing in firings]
        costly = {firing.case_id for firing in firings if costs(context, firing)}
        loaded = await unit.load(
            {firing.case_id for firing in firings}, events=(*identities, *charged), histories=costly
        )
        known, cases = set(loaded.known_events), dict(loaded.cases)
        for firing in firings:
            changes.told.append((firing.limit_id, firing.rung))
            file = cases.get(firing.case_id)
            history = loaded.histories.get(firing.case_id, ())
            # Whoever held the case before or holds it now may have said it already.
            events = [one for one in _events(context, firing, file, history) if one.id not in known]
            if file is not None and events:
                known.update(one.id for one in events)
                cases[firing.case_id] = put_case(context, changes, facts_added(file, *events), before=file)
        await unit.save(changes)
    committed(context, changes)
    return len(firings)


async def _given_up(context: Context, trouble: Unfit) -> int:
    changes = Changes(context.clock())
    async with work(context.database) as unit:
        for firing in await untold_firings(unit.transaction, 1):
            _log.error("a firing cannot be told", case=str(firing.case_id), rung=firing.rung, reason=str(trouble))
            changes.told.append((firing.limit_id, firing.rung))
        await unit.save(changes)
    return len(changes.told)


def costs(context: Context, firing: Firing) -> bool:
    """Tell whether a rung that fired costs points."""
    return context.supervision.of_rung(firing.code, firing.rung) is not None


def _events(context: Context, firing: Firing, file: CaseFile | None, history: tuple[Event, ...]) -> Iterable[Event]:
    """Make what a rung says, and the entry of the ledger that it costs."""
    limit = _limit(file, firing.limit_id)
    rung = next((one for one in limit.rungs if one.code == firing.rung), None) if limit is not None else None
    if file is None or limit is None or rung is None:
        return
    yield fired_event(firing.case_id, limit, rung, firing.fire_at, firing.due_at)
    if costs(context, firing):
        facts = context.facts(Actor(CLOCK))
        entry = imposed(file, limit, rung.code, firing.fire_at, history, facts, context.supervision)
        if entry is not None:
            yield entry


def _limit(file: CaseFile | None, limit_id: UUID) -> Limit | None:
    limits: Iterable[Limit] = file.case.limits if file is not None else ()
    return next((limit for limit in limits if limit.id == limit_id), None)


def _project(context: Context, changes: Changes, clock: OutdatedClock, cases: dict[UUID, CaseFile]) -> None:
    file = cases.get(clock.case_id)
    limit = _limit(file, clock.limit_id)
    if file is None or limit is None or file.case.holder != context.centre.code:
        return
    times = projected(limit, context.limits.calendar)
    if times.due_at != clock.due_at:
        due_at = times.due_at.astimezone(UTC).isoformat()
        details = {"limit": limit.code, "due_before": clock.due_at.astimezone(UTC).isoformat(), "due_at": due_at}
        event = Event(
            uuid5(limit.id, f"reprojected {due_at}"), file.case.id, EventKind.LIMIT_REPROJECTED, context.centre.code,
            CLOCK, changes.now, file.case.epoch, details,
        )  # fmt: skip
        cases[file.case.id] = put_case(context, changes, facts_added(file, event), before=file)
        put_due(context, changes, file.case)
    put_clock(context, changes, file.case, times)


def _count(context: Context, fired: Fired) -> None:
    metrics, level = context.metrics, context.centre.level.value
    for count in fired.counts:
        metrics.count("fengqiao_limit_firings_total", count.code, level, count.rung, by=count.many)
        if count.rung == RED:
            metrics.count("fengqiao_limits_judged_total", count.code, level, MISSED, by=count.many)
        metrics.observe("fengqiao_limit_firing_lateness_seconds", count.late_seconds, times=count.many)
        if count.late_seconds > LATE_SECONDS:
            metrics.count("fengqiao_limit_firings_late_total", by=count.many)
