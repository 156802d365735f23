"""The sentences of refusals about facts and figures, in Chinese and English; a part of the one table in `sentences`."""

from collections.abc import Mapping

FACT_SENTENCES: Mapping[str, tuple[str, str]] = {
    "period_backward": (
        "截止日期 {to} 早于起始日期 {from}，请调换。",
        "The period ends on {to}, before it begins on {from}; exchange the two.",
    ),
    "feeds_none": (
        "{centre} 没有下级中心，不读取统计事实。请指定县级或市级中心。",
        "{centre} has no centre below it and reads no facts; name a county or the city.",
    ),
}
