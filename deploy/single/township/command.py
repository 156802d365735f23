"""`fengqiao-single`: the commands of one machine; `prepare-database`, `open-database`, `back-up` are for the units."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from township.backup import back_up
from township.bundle import current_release
from township.database import open_up, prepare
from township.identity import Identity
from township.install import READY_SECONDS, install, uninstall
from township.machine import Machine, require_root
from township.places import Places
from township.restore import Numbers, hold, restore
from township.status import is_well, look
from township.words import Trouble, complain, said, tell


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives 0, or 1 when something is wrong."""
    asked = _parser().parse_args(arguments)
    places = Places(asked.root.resolve()) if asked.root else Places.of_program(Path(__file__).resolve())
    try:
        return _run(asked, places, Machine(places))
    except Trouble as trouble:
        complain(str(trouble))
    except OSError as error:
        complain(said(f"没有成功：{error}", f"Failed: {error}"))
    return 1


def _run(asked: argparse.Namespace, places: Places, machine: Machine) -> int:
    match asked.command:
        case "prepare-database":
            prepare(places)
        case "open-database":
            open_up(places)
        case "back-up":
            back_up(places, datetime.now(UTC))
        case "status":
            found = look(places, machine)
            for finding in found:
                tell(f"{finding.mark} {finding.text}")
            return 0 if is_well(found) else 1
        case _:
            require_root(places)
            _change(asked, places, machine)
    return 0


def _change(asked: argparse.Namespace, places: Places, machine: Machine) -> None:
    match asked.command:
        case "install" | "upgrade":
            if asked.command == "upgrade" and current_release(places) is None:
                raise Trouble(said("本机还没有安装，请先 install。", "Nothing is installed yet: install first."))
            chosen = {name: value for name in Identity.__slots__ if (value := getattr(asked, name, None)) is not None}
            install(places, machine, asked.bundle, Identity(**chosen), asked.ready_seconds)
        case "uninstall":
            uninstall(places, machine, data_too=asked.data_too)
        case "backup":
            machine.systemctl("start", "fengqiao-backup.service")
            if not places.whole_machine:
                back_up(places, datetime.now(UTC))
        case "restore":
            _restore(asked, places, machine)


def _restore(asked: argparse.Namespace, places: Places, machine: Machine) -> None:
    given = (asked.county_received, asked.county_acked)
    if (given[0] is None) != (given[1] is None):
        raise Trouble(said("县里的两个数要一起给。", "Give both numbers of the county."))
    county = Numbers(*given) if given[0] is not None else None
    machine.systemctl("stop", "fengqiao-migrate.service", "fengqiao-node.service")
    machine.systemctl("start", "fengqiao-postgres.service")
    restored = restore(places, asked.file, county, datetime.now(UTC))
    tell(said(f"已恢复 {asked.file}", f"{asked.file} is restored"))
    if restored.kept_as:
        tell(said(f"原来的库保留为 {restored.kept_as}", f"The database before is kept as {restored.kept_as}"))
    hold(places, restored)
    # Also when it is held: the schema of an older backup is brought up to date.
    machine.systemctl("start", "fengqiao-migrate.service")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fengqiao-single", description=said("乡镇单机", "One township machine"))
    parser.add_argument("--root", type=Path, help=said("在一个目录里试装，不动本机", "try it below a folder"))
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("install", said("安装或升级", "install or upgrade")),
        ("upgrade", said("升级已装的版本", "upgrade what is installed")),
    ):
        _installing(commands.add_parser(name, help=words))
    removing = commands.add_parser("uninstall", help=said("卸载，数据保留", "remove; the data stay"))
    removing.add_argument("--data-too", action="store_true", help=said("数据和备份也删", "data and backups as well"))
    commands.add_parser("status", help=said("什么在运行，什么不对", "what runs and what is wrong"))
    commands.add_parser("backup", help=said("现在备份一次", "back up now"))
    restoring = commands.add_parser("restore", help=said("恢复一份备份", "restore a backup"))
    restoring.add_argument("file", type=Path)
    words = said("县中心 edge 表里本镇的 received_seq", "received_seq of this township in the county's table edge")
    restoring.add_argument("--county-received", type=int, help=words)
    words = said("县中心 edge 表里本镇的 acked_seq", "acked_seq of this township in the county's table edge")
    restoring.add_argument("--county-acked", type=int, help=words)
    for name in ("prepare-database", "open-database", "back-up"):
        commands.add_parser(name, help=said("由 systemd 调用", "called by systemd"))
    return parser


def _installing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS, default=argparse.SUPPRESS)
    parser.add_argument("--bundle", type=Path, default=_bundle_here(), help=said("安装包目录", "folder of the bundle"))
    words = said("等节点就绪的秒数，过后退回", "seconds to wait for the node before going back")
    parser.add_argument("--ready-seconds", type=float, default=READY_SECONDS, help=words)
    parser.add_argument("--centre", help=said("本中心代码", "code of this centre"))
    parser.add_argument("--parent", help=said("县中心 gRPC 的 HOST:PORT", "HOST:PORT of the county's gRPC"))
    parser.add_argument("--kafka", help=said("Kafka 的 HOST:PORT，逗号分隔", "HOST:PORT of Kafka, commas between"))
    parser.add_argument("--kafka-username", help=said("Kafka 用户", "user of Kafka"))
    parser.add_argument("--kafka-password-file", help=said("内有 Kafka 密码的文件", "file with Kafka's password"))
    parser.add_argument("--kafka-ca", help=said("Kafka 的 CA 证书", "certificates that Kafka is trusted by"))
    parser.add_argument("--topology", help=said("中心名单 CSV", "list of centres as CSV"))
    parser.add_argument(
        "--bind", help=said("监听地址，默认只限本机", "address to listen on; default: this machine only")
    )
    parser.add_argument("--backup-days", type=int, help=said("备份保留天数，默认 14", "days to keep backups, 14"))
    parser.add_argument("--backup-copy", help=said("备份再拷一份到此目录（第二块盘）", "copy backups to a second disk"))


def _bundle_here() -> Path:
    return Path(__file__).resolve().parents[2]
