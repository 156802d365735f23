"""Install the bundle on a real Debian with systemd: ready, power cut, upgrade, an upgrade that fails, restore.

`python -m tools.single_test` needs a Docker engine and a bundle (`make single-bundle`). The machine is a container that
boots systemd and has no network at all, as a township without a line. It stands outside `make test`, because CI has no
Docker. Every step is told with its seconds; the first one that is not as it should be ends the run with 1.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.single_bundle import BUILD, ROOT, SINGLE

IMAGE = "fengqiao-machine:local"
CENTRE = "371401003"
READY_SECONDS = 120
MESSAGES = ROOT / "services" / "fengqiao" / "entry" / "data" / "made_messages.csv"
MEMORY = """
import glob, re
found = {}
for path in glob.glob("/proc/[0-9]*/smaps_rollup"):
    try:
        line = open(path.replace("smaps_rollup", "cgroup")).read()
        unit = re.search(r"fengqiao-(\\w+)\\.service", line)
        size = re.search(r"Pss:\\s+(\\d+)", open(path).read())
    except OSError:
        continue
    if unit and size:
        found[unit[1]] = found.get(unit[1], 0) + int(size[1])
print({name: f"{size / 1024:.0f} MiB" for name, size in found.items()}, f"{sum(found.values()) / 1024:.0f} MiB")
"""


class Machine:
    """One container that is a township's machine."""

    def __init__(self, name: str) -> None:
        self.name = name

    def boot(self) -> None:
        """Make it and wait until systemd is up."""
        options = ["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined", "--cgroupns=private"]
        options += ["--security-opt", "apparmor=unconfined", "--network", "none", "--memory", "4g"]
        options += ["--tmpfs", "/run", "--tmpfs", "/run/lock", "-v", "/sys/fs/cgroup:/sys/fs/cgroup:rw"]
        docker("run", "--detach", "--name", self.name, *options, IMAGE)
        self.wait("systemctl is-system-running --wait", "running")

    def run(self, command: str, *, fails: bool = False) -> str:
        """Run a command of the shell in it; ends the test unless it succeeds, or fails when it should."""
        ended = subprocess.run(
            [*DOCKER, "exec", self.name, "bash", "-c", command],
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if (ended.returncode != 0) != fails:
            self.explain()
            raise SystemExit(f"single-test: {command}: {ended.returncode}\n{ended.stdout}{ended.stderr}")
        return (ended.stdout + ended.stderr).strip()

    def wait(self, command: str, wanted: str) -> None:
        """Repeat a command until it says what is wanted."""
        until, told = time.monotonic() + READY_SECONDS, ""
        while time.monotonic() < until:
            ask = [*DOCKER, "exec", self.name, "bash", "-c", command]
            told = subprocess.run(ask, capture_output=True, text=True, timeout=60, check=False).stdout
            if wanted in told:
                return
            time.sleep(1)
        self.explain()
        raise SystemExit(f"single-test: {command} never said {wanted}, but {told}")

    def wait_ready(self) -> None:
        """Wait until the node itself says that it is ready."""
        probe = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:9090/ready').read().decode())"
        self.wait(f'python3 -c "{probe}"', '"ready":true')

    def copy(self, source: Path, target: str) -> None:
        """Copy a file into it."""
        docker("cp", str(source), f"{self.name}:{target}")

    def cases(self) -> int:
        """Count the cases in the database."""
        psql = "/opt/fengqiao/current/postgres/bin/psql -h /run/fengqiao-db -U postgres"
        return int(self.run(f"{psql} -Atc 'TABLE case_file' fengqiao_{CENTRE} | wc -l"))

    def register(self, rows: str) -> None:
        """Register the rows of the made messages that `sed` picks, through the node's own door."""
        self.run(f"sed -n '1p;{rows}p' /srv/messages.csv > /srv/some.csv")
        self.run(f"FENGQIAO_FEDERATION=127.0.0.1:7400 fengqiao import /srv/some.csv --centre {CENTRE}")

    def explain(self) -> None:
        """Show what the units last said."""
        ask = [*DOCKER, "exec", self.name, "journalctl", "-u", "fengqiao*", "-n", "40", "--no-pager", "-o", "cat"]
        print(subprocess.run(ask, capture_output=True, text=True, timeout=60, check=False).stdout, file=sys.stderr)


# A newer client elsewhere on the path may know no BuildKit; Debian's own does.
DOCKER = ["/usr/bin/docker" if Path("/usr/bin/docker").exists() else "docker"]


def docker(*arguments: str) -> str:
    """Run one command of the engine; ends the test when it fails."""
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    ended = subprocess.run([*DOCKER, *arguments], capture_output=True, text=True, env=environment, check=False)
    if ended.returncode != 0:
        raise SystemExit(f"single-test: docker {arguments[0]}: {ended.stderr.strip()}")
    return ended.stdout.strip()


def lay_bundles(machine: Machine, archive: Path) -> None:
    """Unpack the bundle, and make two newer ones of it: one that is as good, and one whose node ends at once."""
    machine.copy(archive, "/srv/bundle.tar.gz")
    machine.copy(SINGLE.parent / "compose" / "topology.csv", "/srv/topology.csv")
    machine.copy(MESSAGES, "/srv/messages.csv")
    again = "cd /srv/{0} && find . -type f ! -name SHA256SUMS -printf '%P\\n' | sort | xargs sha256sum > SHA256SUMS"
    machine.run("cd /srv && mkdir good && tar -xzf bundle.tar.gz -C good --strip-components 1")
    machine.run(f"cp -r /srv/good /srv/next && echo 9.0.0 > /srv/next/VERSION && {again.format('next')}")
    machine.run("cp -r /srv/next /srv/bad && echo 9.0.1 > /srv/bad/VERSION")
    unit = "/srv/bad/single/units/fengqiao-node.service"
    machine.run(f"sed -i 's|^ExecStart=.*|ExecStart=/bin/false|' {unit} && {again.format('bad')}")
    machine.run("cp -r /srv/good /srv/torn && echo >> /srv/torn/single/township/words.py")


def play(machine: Machine) -> None:
    """The life of the machine, step by step."""
    step("boot")
    machine.boot()
    lay_bundles(machine, max(BUILD.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime))
    step("a damaged bundle is refused")
    options = f"--centre {CENTRE} --parent 10.0.0.1:7400 --kafka 10.0.0.2:9092 --topology /srv/topology.csv"
    expect("words.py" in machine.run(f"/srv/torn/install {options}", fails=True))
    step("install without network")
    machine.run(f"/srv/good/install {options}")
    machine.wait_ready()
    machine.wait("systemctl is-active fengqiao-node", "active\n")
    step("an account and two cases")
    account = f"accounts set --centre {CENTRE} --login clerk --name 王敏 --role desk_officer --password-stdin"
    machine.run(f"echo 'long enough' | fengqiao {account}")
    machine.register("2,3")
    expect(machine.cases() == 2)
    print(machine.run("fengqiao-single status"))
    print("memory (PSS):", machine.run(f"python3 -c '{MEMORY}'"))
    print("disk:", machine.run("du -shc /opt/fengqiao /var/lib/fengqiao-db | tr '\\n' ' '"))
    for unit in ("postgres", "migrate", "node", "backup"):
        print(machine.run(f"systemd-analyze security --no-pager fengqiao-{unit} | tail -1"))
    step("the plug is pulled")
    docker("kill", machine.name)
    docker("start", machine.name)
    machine.wait_ready()
    expect(machine.cases() == 2)
    step("an orderly restart")
    docker("restart", "--time", "60", machine.name)
    machine.wait_ready()
    step("upgrade")
    machine.run("/srv/next/install")
    expect("9.0.0" in machine.run("readlink /opt/fengqiao/current"))
    expect(machine.cases() == 2)
    step("an upgrade that fails goes back by itself")
    machine.run("/srv/bad/install --ready-seconds 25", fails=True)
    machine.wait_ready()
    expect("9.0.0" in machine.run("readlink /opt/fengqiao/current"))
    step("backup, another case, restore")
    machine.run("sleep 1; fengqiao-single backup")
    machine.register("4")
    expect(machine.cases() == 3)
    dump = machine.run("ls /var/lib/fengqiao-backup/*.dump | tail -1")
    machine.run(f"fengqiao-single restore {dump}")
    expect(machine.cases() == 2)
    # Nothing was ever exchanged, so nothing says how far the county is: the node is held until its numbers are given.
    expect("✗" in machine.run("fengqiao-single status", fails=True))
    machine.run(f"fengqiao-single restore {dump} --county-received 0 --county-acked 0")
    machine.wait_ready()
    machine.register("4")
    step("uninstall keeps the data")
    machine.run("fengqiao-single uninstall && test -d /var/lib/fengqiao-db/data && test ! -e /opt/fengqiao")
    expect(not json.loads(machine.run("systemctl list-units 'fengqiao*' --output json")))


def step(what: str) -> None:
    """Tell what comes now, and when."""
    print(f"single-test {time.monotonic() - BEGAN:6.1f} s: {what}", flush=True)


def expect(holds: object) -> None:
    """End the run unless it is so."""
    if not holds:
        raise AssertionError("single-test: this should be so")


BEGAN = time.monotonic()


def main() -> None:
    """Make the image of a bare machine and play its life."""
    base = subprocess.run(
        ["/bin/sh", "deploy/image/base.sh"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    docker(
        "build",
        "--quiet",
        "--file",
        str(SINGLE / "machine.Dockerfile"),
        "--build-arg",
        f"BASE={base}",
        "--tag",
        IMAGE,
        str(SINGLE),
    )
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(f"fengqiao-single-{Path(folder).name}")
        try:
            play(machine)
        finally:
            subprocess.run([*DOCKER, "rm", "--force", "--volumes", machine.name], capture_output=True, check=False)
    step("all as it should be")


if __name__ == "__main__":
    main()
