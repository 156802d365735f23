"""Install what judges the charts: helm, kubeconform, helm-unittest, and the schemas of Kubernetes, all pinned.

`make chart-tools` runs this; a second run finds everything and does nothing. The three programs are built from Go
modules (go.mod beside this file: one set of dependencies, so the tests render with the engine of helm itself). They lie
in the user's cache under a name made of the pins, so that several checkouts share them and a changed pin builds anew.
"""

import hashlib
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.go_programs import cache_home, found_go, install_locked, pinned, run_go

HERE = Path(__file__).resolve().parent
PINS = ("go.mod", "go.sum", "requirements.lock")
PROGRAMS = ("helm", "helm-unittest", "kubeconform")
HOME_VARIABLE = "FENGQIAO_CHART_TOOLS"

KUBERNETES = ("1.30.0", "1.34.0", "1.37.0")
"""The versions that rendered charts are checked against: the oldest that the charts allow, one between, the newest."""

DEFAULT_KUBERNETES = "1.34"
"""What helm takes the cluster for where there is none."""

KINDS = (
    "configmap-v1",
    "deployment-apps-v1",
    "ingress-networking-v1",
    "job-batch-v1",
    "networkpolicy-networking-v1",
    "pod-v1",
    "poddisruptionbudget-policy-v1",
    "service-v1",
    "statefulset-apps-v1",
)
"""The kinds of Kubernetes that the charts make; any other one has no schema and so fails the check."""

Schema = dict[str, Any]


def tools_home() -> Path:
    """Give the folder of the pinned tools: `bin` has the programs, `schemas` a folder for each version."""
    pins = b"".join((HERE / name).read_bytes() for name in PINS)
    choices = repr((KUBERNETES, DEFAULT_KUBERNETES, KINDS)).encode()
    named = os.environ.get(HOME_VARIABLE)
    folder = Path(named) if named else cache_home() / "chart-tools"
    return folder / hashlib.sha256(pins + choices).hexdigest()[:12]


def main() -> int:
    """Install what is missing; 0 when all is there."""
    home = tools_home()
    wanted = [home / "bin" / name for name in PROGRAMS] + [home / "schemas" / version for version in KUBERNETES]
    if all(path.exists() for path in wanted):
        print("chart-tools: helm, helm-unittest, kubeconform and the schemas are here")
        return 0
    began = time.monotonic()
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fengqiao-chart-tools-") as folder:
        packages = Path(folder)
        install_locked("kubernetes-validate", packages)
        for version in KUBERNETES:
            _lay_out_schemas(packages, version, home / "schemas" / version)
        go = found_go(HERE, packages)
        print("chart-tools: building helm, helm-unittest and kubeconform (about 3 minutes once)", flush=True)
        _build(go, home / "bin")
    print(f"chart-tools: done in {time.monotonic() - began:.0f} s")
    return 0


def _build(go: Path, target: Path) -> None:
    major, minor = DEFAULT_KUBERNETES.split(".")
    helm = "helm.sh/helm/v3"
    stamps = {
        f"{helm}/internal/version.version": pinned(HERE, helm),
        f"{helm}/pkg/lint/rules.k8sVersionMajor": major,
        f"{helm}/pkg/lint/rules.k8sVersionMinor": minor,
        f"{helm}/pkg/chartutil.k8sVersionMajor": major,
        f"{helm}/pkg/chartutil.k8sVersionMinor": minor,
    }
    flags = " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in stamps.items())])
    run_go(go, HERE, "install", "-ldflags", flags, "tool", GOBIN=str(target))


def _lay_out_schemas(packages: Path, version: str, target: Path) -> None:
    """Write one file a kind that needs no other file, as kubeconform reads it."""
    source = packages / "kubernetes_validate" / "kubernetes-json-schema" / f"v{version}-local-strict"
    definitions = _read(source / "_definitions.json")["$defs"]
    made = Path(tempfile.mkdtemp(dir=_made(target.parent)))
    for kind in KINDS:
        schema = _read(source / f"{kind}.json")
        schema.pop("$id", None)
        schema["$defs"] = _needed(schema, definitions)
        (made / f"{kind}.json").write_text(json.dumps(schema), "utf-8")
    if not target.exists():
        made.rename(target)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _read(path: Path) -> Schema:
    read: Schema = json.loads(re.sub(r'"[^"]*_definitions\.json#', '"#', path.read_text("utf-8")))
    return read


def _needed(schema: object, definitions: Mapping[str, Schema]) -> dict[str, Schema]:
    """The definitions that a schema refers to, directly or through others."""
    needed: dict[str, Schema] = {}
    rest: list[object] = [schema]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            name = str(item.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in needed:
                needed[name] = definitions[name]
                rest.append(definitions[name])
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)
    return needed


if __name__ == "__main__":
    sys.exit(main())
