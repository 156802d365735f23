"""How big a module may get, how it may be called, and that each says what it is for."""

import ast
from pathlib import PurePosixPath

import pytest

from tests.tidy.tree import PACKAGE, Module, modules, modules_with_tests, package_modules, parsed, report

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 80
EMPTY_NAMES = {
    "utils",
    "util",
    "common",
    "helpers",
    "helper",
    "manager",
    "managers",
    "service",
    "services",
    "misc",
    "base",
}


def too_long(module: Module) -> list[str]:
    """The file, when it has too many lines."""
    count = len(module.lines)
    return [f"{module.path}: {count} lines, at most {MOST_LINES}: split by noun"] if count > MOST_LINES else []


def long_functions(module: Module) -> list[str]:
    """Each function that no longer fits on a page."""
    return [
        f"{module.path}:{node.lineno}: {node.name} has {length} lines, at most {MOST_LINES_OF_A_FUNCTION}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    ]


def empty_name(path: str) -> list[str]:
    """The file, when its own name or its folder's says nothing."""
    parts = PurePosixPath(path).with_suffix("").parts[1:]
    return [f"{path}: '{part}' says nothing; name the noun of the field" for part in parts if part in EMPTY_NAMES]


def test_no_module_is_too_long() -> None:
    findings = [finding for module in modules() for finding in too_long(module)]
    assert not findings, report(findings)


def test_no_function_is_longer_than_a_page() -> None:
    findings = [finding for module in package_modules() for finding in long_functions(module)]
    assert not findings, report(findings)


def test_every_module_is_named_for_something() -> None:
    findings = [finding for module in modules() for finding in empty_name(module.path)]
    assert not findings, report(findings)


def test_every_package_and_module_says_what_it_is_for() -> None:
    readable = [module for module in modules() if module not in modules_with_tests()]  # a test is named for its rule
    findings = [f"{module.path}: no docstring" for module in readable if not ast.get_docstring(module.tree)]
    assert not findings, report(findings)


def test_every_folder_of_code_is_a_package() -> None:
    paths = {module.path for module in modules()}
    folders = {str(PurePosixPath(path).parent) for path in paths}
    findings = [f"{folder}: no __init__.py" for folder in sorted(folders) if f"{folder}/__init__.py" not in paths]
    assert not findings, report(findings)


def test_a_module_of_401_lines_is_found() -> None:
    assert too_long(parsed("x.py", "x = 1\n" * (MOST_LINES + 1)))
    assert not too_long(parsed("x.py", "x = 1\n" * MOST_LINES))


def test_a_long_function_is_found() -> None:
    body = "    x = 1\n" * MOST_LINES_OF_A_FUNCTION
    assert long_functions(parsed("x.py", f"def f() -> None:\n{body}"))


@pytest.mark.parametrize("path", [f"{PACKAGE}/store/utils.py", f"{PACKAGE}/common/case.py", "tests/unit/helpers.py"])
def test_an_empty_name_is_found(path: str) -> None:
    assert empty_name(path)


def test_the_source_root_itself_may_be_called_services() -> None:
    assert empty_name(f"{PACKAGE}/rpc/case_service.py") == []
