"""`fengqiao migrate`: brings databases to the schema of this release."""

from typing import Annotated

import typer

from fengqiao.entry.cli.centres import All, Centres, chosen_centres
from fengqiao.entry.cli.speech import refusals_told, said, tell
from fengqiao.entry.clock import utc_now
from fengqiao.entry.settings import load_settings
from fengqiao.store.migrate import migrate as migrate_database


def add_to(main: typer.Typer) -> None:
    """Add the command to the main one."""
    main.command(help=said("把数据库升级到本版本的结构。", "Bring databases to the schema of this release."))(migrate)


def migrate(
    centre: Centres = None,
    every: All = False,
    database: Annotated[
        str | None,
        typer.Option("--database", help=said("连接串，{centre} 即代码。", "Connection string; {centre} is the code.")),
    ] = None,
) -> None:
    """Migrate the databases of centres."""
    with refusals_told():
        settings = load_settings(database=database)
        for code in chosen_centres(settings, centre, every):
            steps = migrate_database(settings.database_of(code), utc_now())
            tell(f"{code}: {', '.join(steps) or said('已是最新', 'up to date')}")
