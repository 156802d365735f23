"""Files that name no machine and no registry, and hold no copy of data that is not ours to give."""

import hashlib
import re

import pytest

from tests.tidy.tree import ROOT, files, report, texts

# Spelled in pieces, because this file is searched too.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmmirror", "com"), ("yarnpkg", "com"),
        ("maven", "org"), ("maven", "apache", "org"), ("deb", "debian", "org"), ("security", "debian", "org"),
        ("proxy", "golang", "org"), ("docker", "io/"), ("aliyun", "com"), ("tsinghua", "edu", "cn"),
    )
)  # fmt: skip
FOLDERS = ("work", "root", "home/[a-z]+", "Users/[A-Za-z]+", "opt/wheels")
MACHINE_PATH = re.compile(rf"(?<![\w.*$}}/-])/(?:{'|'.join(FOLDERS)})/")
SHARED_DATA = ROOT.parent / "shared" / "data"


def foreign_places(name: str, text: str) -> list[str]:
    """Each registry host and each path of one machine in a file."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        found += [
            f"{name}:{number}: names the registry {host}; leave it to pip, npm and apt"
            for host in REGISTRIES
            if host in line
        ]
        if match := MACHINE_PATH.search(line):
            found.append(f"{name}:{number}: {match.group()} is a place on one machine; use a path from the root")
    return found


def digest(data: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(data).hexdigest()


def test_no_file_names_a_registry_or_a_place_on_one_machine() -> None:
    findings = [finding for name, text in texts() for finding in foreign_places(name, text)]
    assert not findings, report(findings)


def test_no_file_is_a_copy_of_shared_data() -> None:
    shared = {digest(path.read_bytes()): path.name for path in SHARED_DATA.glob("*") if path.is_file()}
    findings = [
        f"{name} is a copy of {shared[own]}; make a small set of our own instead"
        for name in files()
        if (own := digest((ROOT / name).read_bytes())) in shared
    ]
    assert not findings, report(findings)


def test_the_lock_of_npm_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")


@pytest.mark.parametrize(
    "line",
    [f"index-url = https://{REGISTRIES[0]}/simple", "cd /" + "work/main && make", "data = '/" + "root/data.csv'"],
)
def test_a_foreign_place_is_found(line: str) -> None:
    assert foreign_places("x.toml", line)


@pytest.mark.parametrize(
    "line", ["see ../shared/data", "GET /cases/work/list", "services/fengqiao/root/", "rm -rf build"]
)
def test_an_ordinary_path_is_left_alone(line: str) -> None:
    assert foreign_places("x.md", line) == []
