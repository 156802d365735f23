"""The files of the repository as the tidy tests see them: what git tracks or would track, parsed once."""

import ast
import io
import subprocess
import tokenize
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "services/fengqiao"
GENERATED = (f"{PACKAGE}/proto/",)
# Where there is no git (an unpacked archive), these folders are the machine's and not the repository's.
NOT_OURS = {".git", ".venv", "build", "dist", "node_modules", "__pycache__"}


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root with slashes, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> list[str]:
        """The lines of the file, the first one at index 0."""
        return self.text.splitlines()

    @cached_property
    def comments(self) -> dict[int, str]:
        """Line number -> comment on that line, with its sign; a sign inside a text is no comment."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}

    @property
    def room(self) -> str:
        """The room of DESIGN section 2 that the file stands in, or "" outside the package."""
        parts = self.path.split("/")
        return parts[2] if self.path.startswith(f"{PACKAGE}/") and len(parts) > 3 else ""


def parsed(path: str, text: str) -> Module:
    """A module from its text; the tests of the rules make their broken examples with it."""
    return Module(path, text, ast.parse(text))


@cache
def files() -> tuple[str, ...]:
    """Every file of the repository, tracked or about to be, as a path from the root."""
    command = ["git", "-c", "core.quotepath=off", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if not NOT_OURS & set(path.parts)]
    return tuple(sorted(name for name in set(listed) if (ROOT / name).is_file()))


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file that people write: code, tests and tools, generated files left out."""
    names = [name for name in files() if name.endswith(".py") and not name.startswith(GENERATED)]
    return tuple(parsed(name, (ROOT / name).read_text("utf-8")) for name in names)


def package_modules() -> list[Module]:
    """The Python files of the product itself."""
    return [module for module in modules() if module.path.startswith(f"{PACKAGE}/")]


def modules_with_tests() -> list[Module]:
    """The files that hold tests."""
    return [module for module in modules() if module.path.split("/")[-1].startswith("test_")]


def texts() -> list[tuple[str, str]]:
    """Every file of the repository that is text, with its content; pictures and archives are left out."""
    found = []
    for name in files():
        try:
            found.append((name, (ROOT / name).read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def report(findings: list[str]) -> str:
    """Findings as lines for an assertion message."""
    return "\n" + "\n".join(findings)
