"""Performance (成效): rates of whole months beside those before, by month and by class (F31, F33, F34, F36).

Every rate stands with its two numbers and leads to the cases behind it. A change is called one only when chance would
not make it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from fengqiao.domain.calendar import city_day
from fengqiao.domain.catalogue import MatterClass
from fengqiao.domain.errors import Violation, invalid, not_found
from fengqiao.domain.figures import Rate
from fengqiao.domain.league import change_of
from fengqiao.domain.performance import DEFINITIONS, Indicator, Months, moved_by
from fengqiao.domain.words import Language
from fengqiao.insight import performance as insight
from fengqiao.insight.performance import Asked, ClassLine, Compared, MonthLine, Overview
from fengqiao.insight.wallboard import centres_below
from fengqiao.web.desk.forms import FormView
from fengqiao.web.desk.listing import Options
from fengqiao.web.desk.times import moment
from fengqiao.web.desk.visit import Visit

SPANS = (1, 3, 6, 12)
MONTHS_OFFERED = 24
AGAINST = ("before", "year")
UNCLASSIFIED = "none"
FULL = 100
_CLASS = re.compile(r"[0-9]{2}")
SECTIONS = ("overview", "league", "flows", "heat", "reports")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for, and the same as the values of the form."""

    asked: Asked
    beside: Months
    values: Mapping[str, str]

    @property
    def kept(self) -> Mapping[str, str]:
        """What addresses of other sections keep."""
        return {name: value for name, value in self.values.items() if value}


@dataclass(frozen=True, slots=True)
class Section:
    """One of the pages beside each other."""

    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class RateCell:
    """A rate as a page shows it: `bar` in hundredths; empty texts when nothing was counted."""

    share: str
    fraction: str
    bar: int | None
    href: str = ""


