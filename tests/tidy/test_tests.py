"""Tests that prove something: each has an assertion, and each stands in a tier."""

import ast

import pytest

from tests.tidy.names import full_name, imported
from tests.tidy.tree import Module, modules_with_tests, parsed, report
from tools.tiers import TIERS, TIERS_APART, TIERS_TO_COME

PROVING_CALLS = ("assert_", "expect", "raises", "warns")


def proves(node: ast.AST, names: dict[str, str]) -> bool:
    """Say whether a node can make a test fail for the right reason."""
    if isinstance(node, ast.Assert):
        return True
    if isinstance(node, ast.Call):
        return full_name(node.func, names).rsplit(".", 1)[-1].lstrip("_").startswith(PROVING_CALLS)
    return isinstance(node, ast.Attribute) and node.attr == "TestCase"


def proofless(module: Module) -> list[str]:
    """The tests of a file that assert nothing, neither themselves nor through a function of the file that they call."""
    names = imported(module.tree)
    functions = [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    proving = {function.name for function in functions if any(proves(node, names) for node in ast.walk(function))}

    def called(function: ast.AST) -> set[str]:
        calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
        return {full_name(call.func, names).rsplit(".", 1)[-1] for call in calls}

    return [
        f"{module.path}:{function.lineno}: {function.name} asserts nothing"
        for function in functions
        if function.name.startswith("test_") and function.name not in proving and not called(function) & proving
    ]


def test_every_test_asserts_something() -> None:
    findings = [finding for module in modules_with_tests() for finding in proofless(module)]
    assert not findings, report(findings)


def test_every_test_stands_in_a_tier() -> None:
    names = {tier.name for tier in (*TIERS, *TIERS_APART)}
    findings = [
        f"{module.path}: tests/{module.path.split('/')[1]} is no tier"
        for module in modules_with_tests()
        if module.path.startswith("tests/") and module.path.split("/")[1] not in names
    ]
    assert not findings, report(findings)


def test_no_tier_is_called_to_come_when_it_has_come() -> None:
    tiers_with_tests = {module.path.split("/")[1] for module in modules_with_tests()}
    assert not tiers_with_tests & set(TIERS_TO_COME)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("def test_x():\n    f()", True),
        ("def test_x():\n    assert f()", False),
        ("import pytest\ndef test_x():\n    with pytest.raises(ValueError):\n        f()", False),
        ("def held(x):\n    assert x\ndef test_x():\n    held(1)", False),
    ],
)
def test_a_test_without_assertion_is_found(text: str, is_found: bool) -> None:
    assert bool(proofless(parsed("tests/unit/test_x.py", text))) is is_found
