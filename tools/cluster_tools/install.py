"""Install a Kubernetes control plane without containers: etcd, API server, controllers, scheduler, kwok, all pinned.

`make cluster-tools` runs this; a second run finds everything and does nothing. Each program is built from Go modules
(a folder here for each set of dependencies) and asked for its version before it counts as built. They lie in the user's
cache under a name made of the pins, so that several checkouts share them and a changed pin builds anew.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tools.go_programs import cache_home, found_go, pinned, run_go

HERE = Path(__file__).resolve().parent
HOME_VARIABLE = "FENGQIAO_CLUSTER_TOOLS"
KUBERNETES = "k8s.io/kubernetes"


@dataclass(frozen=True, slots=True)
class Program:
    """One program: the folder with its go.mod, the package that is built, and the module whose version it is of."""

    name: str
    folder: str
    package: str
    module: str

    @property
    def version(self) -> str:
        """The version that go.mod pins, such as v3.6.13."""
        return pinned(HERE / self.folder, self.module)

    def is_of_its_version(self, file: Path) -> bool:
        """Say whether a built program says of itself what go.mod says of it."""
        told = subprocess.run([str(file), "--version"], capture_output=True, text=True, check=False, timeout=60)
        return told.returncode == 0 and self.version.removeprefix("v") in told.stdout

    @property
    def linker_flags(self) -> str:
        """Without symbols; Kubernetes has to be told its version, by which clients choose what they ask for."""
        stamps = []
        if self.module == KUBERNETES:
            major, minor, _ = self.version.removeprefix("v").split(".")
            told = {"gitVersion": self.version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
            places = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
            stamps = [f"-X {place}.{name}={value}" for place in places for name, value in told.items()]
        return " ".join(["-s", "-w", *stamps])


PROGRAMS = (
    Program("etcd", "etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3"),
    Program("kube-apiserver", "kubernetes", f"{KUBERNETES}/cmd/kube-apiserver", KUBERNETES),
    Program("kube-controller-manager", "kubernetes", f"{KUBERNETES}/cmd/kube-controller-manager", KUBERNETES),
    Program("kube-scheduler", "kubernetes", f"{KUBERNETES}/cmd/kube-scheduler", KUBERNETES),
    Program("kwok", "kwok", "sigs.k8s.io/kwok/cmd/kwok", "sigs.k8s.io/kwok"),
)


def tools_home() -> Path:
    """Give the folder of the pinned programs."""
    folders = sorted({program.folder for program in PROGRAMS})
    pins = b"".join((HERE / folder / name).read_bytes() for folder in folders for name in ("go.mod", "go.sum"))
    named = os.environ.get(HOME_VARIABLE)
    folder = Path(named) if named else cache_home() / "cluster-tools"
    return folder / hashlib.sha256(pins).hexdigest()[:12]


def main() -> int:
    """Build what is missing; 0 when all is there, 1 when a program is not of the version that was asked for."""
    home = tools_home()
    missing = [program for program in PROGRAMS if not (home / program.name).exists()]
    if not missing:
        print(f"cluster-tools: {', '.join(program.name for program in PROGRAMS)} are here")
        return 0
    print("cluster-tools: building a control plane (about 10 minutes once, on two cores)", flush=True)
    home.mkdir(parents=True, exist_ok=True)
    # Beside their place, so that a program that was half built is never taken for one.
    with tempfile.TemporaryDirectory(prefix="building-", dir=home) as folder:
        go = found_go(HERE / "kubernetes", Path(folder))
        for program in missing:
            began = time.monotonic()
            built = Path(folder) / program.name
            arguments = ("build", "-ldflags", program.linker_flags, "-o", str(built), program.package)
            run_go(go, HERE / program.folder, *arguments)
            if not program.is_of_its_version(built):
                print(f"cluster-tools: {program.name} does not say that it is {program.version}")
                return 1
            built.rename(home / program.name)
            print(f"cluster-tools: {program.name} {program.version} in {time.monotonic() - began:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
