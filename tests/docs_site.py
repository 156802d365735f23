"""The site of docs/ as it is built, and what its pages ask for and lead to."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
# What a browser fetches by itself when it shows a page; an address in <a> is only followed by a person.
FETCHED = {"src", "srcset", "poster", "data"}
FETCHING_LINKS = {
    "stylesheet",
    "icon",
    "shortcut",
    "preload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "modulepreload",
}


@dataclass
class PageParts(HTMLParser):
    """One page read once: what it fetches, where its links lead, which anchors it has, which classes stand in it."""

    fetched: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    styles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin as a parser does."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag asks for and names."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.classes |= set(given.get("class", "").split())
        self.fetched += [given[name] for name in FETCHED if name in given]
        if "style" in given:
            self.styles.append(given["style"])
        if "href" in given and tag == "link":
            if FETCHING_LINKS & set(given.get("rel", "").split()):
                self.fetched.append(given["href"])
        elif "href" in given:
            self.links.append(given["href"])


def build(folder: Path, config: Path = ROOT / "mkdocs.yml") -> str:
    """Build the site strictly; gives what mkdocs complained of, empty when it has built it.

    Never with --quiet: that hides warnings from the one who counts them, and nothing would be strict.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "services"), "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config)]
    command += ["--site-dir", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=50)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


def read(text: str) -> PageParts:
    """Read a page."""
    parts = PageParts()
    parts.feed(text)
    return parts


def pages(folder: Path) -> dict[str, PageParts]:
    """Read all pages of a built site: path from its root, and its parts."""
    return {one.relative_to(folder).as_posix(): read(one.read_text("utf-8")) for one in sorted(folder.rglob("*.html"))}


def is_remote(address: str) -> bool:
    """Say whether a browser would leave the site for an address."""
    found = urlsplit(address.strip())
    return bool(found.netloc) or found.scheme not in {"", "data", "blob"}


def dead_links(folder: Path, found: dict[str, PageParts]) -> Iterator[str]:
    """Each link of a page to a file or an anchor that is not there; whoever follows it stands in the void."""
    for name, page in found.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            # The page of an error is shown at any address, so its links begin at the root.
            start = folder if parts.path.startswith("/") else (folder / name).parent
            target = (start / unquote(parts.path).lstrip("/")).resolve() if parts.path else folder / name
            target = target / "index.html" if target.is_dir() else target
            there = found.get(target.relative_to(folder.resolve()).as_posix()) if target.is_file() else None
            anchor = unquote(parts.fragment)
            if not target.is_file() or (anchor and there is not None and anchor not in there.anchors):
                yield f"{name}: {link} leads nowhere"
