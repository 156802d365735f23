"""The command `fengqiao`: `app` gathers the groups, `run` is the entry point."""

import typer

from fengqiao import __version__
from fengqiao.entry.cli import dead_letters, local, node, topics
from fengqiao.entry.cli.importing import add_import
from fengqiao.entry.cli.replay import add_replay
from fengqiao.entry.cli.settings import add_settings
from fengqiao.entry.cli.speech import said, tell
from fengqiao.entry.cli.story import add_story
from fengqiao.entry.cli.verify import add_verify

app = typer.Typer(
    name="fengqiao",
    help=said(
        "枫桥：全市一站式中心的诉求与矛盾纠纷协同系统。",
        "Fengqiao: the software of a city's federation of one-stop dispute and request centres.",
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(local.app, name="local")
app.add_typer(node.app, name="node")
app.add_typer(topics.app, name="topics")
app.add_typer(dead_letters.app, name="dead-letters")
node.add_migrate(app)
add_settings(app)
add_verify(app)
add_import(app)
add_replay(app)
add_story(app)


@app.command(help=said("显示版本。", "Show the release."))
def version() -> None:
    """Show the release."""
    tell(__version__)


def run() -> None:
    """Run the command line."""
    app()
