"""Keeps a release for the upgrade tests: its package as a zip, so that the next release can be run beside it.

`python -m tools.release_archive REF` reads the commit REF and writes tests/releases/fengqiao-VERSION.zip. What no test
of an upgrade runs stays out: the fonts of documents and the scripts of charts, which are two thirds of the size.
"""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASES = ROOT / "tests" / "releases"
PACKAGE = "services/fengqiao"
LEFT_OUT = ("fengqiao/insight/fonts/", "fengqiao/web/static/vendor/echarts")
EPOCH = (1980, 1, 1, 0, 0, 0)


def kept(name: str) -> bool:
    """Say whether a file of the package goes in."""
    return name != "" and not name.endswith("/") and not name.startswith(LEFT_OUT)


def version_of(files: dict[str, bytes]) -> str:
    """Read the version that a package gives itself; raises ValueError when it gives none."""
    found = re.search(r'__version__ = "([0-9.]+)"', files["fengqiao/__init__.py"].decode())
    if found is None:
        raise ValueError("fengqiao/__init__.py has no __version__")
    return found.group(1)


def archived(ref: str) -> dict[str, bytes]:
    """Read the package as it stood at a commit, by the names that it is imported under."""
    command = ["git", "archive", "--format=zip", ref, PACKAGE]
    written = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    with zipfile.ZipFile(io.BytesIO(written)) as whole:
        names = {name: name.removeprefix("services/") for name in whole.namelist()}
        return {short: whole.read(name) for name, short in names.items() if kept(short)}


def write(files: dict[str, bytes], path: Path) -> None:
    """Write the zip; the same files always give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as into:
        for name in sorted(files):
            into.writestr(zipfile.ZipInfo(name, EPOCH), files[name], zipfile.ZIP_DEFLATED)


def main(arguments: list[str]) -> int:
    """Keep one release; 0 when it is written, 2 for a wrong call or one that is kept already."""
    if len(arguments) != 1:
        print("usage: python -m tools.release_archive REF", file=sys.stderr)
        return 2
    files = archived(arguments[0])
    path = RELEASES / f"fengqiao-{version_of(files)}.zip"
    if path.exists():
        print(f"{path.name} is kept already; a release does not change", file=sys.stderr)
        return 2
    write(files, path)
    print(f"{path.relative_to(ROOT)}: {len(files)} files, {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
