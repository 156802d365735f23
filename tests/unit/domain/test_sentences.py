import re
import string

import pytest

from fengqiao.domain.errors import Kind, Refusal, Violation, forbidden, invalid, not_found, unavailable, wrong_state
from fengqiao.domain.sentences import SENTENCES, sentence_for
from fengqiao.domain.words import Language
from tests.unit.domain.raised import raised, strings

CHINESE = re.compile(r"[\u3400-\u9fff]")
FULL_WIDTH = re.compile(r"[\u3000-\u303f\uff00-\uffef]")

# Sentences that stand ready while the rooms that raise them are being written. Take a code out as soon as it is
# raised, and its sentence too when no room will raise it.
TO_COME: frozenset[str] = frozenset()


def parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_say_the_same_with_the_same_parameters(code: str) -> None:
    chinese, english = SENTENCES[code]
    assert parameters(chinese) == parameters(english)


@pytest.mark.parametrize("code", SENTENCES)
def test_a_chinese_sentence_is_chinese_and_an_english_one_english(code: str) -> None:
    chinese, english = SENTENCES[code]
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)
    assert not FULL_WIDTH.search(english)
    # A sentence may end with another that it quotes.
    assert chinese.endswith(("。", "}"))
    assert english.endswith((".", "}"))


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_shown_with_its_parameters_filled_in(code: str) -> None:
    params = {name: f"<{name}>" for name in parameters(SENTENCES[code][0])}
    for language in Language:
        said = sentence_for(code, language, params)
        assert "{" not in said
        assert all(value in said for value in params.values())


def test_every_code_that_is_raised_has_its_sentence() -> None:
    assert sorted({(one.code, one.place) for one in raised() if one.code not in SENTENCES}) == []


def test_every_code_is_raised_with_the_parameters_of_its_sentence() -> None:
    wrong = [
        (one.place, one.code, sorted(parameters(SENTENCES[one.code][0]) - one.params))
        for one in raised()
        if one.code in SENTENCES and one.params is not None and parameters(SENTENCES[one.code][0]) - one.params
    ]
    assert wrong == []


def test_every_sentence_is_raised_somewhere() -> None:
    assert sorted(set(SENTENCES) - strings() - TO_COME) == []


def test_the_list_of_what_is_to_come_names_only_sentences_that_are_not_raised_yet() -> None:
    assert sorted(TO_COME - set(SENTENCES)) == []
    assert sorted(TO_COME & strings()) == []


def test_a_parameter_may_name_words_of_the_field() -> None:
    params = {
        "state": "word:state.assigned",
        "command": "word:command.offer",
        "allowed": "word:command.note word:nothing",
    }
    assert sentence_for("case_state", Language.ZH, params) == "诉求件处于“办理中”，不能“移交”；现在可以：补充情况、无。"
    assert sentence_for("case_state", Language.EN, params) == (
        "The case is in progress; offer is not possible. Possible now: add a note, nothing."
    )


@pytest.mark.parametrize(
    "typed",
    ["word:", "word:no.such", "word:state.assigned x", "{centre}", "%s", "{0.__class__}", "word:state.assigned word:"],
)
def test_what_a_person_typed_is_shown_as_it_is(typed: str) -> None:
    for language in Language:
        assert typed in sentence_for("unit_unknown", language, {"centre": "东县", "unit": typed})


def test_an_unknown_code_or_a_missing_parameter_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        sentence_for("no_such_code", Language.ZH, {})
    with pytest.raises(KeyError):
        sentence_for("unit_unknown", Language.EN, {"centre": "东县"})


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (invalid(Violation("title", "text_empty")), Kind.INVALID),
        (not_found("centre_unknown", centre="1"), Kind.NOT_FOUND),
        (wrong_state("offer_none"), Kind.STATE),
        (forbidden("offer_no_parent"), Kind.FORBIDDEN),
        (unavailable("broker_away"), Kind.UNAVAILABLE),
    ],
)
def test_a_refusal_has_its_kind_and_speaks_both_languages(refusal: Refusal, kind: Kind) -> None:
    assert refusal.kind is kind
    assert CHINESE.search(refusal.sentence(Language.ZH))
    assert not CHINESE.search(refusal.sentence(Language.EN))
    assert refusal.code in str(refusal)


def test_a_refusal_of_input_names_each_field_where_it_is_logged() -> None:
    too_long = Violation("text", "text_too_long", {"length": "9", "limit": "5"})
    refusal = invalid(Violation("title", "text_empty"), too_long)
    assert "title: This is empty" in str(refusal)
    assert "text: This has 9 characters" in str(refusal)
    assert refusal.params == {"count": "2"}
