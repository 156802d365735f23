"""The reference pages are what the code says, and the code says everything in both languages."""

import re

import pytest

from fengqiao.domain.sentences import SENTENCES
from fengqiao.entry.setting_words import CHINESE, SECRET
from fengqiao.entry.settings import Settings
from fengqiao.observe.metrics import METRICS
from tests.tidy.test_documents import command_line
from tests.tidy.tree import ROOT
from tools.metric_words import CHINESE as METRIC_WORDS
from tools.reference_pages import FOLDER, made

HAN = re.compile(r"[\u3400-\u9fff]")
PAGES = ("commands.md", "errors.md", "keys.md", "metrics.md", "settings.md")


@pytest.fixture(scope="module")
def fresh() -> dict[str, str]:
    """All pages as the code makes them now."""
    return made()


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_what_the_code_says(name: str, fresh: dict[str, str]) -> None:
    assert (FOLDER / name).read_text("utf-8") == fresh[name], f"docs/reference/{name} is stale: run make reference"


def test_no_page_stands_there_that_nobody_makes(fresh: dict[str, str]) -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(fresh) == list(PAGES)


def test_every_setting_is_explained_in_chinese_and_no_other() -> None:
    assert set(CHINESE) == set(Settings.model_fields)
    assert [name for name, words in CHINESE.items() if not HAN.search(words) or not words.endswith("。")] == []


def test_every_setting_that_sounds_secret_is_called_one() -> None:
    assert set(Settings.model_fields) >= SECRET
    assert {name for name in Settings.model_fields if re.search(r"secret|password|token", name)} <= SECRET


def test_every_metric_is_explained_in_chinese_and_no_other() -> None:
    assert set(METRIC_WORDS) == {metric.name for metric in METRICS}
    assert [name for name, words in METRIC_WORDS.items() if not all(map(HAN.search, words))] == []


def test_every_setting_metric_command_and_refusal_stands_on_its_page(fresh: dict[str, str]) -> None:
    assert [name for name in Settings.model_fields if f"`FENGQIAO_{name.upper()}`" not in fresh["settings.md"]] == []
    assert [one.name for one in METRICS if f"`{one.name}`" not in fresh["metrics.md"]] == []
    assert [code for code in SENTENCES if f"| `{code}` |" not in fresh["errors.md"]] == []
    assert [path for path in commands("fengqiao", command_line()) if f" `{path}`\n" not in fresh["commands.md"]] == []


def commands(path: str, command: object) -> list[str]:
    """The commands below one, each with the words that call it."""
    below = getattr(command, "commands", {})
    return [found for name, one in below.items() for found in (f"{path} {name}", *commands(f"{path} {name}", one))]


def test_the_pages_name_no_place_of_the_machine_that_made_them(fresh: dict[str, str]) -> None:
    assert [name for name, text in fresh.items() if str(ROOT) in text] == []
