"""What one machine is, written once: settings, list of centres, secrets. Later installations leave them as they are."""

import csv
import secrets
from dataclasses import dataclass
from pathlib import Path

from township.machine import DATABASE_ACCOUNT, Machine
from township.places import Places
from township.words import Trouble, said

SETTINGS = """\
# 本机节点的设置；每一项的含义见 `fengqiao settings`。密码和密钥不在这里，在 credentials/ 里。
# Settings of this machine's node; `fengqiao settings` tells what each means. Secrets stand in credentials/ instead.
topology = "/etc/fengqiao/topology.csv"
database = "host=/run/fengqiao-db user=fengqiao dbname=fengqiao_{{centre}}"
parent = "{parent}"
kafka = [{kafka}]
kafka_username = "{username}"
kafka_ca_file = "{ca}"
bind = "{bind}"
grpc_port = 7400
desk_port = 8080
ops_port = 9090
# 本机页面不经 TLS；前面有 TLS 代理时改为 true。 True when a proxy with TLS stands before the desk.
secure_cookies = false
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the options say of a machine; empty texts are not given."""

    centre: str = ""
    parent: str = ""
    kafka: str = ""
    topology: str = ""
    bind: str = "127.0.0.1"
    kafka_username: str = ""
    kafka_password_file: str = ""
    kafka_ca: str = ""
    backup_days: int = 14
    backup_copy: str = ""


def write_identity(places: Places, machine: Machine, wanted: Identity) -> None:
    """Write what is missing; raises Trouble when an option is missing that the first installation needs."""
    if not places.settings.exists():
        _check(wanted)
    places.etc.mkdir(parents=True, exist_ok=True, mode=0o755)
    places.credentials.mkdir(exist_ok=True, mode=0o700)
    for folder in (places.database, places.backups):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        machine.own(folder, DATABASE_ACCOUNT)
    _once(places.credentials / "secret", secrets.token_urlsafe(48), 0o600)
    if wanted.kafka_password_file:
        password = Path(wanted.kafka_password_file).read_text("utf-8").strip()
        _once(places.credentials / "kafka_password", password, 0o600)
    if wanted.topology:
        _once(places.topology, Path(wanted.topology).read_text("utf-8"), 0o644)
    ca = places.etc / "kafka-ca.pem"
    if wanted.kafka_ca:
        _once(ca, Path(wanted.kafka_ca).read_text("utf-8"), 0o644)
    lines = [f"CENTRE={wanted.centre}", f"BACKUP_DAYS={wanted.backup_days}", f"BACKUP_COPY={wanted.backup_copy}", ""]
    _once(places.machine, "\n".join(lines), 0o644)
    brokers = ", ".join(f'"{one.strip()}"' for one in wanted.kafka.split(",") if one.strip())
    text = SETTINGS.format(
        parent=wanted.parent,
        kafka=brokers,
        username=wanted.kafka_username,
        ca="/etc/fengqiao/kafka-ca.pem" if ca.exists() else "",
        bind=wanted.bind,
    )
    # Last: with this file a machine counts as installed.
    _once(places.settings, places.moved(text), 0o644)


def machine_variables(places: Places) -> dict[str, str]:
    """Read what the units are told."""
    if not places.machine.is_file():
        raise Trouble(said("本机还没有安装。", "Nothing is installed on this machine."))
    lines = places.machine.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def centre_name(places: Places, code: str) -> str:
    """Give the name of the centre, or its code."""
    return next((row["name"] for row in _rows(places.topology) if row["code"] == code), code)


def _check(wanted: Identity) -> None:
    needed = {
        "--centre": wanted.centre,
        "--parent": wanted.parent,
        "--kafka": wanted.kafka,
        "--topology": wanted.topology,
    }
    if missing := [option for option, value in needed.items() if not value]:
        options = " ".join(missing)
        raise Trouble(said(f"第一次安装需要选项：{options}", f"The first installation needs the options {options}"))
    if '"' in "".join([*needed.values(), wanted.bind, wanted.kafka_username]) or "\n" in "".join(needed.values()):
        raise Trouble(said("选项里不能有引号和换行。", "Options hold neither quotes nor line ends."))
    levels = {row["code"]: row["level"] for row in _rows(Path(wanted.topology))}
    if levels.get(wanted.centre) != "township":
        raise Trouble(
            said(
                f"{wanted.topology} 里没有乡镇街道 {wanted.centre}。",
                f"{wanted.topology} has no township {wanted.centre}.",
            )
        )


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [dict(row) for row in csv.DictReader(file)]
    except OSError as error:
        raise Trouble(said(f"读不了 {path}：{error}", f"{path} cannot be read: {error}")) from error


def _once(path: Path, text: str, mode: int) -> None:
    """Write a file that is not there yet; it is never readable by more than `mode` says, not even for a moment."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(text, "utf-8")
        draft.chmod(mode)
        draft.replace(path)
