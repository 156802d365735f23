"""What a refusal has to be: of a kind, with words in both languages, and nothing changed."""

from collections.abc import Callable
from typing import ParamSpec

import pytest

from fengqiao.domain.errors import Refusal
from fengqiao.domain.words import Language

Arguments = ParamSpec("Arguments")


def refusal_of(call: Callable[Arguments, object], *arguments: Arguments.args, **named: Arguments.kwargs) -> Refusal:
    """Call; give the refusal that it raises, having looked that no argument changed and that it can be said."""
    before = repr(arguments)
    with pytest.raises(Refusal) as caught:
        call(*arguments, **named)
    assert repr(arguments) == before, "something was changed by a refused command"
    for sentence_of in (caught.value.sentence, *(violation.sentence for violation in caught.value.violations)):
        assert all(sentence_of(language) for language in Language)
    return caught.value


def faults_of(refusal: Refusal) -> list[tuple[str, str]]:
    """Give the wrong fields of a refusal with their codes."""
    return [(violation.field, violation.code) for violation in refusal.violations]
