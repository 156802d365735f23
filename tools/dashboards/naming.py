"""Words for codes: what a board shows instead of `01` or `article-solve`.

Words of the domain come from the domain itself, names of classes and limits from a city's own lists, by default those
of the package; names of centres come with the series. A code without a name is shown as it is.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from fengqiao.domain.words import WORDS
from fengqiao.observe.metrics import UNCLASSIFIED

Names = Mapping[str, str]

VERDICTS: Names = {
    "done": "已处理",
    "later": "稍后再试",
    "never": "无法处理",
    "crash": "处理出错",
    "duplicate": "重复",
    "ahead": "序号超前",
    "too_far": "超前过多",
}
CARRIERS: Names = {"kafka": "Kafka", "link": "直连"}
HELD: Names = {"waiting": "等待重试", "parked": "死信", "ahead": "等待前序"}
LADDER: Names = {"1": "一级", "2": "二级", "3": "三级", "4": "四级", "5": "五级"}
ROUTED: Names = {"followed": "按建议", "other": "另行指定", "none": "无建议"}
KINDS_OF_POINTS: Names = {"deduction": "扣分", "reversal": "撤销"}
LOOPS: Names = {
    "relay": "发送",
    "link": "直连",
    "dead_letters": "死信",
    "sweeper": "时限巡检",
    "upkeep": "整理",
    "overseer": "督办",
}


def rungs() -> Names:
    """Give the words for the steps of a limit's ladder."""
    events = words_of("event")
    warned, breached = events["limit_warned"], events["limit_breached"]
    return {"yellow": warned, "red": breached, "reminder": events["reminded"], "supervision": "督办"}


def outcomes() -> Names:
    """Give the words for what became of a limit; one that is open although it was due is overdue."""
    return words_of("limit_state") | {"open": words_of("limit_state")["overdue"]}


@dataclass(frozen=True, slots=True)
class Lists:
    """The names that a city gives itself."""

    classes: Names
    limits: Names


def words_of(part: str) -> dict[str, str]:
    """Give the Chinese words of a part of the domain, such as `state` or `event`."""
    start = f"{part}."
    return {key.removeprefix(start): chinese for key, (chinese, _) in WORDS.items() if key.startswith(start)}


def read_lists(catalogue: Path | None = None, limits: Path | None = None) -> Lists:
    """Read a city's lists, those of the package where none is named; raises OSError, KeyError or TOMLDecodeError."""
    classes = _table(catalogue, "catalogue.toml")["class"]
    return Lists(
        classes={row["code"]: f"{row['code']} {row['name']}" for row in classes} | {UNCLASSIFIED: "未分类"},
        limits={row["code"]: row["name"] for row in _table(limits, "limits.toml")["limit"] if row["on"]},
    )


def _table(path: Path | None, own: str) -> Mapping[str, list[dict[str, str]]]:
    source = path or files("fengqiao.entry") / "data" / own
    return tomllib.loads(source.read_text("utf-8"))
