"""The clocks of a case on its page: nearest first, each with why it is due when it is; red only for what is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fengqiao.domain.case import Case
from fengqiao.domain.limit import LimitState
from fengqiao.domain.limit_words import budget_words, day_words, due_words, owner_words
from fengqiao.insight.limits import LimitStory, limit_name, limit_stories
from fengqiao.web.desk.times import Due, due, duration
from fengqiao.web.desk.visit import Visit

# The shape beside the word of each state; a colour never stands alone.
STATE_SHAPES = {
    LimitState.RUNNING: "half",
    LimitState.SUSPENDED: "ring",
    LimitState.OVERDUE: "back",
    LimitState.MET: "full",
    LimitState.BREACHED: "full",
    LimitState.ENDED: "dot",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the computation: what it is, and its value in words."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A clock as a bar from its start to its due time, or to its end when that is later; in hundredths of its length.

    `used` ends now or when the clock ended, `pauses` are the suspended stretches (from, length) within.
    """

    used: float
    due: float
    over: float
    pauses: Sequence[tuple[float, float]]
    label: str


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as people see it."""

    name: str
    state: str
    shape: str
    due: Due
    at: str
    tags: Sequence[str]
    bar: Bar
    legal: bool
    steps: Sequence[Step]


def clocks(case: Case, visit: Visit) -> Sequence[Clock]:
    """Make the clocks of a case, nearest first."""
    return [_clock(story, visit) for story in limit_stories(case, visit.context.limits, visit.now)]


def _clock(story: LimitStory, visit: Visit) -> Clock:
    limit = story.limit
    finished = story.state not in (LimitState.RUNNING, LimitState.OVERDUE)
    tags = [visit.t("clock.legal")] if limit.legal else []
    if story.provisional:
        tags.append(visit.t("clock.provisional"))
    if story.marked:
        tags.append(visit.t("clock.unconfirmed"))
    return Clock(
        name=limit_name(visit.context.limits.policies, limit.code, visit.language),
        state=visit.word(f"limit_state.{story.state}"),
        shape=STATE_SHAPES[story.state],
        due=due(story.due_at, visit.now, visit.language, finished=finished),
        at=due_words(story.due_at),
        tags=tags,
        bar=bar(story, visit),
        legal=limit.legal,
        steps=_steps(story, visit),
    )


def bar(story: LimitStory, visit: Visit) -> Bar:
    """Draw a clock: how much of its time is used, where it stood still, and how far it is over."""
    limit, start = story.limit, story.limit.starts_at
    until = max(start, min(limit.ended_at, visit.now) if limit.ended_at is not None else visit.now)
    length = max((max(story.due_at, until) - start).total_seconds(), 1.0)

    def place(at: datetime) -> float:
        return round(max(0.0, (at - start).total_seconds()) / length * 100, 1)

    reached = place(min(until, story.due_at))
    pauses = [(one.since, min(one.ends_at, until)) for one in limit.suspensions if one.since < until]
    used = duration(story.consumed.total_seconds(), visit.language)
    budget = budget_words(limit.whole_budget, visit.language)
    return Bar(
        used=reached,
        due=place(story.due_at),
        over=round(place(until) - reached, 1),
        pauses=[(place(since), round(place(end) - place(since), 1)) for since, end in pauses],
        label=visit.t("clock.bar", used=used, budget=budget),
    )


def _steps(story: LimitStory, visit: Visit) -> Sequence[Step]:
    limit, language = story.limit, visit.language
    whose = owner_words(limit.set_by, language)
    steps = [
        Step(visit.t("clock.starts"), f"{due_words(limit.starts_at)} ({visit.word(f'limit_scope.{limit.scope}')})"),
        Step(visit.t("clock.budget"), f"{budget_words(limit.budget, language)} · {whose}"),
    ]
    steps += [
        Step(
            visit.t("clock.extended"),
            visit.t("clock.extended_by", time=budget_words(one.budget, language), by=one.by, approver=one.approved_by),
        )
        for one in limit.extensions
    ]
    steps += [
        Step(
            visit.t("clock.suspended"),
            f"{_span(one.since, one.ends_at)} {visit.word(f'cause.{one.reason}')} ({one.by})",
        )
        for one in limit.suspensions
    ]
    steps += [Step(visit.t("clock.skipped"), day_words(one, language)) for one in story.skipped]
    steps.append(Step(visit.t("clock.due"), due_words(story.due_at)))
    steps.append(Step(visit.t("clock.used"), duration(story.consumed.total_seconds(), language)))
    if story.source:
        steps.append(Step(visit.t("clock.source"), story.source))
    return steps


def _span(since: datetime, until: datetime) -> str:
    return f"{due_words(since)} - {due_words(until)}"
