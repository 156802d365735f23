"""One centre: installed, upgraded, rolled back, taken away; its migration is first, and what fails changes nothing."""

import pytest

from tests.chart.rendering import NODE
from tests.cluster.api import not_taken
from tests.cluster.namespace import Namespace, images, is_ready, variables
from tests.watchers import awaited

NAME = "fengqiao-990001"
VALUES = str(NODE / "ci" / "topology-values.yaml")
WAIT = ("--wait", "--timeout", "90s")
# A Job that has failed once is given up, so that nobody waits for a second try.
IMPATIENT = ("--set", "migrations.retries=0", *WAIT)
MIGRATED_AND_GONE = [
    f"helm create configmaps/{NAME}-topology-migrate 201",
    f"helm create jobs/{NAME}-migrate 201",
    f"kube-controller-manager update jobs/{NAME}-migrate/status 200",
    f"helm delete jobs/{NAME}-migrate 200",
    f"helm delete configmaps/{NAME}-topology-migrate 200",
]
WHOLE = {
    f"Deployment {NAME}",
    f"Service {NAME}",
    f"NetworkPolicy {NAME}",
    f"ConfigMap {NAME}-topology",
    f"ConfigMap {NAME}-files",
}


def install(namespace: Namespace, *options: str) -> None:
    """Install the centre and wait until it is ready."""
    namespace.done("install", "county", str(NODE), "--values", VALUES, *WAIT, *options)


def upgrade(namespace: Namespace, tag: str, *options: str) -> None:
    """Bring the centre to another image and a setting of its own."""
    namespace.done(
        "upgrade", "county", str(NODE), "--values", VALUES, "--set", f"image.tag={tag}", *IMPATIENT, *options
    )


def releases(*revisions: int) -> set[str]:
    """Helm's memory of a release."""
    return {f"Secret sh.helm.release.v1.county.v{revision}" for revision in revisions}


def test_a_centre_is_installed_behind_its_migration(namespace: Namespace) -> None:
    install(namespace)
    deployed = f"helm create deployments/{NAME} 201"
    assert not_taken([*MIGRATED_AND_GONE, deployed], namespace.calls()) == []
    [pod] = namespace.nodes().values()
    assert is_ready(pod)
    assert variables(pod)["FENGQIAO_LOG_LEVEL"] == "DEBUG"
    assert namespace.of_releases() == WHOLE | releases(1)


def test_an_upgrade_migrates_with_the_new_image_and_then_changes_image_and_setting(namespace: Namespace) -> None:
    install(namespace)
    before = len(namespace.calls())
    upgrade(namespace, "0.3.0", "--set", "settings.log_level=WARNING")
    calls = namespace.calls()[before:]
    assert not_taken([*MIGRATED_AND_GONE, f"helm patch deployments/{NAME} 200"], calls) == []
    [job] = [call.sent for call in calls if str(call) == f"helm create jobs/{NAME}-migrate 201"]
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == "fengqiao:0.3.0"
    [pod] = namespace.nodes().values()
    assert (images(pod), variables(pod)["FENGQIAO_LOG_LEVEL"]) == ({"fengqiao:0.3.0"}, "WARNING")
    assert is_ready(pod)
    assert namespace.of_releases() == WHOLE | releases(1, 2)


def test_two_processes_of_one_name_never_run_side_by_side(namespace: Namespace) -> None:
    install(namespace)
    [old] = namespace.nodes()
    before = len(namespace.calls())
    upgrade(namespace, "0.3.0")
    [new] = namespace.nodes()
    steps = [f"kwok delete pods/{old} 200", f"kube-scheduler create pods/{new}/binding 201"]
    assert not_taken(steps, namespace.calls()[before:]) == []


def test_a_rollback_brings_image_and_setting_back_without_a_migration(namespace: Namespace) -> None:
    install(namespace, "--set", "image.tag=0.2.0")
    upgrade(namespace, "0.3.0", "--set", "settings.log_level=WARNING")
    before = len(namespace.calls())
    namespace.done("rollback", "county", "1", *WAIT)
    [pod] = namespace.nodes().values()
    assert (images(pod), variables(pod)["FENGQIAO_LOG_LEVEL"]) == ({"fengqiao:0.2.0"}, "DEBUG")
    assert is_ready(pod)
    assert [str(call) for call in namespace.calls()[before:] if "jobs/" in call.what] == []


