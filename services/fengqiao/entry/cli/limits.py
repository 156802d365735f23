"""`fengqiao limits explain|list`: why a case is due when it is, and which clocks run at a centre."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from fengqiao.domain.errors import Refusal
from fengqiao.domain.limit_policy import LimitPolicies, LimitRules
from fengqiao.domain.limit_words import budget_words, day_words, due_words, owner_words
from fengqiao.domain.topology import Topology
from fengqiao.domain.words import word
from fengqiao.entry.cli.local import data_folder
from fengqiao.entry.cli.speech import language_here, refusals_told, said, tell, tell_json
from fengqiao.entry.clock import utc_now
from fengqiao.entry.limit_lookup import CaseClocks, case_clocks, centre_clocks
from fengqiao.entry.limits import load_limit_rules
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.settings import Settings, load_settings
from fengqiao.entry.verify import Federation, local_federation, settings_federation
from fengqiao.insight.limits import LimitStory, limit_name
from fengqiao.store.limits import RunningLimit

app = typer.Typer(help=said("时限。", "Time limits."), no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=said("以 JSON 输出。", "Print JSON."))]
Data = Annotated[
    str | None, typer.Option("--data", help=said("本机系统的数据目录。", "The data folder of a local stack."))
]
MOST_LISTED = 10_000


def add_to(main: typer.Typer) -> None:
    """Add the group to the main command."""
    main.add_typer(app, name="limits")


@app.command(help=said("逐步说明一件诉求的各项时限。", "Explain every time limit of a case, step by step."))
def explain(
    case: Annotated[str, typer.Argument(help=said("编号或标识。", "The number of the case, or its id."))],
    centre: Annotated[
        str, typer.Option("--centre", help=said("知道此件的中心（按标识查时）。", "A centre that knows it, for an id."))
    ] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Explain the limits of a case."""
    with refusals_told():
        settings, topology, rules = _rules(data)
        now = utc_now()
        found = asyncio.run(case_clocks(federation_of(settings, topology), case, centre, rules, now))
        if as_json:
            tell_json(_case_fields(found, rules.policies, now))
            return
        for line in _case_lines(found, rules.policies, now):
            tell(line)


