"""The kinds of panels: each takes a title, what it says in both languages, its queries and its unit.

Nothing is optional that a reader needs. Sizes are in the grid of Grafana, which is 24 wide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from grafana_foundation_sdk.builders import bargauge, common, heatmap, stat, statetimeline, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard, prometheus
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode

from tools.dashboards import palette
from tools.dashboards.query import Ask
from tools.dashboards.variable import DATASOURCE

Panel = dashboard.Panel
Override = dashboard.DashboardFieldConfigSourceOverrides
COUNT, SHARE, SECONDS, DAYS, PER_SECOND, PER_MINUTE = "none", "percentunit", "s", "d", "cps", "cpm"


@dataclass(frozen=True, slots=True)
class Text:
    """What a panel says of itself: the title in Chinese, what it means in Chinese and in English."""

    title: str
    chinese: str
    english: str

    @property
    def description(self) -> str:
        """Both languages, Chinese first."""
        return f"{self.chinese}\n\n{self.english}"


@dataclass(frozen=True, slots=True)
class Size:
    """Columns of 24, and rows."""

    width: int
    height: int


SMALL, THIRD, HALF, WIDE = Size(4, 4), Size(8, 8), Size(12, 8), Size(24, 9)


def named(name: str, **properties: object) -> Override:
    """Make an override for the series or column of a name; `_` in a property stands for the point of Grafana's ids."""
    values = [dashboard.DynamicConfigValue(key.replace("_", "."), value) for key, value in properties.items()]
    return Override(dashboard.MatcherConfig("byName", name), values)


def renamed(words: Mapping[str, str]) -> list[Override]:
    """Make the overrides that show words for codes."""
    return [named(code, displayName=word) for code, word in words.items()]


def painted(name: str, colour: str) -> Override:
    """Make the override that gives a series its colour."""
    return named(name, color={"mode": "fixed", "fixedColor": colour})


def coded(words: Mapping[str, str]) -> list[dashboard.ValueMapping]:
    """Make the mappings that show words for codes in cells."""
    shown = {
        code: dashboard.ValueMappingResult(text=word, index=index) for index, (code, word) in enumerate(words.items())
    }
    return [dashboard.ValueMap(shown)]