def test_a_migration_that_fails_leaves_the_running_centre_as_it_is(namespace: Namespace) -> None:
    install(namespace)
    running = namespace.nodes()
    options = ("--values", VALUES, "--set", "image.tag=failing", *IMPATIENT)
    told = namespace.helm("upgrade", "county", str(NODE), *options)
    assert told.returncode != 0
    assert "pre-upgrade hooks failed" in told.stderr
    assert {name: pod["metadata"]["uid"] for name, pod in namespace.nodes().items()} == {
        name: pod["metadata"]["uid"] for name, pod in running.items()
    }
    assert all(map(is_ready, namespace.nodes().values()))
    # The Job stays, so that somebody can read why; the next try takes its place.
    assert namespace.of_releases() == WHOLE | {f"Job {NAME}-migrate"} | releases(1, 2)
    upgrade(namespace, "0.3.1")
    assert [images(pod) for pod in namespace.nodes().values()] == [{"fengqiao:0.3.1"}]
    assert namespace.of_releases() == WHOLE | releases(1, 2, 3)


def test_a_centre_that_does_not_become_ready_is_rolled_back_when_asked(namespace: Namespace) -> None:
    install(namespace, "--set", "migrations.mode=none")
    options = ("--values", VALUES, "--set", "migrations.mode=none,image.tag=unready", "--atomic", "--timeout", "8s")
    told = namespace.helm("upgrade", "county", str(NODE), *options)
    assert told.returncode != 0
    assert "has been rolled back" in told.stderr
    [pod] = namespace.nodes().values()
    assert is_ready(pod)
    assert "fengqiao:unready" not in images(pod)


def test_one_process_becomes_three_and_one_again(namespace: Namespace) -> None:
    install(namespace)
    upgrade(namespace, "0.3.0", "--set", "replicas=3,formSecret.name=forms")
    assert set(namespace.nodes()) == {f"{NAME}-0", f"{NAME}-1", f"{NAME}-2"}
    assert all(map(is_ready, namespace.nodes().values()))
    several = {f"StatefulSet {NAME}", f"Service {NAME}-pods", f"PodDisruptionBudget {NAME}"}
    namespace.settles(WHOLE - {f"Deployment {NAME}"} | several | releases(1, 2), "the Deployment goes")
    namespace.done("rollback", "county", "1", *WAIT)
    namespace.settles(WHOLE | releases(1, 2, 3), "the StatefulSet goes")


def test_one_of_three_processes_may_be_away_and_not_two(namespace: Namespace) -> None:
    install(namespace, "--set", "replicas=3,formSecret.name=forms")

    def allowed() -> tuple[int, int] | None:
        told = namespace.of_kind("PodDisruptionBudget")[NAME]["status"]
        return (told["expectedPods"], told["disruptionsAllowed"]) if told.get("currentHealthy") == 3 else None

    assert awaited(allowed, "the budget has seen all three") == (3, 1)


def test_helm_test_is_admitted_runs_to_its_end_and_is_gone(namespace: Namespace) -> None:
    install(namespace)
    said = namespace.done("test", "county", "--timeout", "60s")
    assert "Phase:          Succeeded" in said
    pod = f"pods/{NAME}-test"
    steps = [f"helm create {pod} 201", f"kube-scheduler create {pod}/binding 201", f"helm delete {pod} 200"]
    assert not_taken(steps, namespace.calls()) == []


def test_helm_test_that_finds_a_fault_fails_and_its_pod_stays_to_be_read(namespace: Namespace) -> None:
    install(namespace, "--set", "migrations.mode=none,image.tag=failing")
    told = namespace.helm("test", "county", "--timeout", "60s")
    assert told.returncode != 0
    assert f"pod {NAME}-test failed" in told.stderr
    assert namespace.of_kind("Pod")[f"{NAME}-test"]["status"]["phase"] == "Failed"


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_centre_that_is_taken_away_leaves_nothing(namespace: Namespace, replicas: int) -> None:
    install(namespace, "--set", f"replicas={replicas},formSecret.name=forms")
    namespace.done("uninstall", "county", *WAIT)
    namespace.settles(set(), "nothing is left")
    assert namespace.nodes() == {}
