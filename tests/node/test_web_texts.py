"""The desk's catalogue: whole in both languages, and nothing in it that no page shows."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest

from fengqiao.domain.league import Change
from fengqiao.domain.performance import Better
from fengqiao.domain.report import ReportSpan, ReportState
from fengqiao.domain.topology import Level
from fengqiao.domain.words import Language
from fengqiao.insight.case_search import VIEWS
from fengqiao.store.case_lines import ORDER_FIELDS
from fengqiao.web.desk import keys, order, points, supervision_actions, timeline
from fengqiao.web.desk.bulk import BULK_FIELDS
from fengqiao.web.desk.case_actions import COMMANDS
from fengqiao.web.desk.case_list import COUNTERS
from fengqiao.web.desk.case_query import FILTERS
from fengqiao.web.desk.export import EXPORT_COLUMNS
from fengqiao.web.desk.lines import COLUMNS, COLUMNS_OF_VIEW
from fengqiao.web.desk.modules import MODULES, PAGES
from fengqiao.web.desk.performance import AGAINST, SECTIONS, SPANS
from fengqiao.web.desk.performance_cases import SIDES
from fengqiao.web.desk.texts import TEXTS
from fengqiao.web.desk.times import due, duration, moment, rough
from fengqiao.web.desk.visit import NOTICES, ROLES

DESK = Path(keys.__file__).parent
# Texts whose key is put together from a value of the domain or of the desk.
COMPOSED = {
    "module": (*MODULES, "access"),
    "page": PAGES,
    "counter": COUNTERS,
    "scope": ("mine", "all"),
    "export": EXPORT_COLUMNS,
    "bulk": ("done", "refused", "waits"),
    "col": {*COLUMNS, *(name for columns in COLUMNS_OF_VIEW.values() for name in columns)},
    "notice": NOTICES,
    "role": ROLES,
    "view": VIEWS,
    "view_hint": VIEWS,
    "empty": VIEWS,
    "empty_text": VIEWS,
    "act": {*COMMANDS, *supervision_actions.KEYS, *order.KEYS, *points.KEYS},
    "key": keys.KEYS,
    "turn": ("receive", "report", "approve", "send_back"),
    "said": [f"{what}_{answer}" for what in timeline.SAID for answer in ("yes", "no")],
    "side": ("all", "issued", "received"),
    "error": ("crash", "invalid", "not_found", "exists", "state", "stale", "forbidden", "deadline", "unavailable"),
    # Fields that only the rules and the read models name.
    "field": {
        "page_token",
        "media_type",
        "content",
        "view_name",
        *FILTERS,
        *(f for w in BULK_FIELDS.values() for f in w),
    },
    "performance": (
        *SECTIONS,
        *SIDES,
        *(f"side_{side}" for side in SIDES),
        *(f"span_{many}" for many in SPANS),
        *(f"against_{one}" for one in AGAINST),
        *(f"order_{one}" for one in Better),
        *(f"change_{one}" for one in Change),
        *(f"rose_{level}" for level in (Level.COUNTY, Level.CITY)),
    ),
    "report": (*ReportSpan, *ReportState, *Language),
    "order": [f"{way}{name}" for name in ORDER_FIELDS for way in ("", "-")],
}
PREFIXES = ("field.", "col.", "dead.col_")
"""Names of fields and columns, which stand in forms and templates without their prefix."""


def sources() -> str:
    files = [*DESK.glob("*.py"), *(DESK / "templates").glob("*.html")]
    return "\n".join(path.read_text("utf-8") for path in files if not path.name.endswith("texts.py"))


def test_both_languages_say_the_same_with_the_same_parameters() -> None:
    for key, (chinese, english) in TEXTS.items():
        assert chinese.strip(), key
        assert english.strip(), key
        names = [sorted(name for _, name, _, _ in Formatter().parse(one) if name) for one in (chinese, english)]
        assert names[0] == names[1], key


def test_every_text_is_used_and_every_used_text_is_there() -> None:
    source = sources()
    composed = {f"{prefix}.{value}" for prefix, values in COMPOSED.items() for value in values}
    assert composed <= set(TEXTS)
    named = {
        key
        for key in TEXTS
        for prefix in PREFIXES
        if key.startswith(prefix) and re.search(rf'["\' (]{re.escape(key.removeprefix(prefix))}["\' :]', source)
    }
    spoken = {key for key in TEXTS if f'"{key}"' in source or f"'{key}'" in source}
    assert set(TEXTS) - composed - named - spoken == set()
    asked = set(re.findall(r"""\bt(?:ext)?\(\s*["']([a-z_-]+\.[A-Za-z_.-]+)["']\s*[,)]""", source))
    assert asked - set(TEXTS) == set()


def test_no_text_of_a_template_stands_outside_the_catalogue() -> None:
    for path in (DESK / "templates").glob("*.html"):
        shown = re.sub(r"\{[{%#].*?[}%#]\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        found = re.findall(r"[\u4e00-\u9fff]+", shown)
        assert not found, f"{path.name}: {found}"


NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "chinese", "english"),
    [
        (timedelta(seconds=20), ("刚刚", "今天 14:29"), ("just now", "today 14:29")),
        (timedelta(minutes=5), ("5 分钟前", "今天 14:25"), ("5 min ago", "today 14:25")),
        (timedelta(hours=20), ("20 小时前", "昨天 18:30"), ("20 h ago", "yesterday 18:30")),
        (timedelta(days=3), ("3 天前", "11 月 20 日 14:30"), ("3 d ago", "20 Nov 14:30")),
        (timedelta(days=400), ("", "2025 年 10 月 19 日 14:30"), ("", "19 Oct 2025 14:30")),
    ],
)
def test_a_time_is_told_relative_and_absolute_in_the_citys_zone(
    ago: timedelta, chinese: tuple[str, str], english: tuple[str, str]
) -> None:
    for language, expected in ((Language.ZH, chinese), (Language.EN, english)):
        told = moment(NOW - ago, NOW, language)
        assert (told.relative, told.absolute) == expected


def test_a_duration_carries_at_most_two_units() -> None:
    assert duration(2 * 3600 + 10 * 60 + 5, Language.ZH) == "2 小时 10 分钟"
    assert duration(3 * 86400 + 59, Language.EN) == "3 d"
    assert duration(45, Language.ZH) == "45 秒"
    assert rough(2 * 86400 + 7200, Language.EN) == "2 d"


def test_a_date_due_is_soon_within_a_day_over_afterwards_and_neither_when_finished() -> None:
    assert due(NOW + timedelta(days=3), NOW, Language.ZH).tone == "plain"
    soon = due(NOW + timedelta(hours=2, minutes=10), NOW, Language.ZH)
    assert (soon.tone, soon.left) == ("soon", "剩 2 小时 10 分钟")
    assert due(NOW - timedelta(hours=3), NOW, Language.EN).left == "3 h over"
    finished = due(NOW - timedelta(hours=3), NOW, Language.ZH, finished=True)
    assert (finished.tone, finished.left) == ("plain", "")
