"""`fengqiao node run|check`: nodes against whatever PostgreSQL and Kafka the settings name."""

import asyncio
from typing import Annotated

import typer

from fengqiao.bus.log_limits import limit_transport_logging
from fengqiao.domain.errors import Violation, invalid
from fengqiao.entry.checkup import Part, check_centres
from fengqiao.entry.cli.centres import All, Centres, chosen_centres
from fengqiao.entry.cli.speech import EXIT_WRONG, ProgressLine, refusals_told, said, tell
from fengqiao.entry.demo import seed_demo_staff
from fengqiao.entry.host import Host
from fengqiao.entry.limits import load_limit_rules
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.settings import Settings, load_settings
from fengqiao.entry.supervisor import READY, STOPPING, Supervisor
from fengqiao.observe.logging import configure_logging

app = typer.Typer(help=said("运行节点。", "Run nodes."), no_args_is_help=True)


@app.command("run", help=said("运行一个或多个中心的节点，直到 SIGTERM。", "Run the nodes of centres until SIGTERM."))
def run_nodes(centre: Centres = None, every: All = False) -> None:
    """Run nodes against the PostgreSQL and Kafka of the settings."""
    with refusals_told():
        settings = load_settings()
        configure_logging(json=settings.log_json, level=settings.log_level)
        limit_transport_logging()
        asyncio.run(_run(chosen_centres(settings, centre, every), settings))


@app.command(
    "check",
    help=said(
        "检查已部署的中心：接口、数据库结构、主题；不改动任何东西。",
        "Ask centres that were put up for their doors, schema and topics; changes nothing.",
    ),
)
def check_nodes(
    centre: Centres = None,
    every: All = False,
    host: Annotated[
        str, typer.Option("--host", help=said("接口所在主机，可含 {centre}。", "Host of the doors, with {centre}."))
    ] = "127.0.0.1",
    part: Annotated[
        list[Part] | None,
        typer.Option("--part", help=said("只查这一项，可重复；缺省全部。", "Only this part; may be repeated.")),
    ] = None,
) -> None:
    """Print a sentence for each fault and exit 1 when there is one; ports, database and Kafka are the settings'."""
    with refusals_told():
        settings = load_settings()
        parts = tuple(dict.fromkeys(part or Part))
        if Part.DOORS in parts and not (settings.ops_port and settings.grpc_port):
            raise invalid(Violation("FENGQIAO_OPS_PORT, FENGQIAO_GRPC_PORT", "text_empty"))
        codes = chosen_centres(settings, centre, every)
        faults = check_centres(codes, parts, load_topology(settings), settings, host)
        for fault in faults:
            tell(f"{fault.centre}: {said(fault.chinese, fault.english)}")
        good = len(codes) - len({fault.centre for fault in faults})
        tell(said(f"{good} / {len(codes)} 个中心正常。", f"{good} of {len(codes)} centres are well."))
        if faults:
            raise typer.Exit(EXIT_WRONG)


def add_to(main: typer.Typer) -> None:
    """Add the group to the main command."""
    main.add_typer(app, name="node")


async def _run(centres: tuple[str, ...], settings: Settings) -> None:
    topology = load_topology(settings)
    units = load_units(settings.units_file)
    host = Host(centres, topology, units, load_limit_rules(settings, topology, units), settings)
    supervisor = Supervisor.of_this_process()
    watched: asyncio.Task[None] | None = None
    try:
        hosted = await host.start(ProgressLine())
        if settings.demo:
            await seed_demo_staff(node.database for node in host.nodes.values())
        for found in hosted:
            citizen = f" citizen {found.citizen}" if found.citizen else ""
            tell(f"{found.code} grpc {found.grpc} desk {found.desk}{citizen} metrics {found.metrics}")
        supervisor.tell(READY)
        watched = asyncio.create_task(
            supervisor.keep_told(lambda: any(node.stalled() for node in host.nodes.values())), name="watchdog"
        )
        await host.run_until_stopped()
    finally:
        supervisor.tell(STOPPING)
        if watched is not None:
            watched.cancel()
        await host.stop()
