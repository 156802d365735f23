"""The table of limits as a city writes it, checked whole and turned into policies; every fault is told with its place.

A table is a mapping as TOML gives it: `limit` and `override`, lists of rows. Budgets are written `15 minutes`,
`3 hours`, `3 calendar_days`, `5 working_days`.
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any, TypeVar

from fengqiao.domain.calendar import Budget, Counting
from fengqiao.domain.case import CaseKind, Channel
from fengqiao.domain.errors import Kind, Refusal, Violation
from fengqiao.domain.event import EventKind
from fengqiao.domain.limit import RED, YELLOW, Rung, Scope
from fengqiao.domain.limit_policy import Certainty, LimitPolicies, LimitPolicy, PolicyOverride
from fengqiao.domain.topology import Level

Value = TypeVar("Value", bound=StrEnum)
Row = Mapping[str, Any]

REQUIRED = ("code", "name", "name_en", "starts_on", "met_by", "budget", "scope", "certainty", "source", "on")
OPTIONAL = (
    "ended_by",
    "legal",
    "warn_at",
    "ladder",
    "levels",
    "kinds",
    "channels",
    "extension",
    "confirmed_by",
    "note",
)
OVERRIDE_KEYS = ("limit", "county", "unit", "budget", "on")
MOST_LIMITS = 200
CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")
BUDGET = re.compile(r"([1-9]\d{0,5}) (second|minute|hour|calendar_day|working_day)s?")
SECONDS = {"second": 1, "minute": 60, "hour": 3600}
# Facts may be added by anyone at any time, clocks speak for themselves, and directives have their own dates due.
NO_TRIGGERS = frozenset({EventKind.NOTED, EventKind.ATTACHED, EventKind.REMINDED, EventKind.CAUSE_RECORDED}) | {
    kind
    for kind in EventKind
    if kind.startswith(("limit_", "directive_", "supervision_", "access_", "points_", "appeal_"))
}


def policies_from_table(table: Row, counties: AbstractSet[str], units: AbstractSet[str]) -> LimitPolicies:
    """Check a table of limits and build the policies; `counties` and `units` are the codes that overrides may name.

    Raises INVALID limits_broken with every fault at once; nothing is used of a broken table.
    """
    unknown = sorted(table.keys() - {"limit", "override"})
    faults = [Violation("table", "limit_key_unknown", {"key": key}) for key in unknown]
    policies: dict[str, LimitPolicy] = {}
    for where, row in _rows(table, "limit", faults):
        policy = _PolicyReader(where, row, faults).policy()
        if policy is not None and policy.code in policies:
            faults.append(Violation(f"{where}.code", "limit_duplicate", {"code": policy.code}))
        elif policy is not None:
            policies[policy.code] = policy
    if len(policies) > MOST_LIMITS:
        faults.append(Violation("limit", "too_many", {"length": str(len(policies)), "limit": str(MOST_LIMITS)}))
    overrides: list[PolicyOverride] = []
    for where, row in _rows(table, "override", faults):
        override = _override(where, row, policies, counties, units, faults)
        if override is not None:
            overrides.append(override)
    if faults:
        raise Refusal(Kind.INVALID, "limits_broken", {"count": str(len(faults))}, tuple(faults))
    return LimitPolicies(policies.values(), overrides)


def budget_of(text: object) -> Budget | None:
    """Read a budget such as `5 working_days`; None when it is none."""
    found = BUDGET.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    amount, unit = int(found[1]), found[2]
    if unit in SECONDS:
        return Budget(Counting.WALL_CLOCK, amount * SECONDS[unit])
    return Budget(Counting.CALENDAR_DAYS if unit == "calendar_day" else Counting.WORKING_DAYS, amount)


def _rows(table: Row, key: str, faults: list[Violation]) -> Iterable[tuple[str, Row]]:
    rows = table.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        faults.append(Violation(key, "limit_not_rows", {"key": key}))
        return []
    return [(f"{key}[{number}]", row) for number, row in enumerate(rows, start=1)]


class _PolicyReader:
    """Reads one row and notes what is wrong with it."""

    def __init__(self, where: str, row: Row, faults: list[Violation]) -> None:
        self._row = row
        self._where = f"{where} {row['code']}" if isinstance(row.get("code"), str) else where
        self._all_faults = faults
        self._faults: list[Violation] = []

    def policy(self) -> LimitPolicy | None:
        """Give the policy, or None when something is wrong."""
        for key in REQUIRED:
            if key not in self._row:
                self._wrong(key, "limit_key_missing", key=key)
        for key in self._row.keys() - {*REQUIRED, *OPTIONAL}:
            self._wrong(str(key), "limit_key_unknown", key=str(key))
        made = self._made()
        self._all_faults.extend(self._faults)
        return None if self._faults else made

    def _made(self) -> LimitPolicy:
        budget = self._budget("budget") or Budget(Counting.WALL_CLOCK, 1)
        policy = LimitPolicy(
            code=self._text("code"),
            name=self._text("name"),
            name_en=self._text("name_en"),
            starts_on=self._triggers("starts_on"),
            met_by=self._triggers("met_by"),
            ended_by=self._triggers("ended_by"),
            budget=budget,
            scope=self._one(Scope, "scope") or Scope.CITIZEN,
            legal=self._flag("legal"),
            rungs=self._rungs(budget),
            levels=self._several(Level, "levels"),
            kinds=self._several(CaseKind, "kinds"),
            channels=self._several(Channel, "channels"),
            extension=self._budget("extension") if "extension" in self._row else None,
            certainty=self._one(Certainty, "certainty") or Certainty.READ,
            source=self._text("source"),
            on=self._flag("on"),
            confirmed_by=self._text("confirmed_by") if "confirmed_by" in self._row else "",
        )
        self._check(policy)
        return policy

    def _check(self, policy: LimitPolicy) -> None:
        if policy.code and not CODE.fullmatch(policy.code):
            self._wrong("code", "limit_code_wrong", value=policy.code)
        if both := policy.starts_on & policy.met_by:
            self._wrong("met_by", "limit_meets_itself", value=", ".join(sorted(both)))
        for key, triggers in (("starts_on", policy.starts_on), ("met_by", policy.met_by)):
            if key in self._row and self._row[key] == [] and not triggers:
                self._wrong(key, "text_empty")
        if policy.extension is not None and policy.extension.counting is not policy.budget.counting:
            self._wrong("extension", "limit_extension_counting", limit=policy.code)
        if policy.on and policy.marked:
            self._wrong("on", "limit_unconfirmed", code=policy.code)

    def _rungs(self, budget: Budget) -> tuple[Rung, ...]:
        rungs = [Rung(RED, before=False, budget=Budget(Counting.WALL_CLOCK, 0))]
        if "warn_at" in self._row and (warn := self._budget("warn_at")):
            rungs.insert(0, Rung(YELLOW, before=True, budget=warn))
            if not _warns_within(warn, budget):
                self._wrong("warn_at", "limit_warning_too_early", value=str(self._row["warn_at"]))
        ladder = self._row.get("ladder", [])
        if not isinstance(ladder, list) or not all(isinstance(step, Mapping) for step in ladder):
            self._wrong("ladder", "limit_not_rows", key="ladder")
            return tuple(rungs)
        for number, step in enumerate(ladder, start=1):
            rungs.extend(self._step(f"ladder[{number}]", step, rungs[-1]))
        return tuple(rungs)

    def _step(self, key: str, step: Row, last: Rung) -> list[Rung]:
        code, after = step.get("rung"), budget_of(step.get("after"))
        if not isinstance(code, str) or not CODE.fullmatch(code) or code in (RED, YELLOW, last.code):
            self._wrong(key, "limit_code_wrong", value=str(code))
            return []
        if after is None:
            self._wrong(key, "limit_budget_wrong", value=str(step.get("after")))
            return []
        if last.code != RED and (after.counting is not last.budget.counting or after.time <= last.budget.time):
            self._wrong(key, "limit_ladder_order", value=code)
        return [Rung(code, before=False, budget=after)]

    def _budget(self, key: str) -> Budget | None:
        if key not in self._row:
            return None
        found = budget_of(self._row[key])
        if found is None:
            self._wrong(key, "limit_budget_wrong", value=str(self._row[key]))
        return found

    def _triggers(self, key: str) -> frozenset[EventKind]:
        found = self._several(EventKind, key, "limit_trigger_unknown")
        for kind in sorted(found & NO_TRIGGERS):
            self._wrong(key, "limit_trigger_fact", value=kind)
        return found

    def _several(self, kind: type[Value], key: str, code: str = "limit_choice_unknown") -> frozenset[Value]:
        values = self._row.get(key, [])
        if not isinstance(values, list):
            self._wrong(key, "limit_not_rows", key=key)
            return frozenset()
        for value in values:
            if value not in kind.__members__.values():
                self._wrong(key, code, value=str(value), allowed=", ".join(kind))
        return frozenset(kind(value) for value in values if value in kind.__members__.values())

    def _one(self, kind: type[Value], key: str) -> Value | None:
        value = self._row.get(key)
        if key in self._row and value not in kind.__members__.values():
            self._wrong(key, "limit_choice_unknown", value=str(value), allowed=", ".join(kind))
        return kind(value) if isinstance(value, str) and value in kind.__members__.values() else None

    def _text(self, key: str) -> str:
        value = self._row.get(key, "")
        if key in self._row and (not isinstance(value, str) or not value.strip()):
            self._wrong(key, "text_empty")
        return value if isinstance(value, str) else ""

    def _flag(self, key: str) -> bool:
        value = self._row.get(key, False)
        if not isinstance(value, bool):
            self._wrong(key, "limit_choice_unknown", value=str(value), allowed="true, false")
        return value is True

    def _wrong(self, key: str, code: str, /, **params: str) -> None:
        self._faults.append(Violation(f"{self._where}: {key}", code, params))


def _warns_within(warn: Budget, budget: Budget) -> bool:
    comparable = warn.counting in (budget.counting, Counting.WALL_CLOCK)
    return comparable and warn.time < budget.time


def _override(
    where: str,
    row: Row,
    policies: Mapping[str, LimitPolicy],
    counties: AbstractSet[str],
    units: AbstractSet[str],
    faults: list[Violation],
) -> PolicyOverride | None:
    found = list(_override_faults(where, row, policies, counties, units))
    faults.extend(found)
    if found:
        return None
    budget = budget_of(row["budget"]) if "budget" in row else None
    return PolicyOverride(row["limit"], row.get("county", ""), row.get("unit", ""), budget, row.get("on"))


def _override_faults(
    where: str, row: Row, policies: Mapping[str, LimitPolicy], counties: AbstractSet[str], units: AbstractSet[str]
) -> Iterable[Violation]:
    for key in row.keys() - set(OVERRIDE_KEYS):
        yield Violation(f"{where}: {key}", "limit_key_unknown", {"key": str(key)})
    if ("county" in row) == ("unit" in row):
        yield Violation(where, "limit_override_whose")
    for key, known in (("county", counties), ("unit", units)):
        if key in row and row[key] not in known:
            allowed = ", ".join(sorted(known))
            yield Violation(f"{where}: {key}", "limit_choice_unknown", {"value": str(row[key]), "allowed": allowed})
    policy = policies.get(str(row.get("limit")))
    if policy is None:
        yield Violation(f"{where}: limit", "limit_unknown", {"code": str(row.get("limit"))})
        return
    on = row.get("on")
    if on is not None and not isinstance(on, bool):
        yield Violation(f"{where}: on", "limit_choice_unknown", {"value": str(on), "allowed": "true, false"})
    if on is True and policy.marked:
        yield Violation(f"{where}: on", "limit_unconfirmed", {"code": policy.code})
    budget = budget_of(row["budget"]) if "budget" in row else None
    if "budget" in row:
        yield from _override_budget_faults(where, row, policy, budget)
    if policy.legal and on is False:
        yield Violation(f"{where}: on", "limit_override_legal", {"code": policy.code})


def _override_budget_faults(where: str, row: Row, policy: LimitPolicy, budget: Budget | None) -> Iterable[Violation]:
    if budget is None:
        yield Violation(f"{where}: budget", "limit_budget_wrong", {"value": str(row["budget"])})
        return
    same = budget.counting is policy.budget.counting
    if policy.legal and (not same or budget.time > policy.budget.time):
        yield Violation(f"{where}: budget", "limit_override_legal", {"code": policy.code})
    if any(rung.before and not _warns_within(rung.budget, budget) for rung in policy.rungs):
        yield Violation(f"{where}: budget", "limit_warning_too_early", {"value": str(row["budget"])})
