"""What runs on this machine and what is wrong, a sentence each, for a person who is no administrator."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from township.backup import backups_in, made_at
from township.bundle import current_release
from township.identity import centre_name, machine_variables
from township.machine import SERVICES, TIMER, Machine
from township.places import Places
from township.words import said

LEAST_FREE_BYTES = 2 * 1024**3
BACKUP_AGE = timedelta(hours=26)
GOOD, NOTE, WRONG = "✓", "○", "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence: good, to be known, or wrong and to be mended."""

    mark: str
    text: str


def findings(places: Places, machine: Machine, now: datetime) -> list[Finding]:
    """Look at everything; raises Trouble when nothing is installed."""
    variables = machine_variables(places)
    code, release = variables["CENTRE"], current_release(places)
    found = [Finding(GOOD, f"{centre_name(places, code)} {code}, {release.name if release else '-'}")]
    if places.hold.exists():
        found.append(Finding(WRONG, places.hold.read_text("utf-8").strip()))
    found += [_unit(machine, unit) for unit in (*SERVICES, TIMER)]
    found += _parts(machine.readiness(), code)
    found.append(_disk(places.database))
    found.append(_backup(places.backups, now, said("本机备份", "Backup on this machine")))
    copy = variables.get("BACKUP_COPY", "")
    if copy:
        found.append(_backup(Path(copy), now, said("第二块盘的备份", "Backup on the second disk")))
    else:
        found.append(
            Finding(
                NOTE,
                said("备份只在这一块盘上，盘坏了就没有了。", "Backups are on this disk alone and are lost with it."),
            )
        )
    return found


def is_well(found: list[Finding]) -> bool:
    """Tell whether nothing is wrong."""
    return all(finding.mark != WRONG for finding in found)


def _unit(machine: Machine, unit: str) -> Finding:
    state = machine.state_of(unit)
    if state == "activating":
        return Finding(NOTE, said(f"{unit} 正在启动", f"{unit} is starting"))
    if state == "active":
        return Finding(GOOD, said(f"{unit} 在运行", f"{unit} runs"))
    hint = f"journalctl -u {unit} -n 50"
    return Finding(WRONG, said(f"{unit} 没有运行，看 {hint}", f"{unit} does not run; see {hint}"))


def _parts(told: dict[str, Any] | None, code: str) -> list[Finding]:
    node = ((told or {}).get("centres") or {}).get(code)
    if node is None:
        return [Finding(WRONG, said("节点没有回答。", "The node does not answer."))]
    found = []
    if not node["ready"]:
        found.append(Finding(WRONG, said("节点连不上数据库，不能登记。", "The node has no database: nothing works.")))
    else:
        found.append(Finding(GOOD, said("节点就绪，可以登记办理", "The node is ready")))
    parent, kafka = bool((node["parent"] or {}).get("up")), bool(node["kafka"]["up"])
    if parent and kafka:
        found.append(Finding(GOOD, said("与县中心相通（Kafka 和直连）", "The county is reached by Kafka and Link")))
    elif parent:
        text = said("Kafka 不通，经直连与县中心照常往来。", "Kafka is away; the Link to the county carries.")
        found.append(Finding(NOTE, text))
    elif kafka:
        text = said("直连不通，经 Kafka 与县中心往来。", "The Link is down; Kafka carries to the county.")
        found.append(Finding(NOTE, text))
    else:
        text = said(
            "与县中心断开：本镇照常办理，往来在本机排队，通了自动补发。",
            "Cut off from the county: work goes on, messages wait here and are sent when it is back.",
        )
        found.append(Finding(NOTE, text))
    return found


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    text = said(f"磁盘剩余 {free / 1024**3:.1f} GiB", f"{free / 1024**3:.1f} GiB of the disk are free")
    return Finding(GOOD if free >= LEAST_FREE_BYTES else WRONG, text)


def _backup(folder: Path, now: datetime, what: str) -> Finding:
    try:
        dumps = backups_in(folder)
    except PermissionError:
        return Finding(NOTE, said(f"{what}：要用 root 才看得到", f"{what}: only root can see it"))
    if not dumps:
        return Finding(WRONG, said(f"{what}：一份也没有", f"{what}: there is none"))
    newest = made_at(dumps[-1])
    mark = GOOD if now - newest <= BACKUP_AGE else WRONG
    local = newest.astimezone().strftime("%Y-%m-%d %H:%M")
    return Finding(mark, said(f"{what}：共 {len(dumps)} 份，最新 {local}", f"{what}: {len(dumps)}, newest {local}"))


def look(places: Places, machine: Machine) -> list[Finding]:
    """Look now."""
    return findings(places, machine, datetime.now(UTC))
