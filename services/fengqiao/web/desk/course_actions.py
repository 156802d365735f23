"""The actions between acceptance and the citizen's last word: their commands, keys and fields (F09 to F15)."""

from collections.abc import Callable, Mapping

from fengqiao.domain.case import CommandName
from fengqiao.domain.catalogue import Item, MatterClass
from fengqiao.domain.course import ClosingKind, Grade, SuspensionReason
from fengqiao.domain.event import EventKind
from fengqiao.domain.words import Language
from fengqiao.insight.cases import CaseView
from fengqiao.web.desk.actions import Field
from fengqiao.web.desk.listing import Options, unit_options, worded
from fengqiao.web.desk.visit import Visit

COURSE_COMMANDS: Mapping[str, CommandName] = {
    "admit": CommandName.ADMIT,
    "decline": CommandName.DECLINE,
    "submit": CommandName.SUBMIT,
    "sign-off": CommandName.SIGN_OFF,
    "send-back": CommandName.SEND_BACK,
    "reply": CommandName.REPLY,
    "evaluate": CommandName.EVALUATE,
    "revisit": CommandName.REVISIT,
    "close": CommandName.CLOSE,
    "reopen": CommandName.REOPEN,
    "approve": CommandName.APPROVE,
    "deny": CommandName.DENY,
    "resume": CommandName.RESUME,
    "arbitrate": CommandName.ARBITRATE,
    "unmerge": CommandName.UNMERGE,
    "classify": CommandName.CLASSIFY,
    "grade": CommandName.GRADE,
    "transfer": CommandName.TRANSFER,
    "involve": CommandName.INVOLVE,
    "return": CommandName.RETURN,
    "object": CommandName.OBJECT,
    "suspend": CommandName.SUSPEND,
    "extend": CommandName.EXTEND,
    "challenge": CommandName.CHALLENGE,
    "merge": CommandName.MERGE,
    "retract": CommandName.RETRACT,
}
# One key may stand for several actions that are never possible together: `a` agrees, `x` refuses.
COURSE_KEYS = {
    "admit": "a",
    "decline": "x",
    "submit": "s",
    "sign-off": "a",
    "send-back": "x",
    "reply": "r",
    "evaluate": "e",
    "revisit": "v",
    "close": "r",
    "reopen": "o",
    "approve": "a",
    "deny": "x",
    "resume": "p",
    "arbitrate": "a",
    "unmerge": "m",
    "classify": "l",
    "grade": "g",
    "transfer": "t",
    "involve": "i",
    "return": "x",
    "object": "x",
    "suspend": "p",
    "extend": "y",
    "challenge": "v",
    "merge": "m",
    "retract": "w",
}
SECONDARY = frozenset(tuple(COURSE_COMMANDS)[tuple(COURSE_COMMANDS).index("classify") :])
"""What is wanted now and then; the page keeps it folded."""

Fields = Callable[[Visit, CaseView], tuple[Field, ...]]


def _nothing(_: Visit, __: CaseView) -> tuple[Field, ...]:
    return ()


def _reason(_: Visit, __: CaseView) -> tuple[Field, ...]:
    return (Field("reason"),)


def _days(_: Visit, __: CaseView) -> tuple[Field, ...]:
    return Field("days", "number"), Field("reason")


def _yes_no(visit: Visit) -> Options:
    return (("yes", visit.t("answer.yes")), ("no", visit.t("answer.no")))


def _units(visit: Visit, view: CaseView) -> Options:
    case = view.file.case
    return tuple(option for option in unit_options(visit, case.holder) if option[0] != case.unit)


def _submitted(visit: Visit, view: CaseView) -> tuple[Field, ...]:
    attached = {row.event.details["sha256"]: row.event for row in view.events if row.event.kind is EventKind.ATTACHED}
    files = tuple((sha256, event.details["name"]) for sha256, event in attached.items())
    kinds = (ClosingKind.EXPLAINED,) if view.file.case.course.unreasonable else _CLOSINGS
    evidence = (Field("evidence", "choices", files, chinese=True),) if files else ()
    return Field("closing", "radios", worded(visit, "closing", kinds)), Field("result"), *evidence, Field("proof")


