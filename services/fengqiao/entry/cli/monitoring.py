"""`fengqiao monitoring targets|alertmanager`: what Prometheus and Alertmanager have to know of the list of centres."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from fengqiao.domain.errors import Kind, Refusal, Violation, invalid
from fengqiao.entry.alert_routes import WEBHOOK, alertmanager_config
from fengqiao.entry.cli.speech import note, refusals_told, said, tell
from fengqiao.entry.lists import load_topology
from fengqiao.entry.local.folders import write_whole
from fengqiao.entry.scrape_targets import METRICS_PATH, patterned_targets, running_targets
from fengqiao.entry.settings import Settings, load_settings

app = typer.Typer(help=said("监控的配置。", "Configuration of monitoring."), no_args_is_help=True)
Out = Annotated[
    Path | None,
    typer.Option("--out", help=said("写入的文件；缺省为标准输出。", "The file to write; standard output by default.")),
]
HEADING = """\
# Made by `fengqiao monitoring alertmanager` from the list of centres: make it again instead of editing it.
# 由 fengqiao monitoring alertmanager 按中心名单生成，请重新生成，不要手改。JSON is YAML.
"""


def add_to(main: typer.Typer) -> None:
    """Add the group to the main command."""
    main.add_typer(app, name="monitoring")


@app.command(help=said("按中心名单生成 Prometheus 的抓取目标。", "Make Prometheus' targets from the list of centres."))
def targets(
    address: Annotated[
        str,
        typer.Option(
            "--address", help=said("host:port，可含 {centre}、{county}。", "host:port with {centre}, {county}.")
        ),
    ] = "",
    path: Annotated[
        str, typer.Option("--path", help=said("指标的路径；导出器用 /metrics。", "Path; of exporters it is /metrics."))
    ] = METRICS_PATH,
    local: Annotated[
        bool,
        typer.Option(
            "--local",
            help=said("本机正在运行的系统，不需要 --address。", "The stack on this machine; needs no --address."),
        ),
    ] = False,
    data: Annotated[Path | None, typer.Option("--data", help=said("数据目录。", "The data folder."))] = None,
    out: Out = None,
) -> None:
    """Write a file for `file_sd_configs`: a target for each centre, with centre, county, level and their names."""
    with refusals_told():
        if not local and not address:
            raise invalid(Violation("--address", "text_empty"))
        settings = load_settings(data=str(data) if data else None)
        found = _running(settings) if local else patterned_targets(load_topology(settings), address, path)
        _give(out, _json(found))
        note(said(f"{len(found)} 个抓取目标。", f"{len(found)} targets."))


@app.command(
    help=said("按中心名单生成 Alertmanager 的配置。", "Make Alertmanager's configuration from the list of centres.")
)
def alertmanager(
    webhook: Annotated[
        str,
        typer.Option(
            "--webhook", help=said("接收地址，{receiver} 为收件人。", "Where alerts go; {receiver} is whom to.")
        ),
    ] = WEBHOOK,
    token_file: Annotated[
        str,
        typer.Option(
            "--token-file", help=said("令牌所在文件（不读取）。", "File with a bearer token (it is not read).")
        ),
    ] = "",
    out: Out = None,
) -> None:
    """Write alertmanager.yml: routes by county, the city by default, causes that silence their consequences."""
    with refusals_told():
        config = alertmanager_config(load_topology(load_settings()), webhook, token_file)
        _give(out, HEADING + _json(config))
        note(said(f"{len(config['receivers'])} 个接收人。", f"{len(config['receivers'])} receivers."))


def _running(settings: Settings) -> list[dict[str, Any]]:
    # The embedded stack is an extra that a production image does not have.
    from fengqiao.entry.cli.local import data_folder
    from fengqiao.entry.local.running import read_status

    status = read_status(data_folder(settings))
    return running_targets(load_topology(settings), {one["code"]: one["metrics"] for one in status["centres"]})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _give(out: Path | None, text: str) -> None:
    if out is None:
        tell(text.rstrip("\n"))
        return
    try:
        # Prometheus watches the file: it has to find the old one or the new one, never half of one.
        write_whole(out, text)
    except OSError as error:
        raise Refusal(Kind.STATE, "file_unwritable", {"path": str(out), "detail": str(error)}) from error
