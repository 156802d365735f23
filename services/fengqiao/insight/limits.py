"""Limits for people to read: why a case is due when it is, which clocks run here, and their figures (DESIGN 5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fengqiao.domain.calendar import DayVerdict, WorkingCalendar
from fengqiao.domain.case import Case
from fengqiao.domain.limit import Limit, LimitState, Rung, nearest_first
from fengqiao.domain.limit_policy import LimitPolicies, LimitRules
from fengqiao.domain.words import Language
from fengqiao.observe.metrics import UNCLASSIFIED, NodeMetrics
from fengqiao.store.database import Database
from fengqiao.store.limits import due_figures, limit_figures

GAUGES = (
    "fengqiao_limits_running",
    "fengqiao_limits_overdue",
    "fengqiao_limits_provisional",
    "fengqiao_limit_next_due_seconds",
    "fengqiao_limits_due_last_week",
)
DUE_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LimitStory:
    """Why a limit is due when it is: every step of the computation, as it stands at one moment."""

    limit: Limit
    state: LimitState
    due_at: datetime
    provisional: bool
    skipped: tuple[DayVerdict, ...]
    consumed: timedelta
    """Counted time that has run; a day that counts is 24 hours."""
    paused: timedelta
    """Counted time that suspensions have taken out, or will when they last until their end."""
    rungs: tuple[tuple[Rung, datetime], ...]
    source: str
    marked: bool

    def left(self, now: datetime) -> timedelta:
        """Give how long until it is due; negative when it is overdue."""
        return self.due_at - now


def limit_stories(case: Case, rules: LimitRules, now: datetime) -> tuple[LimitStory, ...]:
    """Explain every limit of a case, nearest first."""
    return tuple(_story(limit, rules, now) for limit in nearest_first(case.limits, rules.calendar))


def limit_name(policies: LimitPolicies, code: str, language: Language) -> str:
    """Give the name of a limit; its code when the table here does not have it."""
    policy = policies.by_code.get(code)
    if policy is None:
        return code
    return policy.name if language is Language.ZH else policy.name_en


async def refresh_limit_gauges(
    database: Database, metrics: NodeMetrics, level: str, calendar: WorkingCalendar, now: datetime
) -> None:
    """Set the gauges of limits; called when they are scraped."""
    for name in GAUGES:
        metrics.clear(name)
    for figures in await limit_figures(database, now):
        labels = (figures.code, figures.matter_class or UNCLASSIFIED, level)
        metrics.set("fengqiao_limits_running", figures.running, *labels)
        metrics.set("fengqiao_limits_overdue", figures.overdue, *labels)
        metrics.set("fengqiao_limits_provisional", figures.provisional, *labels)
        if figures.next_due_at is not None:
            metrics.set("fengqiao_limit_next_due_seconds", (figures.next_due_at - now).total_seconds(), *labels)
    for due in await due_figures(database, now - DUE_WITHIN, now):
        labels = (due.code, due.matter_class or UNCLASSIFIED, level)
        metrics.set("fengqiao_limits_due_last_week", due.many, *labels, due.outcome)
    metrics.set("fengqiao_calendar_horizon_days", calendar.days_to_horizon(now))


def _story(limit: Limit, rules: LimitRules, now: datetime) -> LimitStory:
    calendar, policy = rules.calendar, rules.policies.by_code.get(limit.code)
    due = limit.due(calendar)
    return LimitStory(
        limit=limit,
        state=limit.state(now, calendar),
        due_at=due.at,
        provisional=due.provisional,
        skipped=due.skipped,
        consumed=limit.consumed(now, calendar),
        paused=limit.paused(calendar),
        rungs=limit.rung_times(calendar, due.at),
        source=policy.source if policy is not None else "",
        marked=policy is not None and policy.marked,
    )
