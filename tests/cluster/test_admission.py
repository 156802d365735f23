"""What the API server admits into a namespace that enforces the restricted profile, and what it refuses."""

import shutil
from pathlib import Path

import pytest

from tests.chart.rendering import CHARTS, FEDERATION, LIBRARY, NODE, ci_values, documents, named, rendered, template
from tests.cluster.api import Refused, Resource
from tests.cluster.control_plane import ControlPlane
from tests.cluster.namespace import Namespace
from tests.watchers import awaited
from tools.chart_tools.install import DEFAULT_KUBERNETES, KUBERNETES

MINIMAL = str(NODE / "ci" / "minimal-values.yaml")
LEAST_RESOURCES = 4
IMPATIENT = ("--wait", "--timeout", "4s")


def pod(**security: object) -> Resource:
    """A pod that keeps to the restricted profile, apart from what its container is given."""
    kept = {
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container = {"name": "node", "image": "fengqiao:0.2.0", "securityContext": kept | security}
    about = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "made-by-hand"}}
    return {**about, "spec": {"containers": [container]}}


def test_the_server_is_of_the_version_that_helm_takes_a_cluster_for(plane: ControlPlane) -> None:
    told = plane.api.get("/version")
    assert f"{told['major']}.{told['minor']}" == DEFAULT_KUBERNETES
    assert any(version.startswith(f"{DEFAULT_KUBERNETES}.") for version in KUBERNETES)


@pytest.mark.parametrize(("chart", "values"), ci_values(), ids=named)
def test_the_server_admits_all_that_a_chart_makes_without_a_warning(
    namespace: Namespace, chart: Path, values: Path
) -> None:
    made = rendered(chart, "--values", str(values))
    judged = {f"{one['kind']} {one['metadata']['name']}": namespace.try_out(one) for one in made}
    assert {name: warnings for name, warnings in judged.items() if warnings} == {}
    assert len(judged) == len(made) >= LEAST_RESOURCES


@pytest.mark.parametrize(
    "security",
    [
        {"privileged": True, "allowPrivilegeEscalation": True},
        {"allowPrivilegeEscalation": True},
        {"runAsNonRoot": False},
        {"runAsUser": 0},
        {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}},
        {"seccompProfile": {"type": "Unconfined"}},
    ],
    ids=",".join,
)
def test_the_namespace_refuses_a_pod_that_wants_more(namespace: Namespace, security: Resource) -> None:
    assert namespace.try_out(pod()) == []
    with pytest.raises(Refused, match="violates PodSecurity") as refused:
        namespace.create(pod(**security))
    assert refused.value.status == 403
    assert namespace.of_kind("Pod") == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("allowPrivilegeEscalation: false", "privileged: true"),
        ("runAsNonRoot: true", "runAsNonRoot: false"),
        ("  drop: [ALL]", "  drop: [NET_RAW]"),
        ("type: RuntimeDefault", "type: Unconfined"),
    ],
)
def test_a_chart_whose_pods_want_more_is_not_installed(
    namespace: Namespace, before: str, after: str, tmp_path: Path
) -> None:
    charts = Path(shutil.copytree(CHARTS, tmp_path / "charts", symlinks=True))
    broken = charts / LIBRARY.name / "templates" / "_names.tpl"
    text = broken.read_text("utf-8")
    assert before in text
    broken.write_text(text.replace(before, after), "utf-8")
    options = ("--values", MINIMAL, "--set", "migrations.mode=none", *IMPATIENT)
    told = namespace.helm("install", "township", str(charts / NODE.name), *options)
    assert told.returncode != 0
    awaited(lambda: "violates PodSecurity" in namespace.complaints() or None, "Kubernetes says why")
    assert namespace.of_kind("Pod") == {}


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("priorityClassName=unknown-class", "no PriorityClass with name unknown-class"),
        ("serviceAccountName=nobody", 'serviceaccount "nobody" not found'),
        ("podLabels.team=a b", "a valid label must be"),
    ],
)
def test_a_value_that_only_the_server_can_judge_is_refused(namespace: Namespace, option: str, why: str) -> None:
    options = ("--values", MINIMAL, "--set", f"migrations.mode=none,{option}", *IMPATIENT)
    told = namespace.helm("install", "township", str(NODE), *options)
    assert told.returncode != 0
    awaited(lambda: why in told.stderr + namespace.complaints() or None, "Kubernetes says why")
    assert namespace.of_kind("Pod") == {}


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("cleanup.policy: compact", "cleanup.policy: keep", "Unsupported value"),
        ("partitions: 1", "partitions: one", "must be of type integer"),
        ("type: scram-sha-512", "type: password", "Unsupported value"),
        ("instances: 2", "instances: 0", "should be greater than or equal to 1"),
        ("builtinLocale: C.UTF-8", "builtinLocal: C.UTF-8", "unknown field"),
    ],
)
def test_a_resource_of_an_operator_is_judged_by_its_definition(
    namespace: Namespace, before: str, after: str, why: str
) -> None:
    told = template(FEDERATION, "--values", str(FEDERATION / "ci" / "apart-values.yaml"))
    pairs = zip(documents(told.stdout), documents(told.stdout.replace(before, after)), strict=True)
    good, bad = next((good, bad) for good, bad in pairs if good != bad)
    assert namespace.try_out(good) == []
    with pytest.raises(Refused, match=why):
        namespace.try_out(bad)
