"""What the templates of all listeners share: how they are read, and the languages as HTML names them."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fengqiao.domain.words import Language

HTML_LANG: Mapping[Language, str] = {Language.ZH: "zh-Hans", Language.EN: "en"}


def build_environment(folder: Path) -> Environment:
    """Make the environment of a folder: autoescaped, and an unknown name is an error instead of nothing."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def language_of(wanted: str) -> Language:
    """Give the language that an address or a cookie names, else Chinese."""
    return Language(wanted) if wanted in Language.__members__.values() else Language.ZH
