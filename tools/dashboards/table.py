"""Tables: several questions about the same places or things, joined into one row for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase

from grafana_foundation_sdk.builders import table as builder
from grafana_foundation_sdk.models import dashboard

from tools.dashboards import palette
from tools.dashboards.link import CELL, Link
from tools.dashboards.panel import (
    WIDE,
    Override,
    Panel,
    Size,
    Text,
    coded,
    described,
    named,
    targets_of,
)
from tools.dashboards.query import Ask

BACKGROUND = {"type": "color-background", "mode": "basic"}


@dataclass(frozen=True, slots=True)
class Key:
    """A column that says what a row is about: a label, its heading, words for its codes, where a click leads."""

    label: str
    heading: str
    words: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[Link] = ()


def placed(label: str, heading: str, links: Callable[[str], Sequence[Link]]) -> tuple[Key, Key]:
    """Make the two columns of a place, name and code; both lead on, by the value that `links` is given for the code."""
    return (
        Key(f"{label}_name", heading, links=links(f"${{__data.fields.{label}}}")),
        Key(label, f"{heading}代码", links=links(CELL)),
    )


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures: its heading, its question, its unit, and its colours when it has any."""

    heading: str
    expr: str
    unit: str
    colours: dashboard.ThresholdsConfig | None = None


def rows(text: Text, keys: Sequence[Key], columns: Sequence[Column], *, size: Size = WIDE, worst: str = "") -> Panel:
    """Make a table with a row for each value of the keys; `worst` names the column that orders it, highest first."""
    built = builder.Panel().filterable(len(keys) > 1).build()
    panel = described(built, text, size, columns[0].unit)
    panel.targets = list(targets_of([Ask(column.expr) for column in columns], instant=True, as_table=True))
    panel.transformations = [_merge(), _organise(keys, columns)]
    if panel.field_config is not None:
        panel.field_config.overrides = [*map(_key, keys), *map(_column, columns)]
    if worst:
        _sort(panel, worst)
    return panel


def matrix(text: Text, row: Key, column: Key, expr: str, *, unit: str, colours: dashboard.ThresholdsConfig) -> Panel:
    """Make a table of one figure by two labels, coloured as a map of heat."""
    built = builder.Panel().show_header(True).build()
    panel = described(built, text, WIDE, unit)
    panel.targets = list(targets_of([Ask(expr)], instant=True, as_table=True))
    grouping = {
        "rowField": row.label,
        "columnField": column.label,
        "valueField": "Value",
        "emptyValue": "null",
    }
    panel.transformations = [dashboard.DataTransformerConfig("groupingToMatrix", options=grouping)]
    if panel.field_config is not None:
        defaults = panel.field_config.defaults
        defaults.thresholds, defaults.color = colours, dashboard.FieldColor(dashboard.FieldColorModeId.THRESHOLDS)
        heading = named(
            f"{row.label}\\{column.label}",
            displayName=row.heading,
            links=list(row.links),
            mappings=coded(row.words),
        )
        cells = [named(code, displayName=word, custom_cellOptions=BACKGROUND) for code, word in column.words.items()]
        panel.field_config.overrides = [heading, *cells]
    return panel


def _merge() -> dashboard.DataTransformerConfig:
    return dashboard.DataTransformerConfig("merge", options={})


def _organise(keys: Sequence[Key], columns: Sequence[Column]) -> dashboard.DataTransformerConfig:
    # Grafana calls the value of query A "Value #A", and plain "Value" when there is one query only.
    values = [f"Value #{letter}" for letter in ascii_uppercase[: len(columns)]] if len(columns) > 1 else ["Value"]
    order = [*(key.label for key in keys), *values]
    headings = [*(key.heading for key in keys), *(column.heading for column in columns)]
    options = {
        "excludeByName": {"Time": True},
        "indexByName": {name: index for index, name in enumerate(order)},
        "renameByName": dict(zip(order, headings, strict=True)),
    }
    return dashboard.DataTransformerConfig("organize", options=options)


def _key(key: Key) -> Override:
    properties: dict[str, object] = {"unit": "string"}
    if key.words:
        properties["mappings"] = coded(key.words)
    if key.links:
        properties["links"] = list(key.links)
    return named(key.heading, **properties)


def _column(column: Column) -> Override:
    properties: dict[str, object] = {"unit": column.unit}
    if column.colours is not None:
        properties |= {
            "thresholds": column.colours,
            "color": {"mode": "thresholds"},
            "custom_cellOptions": BACKGROUND if _is_red(column.colours) else {"type": "color-text"},
        }
    return named(column.heading, **properties)


def _is_red(colours: dashboard.ThresholdsConfig) -> bool:
    return any(step.color == palette.RED for step in colours.steps)


def _sort(panel: Panel, heading: str) -> None:
    # The model types options of every kind of panel as an object; those of a table know how to sort.
    panel.options = {"showHeader": True, "sortBy": [{"displayName": heading, "desc": True}]}
