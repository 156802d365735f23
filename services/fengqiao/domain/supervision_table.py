"""The table of supervision as a city writes it, checked whole; every fault is told with its row and key.

A table is a mapping as TOML gives it: `level` and `points`, lists of rows, and `ledger`. Budgets are written as those
of limits are.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any, TypeVar

from fengqiao.domain.calendar import Budget, Counting, WorkingCalendar
from fengqiao.domain.errors import Kind, Refusal, Violation
from fengqiao.domain.limit import RED
from fengqiao.domain.limit_table import CODE, budget_of
from fengqiao.domain.supervision_rules import (
    OPENING,
    RAISING,
    Evidence,
    Ground,
    LedgerTerms,
    OrderLevel,
    Outcome,
    PointsRule,
    SupervisionRules,
)

Value = TypeVar("Value", bound=StrEnum)
Row = Mapping[str, Any]

LEVEL_KEYS = (
    "name",
    "name_en",
    "body",
    "body_name",
    "body_name_en",
    "outside",
    "entry",
    "outcomes",
    "budget",
    "source",
)
LEVEL_OPTIONAL = ("evidence", "access_days", "note")
POINTS_KEYS = ("code", "name", "name_en", "points", "source")
POINTS_OPTIONAL = ("rung", "limits", "by_hand", "note")
LEDGER_KEYS = ("appeal_days", "least_cases")
LEVELS = 5
MOST_POINTS = 100
MOST_DAYS = 365


def supervision_from_table(
    table: Row, rungs: Mapping[str, AbstractSet[str]], calendar: WorkingCalendar
) -> SupervisionRules:
    """Check a table and build the rules; `rungs` are the limits that points may name, each with its rungs.

    Raises INVALID supervision_broken with every fault at once; nothing is used of a broken table.
    """
    unknown = sorted(table.keys() - {"level", "points", "ledger"})
    faults = [Violation("table", "limit_key_unknown", {"key": key}) for key in unknown]
    rows = _rows(table, "level", faults)
    if len(rows) != LEVELS and isinstance(table.get("level"), list):
        faults.append(Violation("level", "supervision_levels", {"count": str(len(rows))}))
    levels = [_Reader(f"level[{number}]", row, faults).level(number) for number, row in enumerate(rows, start=1)]
    points: dict[str, PointsRule] = {}
    for number, row in enumerate(_rows(table, "points", faults), start=1):
        rule = _Reader(f"points[{number}] {row.get('code', '')}".rstrip(), row, faults).points(rungs)
        faults.extend(_doubled(f"points[{number}] {rule.code}", rule, points.values()))
        points.setdefault(rule.code, rule)
    terms = _Reader("ledger", _mapping(table.get("ledger"), faults), faults).terms()
    if faults:
        raise Refusal(Kind.INVALID, "supervision_broken", {"count": str(len(faults))}, tuple(faults))
    return SupervisionRules(levels, points.values(), terms, calendar)


def _rows(table: Row, key: str, faults: list[Violation]) -> list[Row]:
    rows = table.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        faults.append(Violation(key, "limit_not_rows", {"key": key}))
        return []
    return rows


def _mapping(value: object, faults: list[Violation]) -> Row:
    if not isinstance(value, Mapping):
        faults.append(Violation("ledger", "limit_key_missing", {"key": "ledger"}))
        return {}
    return value


def _doubled(where: str, rule: PointsRule, before: Iterable[PointsRule]) -> Iterable[Violation]:
    for other in before:
        if other.code == rule.code:
            yield Violation(f"{where}: code", "limit_duplicate", {"code": rule.code})
        same_rung = other.rung == rule.rung and not (other.by_hand or rule.by_hand)
        if same_rung and (other.limits & rule.limits or other.limits == rule.limits):
            yield Violation(f"{where}: limits", "points_rung_twice", {"code": other.code, "rung": rule.rung})


class _Reader:
    """Reads one row and notes what is wrong with it; a wrong value gives a placeholder that is never used."""

    def __init__(self, where: str, row: Row, faults: list[Violation]) -> None:
        self._where = where
        self._row = row
        self._faults = faults

    def level(self, number: int) -> OrderLevel:
        """Read a level of the ladder."""
        self._keys(LEVEL_KEYS, LEVEL_OPTIONAL)
        outside, allowed = self._flag("outside"), OPENING if number == 1 else RAISING
        entry = self._several(Ground, "entry")
        for ground in sorted(entry - allowed):
            self._wrong("entry", "supervision_entry", value=ground, allowed=", ".join(sorted(allowed)))
        outcomes = self._several(Outcome, "outcomes")
        if outcomes and not outcomes - {Outcome.NOT_REMEDIED}:
            self._wrong("outcomes", "supervision_no_end")
        if outside and "access_days" not in self._row:
            self._wrong("access_days", "limit_key_missing", key="access_days")
        return OrderLevel(
            number=number,
            name=self._text("name"),
            name_en=self._text("name_en"),
            body=self._code("body"),
            body_name=self._text("body_name"),
            body_name_en=self._text("body_name_en"),
            outside=outside,
            entry=entry,
            evidence=self._several(Evidence, "evidence", needed=False),
            outcomes=outcomes,
            budget=self._budget("budget"),
            access_days=self._number("access_days", MOST_DAYS) if "access_days" in self._row else 0,
            source=self._text("source"),
        )

    def points(self, rungs: Mapping[str, AbstractSet[str]]) -> PointsRule:
        """Read what costs points."""
        self._keys(POINTS_KEYS, POINTS_OPTIONAL)
        by_hand = self._flag("by_hand")
        rung = "" if by_hand else self._text("rung") if "rung" in self._row else RED
        limits = self._limits(rungs, rung)
        if by_hand and ("rung" in self._row or limits):
            self._wrong("by_hand", "points_by_hand_and_rung")
        return PointsRule(
            code=self._code("code"),
            name=self._text("name"),
            name_en=self._text("name_en"),
            points=self._number("points", MOST_POINTS),
            rung=rung,
            limits=limits,
            by_hand=by_hand,
            source=self._text("source"),
        )

    def terms(self) -> LedgerTerms:
        """Read the terms of the ledger."""
        self._keys(LEDGER_KEYS if self._row else (), LEDGER_KEYS)
        if not self._row:
            return LedgerTerms()
        return LedgerTerms(self._number("appeal_days", MOST_DAYS), self._number("least_cases", 1_000_000))

    def _limits(self, rungs: Mapping[str, AbstractSet[str]], rung: str) -> frozenset[str]:
        named = self._row.get("limits", [])
        if not isinstance(named, list):
            self._wrong("limits", "limit_not_rows", key="limits")
            return frozenset()
        for code in named:
            if code not in rungs:
                self._wrong("limits", "limit_unknown", code=str(code))
            elif rung not in rungs[code]:
                self._wrong("rung", "points_rung_unknown", limit=str(code), rung=rung)
        if not named and rung and rung not in set().union(*rungs.values()):
            self._wrong("rung", "points_rung_unknown", limit="*", rung=rung)
        return frozenset(str(code) for code in named)

    def _keys(self, needed: Iterable[str], optional: Iterable[str]) -> None:
        for key in needed:
            if key not in self._row:
                self._wrong(key, "limit_key_missing", key=key)
        for key in sorted(map(str, self._row.keys() - {*needed, *optional})):
            self._wrong(key, "limit_key_unknown", key=key)

    def _text(self, key: str) -> str:
        value = self._row.get(key, "")
        if key in self._row and (not isinstance(value, str) or not value.strip()):
            self._wrong(key, "text_empty")
        return str(value)

    def _code(self, key: str) -> str:
        value = self._row.get(key)
        if key in self._row and not (isinstance(value, str) and CODE.fullmatch(value)):
            self._wrong(key, "limit_code_wrong", value=str(value))
        return str(value)

    def _flag(self, key: str) -> bool:
        value = self._row.get(key, False)
        if not isinstance(value, bool):
            self._wrong(key, "limit_choice_unknown", value=str(value), allowed="true, false")
        return value is True

    def _number(self, key: str, most: int) -> int:
        value = self._row.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            self._wrong(key, "supervision_number", value=str(value), limit=str(most))
            return 1
        return value

    def _budget(self, key: str) -> Budget:
        found = budget_of(self._row.get(key))
        if found is None and key in self._row:
            self._wrong(key, "limit_budget_wrong", value=str(self._row[key]))
        return found or Budget(Counting.WALL_CLOCK, 1)

    def _several(self, kind: type[Value], key: str, *, needed: bool = True) -> frozenset[Value]:
        values = self._row.get(key, [])
        if not isinstance(values, list):
            self._wrong(key, "limit_not_rows", key=key)
            return frozenset()
        known = kind.__members__.values()
        for value in values:
            if value not in known:
                self._wrong(key, "limit_choice_unknown", value=str(value), allowed=", ".join(kind))
        if needed and key in self._row and not values:
            self._wrong(key, "text_empty")
        return frozenset(kind(value) for value in values if value in known)

    def _wrong(self, key: str, code: str, /, **params: str) -> None:
        self._faults.append(Violation(f"{self._where}: {key}", code, params))
