import re
from enum import StrEnum

import pytest

from fengqiao.domain.calendar import Counting, DayReason
from fengqiao.domain.case import CaseKind, CaseState, Channel, CommandName, Direction, RequestType, Role
from fengqiao.domain.course import ApplicationKind, ClosingKind, Grade, SuspensionReason
from fengqiao.domain.directive import DirectiveCommandName, DirectiveState
from fengqiao.domain.edition import Book, DepartmentForm, EditionState, Sheet, SheetField
from fengqiao.domain.event import EventKind
from fengqiao.domain.league import Band, Peers
from fengqiao.domain.limit import LimitState, Scope
from fengqiao.domain.performance import Indicator
from fengqiao.domain.points import Standing
from fengqiao.domain.supervision_rules import Evidence, Ground, Outcome, RootCause
from fengqiao.domain.topology import Level
from fengqiao.domain.words import WORDS, Language, word

CHINESE = re.compile(r"[\u3400-\u9fff]")

# What a person comes to see of the domain, and the word group that it is found in.
GROUPS: dict[str, type[StrEnum]] = {
    "level": Level,
    "indicator": Indicator,
    "indicator_of": Indicator,
    "peers": Peers,
    "band": Band,
    "kind": CaseKind,
    "request_type": RequestType,
    "channel": Channel,
    "state": CaseState,
    "closing": ClosingKind,
    "grade": Grade,
    "cause": SuspensionReason,
    "application": ApplicationKind,
    "direction": Direction,
    "role": Role,
    "command": CommandName,
    "directive_state": DirectiveState,
    "directive_command": DirectiveCommandName,
    "event": EventKind,
    "book": Book,
    "edition_state": EditionState,
    "sheet": Sheet,
    "sheet_field": SheetField,
    "department_form": DepartmentForm,
    "counting": Counting,
    "day": DayReason,
    "limit_state": LimitState,
    "limit_scope": Scope,
    "ground": Ground,
    "outcome": Outcome,
    "root_cause": RootCause,
    "evidence": Evidence,
    "standing": Standing,
}


@pytest.mark.parametrize(("group", "values"), GROUPS.items())
def test_every_value_has_its_word_and_no_word_lacks_a_value(group: str, values: type[StrEnum]) -> None:
    assert {key for key in WORDS if key.startswith(f"{group}.")} == {f"{group}.{value.value}" for value in values}


def test_every_group_of_words_is_one_of_the_domain() -> None:
    assert {key.split(".")[0] for key in WORDS} == {*GROUPS, "nothing"}


@pytest.mark.parametrize("key", WORDS)
def test_a_word_is_chinese_in_chinese_and_english_in_english(key: str) -> None:
    assert CHINESE.search(word(key, Language.ZH))
    assert word(key, Language.EN)
    assert not CHINESE.search(word(key, Language.EN))


# What several indicators are taken of is the same for some of them.
TOLD_APART = {group: values for group, values in GROUPS.items() if group != "indicator_of"}


@pytest.mark.parametrize(("group", "values"), TOLD_APART.items())
def test_no_two_values_of_a_group_share_a_word(group: str, values: type[StrEnum]) -> None:
    for language in Language:
        words = [word(f"{group}.{value.value}", language) for value in values]
        assert len(set(words)) == len(words)


def test_an_unknown_word_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        word("state.lost", Language.ZH)
