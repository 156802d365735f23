"""`fengqiao import FILE`: messages of citizens from a table, each registered once where it belongs."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from fengqiao.domain.errors import Refusal
from fengqiao.entry.cli.local import data_folder
from fengqiao.entry.cli.speech import (
    EXIT_WRONG,
    ProgressLine,
    language_here,
    note,
    refusals_told,
    said,
    tell,
    tell_json,
    tell_refusal,
)
from fengqiao.entry.clock import utc_now
from fengqiao.entry.federation_client import Federation, addresses_of
from fengqiao.entry.importing import Import, ImportReport
from fengqiao.entry.importing_columns import columns_for, read_mapping
from fengqiao.entry.importing_message import MessageReader, Rejection
from fengqiao.entry.importing_table import opened_table
from fengqiao.entry.lists import load_topology
from fengqiao.entry.settings import load_settings

SHOWN_REJECTIONS = 50
Table = Annotated[
    Path, typer.Argument(metavar="FILE", help=said(".csv、.csv.gz 或 .xlsx 文件。", "A .csv, .csv.gz or .xlsx file."))
]
Data = Annotated[
    Path | None, typer.Option("--data", help=said("本地系统的数据目录。", "The data folder of the local stack."))
]
AsJson = Annotated[bool, typer.Option("--json", help=said("以 JSON 输出。", "Print JSON."))]
MAPPING_HELP = said(
    '列对应表（TOML）：本系统字段 = "列名"，如 title = "标题"。字段：reference title text reported_at place kind '
    "request_type channel urgent contact_name contact_phone centre。",
    'Column mapping (TOML): our field = "column name", such as title = "Subject". Fields: reference title text '
    "reported_at place kind request_type channel urgent contact_name contact_phone centre.",
)


def add_to(main: typer.Typer) -> None:
    """Add the command `import` to the main one."""

    @main.command(
        "import",
        help=said(
            "把表格中的留言登记到所属中心；重复运行不会重复登记。有行未登记时退出码为 1，并逐行说明。",
            "Register the messages of a table where they belong; run twice, nothing doubles. "
            "Exit 1 when rows were rejected, each named with its line.",
        ),
    )
    def import_(
        table: Table,
        mapping: Annotated[Path | None, typer.Option("--mapping", help=MAPPING_HELP)] = None,
        centre: Annotated[
            str, typer.Option("--centre", help=said("全部登记到这个中心。", "Register all rows there."))
        ] = "",
        data: Data = None,
        as_json: AsJson = False,
        actor: Annotated[str, typer.Option("--actor", help=said("登记人。", "Who registers."))] = "import",
    ) -> None:
        """Import a table."""
        with refusals_told():
            report, broken = asyncio.run(_import(table, mapping, centre, data, actor))
            _tell(report, as_json=as_json)
            if broken is not None:
                tell_refusal(broken)
        if broken is not None or report.rejected:
            raise typer.Exit(EXIT_WRONG)


async def _import(
    table: Path, mapping: Path | None, centre: str, data: Path | None, actor: str
) -> tuple[ImportReport, Refusal | None]:
    settings = load_settings(data=str(data) if data else None)
    topology = load_topology(settings)
    if centre:
        topology.centre(centre)
    names = read_mapping(mapping) if mapping else {}
    with opened_table(table) as opened:
        reader = MessageReader(columns_for(opened.header, names), topology, utc_now())
        async with Federation(topology, addresses_of(settings, topology, data_folder(settings))) as federation:
            report = ImportReport()
            try:
                await Import(federation, reader, actor, centre).run(opened.rows, ProgressLine(), report)
            except Refusal as refusal:
                # What went in stays in, and is told.
                return report, refusal
            return report, None


def _tell(report: ImportReport, *, as_json: bool) -> None:
    if as_json:
        counts = {"read": report.read, "registered": report.registered, "known": report.known}
        rejections = [rejection_fields(rejection) for rejection in report.rejections]
        tell_json({**counts, "rejected": report.rejected, "rejections": rejections})
        return
    tell_rejections(report.rejections)
    tell(
        said(
            f"读取 {report.read} 行：新登记 {report.registered}，已登记过 {report.known}，未登记 {report.rejected}。",
            f"{report.read} rows read: {report.registered} registered, {report.known} known already, "
            f"{report.rejected} rejected.",
        )
    )


def tell_rejections(rejections: list[Rejection]) -> None:
    """Name the rejected rows on the standard error stream, the first ones of many."""
    for rejection in rejections[:SHOWN_REJECTIONS]:
        violation = rejection.violation
        number = f" {rejection.reference}" if rejection.reference else ""
        line = said(f"第 {rejection.line} 行{number}", f"line {rejection.line}{number}")
        note(f"{line}: {violation.field}: {violation.sentence(language_here())}")
    if (more := len(rejections) - SHOWN_REJECTIONS) > 0:
        note(said(f"……另有 {more} 行；--json 列出全部。", f"... and {more} more; --json lists all."))


def rejection_fields(rejection: Rejection) -> dict[str, Any]:
    """Give a rejected row as JSON has it."""
    violation = rejection.violation
    return {
        "line": rejection.line,
        "reference": rejection.reference,
        "field": violation.field,
        "code": violation.code,
        "reason": violation.sentence(language_here()),
    }
