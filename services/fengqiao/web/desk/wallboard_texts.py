"""The desk's texts for the wallboard; a part of the one catalogue in `texts`."""

from collections.abc import Mapping

WALLBOARD_TEXTS: Mapping[str, tuple[str, str]] = {
    "page.wallboard": ("大屏", "Wallboard"),
    "wallboard.title": ("一屏统览", "At a glance"),
    "wallboard.days": ("近 7 天到期的时限", "limits due in the last 7 days"),
    "wallboard.on_time": ("按期率", "on time"),
    "wallboard.open": ("在办", "open"),
    "wallboard.overdue": ("超期", "overdue"),
    "wallboard.offered": ("待受理移交", "offers waiting"),
    "wallboard.came": ("近 7 天登记", "registered in 7 days"),
    "wallboard.silent": ("未上报", "silent"),
    "wallboard.as_of": ("数据截至", "as of"),
    "wallboard.never": ("还没有上报过", "never heard of"),
    "wallboard.none_due": ("近 7 天没有到期的时限", "no limit was due in the last 7 days"),
    "wallboard.legend": ("图例", "Legend"),
    "wallboard.bar": ("底边长短为按期率", "the bar is the share on time"),
    "wallboard.fraction": (
        "按期 {share} · {numerator} / {denominator}",
        "on time {share} · {numerator} / {denominator}",
    ),
    "wallboard.figure_open": ("在办 {count} 件", "{count} open"),
    "wallboard.figure_overdue": ("超期 {count} 件", "{count} overdue"),
    "wallboard.figure_offered": ("待受理移交 {count} 件", "{count} offers waiting"),
    "wallboard.figure_came": ("近 7 天登记 {count} 件，办结 {closed} 件", "{count} came, {closed} closed in 7 days"),
    "wallboard.figure_as_of": ("数据截至 {time}", "as of {time}"),
}
