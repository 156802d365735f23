"""Hooks of mkdocs: pages that stand elsewhere in the repository, their links, diagrams, and words for the search.

Whoever reads the repository follows its links; mkdocs knows only what is below `docs/`. So a page of the nav that
stands elsewhere (`charts/README.md`) is taken from there, and links between the two become links of the site.
"""

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from fengqiao.domain.words import WORDS
from fengqiao.web.desk.texts import TEXTS

ROOT = Path(__file__).resolve().parent.parent
DOCS = "docs/"
FENCE = re.compile(r"^```.*?^```[ ]*$", re.DOTALL | re.MULTILINE)
DIAGRAM = re.compile(r"```mermaid\nstateDiagram-v2\n(.*?)```", re.DOTALL)
ARROW = re.compile(r"^\s*(\S+) --> (\S+?)(?:: (.*))?$")
LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\(([^)#\s]+)(#[^)\s]*)?\)")
NAMED_PAGE = re.compile(r"(?<!\[)`([\w./-]+\.md)`(?!\])")
HAN = re.compile(r"[\u3400-\u9fff]+")
# The end of a line within Chinese: a browser would show it as a space. A heading ends with its line.
BROKEN_LINE = re.compile(
    r"^(?!#)(.*[\u3000-\u303f\u3400-\u9fff\uff00-\uffef])\n *(?=[\u3008-\u3011\u3400-\u9fff\uff08])", re.MULTILINE
)
WORD_SEPARATOR = "\u200b"
LONGEST_WORD = 3


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out of the nav what other work will bring and has not brought yet."""
    absent = {name for name in config.extra.get("to_come", ()) if not place_of(name).is_file()}
    config.nav = list(_without(config.nav or [], absent))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Take the pages of the nav that are not below docs/ from where they stand in the repository."""
    for name in pages_of(config.nav or []):
        if files.get_file_from_path(name) is None and (ROOT / name).is_file():
            files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Draw diagrams as tables, and turn links and names of pages into links of the site."""
    del config
    here = page.file.src_uri
    return "".join(
        part if is_code else joined(_linked(part, here, files))
        for part, is_code in _parts(DIAGRAM.sub(lambda found: steps_table(found.group(1)), markdown))
    )


def on_post_build(config: MkDocsConfig) -> None:
    """Set the Chinese words of the search index apart, so that a query for a word finds the word."""
    index = Path(config.site_dir) / "search" / "search_index.json"
    found = json.loads(index.read_text("utf-8"))
    words = words_of_the_field()
    for entry in found["docs"]:
        entry.update({key: set_apart(entry[key], words) for key in ("title", "text")})
    index.write_text(json.dumps(found, ensure_ascii=False, separators=(",", ":")), "utf-8")


def place_of(name: str) -> Path:
    """Give the file of a page of the nav: below docs/, else in the repository."""
    return ROOT / DOCS / name if (ROOT / DOCS / name).is_file() else ROOT / name


def pages_of(nav: list[Any]) -> Iterator[str]:
    """Give the pages that a nav names, whatever sections they stand in."""
    for entry in nav:
        value = next(iter(entry.values())) if isinstance(entry, dict) else entry
        if isinstance(value, list):
            yield from pages_of(value)
        else:
            yield value


def steps_table(diagram: str) -> str:
    """Give the arrows of a state diagram as a table: mermaid would be fetched from a foreign host by whoever reads."""
    rows = [arrow.groups() for line in diagram.splitlines() if (arrow := ARROW.match(line))]
    lines = [f"| {_state(a)} | {words or ''} | {_state(b, end=True)} |" for a, b, words in rows]
    return "\n".join(["| 从 from | 经 by | 到 to |", "|---|---|---|", *lines, ""])


def joined(text: str) -> str:
    """Give a text with its Chinese lines joined, as they are meant to be read."""
    while (found := BROKEN_LINE.sub(r"\1", text)) != text:
        text = found
    return text


def words_of_the_field() -> frozenset[str]:
    """Give the short Chinese words of the glossary and of the desk's pages.

    One of four characters is two of two, and one of three that has one of two in it is left to that: whoever looks for
    单位 has to find 首接单位, and for 督办 督办单.
    """
    glossary = (ROOT / DOCS / "glossary.md").read_text("utf-8")
    said = {*(chinese for chinese, _ in (*TEXTS.values(), *WORDS.values())), *HAN.findall(glossary)}
    known = {word for word in said if HAN.fullmatch(word)}
    pairs = {word for word in known if len(word) == 2} | {h for w in known if len(w) == 4 for h in (w[:2], w[2:])}
    return frozenset(pairs | {word for word in known if len(word) == 3 and not {word[:2], word[1:]} & pairs})


def set_apart(text: str, words: frozenset[str]) -> str:
    """Put an invisible separator around each Chinese word of a text: the longest that is known, else one character."""

    def cut(run: re.Match[str]) -> str:
        return WORD_SEPARATOR + WORD_SEPARATOR.join(_words_in(run.group(), words)) + WORD_SEPARATOR

    return HAN.sub(cut, text)


def _words_in(run: str, words: frozenset[str]) -> Iterator[str]:
    at = 0
    while at < len(run):
        length = next((n for n in range(LONGEST_WORD, 1, -1) if run[at : at + n] in words), 1)
        yield run[at : at + length]
        at += length


def _state(name: str, *, end: bool = False) -> str:
    return ("（结束 end）" if end else "（开始 start）") if name == "[*]" else f"`{name}`"


def _without(nav: list[Any], absent: set[str]) -> Iterator[Any]:
    for entry in nav:
        title, value = next(iter(entry.items())) if isinstance(entry, dict) else ("", entry)
        if isinstance(value, list):
            yield {title: list(_without(value, absent))}
        elif value not in absent:
            yield entry


def _parts(markdown: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for fence in FENCE.finditer(markdown):
        yield markdown[at : fence.start()], False
        yield fence.group(), True
        at = fence.end()
    yield markdown[at:], False


def _linked(text: str, here: str, files: Files) -> str:
    folder = posixpath.dirname(DOCS + here if (ROOT / DOCS / here).is_file() else here)

    def site_page(repository_path: str) -> str | None:
        for path in (repository_path, f"{repository_path}/README.md"):
            name = path.removeprefix(DOCS)
            if (ROOT / path).is_file() and place_of(name) == ROOT / path and files.get_file_from_path(name):
                return name
        return None

    return NAMED_PAGE.sub(_named(here, site_page), LINK.sub(_followed(here, folder, site_page), text))


def _followed(here: str, folder: str, site_page: Callable[[str], str | None]) -> Callable[[re.Match[str]], str]:
    def turn(link: re.Match[str]) -> str:
        words, target, anchor = link.groups()
        if "://" in target:
            return link.group()
        path = posixpath.normpath(posixpath.join(folder, target))
        if page := site_page(path):
            return f"[{words}]({posixpath.relpath(page, posixpath.dirname(here) or '.')}{anchor or ''})"
        # A file that is no page of the site stays a name; what is nowhere is left for mkdocs to complain of.
        return f"{words} (`{path}`)" if (ROOT / path).exists() else link.group()

    return turn


def _named(here: str, site_page: Callable[[str], str | None]) -> Callable[[re.Match[str]], str]:
    def turn(found: re.Match[str]) -> str:
        page = site_page(posixpath.normpath(found.group(1)))
        if page is None or page == here or not (ROOT / found.group(1)).is_file():
            return found.group()
        return f"[`{found.group(1)}`]({posixpath.relpath(page, posixpath.dirname(here) or '.')})"

    return turn