@app.command("list", help=said("列出一个中心的时限，最近的在前。", "List running limits of a centre, nearest first."))
def list_limits(
    centre: Annotated[str, typer.Option("--centre", help=said("中心代码。", "The code of the centre."))],
    code: Annotated[str | None, typer.Option("--code", help=said("只列此代码。", "Only limits of this code."))] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help=said("只列已超期的。", "Only overdue ones."))] = False,
    most: Annotated[
        int, typer.Option("--most", min=1, max=MOST_LISTED, help=said("最多列出多少条。", "At most so many."))
    ] = 100,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List running limits."""
    with refusals_told():
        settings, topology, rules = _rules(data)
        now = utc_now()
        before = now if overdue else None
        found = asyncio.run(centre_clocks(federation_of(settings, topology), centre, code, before, most))
        if as_json:
            tell_json([_row_fields(row, now) for row in found])
            return
        for row in found:
            tell(_row_line(row, rules.policies, now))
        if not found:
            tell(said("没有符合条件的时限。", "There are no such limits."))


def federation_of(settings: Settings, topology: Topology) -> Federation:
    """Take the local stack when one is running, else the databases that the settings name."""
    try:
        return local_federation(data_folder(settings), topology)
    except Refusal as refusal:
        if refusal.code != "stack_not_running":
            raise
        return settings_federation(settings, topology)


def _rules(data: str | None) -> tuple[Settings, Topology, LimitRules]:
    settings = load_settings(data=data)
    topology = load_topology(settings)
    return settings, topology, load_limit_rules(settings, topology, load_units(settings.units_file))


def _case_lines(found: CaseClocks, policies: LimitPolicies, now: datetime) -> Iterator[str]:
    yield f"{found.case.number} {found.case.title}"
    if not found.stories:
        yield said("此件没有时限。", "This case has no time limits.")
    for story in found.stories:
        yield ""
        yield from _story_lines(story, policies, now)


def _story_lines(story: LimitStory, policies: LimitPolicies, now: datetime) -> Iterator[str]:
    language, limit = language_here(), story.limit
    state = word(f"limit_state.{story.state}", language)
    legal = said("（法定，不因内部规定中止）", " (set by law, not paused by a service rule)") if limit.legal else ""
    yield f"{limit_name(policies, limit.code, language)} [{limit.code}] {state}{legal}"
    yield f"  {said('起算', 'starts')}: {due_words(limit.starts_at)}"
    yield f"  {said('期限', 'budget')}: {budget_words(limit.budget, language)} · {owner_words(limit.set_by, language)}"
    for one in limit.extensions:
        approved = said(f"{one.by} 申请，{one.approved_by} 批准", f"asked by {one.by}, approved by {one.approved_by}")
        yield f"  {said('延期', 'extended')}: {budget_words(one.budget, language)} {approved}: {one.reason}"
    for pause in limit.suspensions:
        span = f"{due_words(pause.since)} - {due_words(pause.ends_at)}"
        yield f"  {said('中止', 'suspended')}: {span} {word(f'cause.{pause.reason}', language)} ({pause.by})"
    for verdict in story.skipped:
        yield f"  {said('不计', 'not counted')}: {day_words(verdict, language)}"
    mark = said("（放假安排未公布，暂按周一至周五推算）", " (provisional: no notice on holidays yet, Monday to Friday)")
    yield f"  {said('到期', 'due')}: {due_words(story.due_at)}{mark if story.provisional else ''}"
    if limit.running:
        yield f"  {said('还剩' if story.left(now).total_seconds() >= 0 else '超过', 'left')}: {story.left(now)}"
    for rung, at in story.rungs:
        yield f"  {rung.code}: {due_words(at)}"
    if story.source:
        yield f"  {said('依据', 'source')}: {story.source}"


def _case_fields(found: CaseClocks, policies: LimitPolicies, now: datetime) -> dict[str, Any]:
    return {
        "case": str(found.case.id),
        "number": found.case.number,
        "holder": found.case.holder,
        "read_at": found.centre,
        "limits": [_story_fields(story, policies, now) for story in found.stories],
    }


def _story_fields(story: LimitStory, policies: LimitPolicies, now: datetime) -> dict[str, Any]:
    limit = story.limit
    return {
        "code": limit.code,
        "name": limit_name(policies, limit.code, language_here()),
        "state": story.state.value,
        "legal": limit.legal,
        "scope": limit.scope.value,
        "set_by": limit.set_by,
        "starts_at": limit.starts_at.isoformat(),
        "budget": {"counting": limit.budget.counting.value, "amount": limit.budget.amount},
        "extensions": [
            {"amount": one.budget.amount, "by": one.by, "approved_by": one.approved_by, "reason": one.reason}
            for one in limit.extensions
        ],
        "suspensions": [
            {"since": one.since, "until": one.ends_at, "reason": one.reason.value, "by": one.by}
            for one in limit.suspensions
        ],
        "skipped": [
            {"day": str(one.day), "reason": one.reason.value, "name": one.name, "provisional": one.provisional}
            for one in story.skipped
        ],
        "consumed_seconds": story.consumed.total_seconds(),
        "paused_seconds": story.paused.total_seconds(),
        "due_at": story.due_at.isoformat(),
        "left_seconds": story.left(now).total_seconds() if limit.running else None,
        "provisional": story.provisional,
        "rungs": [{"rung": rung.code, "at": at.isoformat()} for rung, at in story.rungs],
        "met_at": limit.met_at.isoformat() if limit.met_at else None,
        "ended_at": limit.ended_at.isoformat() if limit.ended_at else None,
        "source": story.source,
        "marked": story.marked,
    }


def _row_line(row: RunningLimit, policies: LimitPolicies, now: datetime) -> str:
    name = limit_name(policies, row.code, language_here())
    over = said("超期", "overdue") if row.due_at < now else ""
    return f"{due_words(row.due_at):<19} {over:<8} {row.number} {name} [{row.code}] {row.title}"


def _row_fields(row: RunningLimit, now: datetime) -> dict[str, Any]:
    return {
        "case": str(row.case_id),
        "number": row.number,
        "title": row.title,
        "code": row.code,
        "due_at": row.due_at.isoformat(),
        "overdue": row.due_at < now,
        "provisional": row.provisional,
        "unit": row.unit,
        "offered_to": row.offer_to,
    }
