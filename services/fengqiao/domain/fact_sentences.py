"""The sentences of refusals about facts, figures and searches, in both languages; a part of `sentences`."""

from collections.abc import Mapping

FACT_SENTENCES: Mapping[str, tuple[str, str]] = {
    "period_backward": (
        "截止日期 {to} 早于起始日期 {from}，请调换。",
        "The period ends on {to}, before it begins on {from}; exchange the two.",
    ),
    "search_empty": (
        "还没有写要找什么：请填编号、内容、地点或登记日期中的任一项。",
        "Nothing is looked for: give a number, words, a place or a day of registration.",
    ),
    "search_late": ("没有在时限内查完本中心。", "Its own cases could not be looked through in time."),
    "search_too_short": ("至少要 {least} 个字。", "At least {least} characters are needed."),
    "report_too_early": (
        "报告期到 {last} 才结束，请在次日之后生成。",
        "What it is about ends on {last}; make it from the day after.",
    ),
    "month_malformed": ("“{value}”不是月份，例如 2026-10。", "'{value}' is not a month, such as 2026-10."),
    "report_span_twice": ("月份和周只能指定一个。", "Name a month or a week, not both."),
    "feeds_none": (
        "{centre} 没有下级中心，不读取统计事实。请指定县级或市级中心。",
        "{centre} has no centre below it and reads no facts; name a county or the city.",
    ),
}
