"""`fengqiao node run` and `fengqiao migrate`: nodes against whatever PostgreSQL and Kafka the settings name."""

import asyncio
from typing import Annotated

import typer

from fengqiao.bus.log_limits import limit_transport_logging
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.entry.cli.speech import ProgressLine, refusals_told, said, tell
from fengqiao.entry.host import Host
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.node import utc_now
from fengqiao.entry.settings import Settings, load_settings
from fengqiao.observe.logging import configure_logging
from fengqiao.store.migrate import migrate as migrate_database

app = typer.Typer(help=said("运行节点。", "Run nodes."), no_args_is_help=True)
Centres = Annotated[
    list[str] | None,
    typer.Option("--centre", help=said("中心代码，可重复。", "The code of a centre; may be given several times.")),
]
All = Annotated[bool, typer.Option("--all", help=said("全部中心。", "All centres."))]


@app.command("run", help=said("运行一个或多个中心的节点，直到 SIGTERM。", "Run the nodes of centres until SIGTERM."))
def run_nodes(centre: Centres = None, every: All = False) -> None:
    """Run nodes against the PostgreSQL and Kafka of the settings."""
    with refusals_told():
        settings = load_settings()
        configure_logging(json=settings.log_json, level=settings.log_level)
        limit_transport_logging()
        asyncio.run(_run(chosen_centres(settings, centre, every), settings))


def add_migrate(main: typer.Typer) -> None:
    """Add the command `migrate` to the main one."""

    @main.command(help=said("把数据库升级到本版本的结构。", "Bring databases to the schema of this release."))
    def migrate(centre: Centres = None, every: All = False) -> None:
        """Migrate the databases of centres."""
        with refusals_told():
            settings = load_settings()
            for code in chosen_centres(settings, centre, every):
                steps = migrate_database(settings.database_of(code), utc_now())
                tell(f"{code}: {', '.join(steps) or said('已是最新', 'up to date')}")


def chosen_centres(settings: Settings, centres: list[str] | None, every: bool) -> tuple[str, ...]:
    """Give the codes that were asked for; raises NOT_FOUND centre_unknown, or INVALID when none was."""
    topology = load_topology(settings)
    if every:
        return tuple(topology.centres)
    if not centres:
        raise Refusal(Kind.INVALID, "centre_unknown", {"centre": "--centre"})
    return tuple(topology.centre(code).code for code in centres)


async def _run(centres: tuple[str, ...], settings: Settings) -> None:
    topology = load_topology(settings)
    host = Host(centres, topology, load_units(settings.units_file), settings)
    try:
        hosted = await host.start(ProgressLine())
        for found in hosted:
            tell(f"{found.code} grpc {found.grpc} desk {found.desk} metrics {found.metrics}")
        await host.run_until_stopped()
    finally:
        await host.stop()
