"""Limits and rows, both ways: the clocks of a case as JSON in its row, and what the sweeper is given of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from fengqiao.domain.calendar import Budget, Counting
from fengqiao.domain.course import SuspensionReason
from fengqiao.domain.limit import Extension, Limit, Rung, Scope, Suspension
from fengqiao.domain.limit_course import ClockTimes

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClockRow:
    """What the sweeper needs of a clock; it fires nothing before `not_before`, if that is given."""

    case_id: UUID
    times: ClockTimes
    not_before: datetime | None
    horizon: date
    matter_class: str = ""


def text_time(value: str) -> datetime:
    """Read a time from JSON, in UTC as the domain keeps it."""
    return datetime.fromisoformat(value).astimezone(UTC)


def clock_row(row: ClockRow) -> dict[str, Any]:
    """Give the row of a clock."""
    times = row.times
    return {
        "limit_id": times.limit.id,
        "case_id": row.case_id,
        "code": times.limit.code,
        "due_at": times.due_at,
        "ended": not times.running,
        "outcome": times.outcome,
        "provisional_after": row.horizon if times.provisional else None,
    }


def rung_rows(row: ClockRow) -> list[dict[str, Any]]:
    """Give the rows of a clock's rungs; those that this centre does not, or no longer, fire have no instant."""
    return [
        {
            "limit_id": row.times.limit.id,
            "rung": rung.code,
            "case_id": row.case_id,
            "code": row.times.limit.code,
            "fire_at": at,
            "due_at": row.times.due_at,
            "wake_at": max(at, row.not_before or at) if ours else None,
        }
        for rung, at, ours in row.times.rungs
    ]


def limit_json(limit: Limit) -> dict[str, Any]:
    """Write a limit as orjson takes it; what is empty is left out."""
    written: dict[str, Any] = {
        "id": limit.id,
        "code": limit.code,
        "centre": limit.centre,
        "epoch": limit.epoch,
        "set_by": limit.set_by,
        "scope": limit.scope,
        "legal": limit.legal,
        "starts_at": limit.starts_at,
        "budget": _budget_json(limit.budget),
        "met_by": sorted(limit.met_by),
        "rungs": [[rung.code, rung.before, *_budget_json(rung.budget)] for rung in limit.rungs],
    }
    if limit.ended_by:
        written["ended_by"] = sorted(limit.ended_by)
    if limit.suspensions:
        written["suspensions"] = [_suspension_json(one) for one in limit.suspensions]
    if limit.extensions:
        written["extensions"] = [_extension_json(one) for one in limit.extensions]
    written |= {name: at for name, at in (("met_at", limit.met_at), ("ended_at", limit.ended_at)) if at is not None}
    return written


def limit_of(row: Json) -> Limit:
    """Read a limit from JSON."""
    return Limit(
        id=UUID(row["id"]),
        code=row["code"],
        centre=row["centre"],
        epoch=row["epoch"],
        set_by=row["set_by"],
        scope=Scope(row["scope"]),
        legal=row["legal"],
        starts_at=text_time(row["starts_at"]),
        budget=_budget(row["budget"]),
        met_by=frozenset(row["met_by"]),
        ended_by=frozenset(row.get("ended_by", ())),
        rungs=tuple(Rung(code, before, _budget(budget)) for code, before, *budget in row["rungs"]),
        suspensions=tuple(_suspension(one) for one in row.get("suspensions", ())),
        extensions=tuple(_extension(one) for one in row.get("extensions", ())),
        met_at=_optional_time(row, "met_at"),
        ended_at=_optional_time(row, "ended_at"),
    )


def _budget_json(budget: Budget) -> list[Any]:
    return [budget.counting, budget.amount]


def _budget(pair: Iterable[Any]) -> Budget:
    counting, amount = pair
    return Budget(Counting(counting), amount)


def _suspension_json(one: Suspension) -> dict[str, Any]:
    return {
        "since": one.since,
        "until": one.until,
        "reason": one.reason,
        "by": one.by,
        "resumed_at": one.resumed_at,
    }


def _suspension(row: Json) -> Suspension:
    since, until, reason = text_time(row["since"]), text_time(row["until"]), SuspensionReason(row["reason"])
    return Suspension(since, until, reason, row["by"], _optional_time(row, "resumed_at"))


def _extension_json(one: Extension) -> dict[str, Any]:
    return {
        "budget": _budget_json(one.budget),
        "at": one.at,
        "by": one.by,
        "approved_by": one.approved_by,
        "reason": one.reason,
    }


def _extension(row: Json) -> Extension:
    return Extension(_budget(row["budget"]), text_time(row["at"]), row["by"], row["approved_by"], row["reason"])


def _optional_time(row: Json, name: str) -> datetime | None:
    value = row.get(name)
    return text_time(value) if value else None
