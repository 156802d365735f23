"""How fast the budget of the time limits burns: the panels beside the alerts of deploy/prometheus/objectives.rules.yml.

Each rate stands above its denominators, by county and limit as the rules record them.
"""

from collections.abc import Sequence

from tools.dashboards.panel import COUNT, Panel, Text, lines
from tools.dashboards.query import COUNTY_LEGEND, Ask, most_of, or_nought

SHOWN = 10
CHOSEN = 'county=~"$county", code=~"$limit"'
LEGEND = f"{COUNTY_LEGEND} {{{{code}}}}"


def burn() -> Sequence[Panel]:
    """Make the panels for a board with the variables `county` and `limit`."""
    return (
        lines(
            Text(
                "余量消耗速度（近 1 小时）",
                "超时的比例除以允许的比例（目标 95 %，余量 5 %），最快的十个：1 恰好够一个月，14.4 两天用完，会报警。",
                "Share missed by the share allowed, the ten fastest: at 1 the budget lasts a month, at 14.4 two days.",
            ),
            _burnt("1h"),
            unit=COUNT,
            axis="倍",
        ),
        lines(
            Text(
                "余量消耗速度（近 3 天）",
                "同左，按三天计：长期高于 1，本月达不到目标。",
                "The same over three days: above 1 for long, and the month misses its aim.",
            ),
            _burnt("3d"),
            unit=COUNT,
            axis="倍",
        ),
        lines(
            Text(
                "其分母（近 1 小时）", "上面比例的分母；不足 10 不报警。", "Its denominators; under 10 no alert speaks."
            ),
            _judged("1h"),
            unit=COUNT,
            axis="个",
        ),
        lines(
            Text(
                "其分母（近 3 天）", "上面比例的分母；不足 10 不报警。", "Its denominators; under 10 no alert speaks."
            ),
            _judged("3d"),
            unit=COUNT,
            axis="个",
        ),
    )


def _burnt(window: str) -> Ask:
    missed = f"fengqiao:limits_missed:ratio{window}{{{CHOSEN}}}"
    fastest = most_of(SHOWN, f"{missed} / (1 - scalar(fengqiao:limits_objective:ratio))")
    return Ask(or_nought(fastest, "county"), LEGEND)


def _judged(window: str) -> Ask:
    return Ask(or_nought(most_of(SHOWN, f"fengqiao:limits_judged:increase{window}{{{CHOSEN}}}"), "county"), LEGEND)
