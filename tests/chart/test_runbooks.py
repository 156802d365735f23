"""A runbook says in both languages what an alert means, how to look and what to do, with commands that exist."""

import re
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

from tests.chart.test_alerts import RULES
from tests.stack import ROOT
from tests.tidy.test_documents import code_in, command_line
from tests.tidy.tree import package_modules

FOLDER = ROOT / "docs" / "runbooks"
PAGES = tuple(FOLDER / f"{name}.md" for name in sorted(RULES))
CHINESE = ("对群众意味着什么", "怎么看", "怎么办", "什么时候找谁")
ENGLISH = ("What it means for citizens", "How to look", "What to do", "When to call whom")
SECTION = re.compile(r"^## ([^\n]+)\n\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:^|[\s;&|$])fengqiao((?: +[^\s#|]+)+)")
ALERT_NAME = re.compile(r"\bFengqiao[A-Z][A-Za-z]+\b")
STEP = re.compile(r"^\d+\. ", re.MULTILINE)


def sections(page: Path) -> dict[str, str]:
    """Heading -> text of the parts of a runbook, in their order."""
    return dict(SECTION.findall(page.read_text("utf-8")))


def calls(text: str) -> list[list[str]]:
    """The calls of the product's command line in a text, as words."""
    lines = [line for code in code_in(text) for line in code.splitlines()]
    return [found.split() for line in lines for found in CALL.findall(line)]


def fault(words: list[str]) -> str:
    """What is wrong with a call: a command or an option that does not exist, a required option left out; or ""."""
    command: object = command_line()
    rest = list(words)
    while isinstance(command, TyperGroup):
        if not rest or rest[0] not in command.commands:
            return f"no command {' '.join(words)}"
        command = command.commands[rest.pop(0)]
    assert isinstance(command, TyperCommand)
    known = {option: one for one in command.params for option in one.opts}
    unknown = [word for word in rest if word.startswith("--") and word not in known]
    missing = [one.opts[0] for one in command.params if one.required and one.opts[0].startswith("--")]
    if unknown or not set(missing) <= set(rest):
        return f"{' '.join(words)}: unknown {unknown}, wanted {missing}"
    return ""


def named(page: Path) -> str:
    """The name of a page in the list of tests."""
    return page.stem


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_runbook_says_everything_in_chinese_and_then_in_english(page: Path) -> None:
    found = sections(page)
    assert tuple(found) == (*CHINESE, *ENGLISH)
    assert page.read_text("utf-8").startswith(f"# {page.stem}：")
    for heading, text in found.items():
        written_in_chinese = len(re.findall(r"[一-鿿]", text)) > 4
        assert written_in_chinese == (heading in CHINESE), heading
    steps = [len(STEP.findall(found[heading])) for heading in ("怎么办", "What to do")]
    assert steps[0] >= 3
    assert steps[0] - steps[1] in {0, 1}, "a step was left out of the translation"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_of_a_runbook_exists_with_its_options(page: Path) -> None:
    text = page.read_text("utf-8")
    assert "```\n" in sections(page)["怎么看"], "how to look needs something to type"
    # A name alone in a sentence, such as `fengqiao dead-letters`, is no call; whatever has an option is.
    found = [words for words in calls(text) if any(word.startswith("--") for word in words)]
    assert [wrong for words in found if (wrong := fault(words))] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_runbook_sends_nobody_to_an_alert_that_does_not_exist(page: Path) -> None:
    assert set(ALERT_NAME.findall(page.read_text("utf-8"))) <= set(RULES)


def test_the_page_of_all_runbooks_names_each_with_its_severity() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\(\1\.md\) \| (\w+) \|", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert dict(rows) == {name: re.findall(r"severity: (\w+)", body)[0] for name, body in RULES.items()}


def test_the_level_and_the_file_of_rules_on_a_page_are_those_of_its_alert() -> None:
    findings = []
    for page in PAGES:
        text = page.read_text("utf-8")
        level, file = re.findall(r"^级别 (\w+).*规则 `(.*)`$", text, re.MULTILINE)[0]
        if f"severity: {level}" not in RULES[page.stem] or f"alert: {page.stem}\n" not in (ROOT / file).read_text():
            findings.append(page.stem)
    assert findings == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("fengqiao dead-letters list --centre 371403001", False),
        ("fengqiao dead-letters list --city 371403001", True),
        ("fengqiao dead-letters list --json", True),
        ("fengqiao dead-letter list --centre 371403001", True),
    ],
)
def test_a_wrong_call_is_found(line: str, wrong: bool) -> None:
    assert [bool(fault(words)) for words in calls(f"```\n{line}\n```")] == [wrong]


def test_what_a_runbook_quotes_from_the_log_is_what_the_code_says() -> None:
    code = "\n".join(module.text for module in package_modules())
    quoted = {
        (page.stem, words)
        for page in PAGES
        for line in page.read_text("utf-8").splitlines()
        if "日志" in line
        for words in re.findall(r"`([a-z][a-z ]+ [a-z ]+)`", line)
        if not words.startswith("fengqiao ")
    }
    assert len(quoted) >= 10
    assert {(page, words) for page, words in quoted if words not in code} == set()
