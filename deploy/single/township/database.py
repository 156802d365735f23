"""PostgreSQL of this machine: its folder made, its role and database opened, and questions asked of it.

It listens on no network at all: only by a socket, and only for the accounts of this machine that pg_ident.conf names.
"""

import os
import pwd
import subprocess
import time
from pathlib import Path

from township.identity import machine_variables
from township.places import Places
from township.words import Trouble, said

SUPERUSER = "postgres"
ROLE = "fengqiao"
# After the power was cut PostgreSQL reads its log before it answers; the unit allows as much.
RECOVERY_SECONDS = 600
PROGRAM_SECONDS = 3600


def prepare(places: Places) -> None:
    """Make PostgreSQL's folder on first use and say who may come in; refuses a folder of another major release."""
    wanted, made_by = _major(places), places.data / "PG_VERSION"
    if made_by.exists():
        found = made_by.read_text("ascii").strip()
        if found != wanted:
            raise Trouble(
                said(
                    f"数据是 PostgreSQL {found} 的，本版本带的是 {wanted}：先用旧版本备份，再恢复到空目录。",
                    f"The data are PostgreSQL {found}'s and this release brings {wanted}: "
                    "back up with the old release and restore into an empty folder.",
                )
            )
    else:
        _initialise(places)
    # `own` is PostgreSQL's own account, which makes the backups as well; root could be anybody anyway.
    own = pwd.getpwuid(os.geteuid()).pw_name
    may = {("root", SUPERUSER), ("root", ROLE), (ROLE, ROLE), (own, SUPERUSER), (own, ROLE)}
    lines = [f"machine {account} {role}" for account, role in sorted(may)]
    (places.database / "pg_ident.conf").write_text("\n".join([*lines, ""]), "utf-8")


def open_up(places: Places) -> None:
    """Wait until PostgreSQL answers, and make the node's role and database when they are not there."""
    until = time.monotonic() + RECOVERY_SECONDS
    while _run(places, "pg_isready", "-q").returncode != 0:
        if time.monotonic() >= until:
            raise Trouble(said("PostgreSQL 没有起来。", "PostgreSQL does not answer."))
        time.sleep(0.2)
    if not psql(places, SUPERUSER, "SELECT 1 FROM pg_roles WHERE rolname = :'role'", role=ROLE):
        psql(places, SUPERUSER, 'CREATE ROLE :"role" LOGIN', role=ROLE)
    name = database_name(places)
    if not exists(places, name):
        create(places, name)


def create(places: Places, name: str) -> None:
    """Make an empty database that belongs to the node's role."""
    psql(places, SUPERUSER, 'CREATE DATABASE :"name" OWNER :"role"', name=name, role=ROLE)


def database_name(places: Places) -> str:
    """Give the name of the database of this machine's centre."""
    return f"fengqiao_{machine_variables(places)['CENTRE']}"


def exists(places: Places, name: str) -> bool:
    """Tell whether there is a database of that name."""
    return psql(places, SUPERUSER, "SELECT 1 FROM pg_database WHERE datname = :'name'", name=name) == "1"


def psql(places: Places, database: str, statement: str, **values: str) -> str:
    """Run one statement as the superuser and give its rows, columns set apart by |; raises Trouble.

    psql itself puts the values in, quoted: :'name' as a text, :"name" as a name.
    """
    given = [word for name, value in values.items() for word in ("-v", f"{name}={value}")]
    options = ("-AtqX", "-v", "ON_ERROR_STOP=1", *given, "-d", database)
    return run(places, "psql", *options, told=f"{statement};").strip()


def run(places: Places, program: str, *arguments: str, told: str = "") -> str:
    """Run one of PostgreSQL's programs on this server and give its output; raises Trouble."""
    ended = _run(places, program, *arguments, told=told)
    if ended.returncode != 0:
        raise Trouble(f"{program}: {ended.stderr.strip()[-600:]}")
    return ended.stdout


def _run(places: Places, program: str, *arguments: str, told: str = "") -> "subprocess.CompletedProcess[str]":
    where = ("-h", str(places.socket), "-p", "5432", "-U", SUPERUSER)
    return _bare([str(places.program(program)), *where, *arguments], told)


def _initialise(places: Places) -> None:
    # Made beside and moved into place, so that a power cut leaves nothing half made behind.
    draft = places.database / "data.new"
    if draft.exists():
        draft.rename(places.database / f"data.broken-{time.time_ns()}")
    command = [str(places.program("initdb")), "-D", str(draft), "-U", SUPERUSER, "-E", "UTF8", "--auth=peer"]
    # The builtin provider sorts alike on every machine; pg_trgm needs UTF-8 characters to see Chinese.
    command += ["--locale-provider=builtin", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"]
    made = _bare(command)
    if made.returncode != 0:
        raise Trouble(f"initdb: {made.stderr.strip()[-600:]}")
    draft.rename(places.data)


def _major(places: Places) -> str:
    return major_of(places.program("postgres"))


def major_of(program: Path) -> str:
    """Give the major release of a `postgres`, such as 18; raises Trouble."""
    told = _bare([str(program), "--version"])
    if told.returncode != 0:
        raise Trouble(f"{program}: {told.stderr.strip()[-300:]}")
    return told.stdout.split()[-1].split(".")[0]


def _bare(command: list[str], told: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    try:
        return subprocess.run(
            command,
            input=told,
            capture_output=True,
            text=True,
            env=environment,
            cwd="/",
            timeout=PROGRAM_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))
