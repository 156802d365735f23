"""A namespace that enforces the restricted profile, and Helm in it."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.chart.rendering import CHARTS
from tests.cluster.api import Call, Place, Resource, calls, places
from tests.cluster.control_plane import ControlPlane
from tests.watchers import awaited
from tools.chart_tools.install import tools_home

HELM_SECONDS = 240
SETTLED_SECONDS = 30.0
PROFILE = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
# What Kubernetes itself puts into a namespace, or makes of what a release put there.
NOT_OF_A_RELEASE = {"ConfigMap kube-root-ca.crt", "ServiceAccount default"}
MADE_OF_OTHERS = {"Event", "Pod", "ReplicaSet", "ControllerRevision", "Endpoints", "EndpointSlice", "Lease"}


class Namespace:
    """One namespace of the cluster: what is in it, what was asked of it, and Helm for it."""

    def __init__(self, plane: ControlPlane, name: str, folder: Path) -> None:
        self.name = name
        self._plane = plane
        self._folder = folder
        self._places = places(plane.api)
        about = {"name": name, "labels": PROFILE}
        plane.api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": about})
        awaited(lambda: "ServiceAccount default" in self.all() or None, f"{name} has its service account")

    def helm(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Helm here without looking at how it ended."""
        variables = {f"HELM_{what}_HOME": str(self._folder / what.lower()) for what in ("CACHE", "CONFIG", "DATA")}
        return subprocess.run(
            [str(tools_home() / "bin" / "helm"), *arguments, "--namespace", self.name],
            capture_output=True,
            text=True,
            timeout=HELM_SECONDS,
            check=False,
            cwd=CHARTS,
            env=os.environ | variables | {"KUBECONFIG": str(self._plane.kubeconfig)},
        )

    def done(self, *arguments: str) -> str:
        """Run Helm here; fails with what it says when it does not end well. Gives what it printed."""
        told = self.helm(*arguments)
        assert told.returncode == 0, f"helm {' '.join(arguments)}: {told.stdout}{told.stderr}{self.complaints()}"
        return told.stdout

    def place(self, resource: Resource) -> Place:
        """Where a resource of such a kind is asked for."""
        return self._places[resource["apiVersion"], resource["kind"]]

    def of_kind(self, kind: str) -> dict[str, Resource]:
        """The resources of a kind by name."""
        place = next(place for (_, name), place in self._places.items() if name == kind)
        return {one["metadata"]["name"]: one for one in self._plane.api.items(place.path(self.name))}

    def all(self) -> set[str]:
        """All that is here, as `Kind name`."""
        return {f"{kind} {name}" for _, kind in self._places for name in self.of_kind(kind)}

    def of_releases(self) -> set[str]:
        """What releases put here, and Helm's own memory of them; what Kubernetes makes of that is left out."""
        return {one for one in self.all() - NOT_OF_A_RELEASE if one.partition(" ")[0] not in MADE_OF_OTHERS}

    def nodes(self) -> dict[str, Resource]:
        """The pods of centres by name, without those that are leaving."""
        return {
            name: pod
            for name, pod in self.of_kind("Pod").items()
            if pod["metadata"]["labels"].get("app.kubernetes.io/name") == "fengqiao-node"
            and "deletionTimestamp" not in pod["metadata"]
        }

    def try_out(self, resource: Resource) -> Sequence[str]:
        """Have the server admit a resource without making it; gives its warnings, raises Refused when it says no."""
        path = f"{self.place(resource).path(self.name)}?dryRun=All&fieldValidation=Strict"
        return self._plane.api.create(path, resource).warnings

    def create(self, resource: Resource) -> None:
        """Make a resource; raises Refused."""
        self._plane.api.create(self.place(resource).path(self.name), resource)

    def calls(self) -> list[Call]:
        """All that was written here, in order."""
        return calls(self._plane.record, self.name)

    def complaints(self) -> str:
        """What Kubernetes warned of here."""
        return "".join(
            f"\n{event['involvedObject']['kind']} {event['involvedObject']['name']}: {event['message']}"
            for event in self.of_kind("Event").values()
            if event.get("type") == "Warning"
        )

    def settles(self, wanted: set[str], what: str) -> None:
        """Wait until exactly this is here of all releases."""
        try:
            awaited(lambda: self.of_releases() == wanted or None, what, SETTLED_SECONDS)
        except AssertionError as late:
            here = self.of_releases()
            raise AssertionError(f"{late}: too much {sorted(here - wanted)}, missing {sorted(wanted - here)}") from late


def is_ready(pod: Resource) -> bool:
    """Say whether the pod counts as ready."""
    told = {one["type"]: one["status"] for one in pod.get("status", {}).get("conditions", [])}
    return told.get("Ready") == "True"


def variables(pod: Resource) -> Mapping[str, str]:
    """The variables of a pod's first container that have a value of their own."""
    return {one["name"]: one["value"] for one in pod["spec"]["containers"][0]["env"] if "value" in one}


def images(pod: Resource) -> set[str]:
    """The images of a pod, those of containers that come first as well."""
    return {one["image"] for one in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]}
