from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fengqiao.domain.case import CaseKind, Channel, Contact, RequestType
from fengqiao.domain.errors import Refusal
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.entry.importing import case_id_of, origin_of
from fengqiao.entry.importing_columns import columns_for, read_mapping
from fengqiao.entry.importing_message import Message, MessageReader, Rejection, time_of
from fengqiao.entry.importing_table import TableRow
from fengqiao.entry.placing import district_of, place_of
from tests.cities import CITY, made_topology

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOPOLOGY = made_topology(3, 3)
ROW = {"id": "7", "title": "路灯坏了", "text": "两个月没人修"}


def reader_for(header: Mapping[str, str]) -> MessageReader:
    return MessageReader(columns_for(tuple(header), {}), TOPOLOGY, NOW)


def read(**cells: str) -> Message | Rejection:
    row = {**ROW, **cells}
    return reader_for(row).read(TableRow(2, row))


def rejected_for(**cells: str) -> str:
    found = read(**cells)
    assert isinstance(found, Rejection)
    return found.violation.code


def accepted(**cells: str) -> Message:
    found = read(**cells)
    assert isinstance(found, Message)
    return found


@pytest.mark.parametrize(
    "header",
    [
        ("id", "title", "text", "reported_at", "replied_at"),
        ("ID", "Title", "Content", "Time", "Reply time"),
        ("编号", "标题", "内容", "时间", "回复时间"),
        ("工单编号", "诉求标题", "诉求内容", "受理时间", "办结时间"),
    ],
)
def test_usual_headers_are_recognised(header: tuple[str, ...]) -> None:
    columns = columns_for(header, {})
    assert [columns.names[field] for field in ("reference", "title", "text", "reported_at", "replied_at")] == list(
        header
    )


def test_a_mapping_goes_before_the_header(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text('title = "事由"\n[columns]\ntext = "正文"\n', "utf-8")
    columns = columns_for(("编号", "标题", "事由", "正文"), read_mapping(path))
    assert (columns.names["title"], columns.names["text"], columns.names["reference"]) == ("事由", "正文", "编号")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("title = ", "mapping_broken"),
        ('titel = "标题"', "mapping_broken"),
        ("title = 3", "mapping_broken"),
        ("", "mapping_broken"),
        ('title = "没有"', "column_missing"),
    ],
)
def test_a_wrong_mapping_is_refused_whole(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Refusal) as refused:
        columns_for(("标题", "内容"), read_mapping(path))
    assert refused.value.code == code


def test_a_file_without_titles_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        columns_for(("id", "text"), {})
    assert (refused.value.code, refused.value.params) == ("column_missing", {"column": "title"})


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"title": " "}, "text_empty"),
        ({"text": "\x00"}, "text_empty"),
        ({"title": "长" * 201}, "text_too_long"),
        ({"text": "长" * 4001}, "text_too_long"),
        ({"time": "昨天"}, "date_malformed"),
        ({"time": "2025-02-30"}, "date_malformed"),
        ({"time": "2026-11-24"}, "time_future"),
        ({"time": "2025-01-05", "replied_at": "2025-01-04"}, "reply_early"),
        ({"channel": "邮局"}, "enum_unknown"),
        ({"centre": "999999"}, "centre_unknown"),
    ],
)
def test_a_wrong_row_is_rejected_for_its_fault(cells: dict[str, str], code: str) -> None:
    assert rejected_for(**cells) == code


def test_the_longest_texts_go_in() -> None:
    message = accepted(title="长" * 200, text=f" {'长' * 4000}\r\n")
    assert (len(message.title), len(message.text)) == (200, 4000)


def test_words_of_both_languages_name_kinds_and_channels() -> None:
    message = accepted(
        kind="矛盾纠纷", request_type="complaint", channel="hotline", urgent="是", name="张三", phone="123"
    )
    assert (message.kind, message.request_type, message.channel) == (
        CaseKind.DISPUTE,
        RequestType.COMPLAINT,
        Channel.HOTLINE,
    )
    assert message.urgent
    assert message.contact == Contact("张三", "123")


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-05T09:05:00+08:00",
        "2025-01-05 09:05",
        "2025/1/5 9:05",
        "2025年1月5日 9时5分",
        "2025-01-05T01:05:00Z",
        "2025-01-05 09:05:00.0",
    ],
)
def test_times_are_read_as_tables_write_them(text: str) -> None:
    assert time_of(text) == datetime(2025, 1, 5, 9, 5, tzinfo=CITY_ZONE)


def test_one_number_for_two_matters_is_rejected_and_the_same_row_twice_is_not() -> None:
    reader = reader_for(ROW)
    assert isinstance(reader.read(TableRow(2, ROW)), Message)
    assert isinstance(reader.read(TableRow(3, ROW)), Message)
    other = reader.read(TableRow(4, {**ROW, "text": "另一件"}))
    assert isinstance(other, Rejection)
    assert (other.line, other.violation.code, other.violation.params["line"]) == (4, "row_repeats", "2")


def test_a_row_without_a_number_is_known_by_its_words() -> None:
    first, same, other = accepted(id=""), accepted(id=""), accepted(id="", text="另一件")
    assert first.reference == same.reference != other.reference


@pytest.mark.parametrize(
    ("title", "text", "district"),
    [
        ("A3区路灯", "", 3),
        ("A市A7县某地", "A2区", 7),
        ("A市", "在A12市", 12),
        ("K9县", "没有", None),
        ("A市20路公交", "KA3区", None),
    ],
)
def test_the_first_district_counts_and_the_title_before_the_text(title: str, text: str, district: int | None) -> None:
    assert district_of(title, text) == district


@pytest.mark.parametrize(
    ("title", "centre"),
    [("A1区", "371401"), ("A3县", "371403"), ("A4区", CITY), ("A市", CITY), ("第371402县", "371402")],
)
def test_districts_are_the_counties_in_their_order_and_the_rest_is_the_citys(title: str, centre: str) -> None:
    assert place_of(title, "", TOPOLOGY) == centre


def test_in_a_part_of_the_city_districts_begin_again_with_the_first_county() -> None:
    assert place_of("A4区", "", TOPOLOGY, wrap=True) == "371401"


def test_a_row_that_names_its_centre_goes_there() -> None:
    assert origin_of(accepted(title="A1区", centre="371402001"), TOPOLOGY) == "371402001"
    assert origin_of(accepted(title="A1区"), TOPOLOGY) == "371401"


def test_the_id_of_an_imported_case_is_always_the_same_and_sorts_by_its_time() -> None:
    first = case_id_of(CITY, "7", NOW)
    assert first == case_id_of(CITY, "7", NOW)
    assert (
        len({first, case_id_of("371401", "7", NOW), case_id_of(CITY, "8", NOW), case_id_of(CITY, "7", NOW, "1")}) == 4
    )
    assert first < case_id_of(CITY, "7", NOW + timedelta(seconds=1))
    assert first.version == 7
