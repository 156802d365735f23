"""`fengqiao topics sync`: brings the topics of Kafka in step with the table."""

from dataclasses import asdict
from typing import Annotated

import typer

from fengqiao.bus.topic_sync import sync_topics
from fengqiao.bus.topics import topics_for
from fengqiao.entry.cli.speech import EXIT_WRONG, refusals_told, said, tell, tell_json
from fengqiao.entry.lists import load_topology
from fengqiao.entry.settings import load_settings

app = typer.Typer(help=said("Kafka 主题。", "Topics of Kafka."), no_args_is_help=True)


def add_to(main: typer.Typer) -> None:
    """Add the group to the main command."""
    main.add_typer(app, name="topics")


@app.callback()
def topics() -> None:
    """Keep `sync` a command of the group although it is the only one."""


@app.command(help=said("建立缺少的主题，纠正配置，报告差异。", "Create missing topics, mend settings, report drift."))
def sync(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=said("只显示，不改动。", "Show only, change nothing."))
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=said("以 JSON 输出。", "Print JSON."))] = False,
) -> None:
    """Synchronise the topics; exit 1 when drift is left that a person has to mend."""
    with refusals_told():
        settings = load_settings()
        topology = load_topology(settings)
        security = settings.kafka_access().admin_options()
        report = sync_topics(",".join(settings.kafka), topics_for(topology), dry_run=dry_run, security=security)
        if as_json:
            tell_json(asdict(report))
        else:
            made = said("将建立", "to create") if dry_run else said("已建立", "created")
            mended = said("将纠正", "to mend") if dry_run else said("已纠正", "mended")
            tell(f"{made}: {len(report.created)}; {mended}: {len(report.altered)}; = {report.unchanged}")
            for found in report.altered:
                tell(f"  {found.topic} {found.setting}: {found.found} -> {found.wanted}")
            for drift in report.drift:
                tell(f"  {said('差异', 'drift')}: {drift.topic} {drift.reason}: {drift.found} ({drift.wanted})")
        if report.drift:
            raise typer.Exit(EXIT_WRONG)
