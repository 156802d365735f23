"""A federation whose centres run different releases: a process for each centre, on shared PostgreSQL and Kafka.

The release before ours comes from tests/releases; its package lies before ours on the path of its processes.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from fengqiao import __version__
from fengqiao.domain.topology import Topology
from fengqiao.entry.local.ports import LOOPBACK, PortBook
from tests.containers import KafkaBroker, PostgresServer
from tests.releases import previous_archive, unpacked, version_in
from tests.stack import ROOT, printed_json

READY_SECONDS = 90.0
STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Release:
    """A release that can be run: its version, and the folder that its package lies in."""

    version: str
    folder: Path


def current_release() -> Release:
    """What stands in this checkout."""
    return Release(__version__, ROOT / "services")


def previous_release(folder: Path) -> Release:
    """The newest release that is kept, unpacked into a folder."""
    archive = previous_archive()
    return Release(version_in(archive), unpacked(archive, folder))


@dataclass(slots=True)
class Mixed:
    """The federation: which release each centre runs, and its processes."""

    topology: Topology
    folder: Path
    postgres: PostgresServer
    kafka: KafkaBroker
    running: dict[str, Release] = field(default_factory=dict)
    _mark: str = field(default_factory=lambda: uuid4().hex[:8])
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=dict)

    def prepare(self) -> None:
        """Databases, ports and the list of centres."""
        names = [f"grpc-{code}" for code in self.topology.centres]
        found = PortBook(self.folder).allocate(names)
        self._ports = {code: found[f"grpc-{code}"] for code in self.topology.centres}
        with psycopg.connect(self.postgres.dsn(), autocommit=True) as admin:
            for code in self.topology.centres:
                admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(f"mixed_{self._mark}_{code}")))
        rows = [f"{one.code},{one.level},{one.name},{one.parent or ''}" for one in self.topology.centres.values()]
        (self.folder / "centres.csv").write_text("\n".join(["code,level,name,parent", *rows, ""]), "utf-8")

    def command(self, release: Release, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs `fengqiao ...` of a release to its end."""
        return subprocess.run(
            [sys.executable, "-m", "fengqiao", *arguments],
            cwd=self.folder,
            env=self._environment(release),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )

    def told(self, release: Release, *arguments: str) -> Any:
        """What a command prints with --json, when it ends well."""
        done = self.command(release, *arguments, "--json")
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
        return printed_json(done)

    def migrate(self, release: Release, *centres: str) -> str:
        """Brings databases to the schema of a release."""
        done = self.command(release, "migrate", *(word for code in centres for word in ("--centre", code)))
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def start(self, release: Release, centres: Sequence[str]) -> None:
        """Starts centres of a release side by side, and waits until each says where it is reached."""
        for code in centres:
            parent = self.topology.parent(code)
            own = {"FENGQIAO_GRPC_PORT": str(self._ports[code])}
            own |= {"FENGQIAO_PARENT": self._address(parent)} if parent else {}
            with self._log(code).open("wb") as log:
                self._processes[code] = subprocess.Popen(
                    [sys.executable, "-m", "fengqiao", "node", "run", "--centre", code],
                    cwd=self.folder,
                    env=self._environment(release) | own,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            self.running[code] = release
        until = time.monotonic() + READY_SECONDS
        for code in centres:
            while f"{code} grpc " not in self._logged(code):
                assert self._processes[code].poll() is None, self._logged(code)[-3000:]
                assert time.monotonic() < until, f"{code} did not start: {self._logged(code)[-3000:]}"
                time.sleep(0.1)

    def stop(self, *centres: str) -> None:
        """Stops centres in order."""
        for code in centres:
            self._processes[code].send_signal(signal.SIGTERM)
        for code in centres:
            assert self._processes[code].wait(STOP_SECONDS) == 0
            del self._processes[code]

    def change(self, release: Release, code: str) -> None:
        """Takes one centre to another release as `docs/upgrading.md` says: the database first, while it runs."""
        self.migrate(release, code)
        self.stop(code)
        self.start(release, [code])

    def end(self) -> None:
        """Leaves no process and no database behind."""
        for process in self._processes.values():
            process.kill()
            process.wait(STOP_SECONDS)
        with psycopg.connect(self.postgres.dsn(), autocommit=True) as admin:
            for code in self.topology.centres:
                name = sql.Identifier(f"mixed_{self._mark}_{code}")
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def _address(self, code: str) -> str:
        return f"{LOOPBACK}:{self._ports[code]}"

    def _log(self, code: str) -> Path:
        return self.folder / f"{code}.log"

    def _logged(self, code: str) -> str:
        return self._log(code).read_text("utf-8", errors="replace")

    def _environment(self, release: Release) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(release.folder),
            "FENGQIAO_LANG": "en",
            "FENGQIAO_TOPOLOGY": str(self.folder / "centres.csv"),
            "FENGQIAO_DATABASE": self.postgres.dsn(f"mixed_{self._mark}_{{centre}}"),
            "FENGQIAO_KAFKA": self.kafka.bootstrap,
            "FENGQIAO_FEDERATION": ",".join(f"{code}={self._address(code)}" for code in self.topology.centres),
            "FENGQIAO_SECRET": "only-for-tests-only-for-tests-only-for-tests",
        }
