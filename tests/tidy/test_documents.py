"""Documents say what is there: commands, rooms, words and links that they name exist."""

import re
from functools import cache

import pytest
import typer.main
from typer.core import TyperGroup

from tests.tidy.tree import PACKAGE, ROOT, files, report

COMMAND_PAGES = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")
CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
MAKE = re.compile(r"(?:^|[\s;&$])make ((?:[a-z][a-z-]*)(?:[ ,]+(?!-)[a-z][a-z-]*)*)")
FENGQIAO = re.compile(r"(?:^|[\s;&$/])fengqiao((?: [a-z][a-z-]*)+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
WORD = re.compile(
    r"^\| (?P<word>[^|]+) \| (?P<chinese>[^|]+) \| (?P<meaning>[^|]+) \| (?P<later>later )?`(?P<module>\w+)` \|$"
)


def pages() -> dict[str, str]:
    """Path -> text of every page in Markdown."""
    return {name: (ROOT / name).read_text("utf-8") for name in files() if name.endswith(".md")}


def code_in(text: str) -> list[str]:
    """The pieces of a page that are set as code."""
    return [fence or inline for fence, inline in CODE.findall(text)]


def make_targets() -> set[str]:
    """What the Makefile can make; a pattern is spelled out by its lists of tiers."""
    text = (ROOT / "Makefile").read_text("utf-8")
    tiers = " ".join(re.findall(r"^TIERS(?:_APART)? := (.*)$", text, re.MULTILINE)).split()
    names = set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))
    return names | {f"test-{tier}" for tier in tiers}


def make_words(code: str) -> list[str]:
    """The targets that a piece of code hands to make, up to the end of the line."""
    return [word for line in code.splitlines() for found in MAKE.findall(line) for word in re.split(r"[ ,]+", found)]


def unknown_targets(text: str) -> list[str]:
    """Targets that a page names and the Makefile does not have."""
    return [word for code in code_in(text) for word in make_words(code) if word not in make_targets()]


@cache
def command_line() -> object:
    """The command line of the product: a group of commands and groups."""
    from fengqiao.entry.cli.main import build_app

    return typer.main.get_command(build_app())


def unknown_command(words: list[str], command: object) -> str:
    """The first word that no group of commands knows, or ""; what follows a command is its arguments."""
    for word in words:
        if not isinstance(command, TyperGroup):
            return ""
        if word not in command.commands:
            return word
        command = command.commands[word]
    return ""


def glossary() -> list[re.Match[str]]:
    """The rows of the glossary."""
    lines = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    return [row for line in lines if (row := WORD.match(line))]


def has_domain_module(name: str) -> bool:
    """Say whether the room of the rules has a module of that name."""
    return f"{PACKAGE}/domain/{name}.py" in files()


def test_every_make_target_on_a_page_exists() -> None:
    findings = [f"{name}: there is no make {word}" for name, text in pages().items() for word in unknown_targets(text)]
    assert not findings, report(findings)


def test_every_command_on_a_page_exists() -> None:
    findings = [
        f"{name}: fengqiao{words}: there is no {unknown}"
        for name, text in pages().items()
        if name in COMMAND_PAGES or name.startswith("docs/")
        for code in code_in(text)
        for words in FENGQIAO.findall(code)
        if (unknown := unknown_command(words.split(), command_line()))
    ]
    assert not findings, report(findings)


def test_every_link_between_pages_leads_somewhere() -> None:
    findings = [
        f"{name}: {target} leads nowhere"
        for name, text in pages().items()
        for target in LINK.findall(text)
        if not ((ROOT / name).parent / target).exists()
    ]
    assert not findings, report(findings)


def test_every_row_of_the_glossary_is_whole() -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| word |")]
    assert [line for line in rows if not WORD.match(line)] == []
    assert len(rows) > 40


def test_every_module_in_the_glossary_exists_or_is_to_come() -> None:
    findings = [
        f"{row['word']}: domain/{row['module']}.py " + ("is there: take 'later' away" if row["later"] else "is missing")
        for row in glossary()
        if has_domain_module(row["module"]) == bool(row["later"])
    ]
    assert not findings, report(findings)


def test_no_word_stands_in_the_glossary_twice() -> None:
    words = [row["word"] for row in glossary()]
    assert sorted(words) == sorted(set(words))


def test_the_makefile_explains_every_target_that_people_call() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    explained = set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))
    assert {"setup", "demo", "test", "lint", "bench", "protos"} <= explained


@pytest.mark.parametrize(
    ("text", "unknown"),
    [("`make nothing`", ["nothing"]), ("```\nmake test-unit\nmake setup demo\n```", []), ("we make progress", [])],
)
def test_an_unknown_target_is_found(text: str, unknown: list[str]) -> None:
    assert unknown_targets(text) == unknown