def _signed_off(visit: Visit, view: CaseView) -> tuple[Field, ...]:
    submission = view.file.case.course.submission
    kinds = (submission.closing,) if submission else _CLOSINGS
    return (Field("closing", "radios", worded(visit, "closing", kinds)),)


_CLOSINGS = (ClosingKind.SOLVED, ClosingKind.EXPLAINED, ClosingKind.REFERRED)


def item_options(visit: Visit) -> Options:
    """Give the items of the catalogue, each after its class."""

    def named(one: Item | MatterClass) -> str:
        return one.name if visit.language is Language.ZH else one.name_en

    return tuple(
        (item.code, f"{item.code} {named(matter)} · {named(item)}")
        for matter in visit.context.handbook.catalogue.classes
        for item in matter.offered
    )


COURSE_FIELDS: Mapping[str, Fields] = {
    **dict.fromkeys(("admit", "sign-off", "approve", "resume"), _nothing),
    **dict.fromkeys(("send-back", "deny", "reopen", "unmerge", "return", "object", "challenge", "retract"), _reason),
    "decline": lambda _, __: (Field("reason"), Field("referred_to", "line")),
    "submit": _submitted,
    "reply": lambda _, __: (Field("text"),),
    "revisit": lambda visit, _: (Field("reached", "radios", _yes_no(visit)), Field("words")),
    "evaluate": lambda visit, _: (
        Field("solved", "radios", _yes_no(visit)),
        Field("satisfied", "radios", _yes_no(visit)),
        Field("words"),
    ),
    "close": _signed_off,
    "arbitrate": lambda visit, view: (
        Field("unit", "choice", unit_options(visit, view.file.case.holder), visit.t("form.choose")),
        Field("reason"),
    ),
    "classify": lambda visit, _: (Field("item", "choice", item_options(visit), visit.t("form.choose")),),
    "grade": lambda visit, _: (Field("grade", "radios", worded(visit, "grade", Grade)),),
    "transfer": lambda visit, view: (
        Field("unit", "choice", _units(visit, view), visit.t("form.choose")),
        Field("reason"),
    ),
    "involve": lambda visit, view: (Field("units", "choices", _units(visit, view)),),
    "suspend": lambda visit, view: (
        Field("cause", "choice", worded(visit, "cause", SuspensionReason), visit.t("form.choose")),
        *_days(visit, view),
    ),
    "extend": _days,
    "merge": lambda _, __: (Field("lead", "line"),),
}


def course_hint(name: str, view: CaseView, visit: Visit) -> str:
    """Say what a person has to know before the action, empty when nothing."""
    case, course, handbook = view.file.case, view.file.case.course, visit.context.handbook
    first = case.first_receiver
    hints: dict[str, Callable[[], str]] = {
        "suspend": lambda: visit.t("hint.suspend", limit=handbook.suspension_days_limit),
        "extend": lambda: visit.t("hint.extend", limit=handbook.extension_days_limit),
        "reopen": lambda: visit.t("hint.reopen", days=handbook.reopen_days),
        "object": lambda: visit.t("hint.object", centre=visit.name_of(visit.centre.parent or visit.centre.code)),
        "merge": lambda: visit.t("hint.merge"),
        "challenge": lambda: visit.t("hint.challenge"),
        **dict.fromkeys(
            ("transfer", "involve"),
            lambda: visit.t("hint.first_stays", unit=visit.unit_name(first.centre, first.unit)),
        ),
    }
    if name in ("sign-off", "send-back") and course.submission is not None:
        return visit.t("hint.second", person=course.submission.by)
    if name in ("approve", "deny") and (asked := course.application) is not None:
        return visit.t("hint.application", what=visit.word(f"application.{asked.kind}"), person=asked.by)
    return hints[name]() if name in hints else ""
