"""Make the bundle that a township's machine is installed from: our wheel, the locked wheels, units, installer, hashes.

`python -m tools.single_bundle` writes `build/single/fengqiao-single-VERSION.tar.gz` and its SHA-256 beside it. Nothing
is fetched later: the machine may have no network. The wheels are those of Debian 12, Python 3.11 on x86_64.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SINGLE = ROOT / "deploy" / "single"
BUILD = ROOT / "build" / "single"
LOCK = SINGLE / "requirements.lock"
# pip takes the names of platforms literally: an older one does not follow from a newer one.
PLATFORMS = tuple(
    f"{name}_x86_64"
    for name in (
        *("manylinux_2_36", "manylinux_2_34", "manylinux_2_28", "manylinux_2_27", "manylinux_2_26", "manylinux_2_24"),
        *("manylinux_2_17", "manylinux2014", "manylinux_2_12", "manylinux2010", "manylinux_2_5", "manylinux1"),
    )
)


def release() -> str:
    """The release of this checkout; between releases with the commit, so that two builds are not taken for one."""
    version = str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    try:
        git = ["git", "describe", "--always", "--dirty", "--match", f"v{version}"]
        told = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return version
    return version if told == f"v{version}" else f"{version}+{told}"


def lock_of_uv(lock: str) -> str:
    """The lines of the whole lock that pin uv: Debian's Python brings no installer."""
    found = re.search(r"^uv==.*?(?=^    # via|^[a-z])", lock, re.MULTILINE | re.DOTALL)
    if found is None:
        raise SystemExit("requirements.lock does not pin uv")
    return found[0]


def fill(bundle: Path, wheels: Path, version: str) -> None:
    """Lay out a bundle: what runs on the machine, the wheels, and the hash of each file."""
    bundle.mkdir(parents=True)
    shutil.copy2(SINGLE / "install", bundle / "install")
    shutil.copy2(LOCK, bundle / LOCK.name)
    shutil.copytree(wheels, bundle / "wheels")
    (bundle / "VERSION").write_text(f"{version}\n", "utf-8")
    inside = bundle / "single"
    inside.mkdir()
    for name in ("fengqiao-single", "README.md"):
        shutil.copy2(SINGLE / name, inside / name)
    for name in ("township", "units", "postgres"):
        shutil.copytree(SINGLE / name, inside / name, ignore=shutil.ignore_patterns("__pycache__"))
    files = sorted(path for path in bundle.rglob("*") if path.is_file())
    sums = [f"{digest(path)}  {path.relative_to(bundle)}\n" for path in files]
    (bundle / "SHA256SUMS").write_text("".join(sums), "utf-8")


def digest(path: Path) -> str:
    """SHA-256 of a file as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch_wheels(wheels: Path) -> None:
    """Fetch the locked wheels, checked against the lock, and build our own."""
    shutil.rmtree(wheels, ignore_errors=True)
    wheels.mkdir(parents=True)
    uv_lock = wheels.parent / "uv.lock"
    uv_lock.write_text(lock_of_uv((ROOT / "requirements.lock").read_text("utf-8")), "utf-8")
    command = [sys.executable, "-m", "pip", "--quiet", "download", "--dest", str(wheels), "--require-hashes"]
    command += ["--no-deps", "--only-binary", ":all:", "--implementation", "cp", "--python-version", "3.11"]
    command += [word for platform in PLATFORMS for word in ("--platform", platform)]
    subprocess.run([*command, "-r", str(LOCK), "-r", str(uv_lock)], check=True)
    build = ["build", "--quiet", "--wheel", "--offline", "--no-build-isolation", "--out-dir", str(wheels)]
    uv = Path(sys.executable).parent / "uv"
    subprocess.run([str(uv), *build, "--python", sys.executable, str(ROOT)], check=True)
    # uv leaves it so that git does not see what it builds.
    (wheels / ".gitignore").unlink(missing_ok=True)


def main() -> None:
    """Make the bundle."""
    version = release()
    print(f"single-bundle: wheels for {version}", flush=True)
    fetch_wheels(BUILD / "wheels")
    bundle = BUILD / f"fengqiao-single-{version}"
    shutil.rmtree(bundle, ignore_errors=True)
    fill(bundle, BUILD / "wheels", version)
    archive = BUILD / f"{bundle.name}.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(bundle, bundle.name, filter=_as_roots)
    shutil.rmtree(bundle)
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest(archive)}  {archive.name}\n", "utf-8")
    print(f"single-bundle: {archive.relative_to(ROOT)}, {archive.stat().st_size / 1_000_000:.0f} MB")


def _as_roots(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whoever built the bundle is nobody on the machine."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


if __name__ == "__main__":
    main()
