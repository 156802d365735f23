"""Taking in what the centres below tell of their cases, and giving what this one tells (F31, F36).

The sums move by the difference between a fact and the one before it, in the transaction that replaces it: a record that
comes twice, or late, moves nothing. A batch costs two statements and one commit.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from fengqiao.domain.fact import Fact
from fengqiao.domain.tally import Tally, moved, tallies
from fengqiao.handlers.context import Context
from fengqiao.store.facts import KnownFacts, Source, known_facts, make_months, save_facts
from fengqiao.wire.feed import FeedRecord

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

    `months` are those that are known to have a partition; new ones are added. Raises ReadingOver, and UNAVAILABLE
    database_away.
    """
    wanted = {record.fact.case_id: record.fact.month for record in records if record.fact is not None}
    if lacking := set(wanted.values()) - months:
        await make_months(context.database, lacking)
        months |= lacking
    async with context.database.transaction() as transaction:
        known = await known_facts(transaction, wanted)
        if known.generation != generation:
            raise ReadingOver
        batch = _batch(context, records, known)
        await save_facts(transaction, batch.facts.values(), batch.moved, _sources(records))
    for verdict, many in batch.verdicts.items():
        context.metrics.count("fengqiao_facts_total", verdict, by=many)
    return batch.verdicts


def _batch(context: Context, records: Sequence[FeedRecord], known: KnownFacts) -> _Batch:
    batch = _Batch()
    for record in records:
        fact = record.fact
        if fact is None:
            continue
        if known.summarised_before is not None and fact.month < known.summarised_before:
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
    """Give how far each centre has told by these records."""
    until: dict[str, datetime] = {}
    for record in records:
        until[record.centre] = max(record.told_at, until.get(record.centre, record.told_at))
    return [Source(centre, until[centre]) for centre in sorted(until)]
