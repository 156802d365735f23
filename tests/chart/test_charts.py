"""The charts are sound: linted, of one release with the program, valid for Kubernetes, and tested case by case."""

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from fengqiao import __version__
from tests.chart.rendering import (
    CHARTS,
    FEDERATION,
    LIBRARY,
    NODE,
    OPERATORS,
    ci_values,
    documents,
    named,
    rendered,
    template,
    tool,
)
from tests.stack import ROOT
from tools.chart_tools.generate import documented, generated
from tools.chart_tools.install import KUBERNETES, tools_home

LEAST_CASES = 150
LEAST_SETS = 10


def conforms(text: str, folder: Path, kubernetes: str) -> tuple[int, list[str]]:
    """How many resources there are, and what is wrong with them for a version of Kubernetes."""
    file = folder / "rendered.yaml"
    file.write_text(text, "utf-8")
    places = (tools_home() / "schemas" / kubernetes, OPERATORS)
    schemas = [f"-schema-location={place}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json" for place in places]
    told = tool(
        "kubeconform", "-strict", "-output=json", "-summary", f"-kubernetes-version={kubernetes}", *schemas, str(file)
    )
    report = json.loads(told.stdout)
    wrong = [f"{found['kind']} {found['name']}: {found['msg']}" for found in report.get("resources") or []]
    return sum(report["summary"].values()), wrong


@pytest.mark.parametrize(("chart", "values"), ci_values(), ids=named)
def test_helm_lint_has_nothing_to_say(chart: Path, values: Path) -> None:
    told = tool("helm", "lint", "--strict", str(chart), "--values", str(values))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "[WARNING]" not in told.stdout


@pytest.mark.parametrize("kubernetes", KUBERNETES)
@pytest.mark.parametrize(("chart", "values"), ci_values(), ids=named)
def test_what_is_rendered_is_valid_for_kubernetes(chart: Path, values: Path, kubernetes: str, tmp_path: Path) -> None:
    told = template(chart, "--values", str(values), "--kube-version", kubernetes)
    assert told.returncode == 0, told.stderr
    count, wrong = conforms(told.stdout, tmp_path, kubernetes)
    assert wrong == []
    assert count == len(documents(told.stdout)) >= 3


def test_there_are_enough_sets_of_values_and_each_renders_something_of_its_own() -> None:
    made = {(chart, values): template(chart, "--values", str(values)).stdout for chart, values in ci_values()}
    assert len(made) >= LEAST_SETS
    assert len(set(made.values())) == len(made)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("kind: Deployment", "kind: Deploymint"),
        ("terminationGracePeriodSeconds: 30", "terminationGracePeriodSecond: 30"),
        ("replicas: 1", "replicas: one"),
        ("type: Recreate", "type: 7"),
    ],
)
def test_a_resource_that_kubernetes_would_refuse_is_found(before: str, after: str, tmp_path: Path) -> None:
    told = template(NODE, "--values", str(NODE / "ci" / "minimal-values.yaml"))
    assert before in told.stdout
    assert conforms(told.stdout, tmp_path, KUBERNETES[0])[1] == []
    assert conforms(told.stdout.replace(before, after), tmp_path, KUBERNETES[0])[1] != []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("cleanup.policy: compact", "cleanup.policy: keep"),
        ("partitions: 1", "partition: 1"),
        ("type: scram-sha-512", "type: password"),
        ("builtinLocale: C.UTF-8", "builtinLocal: C.UTF-8"),
        ("honorLabels: true", "honourLabels: true"),
        ("record: ", "recorded: "),
    ],
)
def test_a_resource_that_an_operator_would_refuse_is_found(before: str, after: str, tmp_path: Path) -> None:
    told = template(FEDERATION, "--values", str(FEDERATION / "ci" / "apart-values.yaml"))
    assert before in told.stdout
    assert conforms(told.stdout.replace(before, after), tmp_path, KUBERNETES[0])[1] != []


