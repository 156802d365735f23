"""How a limit is put into words: its budget, whose rule it is, and the steps of its computation."""

from datetime import datetime, timedelta

from fengqiao.domain.calendar import Budget, Counting, DayVerdict
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.words import Language, word

_UNITS = ((3600, "小时", "hour"), (60, "分钟", "minute"), (1, "秒", "second"))


def budget_words(budget: Budget, language: Language) -> str:
    """Say a budget: `3 小时`, `5 个工作日`, `3 calendar days`."""
    if budget.counting is not Counting.WALL_CLOCK:
        kind = word(f"counting.{budget.counting}", language)
        return f"{budget.amount} 个{kind}" if language is Language.ZH else f"{budget.amount} {kind}"
    size, chinese, english = next(unit for unit in _UNITS if budget.amount % unit[0] == 0)
    many = budget.amount // size
    return f"{many} {chinese}" if language is Language.ZH else f"{many} {english}{'s' if many != 1 else ''}"


def owner_words(set_by: str, language: Language) -> str:
    """Say whose rule it is: the city's, a county's or a unit's."""
    whose, _, code = set_by.partition(":")
    names = {"city": ("全市统一规定", "the city's rule"), "county": ("县级规定", "the county's rule")}
    chinese, english = names.get(whose, ("承办单位规定", "the unit's rule"))
    named = chinese if language is Language.ZH else english
    return f"{named} {code}".rstrip()


def day_words(verdict: DayVerdict, language: Language) -> str:
    """Say why a day did not count: `2026-10-01 国庆节`, `2026-03-07 周末`."""
    return f"{verdict.day} {verdict.name or word(f'day.{verdict.reason}', language)}"


def due_words(at: datetime) -> str:
    """Say an instant by the city's clock; the end of a day is written as 24:00 of that day."""
    local = at.astimezone(CITY_ZONE)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M:%S}"
