"""Which codes the code raises, and with which parameters, read from its syntax."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SERVICES = Path(__file__).resolve().parents[3] / "services"

# The callables that take a code, and the place at which it stands.
TAKES_CODE = {
    "Refusal": 1,
    "Violation": 1,
    "not_found": 0,
    "wrong_state": 0,
    "forbidden": 0,
    "unavailable": 0,
}


@dataclass(frozen=True, slots=True)
class Raised:
    """A code where it stands, with the parameters given to it; None when they are not written out there."""

    code: str
    place: str
    params: frozenset[str] | None


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SERVICES.rglob("*.py")):
        if "proto" not in path.parts:
            yield str(path.relative_to(SERVICES)), ast.parse(path.read_text(encoding="utf-8"))


def _codes(argument: ast.expr) -> Iterator[str]:
    # A code may be chosen in place: `"a" if … else "b"`.
    if isinstance(argument, ast.IfExp):
        yield from _codes(argument.body)
        yield from _codes(argument.orelse)
    elif isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value


def _params(call: ast.Call, place: int) -> frozenset[str] | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name not in {"Refusal", "Violation"}:
        given = [keyword.arg for keyword in call.keywords]
        return None if None in given else frozenset(filter(None, given))
    if len(call.args) == place + 1 and not call.keywords:
        return frozenset()
    written = call.args[place + 1] if len(call.args) > place + 1 else None
    if not isinstance(written, ast.Dict):
        return None
    keys = [key.value for key in written.keys if isinstance(key, ast.Constant)]
    return frozenset(str(key) for key in keys) if len(keys) == len(written.keys) else None


def raised() -> list[Raised]:
    """Give every code that is raised by one of the callables above."""
    found = []
    for path, tree in _trees():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            place = TAKES_CODE.get(name)
            if place is not None and len(call.args) > place:
                params = _params(call, place)
                found += [Raised(code, f"{path}:{call.lineno}", params) for code in _codes(call.args[place])]
    return found


def strings() -> set[str]:
    """Give every text that stands in the code outside the table of sentences: codes may also pass through tables."""
    return {
        node.value
        for path, tree in _trees()
        if not path.endswith("domain/sentences.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
