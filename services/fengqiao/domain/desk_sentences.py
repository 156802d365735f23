"""The sentences of refusals at the desk's lists, in Chinese and English; a part of the one table in `sentences`."""

from collections.abc import Mapping

DESK_SENTENCES: Mapping[str, tuple[str, str]] = {
    "none_picked": (
        "还没有选中诉求件，请先在列表里勾选。",
        "No case is selected; tick some in the list first.",
    ),
    "too_many_picked": (
        "选中了 {count} 件，一次最多 {limit} 件，请分几次办。",
        "{count} cases are selected, at most {limit} go at a time; do it in several goes.",
    ),
    "saved_views_full": (
        "已经保存了 {limit} 个列表，请先删除不用的。",
        "You keep {limit} lists already; remove one that you no longer need.",
    ),
    "saved_view_unknown": (
        "没有这个保存的列表，或者它不是您保存的。",
        "There is no such kept list, or it is not yours.",
    ),
}
