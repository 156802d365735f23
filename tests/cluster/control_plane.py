"""A Kubernetes control plane on loopback: etcd, API server, controllers, scheduler, and kwok, which plays the machines.

Everything lies in one folder and ends with the block that started it. `make cluster-tools` has to have run.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.cluster.api import Api
from tests.watchers import awaited, free_port
from tools.cluster_tools.install import tools_home

HERE = Path(__file__).resolve().parent
MACHINES = 3
START_SECONDS = 90.0
STOP_SECONDS = 10.0
PREFIX = "fengqiao-cluster-"
SERVICES = "10.96.0.0/16"
WRITES = ("create", "update", "patch", "delete", "deletecollection")


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """A running control plane: how to speak to it, and the record of all that was asked of it."""

    api: Api
    kubeconfig: Path
    record: Path


@contextmanager
def running_control_plane() -> Iterator[ControlPlane]:
    """Start a control plane with three machines; all of it is gone when the block ends."""
    end_forgotten()
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as name, ExitStack() as programs:
        folder = Path(name)
        etcd, peers, secure = free_port(), free_port(), free_port()
        address = f"https://127.0.0.1:{secure}"
        token = secrets.token_hex(16)
        (folder / "tokens.csv").write_text(f'{token},tests,tests,"system:masters"\n', "utf-8")
        (folder / "audit.yaml").write_text(json.dumps(_audit_policy()), "utf-8")

        programs.enter_context(_program(folder, "etcd", _etcd(folder, etcd, peers)))
        programs.enter_context(_program(folder, "kube-apiserver", _api_server(folder, etcd, secure)))
        certificate = folder / "pki" / "apiserver.crt"
        awaited(lambda: certificate.exists() or None, "the API server made its certificate", START_SECONDS)
        api = programs.enter_context(closing(Api("127.0.0.1", secure, certificate, token)))
        awaited(lambda: api.is_ready() or None, f"the API server is ready ({folder})", START_SECONDS)

        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(json.dumps(_kubeconfig(address, certificate, token)), "utf-8")
        for program, options in _controllers(folder, kubeconfig).items():
            programs.enter_context(_program(folder, program, options))
        for number in range(1, MACHINES + 1):
            api.create("/api/v1/nodes", _machine(number))
        awaited(lambda: _all_ready(api) or None, "the machines are ready", START_SECONDS)
        yield ControlPlane(api, kubeconfig, folder / "audit.log")


def end_forgotten() -> None:
    """Ends the control planes of test runs that were killed: their folder is named for a process that lives no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            for process in psutil.process_iter(["cmdline"]):
                if any(f"{folder}/" in part for part in process.info["cmdline"] or ()):
                    process.kill()
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _program(folder: Path, name: str, options: Sequence[str]) -> Iterator[None]:
    file = tools_home() / name
    assert file.exists(), f"{name} is missing: run make cluster-tools"
    log = folder / f"{name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen([str(file), *options], cwd=folder, stdout=out, stderr=out, start_new_session=True)
    try:
        yield
        assert process.poll() is None, f"{name} ended by itself: {log.read_text('utf-8')[-2000:]}"
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """What is thrown away need not stop in order, but it has to be gone."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOP_SECONDS)


def _etcd(folder: Path, clients: int, peers: int) -> list[str]:
    here, there = f"http://127.0.0.1:{clients}", f"http://127.0.0.1:{peers}"
    return [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={here}",
        f"--advertise-client-urls={here}",
        f"--listen-peer-urls={there}",
        f"--initial-advertise-peer-urls={there}",
        f"--initial-cluster=default={there}",
        "--unsafe-no-fsync",
    ]


def _api_server(folder: Path, etcd: int, port: int) -> list[str]:
    """The server makes its own certificate; its key signs the tokens of service accounts, too."""
    key = folder / "pki" / "apiserver.key"
    return [
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        "--bind-address=127.0.0.1",
        # Never used; the server would look for an address of the machine, and there may be none.
        "--advertise-address=10.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--secure-port={port}",
        f"--cert-dir={key.parent}",
        f"--service-account-signing-key-file={key}",
        f"--service-account-key-file={key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-cluster-ip-range={SERVICES}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        # So that it is the namespace that refuses a privileged pod, and not the server itself.
        "--allow-privileged=true",
        f"--audit-policy-file={folder / 'audit.yaml'}",
        f"--audit-log-path={folder / 'audit.log'}",
        # Written before the answer is sent: who has an answer finds it in the record.
        "--audit-log-mode=blocking-strict",
        "--v=1",
    ]


def _controllers(folder: Path, kubeconfig: Path) -> Mapping[str, Sequence[str]]:
    pki = folder / "pki"
    alone = [f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--secure-port=0"]
    tokens = [f"--service-account-private-key-file={pki / 'apiserver.key'}", f"--root-ca-file={pki / 'apiserver.crt'}"]
    return {
        "kube-controller-manager": [*alone, *tokens],
        "kube-scheduler": alone,
        "kwok": [f"--kubeconfig={kubeconfig}", f"--config={HERE / 'stages.yaml'}"],
    }


def _audit_policy() -> Mapping[str, object]:
    """Everything that is written, with what was sent, apart from the noise of the cluster itself."""
    noise = [{"group": "", "resources": ["events"]}, {"group": "events.k8s.io"}, {"group": "coordination.k8s.io"}]
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [{"level": "None", "resources": noise}, {"level": "Request", "verbs": WRITES}, {"level": "None"}],
    }


def _kubeconfig(address: str, certificate: Path, token: str) -> Mapping[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "tests", "cluster": {"server": address, "certificate-authority": str(certificate)}}],
        "users": [{"name": "tests", "user": {"token": token}}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests"}}],
        "current-context": "tests",
    }


def _machine(number: int) -> Mapping[str, object]:
    room = {"cpu": "32", "memory": "128Gi", "pods": "250"}
    labels = {"kubernetes.io/hostname": f"machine-{number}", "kubernetes.io/os": "linux"}
    about = {"name": f"machine-{number}", "labels": labels}
    return {"apiVersion": "v1", "kind": "Node", "metadata": about, "status": {"allocatable": room, "capacity": room}}


def _all_ready(api: Api) -> bool:
    found = [
        condition["status"]
        for machine in api.items("/api/v1/nodes")
        for condition in machine.get("status", {}).get("conditions", [])
        if condition["type"] == "Ready"
    ]
    return found == ["True"] * MACHINES
