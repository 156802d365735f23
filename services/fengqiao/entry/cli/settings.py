"""`fengqiao settings`: every setting with its value and meaning, checked against the same table that is read."""

import typer

from fengqiao.entry.cli.speech import language_here, refusals_told, said, tell, tell_json
from fengqiao.entry.setting_words import SECRET, meaning_of
from fengqiao.entry.settings import Settings, load_settings


def add_to(main: typer.Typer) -> None:
    """Add the command `settings` to the main one."""

    @main.command(help=said("列出全部设置、现值和含义。", "List every setting, its value and its meaning."))
    def settings(
        as_json: bool = typer.Option(False, "--json", help=said("以 JSON 输出。", "Print JSON.")),
    ) -> None:
        """List the settings; what may hold a password is not shown."""
        with refusals_told():
            found = load_settings()
            rows = [
                (name, _shown(name, getattr(found, name)), meaning_of(name, language_here()))
                for name in Settings.model_fields
            ]
            if as_json:
                tell_json({name: {"value": value, "meaning": meaning} for name, value, meaning in rows})
                return
            for name, value, meaning in rows:
                tell(f"FENGQIAO_{name.upper()} = {value}\n    {meaning}")


def _shown(name: str, value: object) -> str:
    if name in SECRET and value:
        return "***"
    return ",".join(value) if isinstance(value, tuple) else str(value)
