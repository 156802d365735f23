"""PromQL for the boards: selectors that always carry the choices of the board, and each series counted once.

Several replicas of a node share one database and so tell the same gauges; `told` takes one of them before anything is
added up. Counters are of a process, so they are added up over all.
"""

from dataclasses import dataclass
from typing import Self

from fengqiao.observe.metrics import METRICS

SERIES = {metric.name: metric for metric in METRICS}
COUNTIES, CENTRES = "county, county_name", "centre, centre_name"
"""The labels that say where, and the names that people know. `centre` is in each of our series; the others come from
the scrape configuration, and where it has none of them, codes stand alone."""
COUNTY_LEGEND, CENTRE_LEGEND = "{{county_name}} {{county}}", "{{centre_name}} {{centre}}"

TO_PARENT = 'direction="up"'
"""Both ends tell of a Link; counted at the child, each is counted once."""

RATE = "$__rate_interval"
RANGE = "$__range"


@dataclass(frozen=True, slots=True)
class Ask:
    """One query of a panel: PromQL, and how its series are called (`{{label}}` stands for a label's value)."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which series a board looks at: matchers that stand in every selector of it."""

    matchers: tuple[str, ...]

    def narrowed(self, *more: str) -> Self:
        """Give the scope with further matchers."""
        return type(self)((*self.matchers, *more))

    def of(self, series: str, *more: str) -> str:
        """Give a selector."""
        return f"{series}{{{', '.join((*self.matchers, *more))}}}"

    def told(self, gauge: str, *more: str) -> str:
        """Give a gauge, once for a node however many replicas tell it."""
        return f"max by ({', '.join((COUNTIES, CENTRES, *SERIES[gauge].labels))}) ({self.of(gauge, *more)})"

    def total(self, gauge: str, *more: str, by: str = "") -> str:
        """Give the sum of a gauge over centres, by labels when they are named."""
        return f"sum{_by(by)} ({self.told(gauge, *more)})"

    def most(self, gauge: str, *more: str, by: str = "") -> str:
        """Give the highest value of a gauge."""
        return f"max{_by(by)} ({self.of(gauge, *more)})"

    def least(self, gauge: str, *more: str, by: str = "") -> str:
        """Give the lowest value of a gauge."""
        return f"min{_by(by)} ({self.of(gauge, *more)})"

    def pace(self, counter: str, *more: str, by: str = "") -> str:
        """Give how often a second something is counted."""
        return f"sum{_by(by)} (rate({self.of(counter, *more)}[{RATE}]))"

    def a_minute(self, counter: str, *more: str, by: str = "") -> str:
        """Give how often a minute something is counted."""
        return f"60 * {self.pace(counter, *more, by=by)}"

    def hourly(self, counter: str, *more: str, by: str = "") -> str:
        """Give how often an hour something is counted."""
        return f"3600 * {self.pace(counter, *more, by=by)}"

    def grown(self, counter: str, *more: str, by: str = "", over: str = RANGE) -> str:
        """Give how many were counted within a time, that of the board unless another is named."""
        return f"sum{_by(by)} (increase({self.of(counter, *more)}[{over}]))"

    def slowest(self, share: float, histogram: str, *more: str, by: str = "", over: str = RATE) -> str:
        """Give the time that a share of all stays below; of what was observed within the rate's interval or longer."""
        labels = f"le, {by}" if by else "le"
        grown = "rate" if over == RATE else "increase"
        inner = f"sum by ({labels}) ({grown}({self.of(f'{histogram}_bucket', *more)}[{over}]))"
        return f"histogram_quantile({share}, {inner})"

    def spread(self, histogram: str, *more: str) -> str:
        """Give the buckets of a histogram for a heatmap; an empty one while nothing was ever observed."""
        return or_nought(f"sum by (le) (increase({self.of(f'{histogram}_bucket', *more)}[{RATE}]))", "le", "+Inf")

    def due(self, *more: str, by: str = "") -> str:
        """Give how many clocks were due in the last seven days."""
        return self.total("fengqiao_limits_due_last_week", *more, by=by)

    def became(self, outcome: str, by: str = "") -> str:
        """Give how many of those that were due were met, met late (breached) or are open; 0 where none was."""
        matcher = f'outcome="{outcome}"'
        return f"({self.due(matcher, by=by)} or 0 * {self.due(by=by)})"

    def on_time(self, by: str = "") -> str:
        """Give the share that was met in time of what was due in the last seven days, as the recording rules do it."""
        return f"{self.became('met', by)} / {self.due(by=by)}"


def or_nought(expr: str, label: str = "", word: str = "无") -> str:
    """Give 0 where nothing has ever been counted: of what is rare, nothing is an answer and "no data" is none.

    With a label, the 0 stands only when no other series does, under `word`.
    """
    if not label:
        return f"{expr} or vector(0)"
    return f'{expr} or on () label_replace(vector(0), "{label}", "{word}", "", "")'


def placed(expr: str) -> str:
    """Give series by county a label `place` with name and code, for a table that has room for one column."""
    return f'label_join({expr}, "place", " ", "county_name", "county")'


def most_of(number: int, expr: str) -> str:
    """Give the highest series only."""
    return f"topk({number}, {expr})"


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""


CITY = Scope(('job=~"$job"',))
COUNTY = CITY.narrowed('county=~"$county"')
CENTRE = COUNTY.narrowed('centre=~"$centre"')
CLASS = COUNTY.narrowed('class=~"$class"', 'code=~"$limit"')
