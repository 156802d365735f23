"""`fengqiao catalogue`: what the catalogue says at a centre, what an edition changed, and the file that it makes."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from fengqiao.domain.edition import SHEETS, Book, Edition, Sheet, SheetField
from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.handbook import Handbook
from fengqiao.domain.words import Language, word
from fengqiao.entry.cli.limits import AsJson, Data, federation_of
from fengqiao.entry.cli.speech import language_here, refusals_told, said, tell, tell_json
from fengqiao.entry.edition_lookup import IN_FORCE, edition_at, handbook_lines
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.lists import load_topology
from fengqiao.entry.settings import load_settings
from fengqiao.insight.editions import EditionView

app = typer.Typer(help=said("事项目录。", "The catalogue."), no_args_is_help=True)
Centre = Annotated[
    str, typer.Option("--centre", help=said("中心代码，默认市级中心。", "Code of a centre; the city's by default."))
]
Which = Annotated[
    str,
    typer.Option(
        "--edition",
        help=said("版次、draft（草稿）或 in-force（现行）。", "The number of an edition, draft, or in-force."),
    ),
]


def add_to(main: typer.Typer) -> None:
    """Add the group to the main command."""
    main.add_typer(app, name="catalogue")


@app.command(help=said("列出目录的内容。", "List what the catalogue says."))
def show(
    sheet: Annotated[
        str, typer.Option("--sheet", help=said("只列一类：", "Only one sheet: ") + ", ".join(SHEETS[Book.CATALOGUE]))
    ] = "",
    which: Which = IN_FORCE,
    centre: Centre = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List the rows of an edition."""
    with refusals_told():
        chosen = (_sheet(sheet),) if sheet else SHEETS[Book.CATALOGUE]
        view, _ = _view(data, centre, which)
        edition = view.edition
        if as_json:
            tell_json(edition_fields(edition, chosen))
            return
        tell(f"{said('版本', 'version')} {edition.version} · {word(f'edition_state.{edition.state}', language_here())}")
        for one in chosen:
            tell(f"[{word(f'sheet.{one}', language_here())}] {len(edition.sheet(one))}")
            for row in edition.sheet(one):
                english = row.value(SheetField.NAME_EN) if language_here() is Language.EN else ""
                lead = row.value(SheetField.LEAD)
                tell(f"  {row.code}  {english or row.value(SheetField.NAME)}{f'  ← {lead}' if lead else ''}")


@app.command(help=said("用句子说明一版的改动。", "Say in sentences what an edition changed."))
def diff(which: Which = IN_FORCE, centre: Centre = "", data: Data = None, as_json: AsJson = False) -> None:
    """Compare an edition with the one before it."""
    with refusals_told():
        view, _ = _view(data, centre, which)
        tell_differences(view, as_json=as_json)


@app.command(help=said("导出为手册文件（TOML），可作为 handbook_file。", "Write it as a handbook file (TOML)."))
def export(
    file: Annotated[str, typer.Argument(help=said("文件；- 为标准输出。", "The file; - for standard output."))] = "-",
    which: Which = IN_FORCE,
    centre: Centre = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Export an edition: a handbook file, or JSON."""
    with refusals_told():
        view, handbook = _view(data, centre, which)
        if as_json:
            tell_json(edition_fields(view.edition, SHEETS[Book.CATALOGUE]))
            return
        text = "\n".join(handbook_lines(view.edition, handbook))
        if file == "-":
            tell(text)
            return
        try:
            Path(file).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            params = {"path": file, "detail": error.strerror or type(error).__name__}
            raise invalid(Violation("file", "file_unwritable", params)) from error


def tell_differences(view: EditionView, *, as_json: bool) -> None:
    """Write what an edition changed."""
    language = language_here()
    if as_json:
        tell_json(
            {
                "number": view.edition.number,
                "version": view.edition.version,
                "before": view.before.version if view.before else None,
                "differences": [
                    {"change": one.change.value, "sheet": one.sheet.value, "code": one.code, "field": one.field,
                     "before": one.before, "after": one.after, "sentence": one.sentence(language)}
                    for one in view.differences
                ],
            }
        )  # fmt: skip
        return
    for one in view.differences:
        tell(one.sentence(language))
    if not view.differences:
        tell(said("没有改动。", "Nothing was changed."))


def edition_fields(edition: Edition, sheets: tuple[Sheet, ...]) -> dict[str, Any]:
    """Give an edition with these sheets for a program."""
    return {
        "book": edition.book.value,
        "number": edition.number,
        "version": edition.version,
        "state": edition.state.value,
        "drafted_by": edition.drafted_by,
        "published_by": edition.published_by,
        "published_at": edition.published_at.isoformat() if edition.published_at else None,
        "rows": [
            {"sheet": row.sheet.value, "code": row.code, **row.values}
            for sheet in sheets
            for row in edition.sheet(sheet)
        ],
    }


def _sheet(name: str) -> Sheet:
    if name not in SHEETS[Book.CATALOGUE]:
        allowed = ", ".join(SHEETS[Book.CATALOGUE])
        raise invalid(Violation("sheet", "enum_unknown", {"value": name, "allowed": allowed}))
    return Sheet(name)


def _view(data: str | None, centre: str, which: str) -> tuple[EditionView, Handbook]:
    settings = load_settings(data=data)
    topology, handbook = load_topology(settings), load_handbook(settings.handbook_file)
    federation = federation_of(settings, topology)
    at = centre or topology.city.code
    return asyncio.run(edition_at(federation, at, Book.CATALOGUE, which, handbook)), handbook
