"""Which column holds what: recognised by the header, or told by a mapping (issue 3, point 9)."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.entry.importing_table import TableRow

# Our field, and the headers by which it is recognised: that of contest data and of this program first, then what the
# exports of hotline platforms say. Compared without case, spaces and underscores.
HEADERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "reference": (
            "id",
            "reference",
            "number",
            "case number",
            "编号",
            "工单编号",
            "工单号",
            "诉求编号",
            "留言编号",
            "流水号",
        ),
        "title": ("title", "subject", "标题", "诉求标题", "留言主题", "主题", "工单标题"),
        "text": ("text", "content", "description", "内容", "诉求内容", "留言详情", "详情", "工单内容", "问题描述"),
        "reported_at": (
            "reported_at",
            "time",
            "date",
            "reported",
            "created_at",
            "时间",
            "日期",
            "来电时间",
            "留言时间",
            "登记时间",
            "受理时间",
        ),
        "place": ("place", "address", "location", "地点", "地址", "事发地点", "诉求地址"),
        "kind": ("kind", "类型", "诉求件类型"),
        "request_type": ("request_type", "诉求类型", "诉求性质"),
        "channel": ("channel", "source", "渠道", "来源", "诉求来源"),
        "urgent": ("urgent", "紧急", "是否紧急", "加急"),
        "contact_name": ("contact_name", "name", "姓名", "联系人", "来电人"),
        "contact_phone": ("contact_phone", "phone", "telephone", "电话", "联系电话", "来电号码"),
        "centre": ("centre", "center", "centre code", "中心", "中心代码", "受理中心代码"),
        "reply": ("reply", "answer", "答复", "回复", "答复意见", "办理结果"),
        "replied_at": ("replied_at", "reply time", "答复时间", "回复时间", "办结时间"),
    }
)
REQUIRED = ("title", "text")


@dataclass(frozen=True, slots=True)
class Columns:
    """The column of each of our fields that the file has."""

    names: Mapping[str, str]

    def has(self, field: str) -> bool:
        """Tell whether the file has a column for a field."""
        return field in self.names

    def value(self, row: TableRow, field: str) -> str:
        """Give the cell of a field; empty when the file has no such column."""
        return row.cells.get(self.names.get(field, ""), "")

    def label(self, field: str) -> str:
        """Give the name of a column as the file has it, for whoever has to correct the file."""
        return self.names.get(field, field)


def columns_for(header: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """Find the columns: those of the mapping by their exact names, the others by the header.

    Raises INVALID column_missing for a required field without a column, and for a mapped column that is not there.
    """
    for name in mapping.values():
        if name not in header:
            raise _missing(name)
    found = dict(mapping)
    recognised = {_plain(name): name for name in reversed(header) if name}
    for field, names in HEADERS.items():
        match = next((recognised[_plain(name)] for name in names if _plain(name) in recognised), None)
        if match is not None and field not in found:
            found[field] = match
    for field in REQUIRED:
        if field not in found:
            raise _missing(field)
    return Columns(found)


def read_mapping(path: Path) -> Mapping[str, str]:
    """Read a mapping: TOML with `our_field = "column name"`, at the top or in a table `[columns]`.

    Raises NOT_FOUND file_missing or INVALID mapping_broken.
    """
    if not path.is_file():
        raise Refusal(Kind.NOT_FOUND, "file_missing", {"path": str(path)})
    try:
        tables = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _broken(path, str(error)) from error
    columns: Any = tables.pop("columns", {})
    fields = {**columns, **tables} if isinstance(columns, dict) else {}
    if not fields:
        raise _broken(path, 'our_field = "column name"')
    for field, name in fields.items():
        if field not in HEADERS:
            raise _broken(path, f"{field}: {', '.join(HEADERS)}")
        if not isinstance(name, str) or not name:
            raise _broken(path, f"{field} = {name!r}")
    return fields


def _plain(name: str) -> str:
    return "".join(name.split()).replace("_", "").lower()


def _missing(column: str) -> Refusal:
    return Refusal(Kind.INVALID, "column_missing", {"column": column})


def _broken(path: Path, detail: str) -> Refusal:
    return Refusal(Kind.INVALID, "mapping_broken", {"path": str(path), "detail": detail})
