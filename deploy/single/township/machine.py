"""What is asked of the operating system: accounts, systemd, and whether the node says that it is ready."""

import json
import os
import pwd
import subprocess
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from township.places import Places
from township.words import Trouble, said

TARGET = "fengqiao.target"
TIMER = "fengqiao-backup.timer"
SERVICES = ("fengqiao-postgres.service", "fengqiao-node.service")
# Named one by one where they are to be stopped: for what is only part of the target, systemctl does not wait.
ALL = (TARGET, TIMER, "fengqiao-migrate.service", "fengqiao-backup.service", *SERVICES)
NODE_ACCOUNT = "fengqiao"
DATABASE_ACCOUNT = "fengqiao-db"
SYSTEMCTL_SECONDS = 900
PROBE_SECONDS = 6.0
EVERYWHERE = "0.0.0.0"  # noqa: S104 - compared with, never bound


class Machine:
    """The machine itself; below another root than `/` nothing is started and no account made."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def make_accounts(self) -> None:
        """Make the two accounts: the node cannot read the files of the database, nor the database the secrets."""
        if not self._places.whole_machine:
            return
        for name in (NODE_ACCOUNT, DATABASE_ACCOUNT):
            if not _has_account(name):
                command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
                _checked([*command, "--shell", "/usr/sbin/nologin", name])

    def own(self, path: Path, account: str) -> None:
        """Give a path to an account, when there are accounts."""
        if self._places.whole_machine:
            found = pwd.getpwnam(account)
            os.chown(path, found.pw_uid, found.pw_gid)

    def systemctl(self, *arguments: str) -> None:
        """Ask systemd for something that has to succeed; raises Trouble."""
        if self._places.whole_machine:
            _checked(["systemctl", *arguments])

    def state_of(self, unit: str) -> str:
        """Give what systemd says of a unit: `active`, `activating`, `failed` ..."""
        if not self._places.whole_machine:
            return "inactive"
        command = ["systemctl", "is-active", unit]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout.strip()

    def readiness(self) -> dict[str, Any] | None:
        """Give what the node answers about itself, ready or not; None when nothing answers."""
        try:
            with urllib.request.urlopen(self._probe(), timeout=PROBE_SECONDS) as answer:  # noqa: S310 - our own probe, by http
                return dict(json.load(answer))
        except urllib.error.HTTPError as answer:
            return dict(json.load(answer))
        except (OSError, ValueError):
            return None

    def _probe(self) -> str:
        settings = tomllib.loads(self._places.settings.read_text("utf-8"))
        bind = settings.get("bind", "127.0.0.1")
        return f"http://{'127.0.0.1' if bind == EVERYWHERE else bind}:{settings.get('ops_port', 9090)}/ready"

    def wait_ready(self, seconds: float) -> bool:
        """Wait until the node is ready; False when it does not become so in time."""
        until = time.monotonic() + seconds
        while self._places.whole_machine:
            if (self.readiness() or {}).get("ready") is True:
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(1)
        return True


def require_root(places: Places) -> None:
    """Raise Trouble unless whoever runs us may change the machine."""
    if places.whole_machine and os.geteuid() != 0:
        raise Trouble(said("请用 root 运行（sudo）。", "Run it as root (sudo)."))


def _has_account(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _checked(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=SYSTEMCTL_SECONDS, check=False)
    if ended.returncode != 0:
        raise Trouble(f"{' '.join(command)}: {ended.stderr.strip()[-400:]}")
