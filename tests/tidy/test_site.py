"""The site of docs/: it builds strictly, its links lead somewhere, and whoever reads it asks nobody else."""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from fengqiao.domain.words import Language
from fengqiao.web.desk.modules import MODULES
from fengqiao.web.desk.texts import text
from tests import docs_site
from tests.tidy.tree import ROOT, files, report
from tools.docs_site import joined, set_apart, steps_table, words_of_the_field

ASKS = re.compile(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)")
TAG = re.compile(r"<[^>]+>")
# Classes for which the theme's script would fetch something: diagrams, and the counts of a repository.
FETCHING_CLASSES = {"mermaid", "md-source"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once for all tests of this file."""
    folder = tmp_path_factory.mktemp("site").resolve()
    complaints = docs_site.build(folder)
    assert not complaints, complaints
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, docs_site.PageParts]:
    """Every page of the site."""
    return docs_site.pages(site)


def asked_by(sheet: str) -> list[str]:
    """The addresses that a style sheet asks for."""
    return [first or second for first, second in ASKS.findall(sheet)]


def test_every_page_has_its_place_behind_one_of_three_doors(pages: dict[str, docs_site.PageParts]) -> None:
    nav = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Loader=_AnyTag)["nav"]  # noqa: S506 - our own file
    assert [next(iter(door)) for door in nav] == ["首页", "办事人员", "运维", "开发"]
    sources = [name.removeprefix("docs/") for name in files() if name.startswith("docs/") and name.endswith(".md")]
    built = {name.replace("README", "index").replace(".md", ".html") for name in sources}
    assert built - set(pages) == set()


def test_every_readme_of_deploy_and_charts_is_a_page_of_the_site(pages: dict[str, docs_site.PageParts]) -> None:
    readmes = [name for name in files() if re.match(r"(deploy|charts)/(.*/)?README\.md$", name)]
    assert len(readmes) >= 4
    assert [name for name in readmes if name.replace("README.md", "index.html") not in pages] == []


def test_every_link_and_every_anchor_leads_somewhere(site: Path, pages: dict[str, docs_site.PageParts]) -> None:
    assert sum(len(page.links) for page in pages.values()) > 1000
    findings = list(docs_site.dead_links(site, pages))
    assert not findings, report(findings)


def test_no_page_asks_anybody_else_for_anything(site: Path, pages: dict[str, docs_site.PageParts]) -> None:
    asked = [(name, one) for name, page in pages.items() for one in page.fetched]
    sheets = {one.relative_to(site).as_posix(): one.read_text("utf-8") for one in site.rglob("*.css")}
    asked += [(name, one) for name, sheet in sheets.items() for one in asked_by(sheet)]
    asked += [(name, one) for name, page in pages.items() for style in page.styles for one in asked_by(style)]
    assert len(sheets) >= 3
    assert len(asked) > 100
    findings = [f"{name}: {one}" for name, one in asked if docs_site.is_remote(one)]
    findings += [f"{name}: {one}" for name, page in pages.items() for one in page.classes & FETCHING_CLASSES]
    assert not findings, report(findings)


def test_the_search_index_has_the_words_of_the_field_set_apart(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    separator = re.compile(index["config"]["separator"])
    words = {word for entry in index["docs"] for word in separator.split(TAG.sub(" ", entry["text"]))}
    assert {"督办", "单位", "死信", "时限", "首接", "FENGQIAO_KAFKA", "settings"} <= words


def test_a_page_outside_the_nav_and_a_link_into_the_void_fail_the_build(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "docs" / "stray.md").write_text("# Stray\n[nowhere](gone.md) [limits](limits.md#gone)\n", "utf-8")
    config = tmp_path / "mkdocs.yml"
    hook = ROOT / "tools" / "docs_site.py"
    config.write_text(f"INHERIT: {ROOT / 'mkdocs.yml'}\ndocs_dir: {tmp_path / 'docs'}\nhooks: [{hook}]\n", "utf-8")
    complaints = docs_site.build(tmp_path / "site", config)
    assert 'not included in the "nav" configuration' in complaints
    assert "contains a link 'gone.md'" in complaints
    assert "does not contain an anchor '#gone'" in complaints


def test_every_page_of_the_desk_is_explained_to_officers() -> None:
    page = (ROOT / "docs" / "officers" / "pages.md").read_text("utf-8")
    for module, places in MODULES.items():
        assert f"## {text(f'module.{module}', Language.ZH)}\n" in page
        for place in places:
            row = f"| {text(f'page.{place.name}', Language.ZH)} | `/CENTRE/{place.path}{place.rest}` | "
            assert row in page, row


def test_chinese_words_are_set_apart_and_the_rest_is_left() -> None:
    words = words_of_the_field()
    assert set_apart("首接单位 is late", words).split("\u200b") == ["", "首接", "单位", " is late"]
    assert set_apart("督办单", words).split("\u200b") == ["", "督办", "单", ""]
    assert set_apart("no word", words) == "no word"


def test_chinese_lines_are_joined_and_headings_are_not() -> None:
    assert joined("一件事，\n只由一个中心\n负责。") == "一件事，只由一个中心负责。"
    assert joined("- 一件\n  两件\n- 三件") == "- 一件两件\n- 三件"
    assert joined("## 标题\n正文") == "## 标题\n正文"
    assert joined("正文\n\n另起") == "正文\n\n另起"


def test_a_diagram_is_a_table_of_its_arrows() -> None:
    table = steps_table("    [*] --> open: offer\n    open --> none\n")
    assert "| （开始 start） | offer | `open` |" in table
    assert "| `open` |  | `none` |" in table


@pytest.mark.parametrize(
    ("page", "remote"),
    [
        ('<script src="https://cdn.example/x.js"></script>', True),
        ('<link rel="preconnect" href="//fonts.example">', True),
        ('<img src="http://example/x.png">', True),
        (
            '<a href="https://example.org/">on</a><img src="data:image/png;base64,AA"><script src="x.js"></script>',
            False,
        ),
    ],
)
def test_a_page_that_asks_somebody_else_is_found(page: str, remote: bool) -> None:
    assert any(docs_site.is_remote(one) for one in docs_site.read(page).fetched) is remote


def test_a_sheet_that_asks_somebody_else_is_found() -> None:
    assert asked_by("@import 'https://a.example/x.css'; b { background: url(//c.example/d.png) }") == [
        "https://a.example/x.css",
        "//c.example/d.png",
    ]


def test_a_dead_link_and_a_dead_anchor_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">1</a><a href="b.html#gone">2</a><a href="c.html">3</a>', "utf-8"
    )
    (tmp_path / "b.html").write_text('<h1 id="here"></h1><a href="#here">4</a>', "utf-8")
    found = list(docs_site.dead_links(tmp_path.resolve(), docs_site.pages(tmp_path)))
    assert found == ["a.html: b.html#gone leads nowhere", "a.html: c.html leads nowhere"]


class _AnyTag(yaml.SafeLoader):
    """Reads the configuration of mkdocs, whose tags name functions of Python."""


_AnyTag.add_multi_constructor("tag:yaml.org,2002:python/", lambda *tagged: tagged[1])
