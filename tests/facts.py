"""Facts made for tests of what stands above: so many cases of each centre, from a seed."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from fengqiao.domain.case import CaseKind, CaseState, Channel, RequestType
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.fact import CitizensWord, Fact, FactLimit
from fengqiao.wire.feed import FeedRecord

ITEMS = ("", "0101", "0102", "0203", "0301", "0405", "0702")
DAY = timedelta(days=1)


def made_facts(centres: Sequence[str], each: int, now: datetime, days: int, seed: int = 1) -> Iterator[Fact]:
    """Make facts of cases that came in over the last days: most are closed, most of them in time, some are overdue."""
    draw = random.Random(seed)
    for number, centre in enumerate(centres):
        for serial in range(each):
            yield _fact(draw, centre, number * each + serial, now, days)


def told_by(facts: Iterable[Fact], told_at: datetime) -> list[FeedRecord]:
    """Make the records of facts, and behind them for each centre the mark that says it has told everything."""
    records = [FeedRecord(fact.centre, told_at, fact) for fact in facts]
    return [*records, *(FeedRecord(centre, told_at) for centre in sorted({one.centre for one in records}))]


def _fact(draw: random.Random, centre: str, serial: int, now: datetime, days: int) -> Fact:
    registered_at = now - days * DAY * draw.random()
    due_at = registered_at + 3 * DAY
    taken = draw.expovariate(1 / 1.6) * DAY
    resolved_at = registered_at + taken if registered_at + taken < now else None
    limit = FactLimit("article-solve", due_at, resolved_at, resolved_at)
    return Fact(
        case_id=UUID(int=draw.getrandbits(128)),
        number=f"{centre}-{registered_at:%Y%m%d}-{serial % 100_000:05}",
        centre=centre,
        epoch=1,
        version=1,
        journal_length=3,
        holder=centre,
        unit="justice",
        state=CaseState.RESOLVED if resolved_at else CaseState.ASSIGNED,
        kind=CaseKind.REQUEST,
        request_type=RequestType.HELP,
        channel=Channel.HOTLINE,
        urgent=False,
        item=draw.choice(ITEMS),
        grade=None,
        path=(centre,),
        registered_at=registered_at,
        updated_at=resolved_at or registered_at,
        resolved_at=resolved_at,
        closing=ClosingKind.SOLVED if resolved_at else None,
        direct=False,
        offered=resolved_at is None and draw.random() < 0.1,
        suspended=False,
        returned=0,
        reopened=0,
        extended=draw.random() < 0.05,
        unreasonable=False,
        word=CitizensWord(True, draw.random() < 0.9) if resolved_at and draw.random() < 0.3 else None,
        limits=(limit,),
    )
