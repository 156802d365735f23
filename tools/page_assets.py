"""Copy the scripts that pages load out of node_modules into the package, and write down what they are.

`make assets` calls it after `npm ci`. The copies are committed, so that neither setup nor a user needs npm;
`tests/tidy` holds that each copy still is what `versions.json` says.
"""

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "services" / "fengqiao" / "web" / "static" / "vendor"
VERSIONS = VENDOR / "versions.json"

# Our file name -> (npm package, path inside the package).
SOURCES = {
    "htmx.min.js": ("htmx.org", "dist/htmx.min.js"),
    "htmx-ext-sse.min.js": ("htmx-ext-sse", "dist/sse.min.js"),
    "echarts.min.js": ("echarts", "dist/echarts.simple.min.js"),
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One vendored file: where it came from and what its bytes hash to."""

    package: str
    version: str
    path: str
    sha256: str


def digest(path: Path) -> str:
    """SHA-256 of a file, as hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy_assets() -> dict[str, Asset]:
    """Copy each file of `SOURCES` and return what was copied."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    assets = {}
    for name, (package, path) in SOURCES.items():
        version = json.loads((MODULES / package / "package.json").read_text("utf-8"))["version"]
        (VENDOR / name).write_bytes((MODULES / package / path).read_bytes())
        assets[name] = Asset(package, version, path, digest(VENDOR / name))
    return assets


def main() -> int:
    """Copy, then write `versions.json`."""
    assets = copy_assets()
    table = {name: asdict(asset) for name, asset in assets.items()}
    VERSIONS.write_text(json.dumps(table, indent=2) + "\n", "utf-8")
    for name, asset in assets.items():
        print(f"{name}: {asset.package} {asset.version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
