"""What the command line says: in the language of the locale, refusals as sentences, JSON for programs."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.words import Language

EXIT_WRONG = 1
EXIT_USAGE = 2
# Wrong input is a wrong use of the command; everything else means that what was asked for is not so.
EXIT_CODES: Mapping[Kind, int] = {Kind.INVALID: EXIT_USAGE}


def language_of(environment: Mapping[str, str]) -> Language:
    """Give the language of a locale: FENGQIAO_LANG, then LC_ALL, LC_MESSAGES, LANG; English unless it is Chinese."""
    for name in ("FENGQIAO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return Language.ZH if value.lower().startswith("zh") else Language.EN
    return Language.EN


def language_here() -> Language:
    """Give the language of this process."""
    return language_of(os.environ)


def said(chinese: str, english: str) -> str:
    """Give the words for the locale of this process."""
    return chinese if language_of(os.environ) is Language.ZH else english


def tell(line: str) -> None:
    """Write a line for people, on the standard output stream."""
    typer.echo(line)


def note(line: str) -> None:
    """Write a line of progress, on the standard error stream so that output can be piped."""
    typer.echo(line, err=True)


def tell_json(value: Any) -> None:
    """Write one JSON document on the standard output stream."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turn a refusal into its sentence and an exit code; whoever runs the command never sees a stack trace for it."""
    try:
        yield
    except Refusal as refusal:
        tell_refusal(refusal)
        raise typer.Exit(EXIT_CODES.get(refusal.kind, EXIT_WRONG)) from refusal


def tell_refusal(refusal: Refusal) -> None:
    """Write the sentence of a refusal, and of each wrong field, on the standard error stream."""
    language = language_of(os.environ)
    note(refusal.sentence(language))
    for violation in refusal.violations:
        note(f"  {violation.field}: {violation.sentence(language)}")


class ProgressLine:
    """Progress on the standard error stream: a line that moves at a terminal, one line a step elsewhere."""

    def __init__(self) -> None:
        self._moving = sys.stderr.isatty()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show that a step has been done so many times."""
        if self._moving:
            typer.echo(f"\r\033[K{step} {done}/{total}", err=True, nl=done == total)
        elif done == total:
            note(f"{step} {done}/{total}")

    def part(self, part: str, step: str) -> None:
        """Show a step of a part."""
        if self._moving or not step.startswith("libraries"):
            note(f"{part}: {step}")
