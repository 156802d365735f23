"""The audit of facts: does every centre that counts know each case as its origin told it, and do its sums add up (F31).

A case is held against a reader only once its centre has told past the last thing that happened to it, and the reader
has heard so; what is on its way is not wrong.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from fengqiao.domain.audit import Finding, Rule
from fengqiao.domain.audit_facts import fact_findings, phantom_findings, tally_findings
from fengqiao.domain.topology import Topology
from fengqiao.insight.wallboard import centres_below
from fengqiao.store.audit import IdRange, facts_of, present_cases, summarised_cases, tally_gaps, told_cases
from fengqiao.store.database import Database
from fengqiao.store.facts import sources

TOLD_WITHIN = timedelta(minutes=10)
"""A centre tells within a minute or two of its start; one that has cases for so long and told nothing is not heard."""

SEEN_AFTER = timedelta(minutes=1)
"""A change is journalled a little before it can be seen; tellers look back so far, and what is older they have seen."""

Progress = Callable[[str, int, int], None]
Ranges = Callable[[str], Awaitable[Sequence[IdRange]]]


async def audit_facts(
    databases: Mapping[str, Database], topology: Topology, ranges: Ranges, progress: Progress, now: datetime
) -> tuple[Finding, ...]:
    """Compare what counties and city count with the databases of the centres below; `ranges` cut a centre's ids."""
    readers = [code for code in databases if topology.children(code)]
    found: list[Finding] = []
    for done, reader in enumerate(readers, start=1):
        told_until = {source.centre: source.told_until for source in await sources(databases[reader])}
        for origin in centres_below(topology, reader):
            found += tally_findings(reader, await tally_gaps(databases[reader], origin))
            if origin not in databases:
                continue
            if origin in told_until:
                before = told_until[origin] - SEEN_AFTER
                both = databases[reader], databases[origin]
                found += await _compared(both, reader, origin, await ranges(origin), before)
            else:
                found += await _never_told(databases[origin], reader, origin, now - TOLD_WITHIN)
        progress("facts", done, len(readers))
    return tuple(found)


async def _compared(
    both: tuple[Database, Database], reader: str, origin: str, ranges: Sequence[IdRange], before: datetime
) -> list[Finding]:
    (above, below), found = both, list[Finding]()
    for wanted in ranges:
        # Facts first: what changes after they are read is not among what was told long enough ago.
        facts = await facts_of(above, origin, wanted)
        told = await told_cases(below, origin, wanted, before)
        summarised = await summarised_cases(above, wanted) if told.keys() - facts.keys() else frozenset[UUID]()
        found += fact_findings(reader, told, facts, summarised)
        if unknown := facts.keys() - told.keys():
            there = await present_cases(below, origin, unknown)
            found += phantom_findings(reader, {case: facts[case] for case in unknown}, there)
    return found


async def _never_told(below: Database, reader: str, origin: str, before: datetime) -> list[Finding]:
    if not await told_cases(below, origin, IdRange(UUID(int=0), UUID(int=2**128 - 1)), before):
        return []
    return [Finding(Rule.FACT, reader, f"{origin} has cases, and nothing it told has ever been read")]
