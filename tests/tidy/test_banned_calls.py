"""Calls that may not be made, each with what to do instead."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.tidy.names import full_name, imported
from tests.tidy.tree import PACKAGE, Module, modules, parsed, report

CLOCKS = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime",
}  # fmt: skip
CHANCE = {"uuid.uuid1", "uuid.uuid4", "uuid_utils.uuid4", "uuid_utils.uuid7", "uuid_utils.compat.uuid7", "os.urandom"}
SURROUNDINGS = {"os.environ.get", "os.getenv", "os.environ"}
GIVING_UP = {
    "pytest.skip", "pytest.xfail", "pytest.importorskip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail",
    "unittest.skip", "unittest.skipIf", "unittest.skipUnless", "unittest.expectedFailure",
}  # fmt: skip
BROAD = {"Exception", "BaseException"}
CODES = re.compile(r"#\s*(noqa|type:\s*ignore)(\s*:\s*[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*|\[[\w, -]+\])?", re.IGNORECASE)
FEWEST_WORDS_OF_A_REASON = 2


@dataclass(frozen=True, slots=True)
class Ban:
    """Names that may not be used where `holds` says so, and the sentence that names the replacement."""

    names: frozenset[str]
    holds: Callable[[Module], bool]
    instead: str


def in_package(module: Module) -> bool:
    """Say whether the file is part of the product."""
    return module.path.startswith(f"{PACKAGE}/")


BANS = (
    Ban(
        frozenset(CLOCKS),
        lambda module: in_package(module) and module.room != "entry",
        "take `now` as a parameter; only entry reads the clock and hands it down",
    ),
    Ban(
        frozenset({"print"}),
        lambda module: in_package(module) and not module.path.startswith(f"{PACKAGE}/entry/cli/"),
        "log through observe, or return the text to entry/cli",
    ),
    Ban(
        frozenset({"time.sleep"}),
        lambda module: in_package(module) and not module.path.startswith(f"{PACKAGE}/entry/local/"),
        "await asyncio.sleep: one loop carries all centres",
    ),
    Ban(
        frozenset(CHANCE),
        lambda module: module.room in {"domain", "handlers"},
        "take the id as a parameter; chance comes from entry",
    ),
    Ban(
        frozenset(SURROUNDINGS),
        lambda module: in_package(module) and module.room != "entry",
        "take the value as a parameter; only entry reads configuration",
    ),
    Ban(frozenset(GIVING_UP), lambda _: True, "a test runs or it does not exist; take the cause away"),
    Ban(
        frozenset({"NotImplementedError"}),
        in_package,
        "write it, or leave the name out; nothing here is half made",
    ),
)


def banned(module: Module) -> list[str]:
    """Each use of a banned name in the file."""
    bans = [ban for ban in BANS if ban.holds(module)]
    names = imported(module.tree)
    found = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Name | ast.Attribute):
            continue
        name = full_name(node, names)
        found += [f"{module.path}:{node.lineno}: {name}: {ban.instead}" for ban in bans if name in ban.names]
    return found


def has_reason(comment: str) -> bool:
    """Say whether a comment gives a reason in words, codes of linters not counted."""
    return len(re.findall(r"[^\W\d_]{2,}", CODES.sub("", comment))) >= FEWEST_WORDS_OF_A_REASON


def is_broad(node: ast.AST, names: dict[str, str]) -> bool:
    """Say whether a node swallows every error."""
    if isinstance(node, ast.ExceptHandler):
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return any(kind is None or full_name(kind, names) in BROAD for kind in kinds)
    if isinstance(node, ast.Call) and full_name(node.func, names) == "contextlib.suppress":
        return any(full_name(argument, names) in BROAD for argument in node.args)
    return False


def broad_without_reason(module: Module) -> list[str]:
    """Each `except Exception` whose line does not say why."""
    names = imported(module.tree)
    return [
        f"{module.path}:{node.lineno}: name the errors, or say on this line why all are caught and where they go"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler | ast.Call)
        and is_broad(node, names)
        and not has_reason(module.comments.get(node.lineno, ""))
    ]


def silenced_without_reason(module: Module) -> list[str]:
    """Each `noqa` or `type: ignore` that names no code or gives no reason."""
    return [
        f"{module.path}:{number}: give the code and, after it, the reason in words"
        for number, comment in module.comments.items()
        if (match := CODES.search(comment)) and not (match.group(2) and has_reason(comment))
    ]


def test_no_file_makes_a_banned_call() -> None:
    findings = [finding for module in modules() for finding in banned(module)]
    assert not findings, report(findings)


def test_every_broad_except_says_why_on_its_line() -> None:
    findings = [finding for module in modules() for finding in broad_without_reason(module)]
    assert not findings, report(findings)


def test_every_silenced_finding_has_its_code_and_its_reason() -> None:
    findings = [finding for module in modules() for finding in silenced_without_reason(module)]
    assert not findings, report(findings)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{PACKAGE}/domain/limit.py", "from datetime import datetime\nx = datetime.now()"),
        (f"{PACKAGE}/store/case.py", "import datetime as d\nx = d.datetime.utcnow()"),
        (f"{PACKAGE}/bus/relay.py", "import time\ntime.sleep(1)"),
        (f"{PACKAGE}/bus/relay.py", "from time import time as clock\nclock()"),
        (f"{PACKAGE}/web/desk/case.py", "print('x')"),
        (f"{PACKAGE}/handlers/case.py", "from uuid import uuid4\nuuid4()"),
        (f"{PACKAGE}/rpc/server.py", "import os\nx = os.environ['A']"),
        (f"{PACKAGE}/wire/case.py", "raise NotImplementedError"),
        ("tests/unit/test_case.py", "import pytest\n@pytest.mark.skip(reason='later')\ndef test_x(): pass"),
    ],
)
def test_a_banned_call_is_found_under_any_name(path: str, text: str) -> None:
    assert banned(parsed(path, text))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{PACKAGE}/entry/node.py", "from datetime import UTC, datetime\nx = datetime.now(UTC)"),
        (f"{PACKAGE}/entry/cli/story.py", "print('x')"),
        (f"{PACKAGE}/domain/limit.py", "from datetime import datetime\ndef due(now: datetime) -> datetime: return now"),
        (f"{PACKAGE}/bus/relay.py", "import time\nx = time.monotonic()"),
    ],
)
def test_an_allowed_call_is_left_alone(path: str, text: str) -> None:
    assert banned(parsed(path, text)) == []


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("except Exception:", True),
        ("except Exception:  # noqa: BLE001", True),
        ("except (ValueError, Exception) as error:", True),
        ("except:", True),
        ("except Exception:  # an agent never raises; the error goes to the dead letters", False),
        ("except ValueError:", False),
    ],
)
def test_a_broad_except_needs_words(line: str, is_found: bool) -> None:
    module = parsed(f"{PACKAGE}/bus/x.py", f"try:\n    y()\n{line}\n    z()\n")
    assert bool(broad_without_reason(module)) is is_found


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("x = 1  # noqa", True),
        ("x = 1  # noqa: E501", True),
        ("x = 1  # type: ignore[attr-defined]", True),
        ("x = 1  # noqa: E501 - one row of a table", False),
        ("x = 1  # type: ignore[attr-defined]  # faust sets it at run time", False),
    ],
)
def test_silence_needs_a_code_and_words(line: str, is_found: bool) -> None:
    assert bool(silenced_without_reason(parsed("tests/x.py", line))) is is_found
