"""Answers of many centres put together: each case once, by its holder when it has answered (F32)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fengqiao.domain.case import CaseState
from fengqiao.domain.errors import Refusal
from fengqiao.insight.custody_trace import TraceGap
from fengqiao.insight.federation_search import HITS_LIMIT, Hit, SearchFound, SearchWanted, checked, merged

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def hit(serial: int, told_by: str, holder: str = "3714", *, hours: int = 0) -> Hit:
    return Hit(
        case_id=UUID(int=serial),
        number=f"371403001-20261123-{serial:05}",
        title="路灯不亮",
        place="新湖街道",
        origin="371403001",
        holder=holder,
        unit="",
        state=CaseState.ASSIGNED,
        registered_at=NOW - timedelta(hours=serial),
        updated_at=NOW + timedelta(hours=hours),
        told_by=told_by,
    )


def test_what_the_holder_says_goes_before_what_others_know_later() -> None:
    others, holder = SearchFound((hit(1, "371403", hours=5),), answered=1), SearchFound((hit(1, "3714"),), answered=1)
    for answers in ((others, holder), (holder, others)):
        found = merged(answers, 10)
        assert [one.told_by for one in found.hits] == ["3714"]
        assert found.hits[0].fresh
        assert found.answered == 2


def test_without_the_holder_the_newest_of_what_others_know_stays_and_says_so() -> None:
    found = merged([SearchFound((hit(1, "371403"),)), SearchFound((hit(1, "371403001", hours=1),))], 10)
    assert [(one.told_by, one.fresh) for one in found.hits] == [("371403001", False)]


def test_the_latest_come_first_and_what_does_not_fit_is_told() -> None:
    found = merged([SearchFound((hit(3, "3714"), hit(1, "3714"))), SearchFound((hit(2, "3714"),))], 2)
    assert [one.case_id.int for one in found.hits] == [1, 2]
    assert found.cut
    assert merged([SearchFound((hit(1, "3714"),), cut=True)], 10).cut
    assert not merged([SearchFound((hit(1, "3714"),))], 1).cut


def test_every_gap_is_told() -> None:
    gaps = [SearchFound(gaps=(TraceGap(code, "neighbour_away", {}),)) for code in ("371424", "371403")]
    assert [gap.centre for gap in merged(gaps, 5).gaps] == ["371403", "371424"]


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        (SearchWanted(), "q", "search_empty"),
        (SearchWanted("  "), "q", "search_empty"),
        (SearchWanted("灯"), "q", "search_too_short"),
        (SearchWanted("灯" * 500), "q", "text_too_long"),
        (SearchWanted(place="路" * 500), "place", "text_too_long"),
        (SearchWanted("路灯", limit=0), "limit", "page_size_wrong"),
        (SearchWanted("路灯", limit=HITS_LIMIT + 1), "limit", "page_size_wrong"),
    ],
)
def test_what_would_find_everything_or_too_much_is_refused(wanted: SearchWanted, field: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked(wanted)
    assert [(one.field, one.code) for one in refused.value.violations] == [(field, code)]


def test_words_are_cleaned_before_they_are_looked_for() -> None:
    assert checked(SearchWanted(" 路灯 ")).words == "路灯"
