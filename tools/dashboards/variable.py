"""What a reader of a board can choose: the data source, county, centre, class, limit, and where the desk is.

Names and labels of data source and job are those that dashboard-linter asks for. County, class and limit fall back to
`.*`, so that a board also speaks where the scrape configuration adds no `county`.
"""

from collections.abc import Mapping

from grafana_foundation_sdk.models import dashboard

from tools.dashboards.query import CITY, COUNTY, Scope

DATASOURCE = dashboard.DataSourceRef("prometheus", "${datasource}")
ANY_SERIES = "fengqiao_kafka_connected"
"""A series that each node has from its start."""

Variable = dashboard.VariableModel
# The SDK gives every variable the settings that belong to intervals alone.
_NO_INTERVAL: Mapping[str, None] = {"auto": None, "auto_min": None, "auto_count": None}


def datasource() -> Variable:
    """Make the choice of the Prometheus."""
    return Variable(
        dashboard.VariableType.DATASOURCE,
        "datasource",
        "Data source",
        description="数据源",
        query="prometheus",
        current=_option("default", "default"),
        **_NO_INTERVAL,
    )


def job() -> Variable:
    """Make the choice of scrape jobs."""
    return _asked("job", "Job", "采集任务", f"label_values({ANY_SERIES}, job)", every=".+")


def county(*, many: bool = False) -> Variable:
    """Make the choice of a county, or of several."""
    return _place("county", "县区", "县（市、区）", CITY, many=many)


def centre(*, many: bool = False) -> Variable:
    """Make the choice of a centre of the county, or of several."""
    return _place("centre", "中心", "一站式中心", COUNTY, many=many)


def matter_class() -> Variable:
    """Make the choice of classes of matters."""
    query = f"label_values({COUNTY.of('fengqiao_limits_running')}, class)"
    return _asked("class", "类别", "事项类别", query, every=".*")


def limit() -> Variable:
    """Make the choice of limits."""
    query = f"label_values({COUNTY.of('fengqiao_limits_running')}, code)"
    return _asked("limit", "时限", "时限名称", query, every=".*")


def desk(address: str) -> Variable:
    """Make the field with the address of the desks; a reader with another one types it over."""
    chosen = _option(address, address)
    return Variable(
        dashboard.VariableType.TEXTBOX,
        "desk",
        "工作台地址",
        description="工作台的地址，不带末尾斜线 Address of the desks, without a slash at the end",
        query=address,
        current=chosen,
        options=[chosen],
        **_NO_INTERVAL,
    )


def _place(name: str, label: str, description: str, scope: Scope, *, many: bool) -> Variable:
    """People read the name and Prometheus the code; where the series have no names, both are the code."""
    asked = f"query_result(count by ({name}, {name}_name) ({scope.of(ANY_SERIES)}))"
    variable = _asked(name, label, description, asked, every=".*" if many else "")
    variable.regex = f'/{name}="(?<value>[^"]*)"(?:,\\s*{name}_name="(?<text>[^"]*)")?/'
    return variable


def _asked(name: str, label: str, description: str, query: str, *, every: str) -> Variable:
    """`every` is what "all" stands for; empty: one value has to be chosen."""
    return Variable(
        dashboard.VariableType.QUERY,
        name,
        label,
        description=description,
        query=query,
        datasource=DATASOURCE,
        # Grafana takes the first choice for one that is none of them.
        current=_option(["All"], ["$__all"]) if every else _option("", ""),
        multi=bool(every),
        include_all=bool(every),
        all_value=every or None,
        refresh=dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED,
        sort=dashboard.VariableSort.ALPHABETICAL_ASC,
        **_NO_INTERVAL,
    )


def _option(text: str | list[str], value: str | list[str]) -> dashboard.VariableOption:
    return dashboard.VariableOption(selected=True, text=text, value=value)