def test_the_cases_of_helm_unittest_pass(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    told = tool("helm-unittest", "--strict", "-t", "JUnit", "-o", str(report), str(NODE), str(FEDERATION))
    assert told.returncode == 0, told.stdout + told.stderr
    cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - written by our own tool just now
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(set(names)) == len(names) >= LEAST_CASES


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("_pod.tpl", "enableServiceLinks: false", "enableServiceLinks: true"),
        ("_names.tpl", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"),
        ("_workload.tpl", "type: Recreate", "type: RollingUpdate"),
        ("_settings.tpl", "fieldPath: metadata.name", "fieldPath: metadata.uid"),
        ("_network.tpl", "concat $nodes $in.grpc", "list (dict)"),
        ("_migrate.tpl", '"pre-install,pre-upgrade"', '"pre-install"'),
    ],
)
def test_the_cases_of_helm_unittest_find_a_template_that_was_broken(
    file: str, before: str, after: str, tmp_path: Path
) -> None:
    charts = Path(shutil.copytree(CHARTS, tmp_path / "charts", symlinks=True))
    broken = charts / LIBRARY.name / "templates" / file
    text = broken.read_text("utf-8")
    assert before in text
    broken.write_text(text.replace(before, after), "utf-8")
    told = tool("helm-unittest", str(charts / NODE.name))
    assert told.returncode != 0
    assert "failed" in told.stdout


def test_charts_and_program_are_of_one_release() -> None:
    for chart in (NODE, FEDERATION, LIBRARY):
        about = yaml.safe_load((chart / "Chart.yaml").read_text("utf-8"))
        assert (about["version"], about["appVersion"]) == (__version__, __version__)
        assert [one["version"] for one in about.get("dependencies", [])] in ([], [__version__])


def test_the_oldest_kubernetes_that_is_checked_is_the_oldest_that_is_allowed() -> None:
    for chart in (NODE, FEDERATION, LIBRARY):
        about = yaml.safe_load((chart / "Chart.yaml").read_text("utf-8"))
        assert about["kubeVersion"] == f">={KUBERNETES[0]}-0"


def test_an_older_kubernetes_is_refused() -> None:
    told = template(NODE, "--values", str(NODE / "ci" / "minimal-values.yaml"), "--kube-version", "1.29.0")
    assert told.returncode != 0
    assert "requires kubeVersion" in told.stderr


def test_what_is_made_of_other_parts_is_fresh() -> None:
    stale = [
        path.relative_to(CHARTS).as_posix() for path, text in generated().items() if path.read_text("utf-8") != text
    ]
    assert stale == [], "run make charts"


@pytest.mark.parametrize("chart", [NODE, FEDERATION], ids=named)
def test_every_value_is_explained_in_the_tables(chart: Path) -> None:
    explained = {keys for keys, _, _ in documented(chart / "values.yaml")}
    leaves = set(_leaves(yaml.safe_load((chart / "values.yaml").read_text("utf-8")), ()))
    missing = [".".join(keys) for keys in leaves if not any(keys[:depth] in explained for depth in range(1, 9))]
    assert missing == []
    readme = (CHARTS / "README.md").read_text("utf-8")
    assert all(f"| `{'.'.join(keys)}` |" in readme for keys in explained)


def test_no_value_is_a_secret() -> None:
    keys = [".".join(path) for chart in (NODE, FEDERATION) for path in _leaves(_values(chart), ())]
    suspicious = [key for key in keys if re.search(r"(?i)(password|token|dsn|credential)", key)]
    # What is left names a Secret and a key of it.
    assert [key for key in suspicious if not re.search(r"Secret\.(name|key)$", key)] == []
    for chart, values in ci_values():
        assert "Secret" not in {document["kind"] for document in rendered(chart, "--values", str(values))}


def test_a_packaged_chart_brings_everything_with_it(tmp_path: Path) -> None:
    told = tool("helm", "package", str(FEDERATION), "--destination", str(tmp_path))
    assert told.returncode == 0, told.stderr
    package = tmp_path / f"{FEDERATION.name}-{__version__}.tgz"
    assert rendered(package) == rendered(FEDERATION)
    # A release is a Secret, which may have a mebibyte; the chart is a part of it.
    assert package.stat().st_size < 512 * 1024
    assert not (ROOT / "charts" / package.name).exists()


def _values(chart: Path) -> object:
    return yaml.safe_load((chart / "values.yaml").read_text("utf-8"))


def _leaves(values: object, above: tuple[str, ...]) -> list[tuple[str, ...]]:
    if isinstance(values, dict) and values:
        return [path for key, value in values.items() for path in _leaves(value, (*above, str(key)))]
    return [above]
