"""Write what an image consists of as CycloneDX 1.6: the packages of the environment and of Debian, with their licences.

Called while the image is built: `python3 image_bom.py ENVIRONMENT FOLDER_OF_DEBS`. Only the standard library is there.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any


def of_python(environment: Path) -> Iterator[dict[str, Any]]:
    """Give the packages of an environment by their metadata."""
    for path in sorted(environment.glob("lib/python*/site-packages/*.dist-info/METADATA")):
        told = HeaderParser().parsestr(path.read_text("utf-8"))
        name, version = told["Name"], told["Version"]
        licence = told["License-Expression"] or _classified(told.get_all("Classifier", [])) or told["License"] or ""
        yield _component(
            name, version, f"pkg:pypi/{name.lower()}@{version}", licence.splitlines()[0] if licence else ""
        )


def of_debian(folder: Path) -> Iterator[dict[str, Any]]:
    """Give the packages that were unpacked."""
    for path in sorted(folder.glob("*.deb")):
        told = subprocess.run(
            ["dpkg-deb", "--show", "--showformat", "${Package}\t${Version}\t${Architecture}", str(path)],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        name, version, architecture = told.split("\t")
        yield _component(name, version, f"pkg:deb/debian/{name}@{version}?arch={architecture}", "")


def _classified(classifiers: list[str]) -> str:
    found = [one.rsplit(" :: ", 1)[-1] for one in classifiers if one.startswith("License :: ")]
    return " OR ".join(found)


def _component(name: str, version: str, purl: str, licence: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}
    if licence:
        found["licenses"] = [{"license": {"name": licence[:200]}}]
    return found


def main() -> int:
    """Print the bill."""
    environment, debs = (Path(argument) for argument in sys.argv[1:3])
    components = [*of_python(environment), *of_debian(debs)]
    json.dump(
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}, sys.stdout, indent=1
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
