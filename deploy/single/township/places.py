"""Where everything lies. With another root than `/` the same places lie below it, in files and units as well.

Another root is how all of this is tried in a folder: no account is made there and no unit started.
"""

import re
from dataclasses import dataclass
from pathlib import Path

OURS = re.compile(r"(?<![\w./-])(?=/(?:opt|etc|var/lib|run)/fengqiao)")


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one machine."""

    root: Path = Path("/")

    @classmethod
    def of_program(cls, program: Path) -> "Places":
        """Give the places that an installed program belongs to, by where it lies; `/` for one that is not installed."""
        found = re.fullmatch(r"(.*)/opt/fengqiao/(?:releases/[^/]+|current)/single/.*", str(program))
        return cls(Path(found[1] or "/")) if found else cls()

    @property
    def whole_machine(self) -> bool:
        """Whether this is a machine and not a folder in which things are tried."""
        return self.root == Path("/")

    @property
    def opt(self) -> Path:
        """Programs."""
        return self.root / "opt/fengqiao"

    @property
    def releases(self) -> Path:
        """A folder for each release."""
        return self.opt / "releases"

    @property
    def current(self) -> Path:
        """The link to the release that runs."""
        return self.opt / "current"

    @property
    def etc(self) -> Path:
        """What this machine is: settings, list of centres, secrets."""
        return self.root / "etc/fengqiao"

    @property
    def settings(self) -> Path:
        """Settings of the node."""
        return self.etc / "fengqiao.toml"

    @property
    def machine(self) -> Path:
        """What the units are told: the centre, days and copies of backups."""
        return self.etc / "machine.env"

    @property
    def credentials(self) -> Path:
        """A file for each secret, named as its setting; systemd hands them to the node."""
        return self.etc / "credentials"

    @property
    def topology(self) -> Path:
        """The list of centres."""
        return self.etc / "topology.csv"

    @property
    def hold(self) -> Path:
        """While this file is there, the node does not start; its text says why."""
        return self.etc / "hold"

    @property
    def database(self) -> Path:
        """Everything of PostgreSQL."""
        return self.root / "var/lib/fengqiao-db"

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.database / "data"

    @property
    def backups(self) -> Path:
        """Dumps of the database."""
        return self.root / "var/lib/fengqiao-backup"

    @property
    def socket(self) -> Path:
        """The folder of PostgreSQL's socket."""
        return self.root / "run/fengqiao-db"

    @property
    def units(self) -> Path:
        """Units of systemd that the administrator has put here."""
        return self.root / "etc/systemd/system"

    @property
    def command(self) -> Path:
        """The command as it is typed."""
        return self.root / "usr/local/bin/fengqiao-single"

    @property
    def product(self) -> Path:
        """The product's own command with this machine's settings, as it is typed."""
        return self.root / "usr/local/bin/fengqiao"

    def program(self, name: str) -> Path:
        """One of PostgreSQL's programs in the release that runs."""
        return self.current / "postgres/bin" / name

    def moved(self, text: str) -> str:
        """Put the root in front of each of our places in a text."""
        return text if self.whole_machine else OURS.sub(str(self.root), text)
