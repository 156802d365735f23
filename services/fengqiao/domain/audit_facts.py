"""What has to hold between the cases of a centre and what a centre above counts of them (F31, F36). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from fengqiao.domain.audit import Finding, Rule
from fengqiao.domain.fact import Revision


@dataclass(frozen=True, slots=True)
class Known:
    """A case as a centre knows it: its number and its revision."""

    number: str
    revision: Revision


@dataclass(frozen=True, slots=True)
class TallyGap:
    """A sum that is not what its facts come to: which, at which origin, as it stands and as the facts make it."""

    centre: str
    name: str
    stands: int
    facts: int


def fact_findings(
    reader: str, told: Mapping[UUID, Known], facts: Mapping[UUID, Known], summarised: frozenset[UUID]
) -> tuple[Finding, ...]:
    """Compare cases that were told of long enough ago with the facts of a centre above.

    `told` are those of the origin, `facts` what the reader has of them, `summarised` those of which it only has sums.
    """
    found = []
    for case, known in told.items():
        if case in summarised:
            continue
        fact = facts.get(case)
        if fact is None:
            found.append(Finding(Rule.FACT, reader, "no fact tells of it", case, known.number))
        elif fact.revision != known.revision:
            detail = f"the fact tells of {fact.revision}, the case stands at {known.revision}"
            found.append(Finding(Rule.FACT, reader, detail, case, known.number))
    return tuple(found)


def phantom_findings(reader: str, facts: Mapping[UUID, Known], there: frozenset[UUID]) -> tuple[Finding, ...]:
    """Tell the facts of cases that their origin does not have: a database that was set back, or a stray record."""
    return tuple(
        Finding(Rule.FACT, reader, "it is counted, and its origin has no such case", case, known.number)
        for case, known in facts.items()
        if case not in there
    )


def tally_findings(reader: str, gaps: Iterable[TallyGap]) -> tuple[Finding, ...]:
    """Tell the sums of a centre that are not what its facts come to."""
    return tuple(
        Finding(Rule.TALLY, reader, f"{gap.name} of {gap.centre} is {gap.stands}, the facts make {gap.facts}")
        for gap in gaps
    )
