"""Reports: made in the background from facts, twice the same in sheet and document, taken over when left."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pypdf
import pytest

from fengqiao.domain.calendar import city_day
from fengqiao.domain.errors import Refusal
from fengqiao.domain.fact import Fact, month_of
from fengqiao.domain.report import ReportSpan, ReportState, days_of, last_whole
from fengqiao.domain.words import Language
from fengqiao.handlers.context import Context
from fengqiao.handlers.report import MONTH_WAITS, STALE, TRIES_MOST, want_report
from fengqiao.store import reports as store
from fengqiao.timers import report_maker
from fengqiao.timers.report_maker import ReportMaker
from tests.containers import PostgresServer
from tests.node.rig import CITY, bench
from tests.node.test_performance import TODAY, city_with_facts

MONTH = last_whole(ReportSpan.MONTH, TODAY)


async def wanted(context: Context, language: Language = Language.EN, span: ReportSpan = ReportSpan.MONTH) -> None:
    day = last_whole(span, TODAY).first
    await want_report(context, span, day, language, "王敏")


async def made(context: Context, maker: str = "0", now: datetime | None = None) -> bool:
    return await ReportMaker(replace(context, clock=lambda: now or datetime.now(UTC)), maker).make_next()


async def files(context: Context) -> tuple[bytes, bytes]:
    (line,) = await store.report_lines(context.database, 10)
    assert line.state is ReportState.MADE
    sheet = await store.report_file(context.database, line.id, "xlsx")
    document = await store.report_file(context.database, line.id, "pdf")
    assert sheet is not None
    assert document is not None
    return sheet.content, document.content


def summary(sheet: bytes) -> dict[str, Sequence[Any]]:
    page = openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0]
    return {str(row[0]): row[1:] for row in page.iter_rows(min_row=6, values_only=True)}


def in_month(facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.month == MONTH.first]


async def test_sheet_and_document_of_a_month_say_what_the_facts_say(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        context, facts = await city_with_facts(rig)
        await wanted(context)
        assert await made(context)
        assert not await made(context)
        sheet, document = await files(context)
        rows = summary(sheet)
        came = in_month(facts)
        closed = [fact for fact in facts if fact.resolved_at and month_of(fact.resolved_at) == MONTH.first]
        extended = sum(fact.extended for fact in came)
        reworked = sum(fact.reopened > 0 for fact in closed)
        assert rows["Cases registered"][0] == len(came)
        assert rows["Cases closed"][0] == len(closed)
        assert rows["Extended"][:3] == (pytest.approx(extended / len(came)), extended, len(came))
        assert rows["Reworked"][:3] == (pytest.approx(reworked / len(closed)), reworked, len(closed))
        text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document)).pages)
        for words in ("Monthly report", f"{len(came):,}", f"{extended:,} / {len(came):,}", "Among towns: On time"):
            assert words in text, words


async def test_a_week_is_counted_by_its_days_in_chinese(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        context, facts = await city_with_facts(rig)
        await wanted(context, Language.ZH, ReportSpan.WEEK)
        assert await made(context)
        sheet, document = await files(context)
        week = last_whole(ReportSpan.WEEK, TODAY)
        came = [fact for fact in facts if week.first <= city_day(fact.registered_at) <= week.last]
        assert summary(sheet)["登记件数"][0] == len(came)
        days = openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[1]
        assert [str(row[0]) for row in days.iter_rows(min_row=6, values_only=True)] == [
            str(week.first + timedelta(days=ahead)) for ahead in range(7)
        ]
        assert "运行周报" in pypdf.PdfReader(io.BytesIO(document)).pages[0].extract_text()


def by_calendar() -> set[ReportSpan]:
    """What the calendar wants today: in the first days of a month its report waits."""
    month_is_ripe = MONTH.last + MONTH_WAITS < city_day(datetime.now(UTC))
    return {ReportSpan.WEEK, ReportSpan.MONTH} if month_is_ripe else {ReportSpan.WEEK}


async def turns(context: Context, maker: str) -> int:
    """Let a new process work until nothing waits; gives how many reports it made."""
    one, made_ = ReportMaker(context, maker), 0
    while await one.turn():
        made_ += 1
    return made_


async def test_the_calendar_wants_the_last_month_and_week_once_all_have_told(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        context, _ = await city_with_facts(rig)
        assert await turns(context, "0") == len(by_calendar())
        assert {line.span for line in await store.report_lines(context.database, 10)} == by_calendar()
        assert await turns(context, "1") == 0


async def test_a_report_that_not_all_had_told_for_is_made_again_the_next_time(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        assert await turns(rig[CITY], "0") == len(by_calendar())
        assert await turns(rig[CITY], "1") == len(by_calendar())
        assert len(await store.report_lines(rig[CITY].database, 10)) == len(by_calendar())


async def test_what_a_maker_left_is_taken_over_and_its_late_result_is_not_kept(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        context = rig[CITY]
        await wanted(context)
        now = datetime.now(UTC)
        task = await store.take(context.database, "gone", now, now - STALE, TRIES_MOST)
        assert task is not None
        assert not await made(context)
        assert await made(context, now=now + STALE * 2)
        assert not await store.finish(context.database, task.id, "gone", b"x", b"x", None, now)


async def test_what_cannot_be_made_is_tried_three_times_and_then_has_failed(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError("no font")

    async with bench(postgres) as rig:
        context = rig[CITY]
        await wanted(context)
        with monkeypatch.context() as patch:
            patch.setattr(report_maker, "report_document", broken)
            for _ in range(TRIES_MOST):
                with pytest.raises(RuntimeError):
                    await made(context)
        assert not await made(context)
        (line,) = await store.report_lines(context.database, 10)
        assert line.state is ReportState.FAILED
        await wanted(context)
        assert await made(context)


async def test_a_month_that_is_not_over_is_refused(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        with pytest.raises(Refusal) as refused:
            await want_report(rig[CITY], ReportSpan.MONTH, TODAY, Language.ZH, "王敏")
        assert refused.value.code == "report_too_early"
        assert days_of(ReportSpan.MONTH, TODAY).last >= TODAY


async def test_one_that_is_there_is_made_again_only_when_somebody_asks(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        context, _ = await city_with_facts(rig)
        await wanted(context)
        assert await made(context)
        await want_report(context, ReportSpan.MONTH, MONTH.first, Language.EN, "", again=False)
        assert not await made(context)
        await wanted(context)
        assert await made(context)
