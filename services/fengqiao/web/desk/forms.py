"""Forms: what was typed becomes a checked model or a list of wrong fields, and nothing typed is ever lost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData

from fengqiao.domain.errors import Refusal, Violation, invalid
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.words import Language
from fengqiao.web.desk.texts import TEXTS
from fengqiao.web.desk.times import Moment

Translate = Callable[..., str]
Model = TypeVar("Model", bound="Form")
VALUE_LENGTH = 80
"""How much of a wrong value is repeated in the sentence about it."""


def _city_time(value: object) -> object:
    # A browser sends `2026-11-23T17:30` without a zone; people mean the clock on their wall.
    if isinstance(value, str) and value:
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            return value
        return read if read.tzinfo else read.replace(tzinfo=CITY_ZONE)
    return value


def empty_is_none(value: object) -> object:
    """Take an empty field of a form as one that was left out."""
    return None if value == "" else value


CityTime = Annotated[datetime, BeforeValidator(_city_time)]
Version = Annotated[int | None, BeforeValidator(empty_is_none)]


class Form(BaseModel):
    """The base of all forms: fields that a form does not know are ignored, such as its token."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One thing that happened since a page was read, for the summary of a stale form."""

    at: Moment
    centre: str
    actor: str
    verb: str
    words: str


@dataclass(frozen=True, slots=True)
class FormView:
    """A form as a page shows it: values as typed, a sentence per wrong field, and one for the whole."""

    t: Translate
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    changes: Sequence[ChangeLine] = ()

    def value(self, name: str) -> str:
        """Give what was typed into a field."""
        return self.values.get(name, "")

    def label(self, name: str) -> str:
        """Give the name of a field; one that the catalogue does not know keeps the name that the rules use."""
        return self.t(f"field.{name}") if f"field.{name}" in TEXTS else name


def typed(form: FormData) -> dict[str, str]:
    """Give the text fields of a form as they were typed."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str) and name != "form_token"}


def read_form(model: type[Model], values: Mapping[str, str]) -> Model:
    """Check a form; raises INVALID with every wrong field."""
    try:
        return model.model_validate(values)
    except ValidationError as trouble:
        raise invalid(*(_violation(one) for one in trouble.errors(include_url=False))) from trouble


def refused_form(t: Translate, values: Mapping[str, str], refusal: Refusal, language: Language) -> FormView:
    """Show a form again with what is wrong."""
    errors = {_field(one.field): one.sentence(language) for one in refusal.violations}
    return FormView(t, values, errors, refusal.sentence(language))


def _field(name: str) -> str:
    # The domain names nested fields with a dot; a page's fields are flat.
    return name.replace(".", "_")


def _violation(error: ErrorDetails) -> Violation:
    name = str(error["loc"][0]) if error["loc"] else "form"
    value = str(error.get("input", ""))[:VALUE_LENGTH]
    kind = error["type"]
    if kind == "missing" or value in ("", "None"):
        return Violation(name, "text_empty")
    if kind in ("enum", "literal_error"):
        return Violation(name, "enum_unknown", {"value": value, "allowed": str(error["ctx"]["expected"])})
    if kind.startswith("uuid"):
        return Violation(name, "id_malformed", {"value": value})
    if kind.startswith("datetime"):
        return Violation(name, "time_malformed", {"value": value})
    return Violation(name, "number_malformed", {"value": value})


def known_id(value: str) -> UUID | None:
    """Read an id out of an address; None when it is not one."""
    try:
        return UUID(value)
    except ValueError:
        return None
