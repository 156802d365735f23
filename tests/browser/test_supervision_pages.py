"""The pages of supervision, wide and narrow, in both languages: no barrier that axe finds, no sideways scrolling."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fengqiao.domain.supervision_command import AppealPoints, ConcludeLevel, GrantAccess, RemindCase
from fengqiao.domain.supervision_rules import Outcome
from fengqiao.handlers import supervision
from fengqiao.handlers.access import read_granted
from fengqiao.insight.cases import case_view
from fengqiao.store.accounts import Account, account, seed_account
from tests.browser.rig import DESK_WIDTH, LOGIN, PASSWORD, PHONE_WIDTH, Stand, chromium, signed_in, stand
from tests.browser.scenes import LONG
from tests.browser.test_pages import faults, visited
from tests.containers import PostgresServer
from tests.node.rig import CLERK, TOWNSHIP, new_id
from tests.node.supervised import DAY, SUPERVISOR, climbed, entries_of, ordered, overdue

DELEGATE = "zhou"


async def laid_out(desk: Stand) -> tuple[str, ...]:
    """Lay supervision out at the township: orders, warnings, reminders, appeals, a grant that was used."""
    here, rig = desk[TOWNSHIP], desk.rig
    first, second, third, fourth, fifth = [await overdue(rig, by=timedelta(days=4)) for _ in range(5)]
    await supervision.carry_out(here, RemindCase(fourth, LONG[:600]), SUPERVISOR)
    plain, granted = await ordered(here, first), await ordered(here, second)
    third_order = await ordered(here, third)
    not_remedied = ConcludeLevel(third, third_order, Outcome.NOT_REMEDIED, LONG[:900])
    await supervision.carry_out(here, not_remedied, SUPERVISOR)
    await climbed(rig, second, 3)
    grant = GrantAccess(second, granted, new_id(), "评议办理结果" * 20, datetime.now(UTC) + DAY)
    await supervision.carry_out(here, grant, SUPERVISOR)
    await read_granted(here, grant.grant_id, "delegates", DELEGATE, "周代表")
    appealed = (await entries_of(here, first))[0]
    await supervision.carry_out(here, AppealPoints(first, appealed.id, LONG[:400]), CLERK)
    number = (await case_view(here.database, fifth)).file.case.number
    return (
        "supervision",
        f"supervision/orders/{plain}?act=conclude",
        f"supervision/orders/{granted}?act=grant",
        f"supervision/orders/{third_order}?act=raise",
        "supervision/points",
        f"supervision/points/{appealed.id}?act=dismiss",
        f"cases/{number}?act=deduct",
        f"access/{grant.grant_id}",
    )


async def body_signed_in(desk: Stand) -> None:
    """Seed an account of the delegates with the password of the stand."""
    known = await account(desk[TOWNSHIP].database, LOGIN)
    assert known is not None
    await seed_account(desk[TOWNSHIP].database, Account(DELEGATE, "周代表", "delegates", known.password_hash))


@pytest.mark.parametrize("width", [DESK_WIDTH, PHONE_WIDTH])
async def test_no_page_of_supervision_has_a_barrier(postgres: PostgresServer, width: int) -> None:
    async with stand(postgres) as desk, chromium(width) as browser:
        *pages, granted = await laid_out(desk)
        await body_signed_in(desk)
        page = await signed_in(browser, desk, TOWNSHIP, "supervision")
        found: list[str] = []
        for language in ("zh", "en"):
            for path in pages:
                found += await visited(page, desk, TOWNSHIP, path, language)
        await page.context.clear_cookies()
        await page.goto(desk.url(TOWNSHIP, "sign-in"))
        await page.fill("#f-login", DELEGATE)
        await page.fill("#f-password", PASSWORD)
        await page.press("#f-password", "Enter")
        await page.wait_for_url(f"**/{TOWNSHIP}/access")
        for path in ("access", granted, "cases"):
            found += await visited(page, desk, TOWNSHIP, path, "zh")
        assert [*found, *await faults(page)] == []


async def test_a_case_is_supervised_with_the_keyboard_alone(postgres: PostgresServer) -> None:
    async with stand(postgres) as desk, chromium() as browser:
        case_id: UUID = await overdue(desk.rig, by=timedelta(days=4))
        number = (await case_view(desk[TOWNSHIP].database, case_id)).file.case.number
        page = await signed_in(browser, desk, TOWNSHIP, f"cases/{number}")
        for key, words in (("b", "请尽快办理"), ("h", "催办后没有动静")):
            await page.keyboard.press(key)
            await page.keyboard.type(words)
            await page.keyboard.press("Control+Enter")
            await page.wait_for_selector(".notice")
        await page.goto(desk.url(TOWNSHIP, "supervision"))
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/supervision/orders/*")
        await page.keyboard.press("r")
        await page.keyboard.press("Space")
        await page.keyboard.press("Tab")
        await page.keyboard.type("已整改，群众确认。")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_selector(".notice")
        assert "已整改" in await page.inner_text(".head .tags")
