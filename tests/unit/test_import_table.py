import gzip
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from fengqiao.domain.errors import Refusal
from fengqiao.entry.importing_table import TableLimits, TableRow, opened_table

HEADER = "编号,标题,内容\n"


def rows_of(path: Path, limits: TableLimits | None = None) -> list[TableRow]:
    with opened_table(path, limits) as table:
        return list(table.rows)


def cells_of(path: Path) -> list[dict[str, str]]:
    return [dict(row.cells) for row in rows_of(path)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_is_read_in_the_encodings_that_offices_use(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"{HEADER}1,路灯坏了,人民路㐂".encode(encoding))
    assert cells_of(path) == [{"编号": "1", "标题": "路灯坏了", "内容": "人民路㐂"}]


def test_what_is_no_text_at_all_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,title,text\n1,\xff\xff,\xff")
    with pytest.raises(Refusal) as refused:
        rows_of(path)
    assert refused.value.code == "file_unreadable"


def test_gzip_is_read_like_plain_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}1,甲,乙\n".encode()))
    assert cells_of(path) == [{"编号": "1", "标题": "甲", "内容": "乙"}]


def test_a_broken_gzip_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(HEADER.encode() * 100)[:-20])
    with pytest.raises(Refusal) as refused:
        rows_of(path)
    assert refused.value.code == "file_unreadable"


def test_a_row_is_named_by_the_line_on_which_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'{HEADER}1,甲,"两\n行"\n\n2,乙,丙\n', "utf-8")
    assert [row.line for row in rows_of(path)] == [2, 5]


def test_a_row_of_another_width_carries_its_fault_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}1,甲\n2,乙,丙,丁\n3,戊,己\n", "utf-8")
    rows = rows_of(path)
    assert [(row.line, row.fault.code if row.fault else "") for row in rows] == [
        (2, "row_columns"),
        (3, "row_columns"),
        (4, ""),
    ]


def test_broken_quotes_cost_their_own_row_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'{HEADER}1,"甲"x,乙\n2,丙,丁\n', "utf-8")
    rows = rows_of(path)
    assert [(row.line, row.fault.code if row.fault else "") for row in rows] == [(2, "row_malformed"), (3, "")]


@pytest.mark.parametrize("sign", ["\t", ";"])
def test_tabs_and_semicolons_set_columns_apart_too(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}1,甲,乙\n".replace(",", sign), "utf-8")
    assert cells_of(path) == [{"编号": "1", "标题": "甲", "内容": "乙"}]


def test_a_workbook_gives_numbers_and_times_as_text(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编号", "标题", "内容", "时间"])
    at = datetime(2025, 1, 5, 9, 30, tzinfo=UTC).replace(tzinfo=None)  # a sheet knows no zones
    sheet.append([360114.0, "路灯", None, at])
    sheet.append([])
    sheet.append(["3", "甲", "乙"])
    book.save(tmp_path / "a.xlsx")
    rows = rows_of(tmp_path / "a.xlsx")
    assert [row.line for row in rows] == [2, 4]
    assert rows[0].cells == {"编号": "360114", "标题": "路灯", "内容": "", "时间": "2025-01-05T09:30:00"}


def test_a_workbook_that_is_none_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"not a zip")
    with pytest.raises(Refusal) as refused:
        rows_of(path)
    assert refused.value.code == "file_unreadable"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<a><b></a>")
    with pytest.raises(Refusal) as refused:
        rows_of(path)
    assert refused.value.code == "file_unreadable"


def test_what_unpacks_to_more_than_the_bound_is_refused_unread(tmp_path: Path) -> None:
    zeros = b"0" * (3 * 1024 * 1024)
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(zeros))
    book = tmp_path / "a.xlsx"
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", zeros)
    for path in (packed, book):
        assert path.stat().st_size < 100_000
        with pytest.raises(Refusal) as refused:
            rows_of(path, TableLimits(mib=2))
        assert refused.value.code == "file_too_large"


def test_more_rows_than_the_bound_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "1,甲,乙\n" * 4, "utf-8")
    assert len(rows_of(path, TableLimits(rows=4))) == 4
    with pytest.raises(Refusal) as refused:
        rows_of(path, TableLimits(rows=3))
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(("name", "code"), [("a.csv", "file_missing"), ("a.pdf", "file_type_unknown")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, code: str) -> None:
    if code != "file_missing":
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(Refusal) as refused:
        rows_of(tmp_path / name)
    assert refused.value.code == code


def test_an_empty_file_has_no_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"")
    with pytest.raises(Refusal) as refused:
        rows_of(path)
    assert refused.value.code == "file_unreadable"
