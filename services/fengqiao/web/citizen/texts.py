"""Every text of the citizens' pages, in Chinese and English: plain words, nothing that only an officer knows.

A test holds that both languages name the same parameters and that every text is used.
"""

from collections.abc import Mapping

from fengqiao.domain.words import Language

TEXTS: Mapping[str, tuple[str, str]] = {
    "product": ("枫桥", "Fengqiao"),
    "skip": ("跳到正文", "Skip to content"),
    "language": ("English", "中文"),
    "title": ("{centre}办理情况公开", "How {centre} deals with requests"),
    "intro": (
        "群众反映的诉求和纠纷，办得准不准时、快不快、好不好。按月公布，只有数字，没有任何人的内容。",
        "Whether requests and disputes are dealt with in time, fast and well: month by month, in figures only.",
    ),
    "month": ("月份", "Month"),
    "show": ("查看", "Show"),
    "headline": (
        "{month} 登记{registered}，办结{closed}。",
        "{month}: {registered} came in, {closed} closed.",
    ),
    "rates": ("办得怎么样", "How it went"),
    "rate": ("指标", "Figure"),
    "share": ("比例", "Share"),
    "among": ("其中", "Among"),
    "about": ("约 {count} 件", "about {count}"),
    "few": ("不足 {count} 件", "fewer than {count}"),
    "none": (" 0 件", "none"),
    "too_few": ("不足 {least} 件，不公布", "fewer than {least}, not published"),
    "unripe": ("时间未到，暂不计算", "too early to say"),
    "branches": ("各地情况", "Place by place"),
    "branches_hint": (
        "件数都舍到 {count} 的整数倍，免得从差额看出是谁家的事。比例至少要有 {least} 件才公布。",
        "Counts are rounded down to {count}s, so that nobody can be made out; shares need {least} cases.",
    ),
    "branch": ("地方", "Place"),
    "itself": ("{name}本级", "{name} itself"),
    "registered": ("登记", "Came in"),
    "closed": ("办结", "Closed"),
    "small": ("不足 {count}", "below {count}"),
    "trend": ("近十二个月", "The last twelve months"),
    "trend_hint": (
        "条越长，登记的越多。",
        "The longer the bar, the more came in.",
    ),
    "explained": ("这些数怎么来的", "How these figures are made"),
    "explained.on_time": (
        "按期率：当月到期的时限里，按时做到的。到期还没做到的也算在内。",
        "On time: of the limits that fell due in the month, those that were kept. What is overdue counts as well.",
    ),
    "explained.within_15_days": (
        "15 日、60 日办结率：当月登记的件里，15 日、60 日内办结的。要等日子满了才公布。",
        "Closed within 15 and 60 days: of what came in in the month. Published once so many days have passed.",
    ),
    "explained.satisfied": (
        "满意率：群众亲口评价过的合理诉求里，表示满意的。没有评价的不算满意。",
        "Satisfied: of the reasonable claims whose citizen has spoken, those satisfied. Silence is no approval.",
    ),
    "explained.containment": (
        "应在本级化解的化解率：分级后办结的案件里，在该解决的那一级解决的。",
        "Settled where it should be: of the graded cases that were closed, those settled at their tier.",
    ),
    "as_of": ("数据截至 {time}", "As of {time}"),
    "as_of_unknown": ("有的中心还没有报数，数据不全。", "Some centres have not told yet; the figures are not whole."),
    "township": (
        "{centre}的办理情况由上级{parent}合并公布。",
        "The figures of {centre} are published by {parent}, together with those of its neighbours.",
    ),
    "township_title": ("由{parent}公布", "Published by {parent}"),
    "list": ("公开办理情况的中心", "Centres that publish their figures"),
    "error": ("打不开这一页", "This page cannot be shown"),
    "error_text": (
        "没有这一页，或地址里的月份不对。请从头再来。",
        "There is no such page, or its address names no month that is published. Begin again.",
    ),
    "error_late": (
        "系统正忙或数据库没有应答，请过一分钟再试。",
        "The system is busy or its database is away. Try again in a minute.",
    ),
    "again": ("从头再来", "Begin again"),
}


def text(key: str, language: Language, **params: str) -> str:
    """Give a text in a language; an unknown key or a missing parameter is a programming error (KeyError)."""
    chinese, english = TEXTS[key]
    return (chinese if language is Language.ZH else english).format(**params)
