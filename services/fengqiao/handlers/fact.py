"""Taking in what the centres below tell of their cases, and giving what this one tells (F31, F36).

The sums move by the difference between a fact and the one before it, in the transaction that replaces it: a record that
comes twice, or late, moves nothing. A batch costs two statements and one commit.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from fengqiao.domain.calendar import city_day
from fengqiao.domain.fact import Fact
from fengqiao.domain.tally import Tally, moved, tallies
from fengqiao.handlers.context import Context
from fengqiao.store.facts import KnownFacts, Source, hold_reading, known_facts, make_months, save_facts, summarise
from fengqiao.wire.feed import FeedRecord

LEAST_KEPT_MONTHS = 25
"""Lists behind figures look two years back, so single facts are kept at least so long."""

HEARD_WITHIN = timedelta(days=1)
"""Facts of a centre are summarised only when it was heard so lately: otherwise newer ones may still be to be read."""

NEWER, REPEATED, SUMMARISED = "newer", "repeated", "summarised"


class ReadingOver(Exception):
    """Somebody has begun a new reading of the feeds: what was read for the old one is not wanted any more."""


@dataclass(slots=True)
class _Batch:
    """What one transaction saves: the newest fact of each case, and by how much the sums of each centre move."""

    facts: dict[UUID, tuple[Fact, tuple[Tally, ...], datetime]] = field(default_factory=dict)
    moved: Counter[tuple[str, Tally]] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)


async def take_in_facts(
    context: Context, generation: int, records: Sequence[FeedRecord], months: set[date]
) -> Mapping[str, int]:
    """Take records of feeds in, durably when this returns; gives how many were newer, repeated, summarised.

    `months` are those that are known to have a partition; new ones are added, but for old ones, whose partitions may be
    taken away at any time. Raises ReadingOver, and UNAVAILABLE database_away.
    """
    wanted = {record.fact.case_id: record.fact.month for record in records if record.fact is not None}
    first_kept = month_before(context, LEAST_KEPT_MONTHS)
    old = {month for month in wanted.values() if month < first_kept}
    if lacking := (set(wanted.values()) - months) | old:
        await make_months(context.database, lacking)
        months |= lacking - old
    async with context.database.transaction() as transaction:
        if old:
            await hold_reading(transaction)
        known = await known_facts(transaction, wanted)
        if known.generation != generation:
            raise ReadingOver
        batch = _batch(context, records, known)
        await save_facts(transaction, batch.facts.values(), batch.moved, _sources(records))
    for verdict, many in batch.verdicts.items():
        context.metrics.count("fengqiao_facts_total", verdict, by=many)
    return batch.verdicts


async def summarise_facts(context: Context, keep_months: int) -> int:
    """Replace the facts of months long over by their sums; gives how many. Raises UNAVAILABLE database_away."""
    now = context.clock()
    return await summarise(context.database, month_before(context, keep_months), now - HEARD_WITHIN)


def month_before(context: Context, many: int) -> date:
    """Give the first day of the month so many months before the present one."""
    today = city_day(context.clock())
    months = today.year * 12 + today.month - 1 - many
    return date(months // 12, months % 12 + 1, 1)


def _batch(context: Context, records: Sequence[FeedRecord], known: KnownFacts) -> _Batch:
    batch = _Batch()
    for record in records:
        fact = record.fact
        if fact is None:
            continue
        if fact.case_id in known.summarised:
            batch.verdicts[SUMMARISED] += 1
            continue
        here, taken = known.by_case.get(fact.case_id), batch.facts.get(fact.case_id)
        revision = taken[0].revision if taken else here.revision if here else None
        if revision is not None and fact.revision <= revision:
            batch.verdicts[REPEATED] += 1
            continue
        before = taken[1] if taken else here.tallied if here else ()
        adds = tallies(fact, context.topology)
        batch.moved.update({(fact.centre, tally): by for tally, by in moved(before, adds).items()})
        batch.facts[fact.case_id] = fact, adds, record.told_at
        batch.verdicts[NEWER] += 1
    for key in [key for key, by in batch.moved.items() if not by]:
        del batch.moved[key]
    return batch


def _sources(records: Sequence[FeedRecord]) -> list[Source]:
    """Give how far each centre has told by these records: only a mark says that everything until then was told."""
    until: dict[str, datetime] = {}
    for record in records:
        if record.fact is None:
            until[record.centre] = max(record.told_at, until.get(record.centre, record.told_at))
    return [Source(centre, until[centre]) for centre in sorted(until)]
