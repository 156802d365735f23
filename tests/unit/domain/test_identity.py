from datetime import UTC, datetime

from fengqiao.domain.identity import case_number, directive_number


def test_the_day_of_a_number_is_that_of_the_city() -> None:
    before_midnight = datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)
    after_midnight = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert case_number("371403001", before_midnight, 12) == "371403001-20261122-00012"
    assert case_number("371403001", after_midnight, 12) == "371403001-20261123-00012"


def test_a_directive_is_told_from_a_case_by_its_number() -> None:
    assert directive_number("3714", datetime(2026, 11, 23, tzinfo=UTC), 1) == "D3714-20261123-00001"


def test_a_serial_of_more_than_five_digits_stays_whole() -> None:
    assert case_number("3714", datetime(2026, 11, 23, tzinfo=UTC), 123456).endswith("-123456")
