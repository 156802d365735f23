"""`fengqiao local up|status|down|reset`: a whole city on one machine, with nothing installed but Python."""

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from fengqiao.bus.log_limits import limit_transport_logging
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.topology import Level, Topology
from fengqiao.entry.cli.speech import EXIT_WRONG, ProgressLine, refusals_told, said, tell, tell_json
from fengqiao.entry.hosted import Hosted
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.local.detached import start_detached
from fengqiao.entry.local.prefetch import default_cache
from fengqiao.entry.local.running import read_status, stop_stack
from fengqiao.entry.settings import Settings, load_settings
from fengqiao.observe.logging import configure_logging

app = typer.Typer(help=said("本机上的整座城市。", "A whole city on this machine."), no_args_is_help=True)
Data = Annotated[Path | None, typer.Option("--data", help=said("数据目录。", "The data folder."))]


def add_to(main: typer.Typer) -> None:
    """Add the group to the main command."""
    main.add_typer(app, name="local")


@app.command(
    help=said("启动 PostgreSQL、Kafka 和各中心的节点。", "Start PostgreSQL, Kafka and the nodes of the centres.")
)
def up(
    centres: Annotated[
        str, typer.Option("--centres", help=said("all，或以逗号分隔的代码。", "all, or codes set apart by commas."))
    ] = "all",
    data: Data = None,
    detach: Annotated[bool, typer.Option("--detach", help=said("在后台运行。", "Run in the background."))] = False,
) -> None:
    """Start the stack; in the foreground until Ctrl-C, or detached."""
    with refusals_told():
        settings = load_settings(data=str(data) if data else None)
        topology = load_topology(settings)
        chosen = _chosen(topology, centres)
        folder = data_folder(settings)
        if detach:
            found = start_detached(folder, centres)
            tell(f"{said('已就绪', 'Ready')}: {found['centres'][0]['desk']}")
            return
        # Only this command needs the whole system; a status or a stop is answered without loading it.
        from fengqiao.entry.limits import load_limit_rules
        from fengqiao.entry.local.stack import LocalStack, StackOptions

        configure_logging(json=False, level="WARNING")
        limit_transport_logging()
        progress = ProgressLine()
        options = StackOptions(chosen, folder, _cache(settings))
        units = load_units(settings.units_file)
        limits = load_limit_rules(settings, topology, units)
        stack = LocalStack(options, topology, units, limits, settings, progress, progress.part)
        stack.run(lambda hosted: _tell_ready(topology, hosted, folder))


@app.command(help=said("显示正在运行的本地系统。", "Show the running stack."))
def status(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help=said("以 JSON 输出。", "Print JSON."))] = False,
) -> None:
    """Show the running stack; exit 1 when none runs."""
    with refusals_told():
        found = read_status(data_folder(load_settings(data=str(data) if data else None)))
        if as_json:
            tell_json(found)
            return
        tell(f"nodes {found['pids']['nodes']} postgres {found['pids']['postgres']} kafka {found['pids']['kafka']}")
        for centre in found["centres"]:
            tell(f"{centre['code']:<10} {centre['name']}  {centre['desk']}  grpc {centre['grpc']}")


@app.command(help=said("停止本地系统，数据保留。", "Stop the stack; data stays."))
def down(data: Data = None) -> None:
    """Stop the stack, also what a killed one has left behind."""
    with refusals_told():
        settings = load_settings(data=str(data) if data else None)
        progress = ProgressLine()
        stopped = stop_stack(data_folder(settings), _cache(settings), progress.part)
        tell(said("已停止。", "Stopped.") if stopped else said("没有在运行。", "Nothing was running."))


@app.command(help=said("停止本地系统并删除其数据。", "Stop the stack and delete its data."))
def reset(
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help=said("不再询问。", "Do not ask."))] = False,
) -> None:
    """Delete the data of the stack."""
    with refusals_told():
        settings = load_settings(data=str(data) if data else None)
        folder = data_folder(settings)
        if not yes and not typer.confirm(said(f"删除 {folder} 中的全部数据？", f"Delete all data in {folder}?")):
            raise typer.Exit(EXIT_WRONG)
        if folder.exists():
            _check_ours(folder)
            stop_stack(folder, _cache(settings), ProgressLine().part)
            shutil.rmtree(folder)
        tell(said("已删除。", "Deleted."))


def data_folder(settings: Settings) -> Path:
    """Give the data folder: that of the settings, or `fengqiao` in the user's data folder."""
    if settings.data:
        return Path(settings.data).expanduser().resolve()
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "fengqiao"


def _cache(settings: Settings) -> Path:
    return Path(settings.cache).expanduser() if settings.cache else default_cache(os.environ)


def _chosen(topology: Topology, centres: str) -> tuple[str, ...]:
    if centres == "all":
        return tuple(topology.centres)
    return tuple(topology.centre(code.strip()).code for code in centres.split(",") if code.strip())


def _check_ours(folder: Path) -> None:
    # A stack writes its ports before anything else; a folder without them is somebody else's.
    if not (folder / "ports.json").is_file():
        raise Refusal(Kind.STATE, "folder_not_ours", {"path": str(folder)})


def _tell_ready(topology: Topology, hosted: tuple[Hosted, ...], folder: Path) -> None:
    tell("")
    tell(said(f"就绪：{len(hosted)} 个中心。数据在 {folder}", f"Ready: {len(hosted)} centres. Data in {folder}"))
    tell(said("工作台（演示账号见登录页）：", "Desk (demo accounts are on the sign-in page):"))
    tell(f"  {hosted[0].desk.rsplit('/', 2)[0]}/")
    for level in Level:
        example = next((found for found in hosted if topology.centre(found.code).level is level), None)
        if example is not None:
            tell(f"  {topology.centre(example.code).name}  {example.desk}  gRPC {example.grpc}")
    tell(f"{said('群众页面', 'For everybody')}  {hosted[0].citizen}")
    tell(f"{said('指标', 'Metrics')}  {hosted[0].metrics.rsplit('/', 2)[0]}/metrics")
    tell(said("按 Ctrl-C 停止。", "Press Ctrl-C to stop."))
