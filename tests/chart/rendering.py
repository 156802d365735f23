"""Renders the charts with the pinned helm and reads what comes out; `make chart-tools` has to have run."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.stack import ROOT
from tools.chart_tools.install import tools_home

CHARTS = ROOT / "charts"
NODE, FEDERATION, LIBRARY = CHARTS / "fengqiao-node", CHARTS / "fengqiao-federation", CHARTS / "fengqiao-lib"
OPERATORS = Path(__file__).parent / "operators"
Document = dict[str, Any]


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the pinned programs; it fails when `make chart-tools` has not been run."""
    program = tools_home() / "bin" / name
    assert program.exists(), f"{name} is missing: run make chart-tools"
    return subprocess.run(
        [str(program), *arguments], capture_output=True, text=True, timeout=240, check=False, cwd=CHARTS
    )


def template(chart: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Render a chart without looking at the result."""
    return tool("helm", "template", "city", str(chart), "--namespace", "fengqiao", *options)


@cache
def rendered(chart: Path, *options: str) -> tuple[Document, ...]:
    """Render a chart and give its documents, which no test may change; fails with what helm says."""
    told = template(chart, *options)
    assert told.returncode == 0, told.stderr
    return documents(told.stdout)


def documents(text: str) -> tuple[Document, ...]:
    """Read the documents of a rendering."""
    return tuple(document for document in yaml.load_all(text, Loader=yaml.CSafeLoader) if document)


def of_kind(found: Sequence[Document], kind: str) -> dict[str, Document]:
    """The documents of a kind by name."""
    return {document["metadata"]["name"]: document for document in found if document["kind"] == kind}


def pods(found: Sequence[Document]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every pod that a rendering makes: its owner, and its spec."""
    for document in found:
        spec = document.get("spec", {})
        name = f"{document['kind']} {document['metadata']['name']}"
        if document["kind"] == "Pod":
            yield name, spec
        elif document["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield name, spec["template"]["spec"]


def containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All containers of a pod, those that come first as well."""
    return [*pod.get("initContainers", []), *pod["containers"]]


def variables(container: Mapping[str, Any]) -> dict[str, str]:
    """The variables of a container; one that comes from elsewhere has the name of its source."""
    return {one["name"]: one.get("value", "from " + "".join(one.get("valueFrom", {}))) for one in container["env"]}


def ci_values() -> list[tuple[Path, Path]]:
    """Each chart with each of its sets of values."""
    return [(chart, values) for chart in (NODE, FEDERATION) for values in sorted((chart / "ci").glob("*-values.yaml"))]


def named(pair: object) -> str:
    """Name a set of values in the list of tests."""
    return pair.stem.removesuffix("-values") if isinstance(pair, Path) and pair.suffix else getattr(pair, "name", "")
