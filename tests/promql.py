"""What a PromQL expression asks: its selectors, and the labels that its series carry, found by walking its tree.

`carried` raises AssertionError where a label is asked for that the series below do not have.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import promql_parser as ql

Labels = frozenset[str]
NONE: Labels = frozenset()
SET_OPERATORS = {"or", "and", "unless"}
KEEPS_LABELS = {"topk", "bottomk"}


@dataclass(frozen=True, slots=True)
class Selector:
    """One selector: the series, and its matchers as PromQL writes them."""

    series: str
    matchers: Mapping[str, str]


def selectors(expr: str) -> list[Selector]:
    """Every selector of an expression; raises ValueError when it is no PromQL."""
    found: list[Selector] = []

    def see(node: Any) -> None:
        if isinstance(node, ql.VectorSelector):
            # The name may come as a matcher on __name__; matchers are written `label="value"`.
            found.append(Selector(node.name or "", {each.name: str(each) for each in node.matchers.matchers}))

    _walk(ql.parse(expr), see)
    return found


def ranges(expr: str) -> list[tuple[str, float]]:
    """(function, seconds) of each range in an expression."""
    found: list[tuple[str, float]] = []

    def see(node: Any) -> None:
        if isinstance(node, ql.Call):
            found.extend(
                (node.func.name, argument.range.total_seconds())
                for argument in node.args
                if isinstance(argument, ql.MatrixSelector)
            )

    _walk(ql.parse(expr), see)
    return found


def carried(expr: str, known: Callable[[str], Labels]) -> Labels:
    """The labels of an expression's series; `known` gives those of a named series, and raises for an unknown one."""
    return _carried(ql.parse(expr), known)


def _walk(node: Any, see: Callable[[Any], None]) -> None:
    see(node)
    for child in _children(node):
        _walk(child, see)


def _children(node: Any) -> Iterator[Any]:
    match node:
        case ql.AggregateExpr():
            yield node.expr
        case ql.BinaryExpr():
            yield node.lhs
            yield node.rhs
        case ql.ParenExpr() | ql.UnaryExpr() | ql.SubqueryExpr():
            yield node.expr
        case ql.Call():
            yield from node.args
        case ql.MatrixSelector():
            yield node.vector_selector
        case _:
            return


def _carried(node: Any, known: Callable[[str], Labels]) -> Labels:
    match node:
        case ql.VectorSelector():
            return _selected(node, known)
        case ql.MatrixSelector():
            return _selected(node.vector_selector, known)
        case ql.ParenExpr() | ql.UnaryExpr() | ql.SubqueryExpr():
            return _carried(node.expr, known)
        case ql.AggregateExpr():
            return _aggregated(node, known)
        case ql.BinaryExpr():
            return _joined(node, known)
        case ql.Call():
            return _called(node, known)
        case _:
            return NONE


def _selected(node: Any, known: Callable[[str], Labels]) -> Labels:
    labels = known(node.name)
    wrong = {matcher.name for matcher in node.matchers.matchers} - labels - {"__name__"}
    assert not wrong, f"{node.name} has no label {sorted(wrong)}"
    return labels


def _aggregated(node: Any, known: Callable[[str], Labels]) -> Labels:
    inner = _carried(node.expr, known)
    if str(node.op) in KEEPS_LABELS:
        return inner
    if node.modifier is None:
        return NONE
    named = frozenset(node.modifier.labels)
    assert named <= inner, f"{sorted(named - inner)} is asked of series that carry {sorted(inner)}"
    assert node.modifier.type == ql.AggModifierType.By, "by says what is kept; without leaves it open"
    return named


def _joined(node: Any, known: Callable[[str], Labels]) -> Labels:
    left, right = _carried(node.lhs, known), _carried(node.rhs, known)
    matching = node.modifier.matching if node.modifier is not None else None
    if matching is not None:
        named = frozenset(matching.labels)
        assert named <= left & right, f"{sorted(named)} is not on both sides"
    if str(node.op) in SET_OPERATORS:
        return left | right if str(node.op) == "or" else left
    if isinstance(node.lhs, ql.NumberLiteral):
        return right
    return left


def _called(node: Any, known: Callable[[str], Labels]) -> Labels:
    vectors = [argument for argument in node.args if not isinstance(argument, ql.NumberLiteral | ql.StringLiteral)]
    if node.func.name == "vector":
        return NONE
    labels = _carried(vectors[0], known)
    if node.func.name == "histogram_quantile":
        assert "le" in labels, "a quantile needs the buckets"
        return labels - {"le"}
    if node.func.name in {"label_replace", "label_join"}:
        return labels | {node.args[1].val}
    return labels
