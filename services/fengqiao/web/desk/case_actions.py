"""What can be done with a case from its page: the actions allowed now, with their keys, fields and hints (ui.md)."""

from collections.abc import Mapping

from fengqiao.domain.case import Case, CaseFile, CaseState, CommandName
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.handling import ATTACHMENT_BYTES_LIMIT
from fengqiao.domain.routing import Suggestion
from fengqiao.domain.transitions import allowed_commands
from fengqiao.insight.cases import CaseView
from fengqiao.web.desk.actions import Action, Field
from fengqiao.web.desk.course_actions import (
    COURSE_COMMANDS,
    COURSE_FIELDS,
    COURSE_KEYS,
    SECONDARY,
    Fields,
    course_hint,
)
from fengqiao.web.desk.forms import FormView
from fengqiao.web.desk.listing import unit_options, worded
from fengqiao.web.desk.routing_trial import case_suggestion, why
from fengqiao.web.desk.visit import Visit

# An offer has two faces, up and down; each action names the command that it gives.
COMMANDS: Mapping[str, CommandName] = {
    "accept": CommandName.ACCEPT,
    "refuse": CommandName.REFUSE,
    "assign": CommandName.ASSIGN,
    "offer-up": CommandName.OFFER,
    "dispatch": CommandName.OFFER,
    "resolve": CommandName.RESOLVE,
    "withdraw": CommandName.WITHDRAW,
    "note": CommandName.NOTE,
    "attach": CommandName.ATTACH,
    **COURSE_COMMANDS,
}
KEYS = {
    "accept": "a",
    "refuse": "x",
    "assign": "e",
    "offer-up": "u",
    "dispatch": "d",
    "resolve": "r",
    "withdraw": "w",
    "note": "c",
    "attach": "f",
    **COURSE_KEYS,
}


# What is usually wanted next in each state.
USUAL = {
    CaseState.REGISTERED: ("assign",),
    CaseState.ACCEPTED: ("assign",),
    CaseState.ASSIGNED: ("submit", "approve", "resume"),
    CaseState.DISPUTED: ("arbitrate",),
    CaseState.SUBMITTED: ("sign-off",),
    CaseState.SIGNED_OFF: ("reply",),
    CaseState.REPLIED: ("evaluate",),
    CaseState.RESOLVED: ("note",),
}

FIELDS: Mapping[str, Fields] = {
    "accept": lambda _, __: (),
    "withdraw": lambda _, __: (),
    "refuse": lambda _, __: (Field("reason"),),
    "note": lambda _, __: (Field("text"),),
    "attach": lambda _, __: (Field("content", "file"),),
    "offer-up": lambda _, __: (Field("reason"),),
    "assign": lambda visit, _: (
        Field("unit", "choice", unit_options(visit, visit.centre.code), visit.t("form.choose")),
    ),
    "dispatch": lambda visit, _: (
        Field(
            "dispatch_to",
            "choice",
            tuple((code, visit.name_of(code)) for code in visit.children),
            visit.t("form.choose"),
            True,
        ),
        Field("reason"),
    ),
    "resolve": lambda visit, _: (Field("closing", "radios", worded(visit, "closing", ClosingKind)), Field("result")),
    **COURSE_FIELDS,
}


def case_actions(
    view: CaseView, visit: Visit, opened: str, form: FormView | None, came_from: str = ""
) -> tuple[Action, ...]:
    """Give the actions that are allowed now, in the order in which they are usually wanted.

    `came_from` is the queue that the case was opened from; the form takes it along.
    """
    allowed = allowed_commands(view.file)
    above = visit.centre.parent
    return tuple(
        _action(name, view, visit, opened, form, came_from)
        for name, command in COMMANDS.items()
        if command in allowed
        and not (name == "offer-up" and above is None)
        and not (name == "dispatch" and not visit.children)
    )


def _action(name: str, view: CaseView, visit: Visit, opened: str, form: FormView | None, came_from: str) -> Action:
    file, case = view.file, view.file.case
    found = case_suggestion(case, visit).get(name)
    return Action(
        name=name,
        key=KEYS[name],
        label=visit.t(f"act.{name}"),
        href=visit.url("cases", case.number, name),
        form=form if form is not None and name == opened else FormView(visit.t, _as_it_stands(case, found)),
        hidden={
            "seen_version": str(case.version),
            "seen_events": str(file.journal_length),
            **({"from": came_from} if came_from else {}),
            **(
                {"offer_id": str(visit.context.new_id())}
                if COMMANDS[name] in (CommandName.OFFER, CommandName.OBJECT)
                else {}
            ),
        },
        fields=FIELDS[name](visit, view),
        hint=" ".join(filter(None, (why(found, visit) if found else "", _hint(name, file, visit))))
        or course_hint(name, view, visit),
        open=name == opened,
        multipart=name == "attach",
        secondary=name in SECONDARY,
        primary=name in (*USUAL[case.state], "accept"),
    )


def _as_it_stands(case: Case, found: Suggestion | None) -> Mapping[str, str]:
    """Give what a form shows before anything is typed: what was decided so far, and what a rule suggests."""
    course = case.course
    closing = ClosingKind.EXPLAINED if course.unreasonable else ClosingKind.SOLVED
    return {
        "closing": (course.submission.closing if course.submission else closing).value,
        "units": " ".join(course.co_handlers),
        "item": course.item,
        "grade": course.grade.value if course.grade else "",
        "unit": found.target.unit if found else "",
        "dispatch_to": found.target.to if found else "",
    }


def _hint(name: str, file: CaseFile, visit: Visit) -> str:
    match name:
        case "offer-up":
            return visit.t("hint.offer-up", parent=visit.name_of(visit.centre.parent or ""))
        case "accept":
            return visit.t("hint.accept", holder=visit.name_of(file.case.holder))
        case "refuse":
            return visit.t("hint.refuse", holder=visit.name_of(file.case.holder))
        case "assign" if not file.case.first_receiver.fixed:
            return visit.t("hint.assign_first")
        case "withdraw" if file.case.offer is not None:
            return visit.t("hint.withdraw", to=visit.name_of(file.case.offer.to))
        case "attach":
            return visit.t("hint.attach", limit=ATTACHMENT_BYTES_LIMIT // 1024 // 1024)
        case _:
            return ""
