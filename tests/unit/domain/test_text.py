import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.text import clean, text_violations


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  路灯不亮 \n", "路灯不亮"),
        ("一\r\n二\r三\n四", "一\n二\n三\n四"),
        ("甲\t乙", "甲\t乙"),
        ("甲\x00\x07\x1b乙\x7f\x85", "甲乙"),
        ("甲\ud800乙", "甲乙"),
        ("\x00 \x07", ""),
        ("", ""),
    ],
)
def test_what_is_typed_is_cleaned(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(st.text())
def test_a_cleaned_text_holds_nothing_that_a_database_or_a_page_refuses(typed: str) -> None:
    cleaned = clean(typed)
    assert clean(cleaned) == cleaned
    assert all(c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"} for c in cleaned)
    assert cleaned == cleaned.strip()
    cleaned.encode()


def test_an_empty_text_is_a_fault_only_where_one_is_required() -> None:
    assert [(fault.field, fault.code) for fault in text_violations("text", "", 10)] == [("text", "text_empty")]
    assert text_violations("place", "", 10, required=False) == ()


def test_the_limit_itself_is_allowed_and_one_more_is_not() -> None:
    assert text_violations("text", "灯" * 10, 10) == ()
    (fault,) = text_violations("text", "灯" * 11, 10)
    assert (fault.code, fault.params) == ("text_too_long", {"length": "11", "limit": "10"})
