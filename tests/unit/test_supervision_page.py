"""docs/supervision.md and the packaged table say the same of the five levels and of what costs points."""

import re
from pathlib import Path

from fengqiao.domain.limit_words import budget_words
from fengqiao.domain.supervision_rules import Evidence, Outcome
from fengqiao.domain.supervision_table import LEDGER_KEYS, LEVEL_KEYS, LEVEL_OPTIONAL, POINTS_KEYS, POINTS_OPTIONAL
from fengqiao.domain.words import Language, word
from tests.unit.supervision import SUPERVISION

PAGE = (Path(__file__).parents[2] / "docs" / "supervision.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in row.split("|")[1:-1]] for row in re.findall(r"^\| [1-5] \|.*$", PAGE, re.MULTILINE)]


def test_the_page_lists_each_level_with_its_limit_and_whether_it_wants_a_file() -> None:
    assert [row[0] for row in ROWS] == [str(level.number) for level in SUPERVISION.levels]
    for row, level in zip(ROWS, SUPERVISION.levels, strict=True):
        assert row[4] == budget_words(level.budget, Language.EN)
        assert ("file" in row[3]) is (Evidence.FILE in level.evidence)


def test_the_page_names_every_outcome_and_every_key_of_the_table() -> None:
    for outcome in Outcome:
        assert word(f"outcome.{outcome}", Language.EN) in PAGE, outcome
    keys = {*LEVEL_KEYS, *LEVEL_OPTIONAL, *POINTS_KEYS, *POINTS_OPTIONAL, *LEDGER_KEYS} - {"note"}
    assert {key for key in keys if f"`{key}`" not in PAGE and f"`{key} =" not in PAGE} == set()


def test_the_page_names_every_metric_of_supervision() -> None:
    for name in ("reminders_total", "supervision_orders_open", "points_entries_total", "appeals_waiting"):
        assert f"`fengqiao_{name}`" in PAGE