@dataclass(frozen=True, slots=True)
class RateRow:
    """An indicator now and then."""

    name: str
    hint: str
    now: RateCell
    then: RateCell
    change: str
    tone: str
    counted_href: str
    missing_href: str
    league_href: str


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count now and then."""

    name: str
    now: str
    then: str
    change: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month in the table beside the chart, which is drawn from the bare numbers."""

    name: str
    registered: int
    closed: int
    on_time: RateCell


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class with some of its rates."""

    name: str
    href: str
    registered: str
    bar: int
    cells: Sequence[RateCell]


async def performance_page(visit: Visit) -> Response:
    """Show the overview."""
    wanted = read_wanted(visit)
    found = await insight.overview(visit.context.database, wanted.asked, wanted.beside)
    return visit.page(
        "performance.html",
        **await frame(visit, wanted, "overview"),
        beside=span_words(wanted.beside),
        counts=_counts(found, visit, running=_runs_on(wanted)),
        rates=[_rate_row(one, wanted, visit) for one in found.rates],
        months=[_month_row(one) for one in found.months],
        indicators=[visit.word(f"indicator.{one}") for one in insight.CLASS_INDICATORS],
        classes=_class_rows(found.classes, wanted, visit),
    )


async def frame(visit: Visit, wanted: Wanted, section: str, **more: str) -> Mapping[str, Any]:
    """Give what all pages of performance show: the sections, the form with its choices, and up to when was told."""
    told = await insight.told_until(visit.context.database, wanted.asked.centres)
    return {
        "sections": [
            Section(visit.t(f"performance.{one}"), href(visit, one, wanted.kept), one == section) for one in SECTIONS
        ],
        "section": section,
        "filters": FormView(visit.t, {**wanted.values, **more}),
        "options": _options(visit),
        "span": span_words(wanted.asked.months),
        "as_of": moment(told, visit.now, visit.language).full if told else visit.t("performance.some_silent"),
    }


def read_wanted(visit: Visit) -> Wanted:
    """Read the address; raises INVALID with the parameter that is wrong, NOT_FOUND where no centre is below."""
    check_above(visit)
    today = city_day(visit.now)
    values = {
        "span": visit.query("span") or "3",
        "month": visit.query("month") or f"{moved_by(today, -1):%Y-%m}",
        "class": visit.query("class"),
        "against": visit.query("against") or "before",
    }
    span = one_of("span", values["span"], [str(many) for many in SPANS])
    months = Months.ending(_month(values["month"], today), int(span))
    one_of("against", values["against"], AGAINST)
    if not _CLASS.fullmatch(values["class"]):
        # A class that the catalogue has no more is still in the facts.
        one_of("class", values["class"], ["", *(one.code for one in _classes(visit)), UNCLASSIFIED])
    matter_class = {"": None, UNCLASSIFIED: ""}.get(values["class"], values["class"])
    centres = centres_below(visit.context.topology, visit.centre.code)
    beside = months.before() if values["against"] == "before" else months.year_earlier()
    return Wanted(Asked(centres, months, matter_class, visit.now), beside, values)


def check_above(visit: Visit) -> None:
    """Raise NOT_FOUND page_unknown at a centre that has none below it: nobody tells it facts."""
    if not visit.children:
        raise not_found("page_unknown")


def href(visit: Visit, section: str, values: Mapping[str, str], **changes: str) -> str:
    """Give the address of a section with the choices kept."""
    parts = () if section == "overview" else (section,)
    return f"{visit.url('performance', *parts)}?{urlencode({**values, **changes})}"


def rate_cell(rate: Rate, link: str = "") -> RateCell:
    """Give a rate as a page shows it."""
    if rate.share is None:
        return RateCell("–", "", None)
    fraction = f"{rate.numerator:,} / {rate.denominator:,}"
    return RateCell(f"{rate.share * FULL:.2f} %", fraction, round(rate.share * FULL), link)


def class_name(code: str, visit: Visit) -> str:
    """Give the name of a class; what is unclassified has a word of its own."""
    if not code:
        return visit.t("performance.unclassified")
    found = visit.context.handbook.catalogue.known_class(code)
    if found is None:
        return code
    return f"{code} {found.name if visit.language is Language.ZH else found.name_en}"


def span_words(months: Months) -> str:
    """Say which months."""
    return f"{months.first:%Y-%m}" if len(months) == 1 else f"{months.first:%Y-%m} – {months.last:%Y-%m}"


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """Give a value of the address; raises INVALID when it is none that may be chosen."""
    if value not in allowed:
        words = ", ".join(one for one in allowed if one)
        raise invalid(Violation(name, "enum_unknown", {"value": value, "allowed": words}))
    return value


def _month(text: str, today: date) -> date:
    return date.fromisoformat(f"{one_of('month', text, _months(today))}-01")


def _months(today: date) -> Sequence[str]:
    return [f"{moved_by(today, -ago):%Y-%m}" for ago in range(MONTHS_OFFERED)]


def _classes(visit: Visit) -> Sequence[MatterClass]:
    return visit.context.handbook.catalogue.classes


def _options(visit: Visit) -> Mapping[str, Options]:
    classes = [(one.code, class_name(one.code, visit)) for one in _classes(visit)]
    return {
        "span": [(str(many), visit.t(f"performance.span_{many}")) for many in SPANS],
        "month": [(month, month) for month in _months(city_day(visit.now))],
        "class": [*classes, (UNCLASSIFIED, visit.t("performance.unclassified"))],
        "against": [(one, visit.t(f"performance.against_{one}")) for one in AGAINST],
    }


def _counts(found: Overview, visit: Visit, *, running: bool) -> Sequence[CountRow]:
    """Give the counts; what runs on is not set against what is over."""
    return [
        _count_row(visit.t("performance.registered"), *found.registered, running=running),
        _count_row(visit.t("performance.closed"), *found.closed, running=running),
    ]


def _count_row(name: str, now: int, then: int, *, running: bool) -> CountRow:
    change = f"{(now - then) / then * FULL:+.1f} %" if then and not running else ""
    return CountRow(name, f"{now:,}", f"{then:,}", change)


def _rate_row(one: Compared, wanted: Wanted, visit: Visit) -> RateRow:
    change, tone = ("", "") if _runs_on(wanted) else _change(one, visit)

    def link(section: str, **more: str) -> str:
        return href(visit, section, wanted.kept, of=one.indicator.value, **more) if one.now.denominator else ""

    return RateRow(
        visit.word(f"indicator.{one.indicator}"),
        visit.word(f"indicator_of.{one.indicator}"),
        rate_cell(one.now),
        rate_cell(one.then),
        change,
        tone,
        link("cases", side="counted"),
        link("cases", side="missing"),
        link("league"),
    )


def _runs_on(wanted: Wanted) -> bool:
    """Tell whether the last month is not over: its young cases cannot have been returned, extended or late yet."""
    return wanted.asked.months.last == wanted.asked.today.replace(day=1)


def _change(one: Compared, visit: Visit) -> tuple[str, str]:
    change = change_of(one.now, one.then, DEFINITIONS[one.indicator].better)
    if change is None or one.points is None:
        return "", ""
    return visit.t(f"performance.change_{change}", points=f"{one.points:+.2f}"), change


def _month_row(one: MonthLine) -> MonthRow:
    return MonthRow(f"{one.month:%Y-%m}", one.registered, one.closed, rate_cell(one.on_time))


def _class_rows(lines: Sequence[ClassLine], wanted: Wanted, visit: Visit) -> Sequence[ClassRow]:
    most = max((one.registered for one in lines), default=0)
    return [
        ClassRow(
            class_name(one.matter_class, visit),
            href(visit, "overview", wanted.kept, **{"class": one.matter_class or UNCLASSIFIED}),
            f"{one.registered:,}",
            round(one.registered / most * FULL) if most else 0,
            [rate_cell(one.rates[indicator]) for indicator in insight.CLASS_INDICATORS],
        )
        for one in lines
    ]


def wanted_indicator(visit: Visit) -> Indicator:
    """Read which indicator the address asks for; raises INVALID for none that there is."""
    return Indicator(one_of("of", visit.query("of") or Indicator.ON_TIME.value, list(Indicator)))
