"""A course is stored and read as it was; a new one costs nothing."""

import json

from hypothesis import given

from fengqiao.domain.course import Course
from fengqiao.store.course_column import course_column, course_of
from tests.contract import strategies


@given(strategies.courses)
def test_a_course_is_read_from_its_column_as_it_was(course: Course) -> None:
    assert course_of(json.loads(json.dumps(course_column(course)))) == course


def test_the_course_of_a_new_case_is_an_empty_column() -> None:
    assert course_column(Course()) == {}
    assert course_of({}) == Course()


def test_a_part_that_only_a_newer_release_knows_is_passed_over() -> None:
    assert course_of({"item": "0101", "tomorrow": 1}) == Course(item="0101")
