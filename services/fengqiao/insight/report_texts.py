"""The texts of reports, in Chinese and English; indicators, peers and bands are words of the domain."""

from collections.abc import Mapping

from fengqiao.domain.words import Language

REPORT_TEXTS: Mapping[str, tuple[str, str]] = {
    "title_month": ("运行月报", "Monthly report"),
    "title_week": ("运行周报", "Weekly report"),
    "summary": ("总体情况", "At a glance"),
    "summary_note": (
        "比率均附分子和分母；“对比”为上一时段。差异按 95 % 区间判断，区间相交的不称为变化。",
        "Every rate stands with its two numbers. What 95 % intervals cannot tell apart is no change.",
    ),
    "figure": ("指标", "Figure"),
    "now": ("本期", "This time"),
    "then": ("上期", "Before"),
    "change": ("变化", "Change"),
    "better": ("明显变好", "clearly better"),
    "worse": ("明显变差", "clearly worse"),
    "changed": ("明显变化", "clearly changed"),
    "alike": ("无明显变化", "no clear change"),
    "registered": ("登记件数", "Cases registered"),
    "closed": ("办结件数", "Cases closed"),
    "classes": ("按类别", "By class"),
    "classes_note": ("登记件数从多到少。", "By the number of cases."),
    "class": ("类别", "Class"),
    "unclassified": ("未分类", "unclassified"),
    "branches": ("按地区", "By branch"),
    "branches_note": (
        "按登记中心统计，含下级；在办和超期为生成时的情况。",
        "By the centre that took a case in, with those below; open and overdue are as of the time of making.",
    ),
    "branch": ("地区", "Branch"),
    "open": ("在办", "Open"),
    "overdue": ("超期在办", "Overdue"),
    "league": ("同类比较：{peers}的{indicator}", "Among {peers}: {indicator}"),
    "league_note": (
        "位次只数区间整体更好的中心；不足 {least} 件的不列位次。中位数 {median}。",
        "A place counts only centres whose whole interval is better; fewer than {least} give none. Median {median}.",
    ),
    "place": ("位次", "Place"),
    "centre": ("中心", "Centre"),
    "interval": ("95 % 区间", "95 % interval"),
    "band": ("与中位数相比", "Against the median"),
    "flows": ("层级流转", "Between the tiers"),
    "flows_note": (
        "案件到过的最高一级，以及现在又回到下级的。",
        "The highest tier that cases reached, and what came back down.",
    ),
    "rose_county": ("上移到县级", "Rose to the county"),
    "rose_city": ("上移到市级", "Rose to the city"),
    "came_back": ("交回下级", "Came back"),
    "growing": ("增长最多的类别", "What grew most"),
    "growing_note": ("与上一周相比登记件数增长最多的地区和类别。", "Branches and classes beside the week before."),
    "this_week": ("本周", "This week"),
    "week_before": ("上周", "The week before"),
    "grown": ("增加", "Grown by"),
    "days": ("逐日", "Day by day"),
    "days_note": ("到期的时限中按期完成的。", "Of the limits that were due on the day and met, those in time."),
    "day": ("日期", "Day"),
    "as_of": ("数据截至 {time}", "as of {time}"),
    "silent": ("数据截至：有中心从未上报", "as of: a centre has never told"),
    "made_at": ("生成于 {time}", "made at {time}"),
    "page": ("第 {page} 页，共 {pages} 页", "page {page} of {pages}"),
}


def report_text(key: str, language: Language, **params: str) -> str:
    """Give a text; an unknown key is a programming error (KeyError)."""
    chinese, english = REPORT_TEXTS[key]
    return (chinese if language is Language.ZH else english).format(**params)
