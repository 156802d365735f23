"""`fengqiao verify`: the audit of a whole federation; exit 1 naming what is wrong."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from fengqiao.domain.audit import Finding, Rule
from fengqiao.entry.cli.local import data_folder
from fengqiao.entry.cli.speech import EXIT_WRONG, ProgressLine, note, refusals_told, said, tell, tell_json
from fengqiao.entry.lists import load_topology
from fengqiao.entry.settings import Settings, load_settings
from fengqiao.entry.verify import Federation, Verified, local_federation, settings_federation, verify

# What each rule asks for, in Chinese and English.
RULES: Mapping[Rule, tuple[str, str]] = {
    Rule.ONE_HOLDER: ("每件诉求只有一个办理中心", "every case has exactly one holder"),
    Rule.FIRST_RECEIVER: ("首接责任不缺失、处处一致", "the first receiver is never empty and everywhere the same"),
    Rule.JOURNAL: ("事件链完整", "hash chains are whole"),
    Rule.EVENT_ALIKE: ("同一事件处处相同", "an event reads the same everywhere"),
    Rule.EVENT_MISSING: ("跟踪的中心事件齐全", "whoever follows a case has all its events"),
    Rule.MIRROR: ("副本与办理中心一致", "mirrors equal their holder's state"),
    Rule.STANDING: ("办理情况与事件相符", "a case stands as its events tell"),
    Rule.FOLLOWER: ("该跟踪的中心都在跟踪", "whoever should follow a case does"),
    Rule.DIRECTIVE: ("交办单两边一致", "both sides of a directive agree"),
    Rule.DATABASE: ("各中心数据库都在", "every centre has its database"),
    Rule.READABLE: ("数据可读", "data can be read"),
    Rule.EDGE: ("每条边两端都有记录", "every edge has its row at both ends"),
    Rule.ACKNOWLEDGED: ("确认过的都已收到", "nothing is acknowledged and missing"),
    Rule.OUTBOX: ("待发消息编号连续", "the outbox holds exactly what is not acknowledged"),
    Rule.INBOX: ("收到的编号连续", "received numbers have no gap"),
    Rule.HELD: ("没有一直搁置的消息", "no message is held for ever"),
    Rule.UNDELIVERED: ("消息都已送达", "messages are delivered"),
    Rule.DEAD_LETTER: ("没有停放的消息", "no message is parked"),
    Rule.TOPIC: ("主题与表一致", "topics are as the table says"),
    Rule.FACT: ("上级统计的是每件诉求的最新情况", "figures know every case as its centre told it"),
    Rule.TALLY: ("汇总数与明细相符", "sums are what the facts come to"),
}


def add_to(main: typer.Typer) -> None:
    """Add the command `verify` to the main one."""

    @main.command(
        "verify",
        help=said(
            "核查全市数据：一件一办、消息不丢、事件链完整、副本一致；有误时退出码为 1。",
            "Audit the whole federation: one holder, nothing lost, whole journals, equal mirrors; exit 1 when wrong.",
        ),
    )
    def verify_command(
        data: Annotated[
            Path | None, typer.Option("--data", help=said("本机系统的数据目录。", "The data folder of a local stack."))
        ] = None,
        every: Annotated[
            bool, typer.Option("--all", help=said("按设置核查全部中心。", "All centres, as the settings name them."))
        ] = False,
        wait: Annotated[
            float,
            typer.Option(
                "--wait",
                min=0,
                max=86_400,
                help=said("最多等消息送达的秒数。", "Wait so many seconds at most until drained."),
            ),
        ] = 30.0,
        dead_letters_allowed: Annotated[
            bool,
            typer.Option("--allow-dead-letters", help=said("停放的消息只作提示。", "Parked messages are only told.")),
        ] = False,
        facts_held: Annotated[
            bool,
            typer.Option(
                "--facts", help=said("上级缺的统计明细也算问题。", "Facts that are missing above are wrong, too.")
            ),
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help=said("以 JSON 输出。", "Print JSON."))] = False,
    ) -> None:
        """Audit a federation."""
        with refusals_told():
            settings = load_settings(data=str(data) if data else None)
            federation = _federation(settings, every=every)
            verified = asyncio.run(
                verify(
                    federation,
                    wait_seconds=wait,
                    dead_letters_allowed=dead_letters_allowed,
                    progress=ProgressLine(),
                    facts_held=facts_held,
                )
            )
            if as_json:
                tell_json(_fields(verified))
            else:
                _tell(verified)
        if not verified.clean:
            raise typer.Exit(EXIT_WRONG)


def _federation(settings: Settings, *, every: bool) -> Federation:
    topology = load_topology(settings)
    if every:
        return settings_federation(settings, topology)
    return local_federation(data_folder(settings), topology)


def _tell(verified: Verified) -> None:
    for found in verified.warnings:
        note(f"{said('提示', 'note')}: {_line(found)}")
    for found in verified.findings:
        tell(_line(found))
    counts = asdict(verified.counts)
    tell(", ".join(f"{name} {value}" for name, value in counts.items()))
    if verified.clean:
        tell(said("核查无误。", "Everything is in order."))
        return
    wrong = len(verified.findings)
    tell(said(f"发现 {wrong} 处问题。", f"{wrong} finding(s)."))
    if verified.subjects:
        tell(f"{said('涉及', 'Concerned')}: {' '.join(verified.subjects)}")


def _line(found: Finding) -> str:
    about = " ".join(str(part) for part in (found.number, found.subject) if part)
    return f"[{found.rule}] {said(*RULES[found.rule])} | {found.centre or '-'} | {about or '-'} | {found.detail}"


def _fields(verified: Verified) -> dict[str, Any]:
    return {
        "clean": verified.clean,
        "counts": asdict(verified.counts),
        "subjects": list(verified.subjects),
        "findings": [asdict(found) for found in verified.findings],
        "warnings": [asdict(found) for found in verified.warnings],
    }
