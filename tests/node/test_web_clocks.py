"""The clocks on the page of a case: nearest first, each with its reasons, red only for what is overdue."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest

from fengqiao.domain.calendar import Budget, Counting
from fengqiao.domain.course import SuspensionReason
from fengqiao.domain.limit import Limit, LimitState, Scope, Suspension
from fengqiao.domain.words import Language
from fengqiao.handlers import limits
from fengqiao.insight.limits import LimitStory
from fengqiao.web.desk.clocks import bar
from fengqiao.web.desk.texts import TEXTS
from fengqiao.web.desk.visit import Visit
from tests.containers import PostgresServer
from tests.node.rig import TOWNSHIP
from tests.node.test_web_desk import number_of, registered
from tests.node.web_stand import web_stand

DAY = timedelta(days=1)


async def test_a_case_page_shows_its_clocks_and_why_they_are_due_then(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        command = await registered(desk)
        client, path = await desk.signed_in(TOWNSHIP), f"/{TOWNSHIP}/cases/{await number_of(desk, command)}"
        page = (await client.get(path)).text
        assert page.index("三小时交办") < page.index("三日办结")
        assert page.count("为什么是这个时间") == 2
        assert "24:00" in page
        assert "the article" in page
        assert "due-over" not in page
        late = desk.rig.at(TOWNSHIP, datetime.now(UTC) + timedelta(hours=4))
        await limits.fire(late)
        await limits.fire(late)
        await limits.tell(late)
        warned = (await client.get(path)).text
        assert "红色警示" in warned
        assert "三小时交办 · 到期" in warned


@pytest.mark.parametrize(
    ("days", "suspended", "ended", "expected"),
    [
        (1, False, None, (25.0, 100.0, 0.0, [])),
        (3, True, None, (75.0, 100.0, 0.0, [(25.0, 25.0)])),
        (1.5, True, None, (37.5, 100.0, 0.0, [(25.0, 12.5)])),
        (8, False, None, (50.0, 50.0, 50.0, [])),
        (8, False, 2, (50.0, 100.0, 0.0, [])),
    ],
    ids=["running", "suspended and resumed", "suspended now", "overdue", "met in time"],
)
def test_a_clock_is_a_bar_of_its_used_time_its_pauses_and_what_it_is_over(
    days: float, suspended: bool, ended: int | None, expected: tuple[float, float, float, list[tuple[float, float]]]
) -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    pauses = (Suspension(start + DAY, start + 2 * DAY, SuspensionReason.APPRAISAL, "孙丽"),) if suspended else ()
    met_at = start + ended * DAY if ended is not None else None
    limit = limit_of_days(start, 4, suspensions=pauses, met_at=met_at)
    story = LimitStory(
        limit, LimitState.RUNNING, start + 4 * DAY, False, (), DAY, timedelta(0), (), source="", marked=False
    )
    drawn = bar(story, cast("Visit", SimpleNamespace(now=start + days * DAY, language=Language.ZH, t=text)))
    assert (drawn.used, drawn.due, drawn.over, list(drawn.pauses)) == expected
    assert drawn.label == "已用 1 天，共 4 个自然日"


def text(key: str, **values: str) -> str:
    return TEXTS[key][0].format(**values)


def limit_of_days(start: datetime, days: int, *, suspensions: tuple[Suspension, ...], met_at: datetime | None) -> Limit:
    return Limit(
        UUID(int=1), "own", TOWNSHIP, 1, "city", Scope.CITIZEN, False, start, Budget(Counting.CALENDAR_DAYS, days),
        frozenset(), frozenset(), (), suspensions, (), met_at, met_at,
    )  # fmt: skip
