"""The desk's texts for queries over all centres; a part of the one catalogue in `texts`."""

from collections.abc import Mapping

FIND_TEXTS: Mapping[str, tuple[str, str]] = {
    "page.find": ("跨中心查询", "Across centres"),
    "find.title": ("跨中心查询", "Find a case anywhere"),
    "find.hint": (
        "同时问全市各中心；一个案件在哪里、由谁办过、各用了多久。",
        "Asks all centres at once: where a case is, who had it and for how long.",
    ),
    "find.find": ("查询", "Find"),
    "find.answered": ("{all} 个中心中 {count} 个已答复", "{count} of {all} centres have answered"),
    "find.none": ("没有找到这样的案件。", "No such case was found."),
    "find.none_text": (
        "请减少条件，或核对编号；未答复的中心恢复后再查。",
        "Narrow it less, or check the number; ask again when the centres that are silent are back.",
    ),
    "find.start": ("填写任一项开始查询。", "Fill in anything to begin."),
    "find.start_text": (
        "编号可以只写开头；内容可以写几个词，用空格隔开。",
        "Of a number the beginning is enough; several words are set apart by spaces.",
    ),
    "find.cut": (
        "符合的案件较多，只显示最新登记的一部分；请再加条件。",
        "There are more; these are the latest. Narrow it.",
    ),
    "find.gaps": ("未答复的中心", "Centres that have not answered"),
    "find.gap_behind": ("及其后 {count} 个中心", "and {count} centres behind it"),
    "find.not_said": ("没有答复（{code}）。", "It has not answered ({code})."),
    "find.known_by": ("最后所知：{centre}，{time}", "last known: {centre}, {time}"),
    "find.last_known": (
        "途中有中心未答复；以下是截至 {time} 的最后所知状态。",
        "Not all have answered: last known at {time}.",
    ),
    "find.holder_now": ("现由{centre}办理", "Held by {centre}"),
    "find.custody": ("谁办过、各用了多久", "Who had it, and for how long"),
    "find.steps": ("各中心所知", "What each centre knows"),
    "find.open": ("打开案件", "Open the case"),
    "find.since": ("自", "Since"),
    "find.until": ("至", "Until"),
    "find.took": ("用时", "Took"),
    "find.units": ("承办单位", "Units"),
    "find.still": ("仍在办理", "still there"),
    "find.tells": ("中心", "Centre"),
    "find.says": ("认为的办理中心", "Says that it is at"),
    "find.at": ("更新", "Updated"),
    "field.registered_from": ("登记自", "Registered from"),
    "field.registered_to": ("登记至", "Registered to"),
}
