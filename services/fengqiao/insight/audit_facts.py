"""The audit of facts: does every centre that counts know each case as its origin told it, and do its sums add up (F31).

A case is held against a reader only once its centre has told past the last thing that happened to it, and the reader
has heard so; what is on its way is not wrong.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from fengqiao.domain.audit import Finding
from fengqiao.domain.audit_facts import Known, fact_findings, tally_findings
from fengqiao.domain.topology import Topology
from fengqiao.insight.wallboard import centres_below
from fengqiao.store.audit import IdRange, facts_of, summarised_cases, tally_gaps, told_cases
from fengqiao.store.database import Database
from fengqiao.store.facts import sources

SEEN_AFTER = timedelta(minutes=1)
"""A change is journalled a little before it can be seen; tellers look back so far, and what is older they have seen."""

Progress = Callable[[str, int, int], None]
Ranges = Callable[[str], Awaitable[Sequence[IdRange]]]


async def audit_facts(
    databases: Mapping[str, Database], topology: Topology, ranges: Ranges, progress: Progress
) -> tuple[Finding, ...]:
    """Compare what counties and city count with the databases of the centres below; `ranges` cut a centre's ids."""
    readers = [code for code in databases if topology.children(code)]
    found: list[Finding] = []
    for done, reader in enumerate(readers, start=1):
        database = databases[reader]
        found += tally_findings(reader, await tally_gaps(database))
        told_until = {source.centre: source.told_until for source in await sources(database)}
        for origin in centres_below(topology, reader):
            if origin not in databases or origin not in told_until:
                continue
            before = told_until[origin] - SEEN_AFTER
            for wanted in await ranges(origin):
                told = await told_cases(databases[origin], origin, wanted, before)
                if told:
                    found += await _compared(database, reader, origin, wanted, told)
        progress("facts", done, len(readers))
    return tuple(found)


async def _compared(
    database: Database, reader: str, origin: str, wanted: IdRange, told: Mapping[UUID, Known]
) -> tuple[Finding, ...]:
    facts = await facts_of(database, origin, wanted)
    summarised = await summarised_cases(database, wanted) if told.keys() - facts.keys() else frozenset[UUID]()
    return fact_findings(reader, told, facts, summarised)
