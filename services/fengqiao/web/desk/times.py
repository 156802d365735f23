"""Times as people read them: relative beside absolute, in the zone of the city; durations with their units (ui.md)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.words import Language
from fengqiao.web.desk.texts import text

MINUTE, HOUR, DAY = 60, 3600, 86400
LONG_AGO = timedelta(days=30)
"""Beyond this only the date is shown; "43 days ago" helps nobody."""

DUE_SOON = timedelta(hours=24)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant for a page: how long ago (may be empty), the city's clock, the full time, and the machine's form."""

    relative: str
    absolute: str
    full: str
    iso: str


@dataclass(frozen=True, slots=True)
class Due:
    """A date due: the moment, what is left in words, and its tone: `plain`, `soon` (amber) or `over` (red)."""

    at: Moment
    left: str
    tone: str


def moment(at: datetime, now: datetime, language: Language) -> Moment:
    """Describe an instant as seen now; both times carry a zone."""
    local = at.astimezone(CITY_ZONE)
    return Moment(
        _relative(now - at, language), _absolute(local, now, language), f"{local:%Y-%m-%d %H:%M:%S}", local.isoformat()
    )


def due(at: datetime, now: datetime, language: Language, *, finished: bool = False) -> Due:
    """Describe a date due; what is finished is neither soon nor over."""
    left = at - now
    if finished:
        return Due(moment(at, now, language), "", "plain")
    if left < timedelta(0):
        return Due(
            moment(at, now, language),
            text("time.over", language, time=duration(-left.total_seconds(), language)),
            "over",
        )
    words = text("time.left", language, time=duration(left.total_seconds(), language))
    return Due(moment(at, now, language), words, "soon" if left <= DUE_SOON else "plain")


def duration(seconds: float, language: Language) -> str:
    """Say how long, with at most two units: `2 小时 10 分`, `3 d 4 h`, `45 秒`."""
    whole = max(0, int(seconds))
    for size, unit, smaller, lesser in (
        (DAY, "time.days", HOUR, "time.hours"),
        (HOUR, "time.hours", MINUTE, "time.minutes"),
    ):
        if whole >= size:
            rest = whole % size // smaller
            first = text(unit, language, n=str(whole // size))
            return f"{first} {text(lesser, language, n=str(rest))}" if rest else first
    if whole >= MINUTE:
        return text("time.minutes", language, n=str(whole // MINUTE))
    return text("time.seconds", language, n=str(whole))


def rough(seconds: float, language: Language) -> str:
    """Say how long with one unit, for where there is little room."""
    for size, unit in ((DAY, "time.days"), (HOUR, "time.hours"), (MINUTE, "time.minutes")):
        if seconds >= size:
            return text(unit, language, n=str(int(seconds // size)))
    return text("time.seconds", language, n=str(int(seconds)))


def _relative(ago: timedelta, language: Language) -> str:
    seconds = ago.total_seconds()
    if seconds < 0:
        return text("time.ahead", language, time=duration(-seconds, language)) if seconds < -MINUTE else ""
    if seconds < MINUTE:
        return text("time.now", language)
    if ago > LONG_AGO:
        return ""
    size, unit = next(
        (s, u) for s, u in ((DAY, "time.days"), (HOUR, "time.hours"), (MINUTE, "time.minutes")) if seconds >= s
    )
    return text("time.ago", language, time=text(unit, language, n=str(int(seconds // size))))


def _absolute(local: datetime, now: datetime, language: Language) -> str:
    today = now.astimezone(CITY_ZONE).date()
    days = (today - local.date()).days
    clock = f"{local:%H:%M}"
    if days in (-1, 0, 1):
        key = {0: "time.today", 1: "time.yesterday", -1: "time.tomorrow"}[days]
        return f"{text(key, language)} {clock}"
    if language is Language.ZH:
        date = f"{local.month} 月 {local.day} 日"
        return f"{date} {clock}" if local.year == today.year else f"{local.year} 年 {date} {clock}"
    date = f"{local.day} {_MONTHS[local.month - 1]}"
    return f"{date} {clock}" if local.year == today.year else f"{date} {local.year} {clock}"
