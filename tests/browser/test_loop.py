"""The closed loop as its people do it, each at a desk of their own: once straight through, once the long way round."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from playwright.async_api import BrowserContext, Page

from fengqiao.domain.case import CaseFile, CaseState
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.event import EventKind
from fengqiao.handlers import limits
from fengqiao.insight.cases import CaseView, case_view, find_case
from fengqiao.store.accounts import Account, seed_account
from tests.browser.rig import DESK_WIDTH, PASSWORD, Stand, chromium, signed_in, stand
from tests.containers import PostgresServer
from tests.node.rig import COUNTY, TOWNSHIP

CLERK, DISPATCHER, OFFICER, DEPUTY, SUPERVISOR = "王敏", "李强", "孙丽", "赵建国", "吴静"
ROLES = {
    DISPATCHER: ("liqiang", "dispatcher"),
    OFFICER: ("sunli", "handling_officer"),
    DEPUTY: ("zhaojianguo", "deputy_head"),
    SUPERVISOR: ("wujing", "supervisor"),
}


class Clock:
    """A clock that stands beside the real one by as much as a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Play:
    """Five people at the desks of a township and its county, and the case that they are at."""

    desk: Stand
    clock: Clock
    browser: BrowserContext
    pages: dict[tuple[str, str], Page]
    number: str = ""

    async def page(self, person: str, centre: str = TOWNSHIP) -> Page:
        """Give the page of a person, who signs in when it is the first time."""
        if (person, centre) not in self.pages:
            assert self.browser.browser is not None
            own = await self.browser.browser.new_context(viewport={"width": DESK_WIDTH, "height": 900}, locale="zh-CN")
            login = ROLES[person][0] if person in ROLES else "wangmin"
            self.pages[person, centre] = await signed_in(own, self.desk, centre, login=login)
        return self.pages[person, centre]

    async def register(self, title: str, text: str) -> None:
        """The clerk takes the case in."""
        page = await self.page(CLERK)
        await page.goto(self.desk.url(TOWNSHIP, "cases/new"))
        await page.fill("#f-title", title)
        await page.fill("#f-text", text)
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(f"**/cases/{TOWNSHIP}-*")
        self.number = page.url.rsplit("/", 1)[1]

    async def act(self, person: str, action: str, centre: str = TOWNSHIP, **fields: str) -> Page:
        """A person opens the case, fills in the form of an action, and sends it."""
        page = await self.page(person, centre)
        await page.goto(self.desk.url(centre, f"cases/{self.number}?act={action}"))
        for name, value in fields.items():
            field = page.locator(f"#do-{action} [name={name}]")
            kind = await field.first.evaluate("node => node.type || node.tagName")
            if kind in ("radio", "checkbox"):
                await page.check(f"#do-{action} [name={name}][value='{value}']")
            elif kind.startswith("select"):
                await field.select_option(value)
            else:
                await field.fill(value)
        await page.click(f"#do-{action} form button")
        await page.wait_for_load_state()
        assert await page.locator("[role=alert]").count() == 0, await page.inner_text("main")
        return page

    async def view(self, centre: str = TOWNSHIP) -> CaseView:
        """The case as a centre has it."""
        await self.desk.settle()
        database = self.desk[centre].database
        return await case_view(database, await find_case(database, self.number))

    async def file(self, centre: str = TOWNSHIP) -> CaseFile:
        """The file of the case at a centre."""
        return (await self.view(centre)).file

    async def days_pass(self, days: int) -> None:
        """Time goes by, and the sweeper does its work; everybody has to sign in again."""
        self.clock.ahead += timedelta(days=days)
        self.pages.clear()
        here = self.desk[TOWNSHIP]
        while await limits.fire(here):
            pass
        while await limits.tell(here):
            pass


@asynccontextmanager
async def play(postgres: PostgresServer) -> AsyncIterator[Play]:
    clock = Clock()
    async with stand(postgres, clock=clock) as desk, chromium() as browser:
        password = PasswordHasher().hash(PASSWORD)
        for context in desk.rig.contexts.values():
            for name, (login, role) in ROLES.items():
                await seed_account(context.database, Account(login, name, role, password))
        yield Play(desk, clock, browser, {})


