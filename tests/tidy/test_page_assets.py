"""Vendored scripts of the pages are what their table says, and what npm's lock pins."""

import json

from tests.tidy.tree import ROOT, files
from tools.page_assets import SOURCES, VENDOR, VERSIONS, digest


def test_every_vendored_file_has_the_hash_that_its_table_says() -> None:
    table = json.loads(VERSIONS.read_text("utf-8"))
    assert {name: digest(VENDOR / name) for name in table} == {name: asset["sha256"] for name, asset in table.items()}


def test_every_vendored_file_is_in_the_table_and_in_the_script() -> None:
    folder = VENDOR.relative_to(ROOT).as_posix() + "/"
    present = {name.removeprefix(folder) for name in files() if name.startswith(folder)} - {VERSIONS.name}
    assert present == set(json.loads(VERSIONS.read_text("utf-8"))) == set(SOURCES)


def test_every_vendored_version_is_the_one_that_npm_locks() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    for asset in json.loads(VERSIONS.read_text("utf-8")).values():
        assert packages[f"node_modules/{asset['package']}"]["version"] == asset["version"]
