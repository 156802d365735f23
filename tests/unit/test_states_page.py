"""docs/states.md and the domain say the same, both ways."""

import re
from pathlib import Path

import pytest

from fengqiao.domain.case import Role
from fengqiao.domain.words import Language, word
from tests.unit.states import Row, diagrams, tables

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "states.md").read_text(encoding="utf-8")
ARROW = re.compile(r"^ +(\S+) --> (\S+?)(?:: (.+))?$", re.MULTILINE)


def sections() -> dict[str, str]:
    parts = re.split(r"^#{2,3} (.+)$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def table_of(section: str) -> list[Row]:
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|")) for line in section.splitlines() if line[:1] == "|"
    ]
    return [row for row in rows if not all(set(cell) <= {"-"} for cell in row)]


def arrows_of(section: str) -> list[Row]:
    return [match.groups(default="") for match in ARROW.finditer(section)]


def markdown(rows: list[Row]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@pytest.mark.parametrize("heading", tables())
def test_a_table_of_the_page_is_that_of_the_code(heading: str) -> None:
    assert markdown(table_of(sections()[heading])) == markdown([*tables()[heading]])


@pytest.mark.parametrize("heading", diagrams())
def test_a_diagram_of_the_page_has_the_arrows_of_the_code_and_no_other(heading: str) -> None:
    arrows = arrows_of(sections()[heading])
    assert sorted(arrows) == sorted(diagrams()[heading])


def test_no_table_and_no_diagram_of_the_page_is_without_its_check() -> None:
    found = sections()
    assert {heading for heading, text in found.items() if table_of(text)} == set(tables())
    assert {heading for heading, text in found.items() if arrows_of(text)} == set(diagrams())
    assert PAGE.count("```mermaid") == len(diagrams())


def test_the_page_names_every_role_with_its_word() -> None:
    named = re.findall(r"^- `(\w+)` (\S+?):", sections()["Roles"], flags=re.MULTILINE)
    assert named == [(role.value, word(f"role.{role}", Language.ZH)) for role in Role]