def figure(
    text: Text,
    *asked: Ask,
    unit: str,
    colours: dashboard.ThresholdsConfig,
    size: Size = SMALL,
    trend: bool = True,
    overrides: Sequence[Override] = (),
    links: Sequence[dashboard.DashboardLink] = (),
) -> Panel:
    """Make one big figure, or several beside each other, with a line of how it went unless `trend` is off."""
    built = (
        stat.Panel()
        .graph_mode(options.BigValueGraphMode.AREA if trend else options.BigValueGraphMode.NONE)
        .color_mode(options.BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    panel = _finished(built, text, asked, unit, size, overrides, instant=not trend)
    panel.links = list(links) or None
    return _coloured(panel, colours)


def bars(
    text: Text,
    *asked: Ask,
    unit: str,
    colours: dashboard.ThresholdsConfig,
    size: Size = THIRD,
    top: float | None = None,
    overrides: Sequence[Override] = (),
) -> Panel:
    """Make bars side by side, one for each series; `top` is the full bar when it is known."""
    built = (
        bargauge.Panel()
        .orientation(options.VizOrientation.HORIZONTAL)
        .display_mode(options.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .min(0)
    )
    if top is not None:
        built = built.max(top)
    return _coloured(_finished(built, text, asked, unit, size, overrides, instant=True), colours)


def lines(
    text: Text,
    *asked: Ask,
    unit: str,
    size: Size = HALF,
    axis: str = "",
    stacked: bool = False,
    overrides: Sequence[Override] = (),
) -> Panel:
    """Make lines over time; stacked ones where the sum means something."""
    legend = (
        common.VizLegendOptions()
        .display_mode(options.LegendDisplayMode.TABLE)
        .placement(options.LegendPlacement.RIGHT if size.width > THIRD.width else options.LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs(["lastNotNull", "max"])
    )
    tooltip = common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI).sort(options.SortOrder.DESCENDING)
    stacking = options.StackingMode.NORMAL if stacked else options.StackingMode.NONE
    built = (
        timeseries.Panel()
        .legend(legend)
        .tooltip(tooltip)
        .fill_opacity(25 if stacked else 6)
        .line_width(2)
        .show_points(options.VisibilityMode.NEVER)
        .stacking(common.StackingConfig().mode(stacking))
        .axis_label(axis)
        .axis_soft_min(0)
    )
    panel = _finished(built, text, asked, unit, size, overrides)
    _config(panel).defaults.color = dashboard.FieldColor(dashboard.FieldColorModeId.PALETTE_CLASSIC)
    return panel


def spread(text: Text, asked: Ask, *, unit: str = SECONDS, size: Size = HALF) -> Panel:
    """Make a heatmap of a histogram's buckets: how long things took, and how many took so long."""
    built = (
        heatmap.Panel()
        .calculate(False)
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").steps(32).fill(palette.BLUE))
        .y_axis(heatmap.YAxisConfig().unit(unit))
        .cell_gap(1)
        .show_legend()
    )
    panel = _finished(built, text, (asked,), unit, size, ())
    for target in panel.targets or []:
        if isinstance(target, prometheus.Dataquery):
            target.format_val = prometheus.PromQueryFormat.HEATMAP
    return panel


def stretches(text: Text, asked: Ask, *, words: Mapping[int, tuple[str, str]], size: Size = WIDE) -> Panel:
    """Make a timeline of states, one row for each series; `words` has the word and the colour of each value."""
    built = (
        statetimeline.Panel()
        .merge_values(True)
        .show_value(options.VisibilityMode.NEVER)
        .row_height(0.8)
        .per_page(28)
        .legend(common.VizLegendOptions().show_legend(True).placement(options.LegendPlacement.BOTTOM))
    )
    panel = _finished(built, text, (asked,), COUNT, size, ())
    shown = {
        str(value): dashboard.ValueMappingResult(text=word, color=colour, index=index)
        for index, (value, (word, colour)) in enumerate(words.items())
    }
    _config(panel).defaults.mappings = [dashboard.ValueMap(shown)]
    return _coloured(panel, palette.plain())


def targets_of(asked: Sequence[Ask], *, instant: bool = False, as_table: bool = False) -> list[prometheus.Dataquery]:
    """Make the queries of a panel, named A, B, C … in their order."""
    return [
        prometheus.Dataquery(
            expr=each.expr,
            instant=instant or None,
            range_val=not instant,
            editor_mode=prometheus.QueryEditorMode.CODE,
            format_val=prometheus.PromQueryFormat.TABLE if as_table else prometheus.PromQueryFormat.TIME_SERIES,
            legend_format=each.legend or None,
            ref_id=letter,
            datasource=DATASOURCE,
        )
        for letter, each in zip(ascii_uppercase, asked, strict=False)
    ]


def described(panel: Panel, text: Text, size: Size, unit: str) -> Panel:
    """Give a panel its words, its place's size, its unit and the data source of the board."""
    panel.title, panel.description = text.title, text.description
    panel.datasource = DATASOURCE
    panel.grid_pos = dashboard.GridPos(h=size.height, w=size.width)
    _config(panel).defaults.unit = unit
    return panel


def _finished(
    built: Builder[Panel],
    text: Text,
    asked: Sequence[Ask],
    unit: str,
    size: Size,
    overrides: Sequence[Override],
    *,
    instant: bool = False,
) -> Panel:
    panel = described(built.build(), text, size, unit)
    panel.targets = list(targets_of(asked, instant=instant))
    _config(panel).overrides = list(overrides)
    if unit == SHARE:
        _config(panel).defaults.min_val, _config(panel).defaults.max_val = 0, 1
    return panel


def _coloured(panel: Panel, colours: dashboard.ThresholdsConfig) -> Panel:
    defaults = _config(panel).defaults
    defaults.thresholds = colours
    defaults.color = dashboard.FieldColor(dashboard.FieldColorModeId.THRESHOLDS)
    return panel


def _config(panel: Panel) -> dashboard.FieldConfigSource:
    if panel.field_config is None:
        panel.field_config = dashboard.FieldConfigSource()
    return panel.field_config
