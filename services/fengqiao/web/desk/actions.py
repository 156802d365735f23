"""The next actions on a case or a directive: what is allowed now, each with its key and form (ui.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fengqiao.web.desk.forms import FormView
from fengqiao.web.desk.listing import Options
from fengqiao.web.desk.times import Moment


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the facts beside a story: a value or a time, with a smaller remark."""

    name: str
    value: str = ""
    more: str = ""
    at: Moment | None = None
    href: str = ""
    chinese: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an action's form: `widget` is area, line, number, instant, choice, choices, radios or file."""

    name: str
    widget: str = "area"
    options: Options = ()
    empty: str = ""
    chinese: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """One action: its verb, the key that opens it, where its form is sent, and its fields."""

    name: str
    key: str
    label: str
    href: str
    form: FormView
    hidden: Mapping[str, str]
    fields: Sequence[Field] = ()
    hint: str = ""
    open: bool = False
    multipart: bool = False
    primary: bool = False
    secondary: bool = False