async def test_a_case_goes_from_registration_to_evaluation_through_five_roles(postgres: PostgresServer) -> None:
    async with play(postgres) as here:
        await here.register("路灯不亮", "村口的路灯坏了三天，晚上看不见路。")
        await here.act(CLERK, "admit")
        await here.act(DISPATCHER, "classify", item="0102")
        await here.act(DISPATCHER, "grade", grade="small")
        await here.act(DISPATCHER, "assign", unit="police")
        await here.act(OFFICER, "submit", closing="solved", result="已更换灯具。", proof="现场照片两张，附后")
        await here.act(DEPUTY, "sign-off")
        await here.act(CLERK, "reply", text="路灯已修好，请您晚上看看。")
        await here.act(SUPERVISOR, "revisit", reached="yes", words="亮了")
        await here.act(SUPERVISOR, "evaluate", solved="yes", satisfied="yes", words="很快")
        page = await here.act(CLERK, "close", closing="solved")
        assert await page.locator(".tag-done").count() == 1
        told = await page.inner_text(".story")
        for person in (CLERK, DISPATCHER, OFFICER, DEPUTY, SUPERVISOR):
            assert person in told
        case = (await here.file()).case
        assert (case.state, case.closing) == (CaseState.RESOLVED, ClosingKind.SOLVED)
        assert case.course.evaluation is not None
        assert (case.course.evaluation.solved, case.course.evaluation.satisfied) == (True, True)
        assert all(not limit.running for limit in case.limits)


async def test_a_case_goes_through_return_arbitration_red_warning_and_reopening(postgres: PostgresServer) -> None:
    async with play(postgres) as here:
        await here.register("围墙越界", "邻居的围墙砌到了我家宅基地上，几个部门都说不归自己管。")
        await here.act(CLERK, "admit")
        await here.act(DISPATCHER, "assign", unit="police")
        await here.act(OFFICER, "return", reason="宅基地纠纷，不属于派出所")
        await here.act(DISPATCHER, "assign", unit="justice")
        await here.act(OFFICER, "object", reason="权属须由自然资源部门认定")
        assert (await here.file()).case.state is CaseState.DISPUTED
        await here.act(SUPERVISOR, "arbitrate", COUNTY, unit="justice", reason="先由司法所牵头调解")
        case = (await here.file()).case
        assert (case.state, case.unit, case.course.arbitrated) == (CaseState.ASSIGNED, "justice", TOWNSHIP)
        page = await here.page(OFFICER)
        await page.goto(here.desk.url(TOWNSHIP, f"cases/{here.number}"))
        assert await page.locator("#do-return, #do-object").count() == 0
        await here.days_pass(4)
        page = await here.page(OFFICER)
        await page.goto(here.desk.url(TOWNSHIP, f"cases/{here.number}"))
        assert "红色警示" in await page.inner_text(".story")
        assert await page.locator(".clocks .due-over").count() >= 1
        await here.act(OFFICER, "submit", closing="solved", result="双方同意按原界复位。", proof="调解协议")
        await here.act(DEPUTY, "sign-off")
        await here.act(CLERK, "reply", text="已达成协议，围墙月底前复位。")
        await here.act(SUPERVISOR, "revisit", reached="yes", words="墙还在")
        await here.act(SUPERVISOR, "evaluate", solved="no", satisfied="no", words="墙没动")
        await here.act(CLERK, "reopen", reason="市民反映没有解决")
        view = await here.view()
        case = view.file.case
        assert (case.state, case.course.reopened) == (CaseState.ACCEPTED, 1)
        assert case.first_receiver.unit == "police"
        late = [limit for limit in case.limits if limit.code == "article-solve"]
        assert [limit.running for limit in late] == [False, True]
        assert late[1].starts_at > late[0].starts_at + timedelta(days=3)
        kinds = [row.event.kind for row in view.events]
        for kind in (EventKind.RETURNED, EventKind.OBJECTED, EventKind.LIMIT_BREACHED, EventKind.REOPENED):
            assert kind in kinds
        assert EventKind.ARBITRATED in kinds
