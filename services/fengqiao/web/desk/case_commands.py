"""Commands on a case from its page: assign, note, attach, hand over, answer, resolve (F09, F17, F38)."""

from collections.abc import Callable, Mapping
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.responses import Response

from fengqiao.domain.case import CaseFile, Direction
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    AssignCase,
    AttachFile,
    CaseCommand,
    OfferCase,
    RefuseOffer,
    ResolveCase,
    WithdrawOffer,
)
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.errors import Kind, Refusal, Violation, invalid, not_found
from fengqiao.handlers import attachment as attachments
from fengqiao.handlers import case as cases
from fengqiao.insight.cases import case_view
from fengqiao.web.desk.case import Shown, queue_of, show_case, wanted_case
from fengqiao.web.desk.case_actions import COMMANDS
from fengqiao.web.desk.course_commands import COURSE_BUILDERS, CourseForm, chosen, merge_command, typed_course
from fengqiao.web.desk.forms import Form, FormView, Version, read_form, refused_form
from fengqiao.web.desk.timeline import changes_since
from fengqiao.web.desk.visit import Visit


class ActionForm(Form):
    """What the form of any action may send; the rules say what has to be there."""

    seen_version: Version = None
    seen_events: int = 0
    offer_id: UUID | None = None
    unit: str = ""
    dispatch_to: str = ""
    reason: str = ""
    text: str = ""
    result: str = ""
    closing: ClosingKind = ClosingKind.SOLVED


async def act(visit: Visit) -> Response:
    """Carry out an action and show the case again; a refused one is shown with the reason and everything typed."""
    name = visit.request.path_params["action"]
    if name not in COMMANDS:
        raise not_found("page_unknown")
    case_id = await wanted_case(visit)
    values = typed_course(visit.form) if visit.form else {}
    try:
        if name == "attach":
            file = await _attached(visit, case_id)
        else:
            command = await build_command(visit, case_id, name, values)
            file = await cases.carry_out(visit.context, command, visit.actor)
    except Refusal as refusal:
        if refusal.kind not in (Kind.INVALID, Kind.STATE, Kind.STALE, Kind.FORBIDDEN):
            raise
        return await _refused(visit, case_id, name, values, refusal)
    came_from = queue_of(values.get("from", ""))
    shown = visit.url("cases", file.case.number) + (f"?from={came_from}" if came_from else "")
    return visit.go(visit.safe_path(values.get("back", ""), shown), "done")


async def build_command(visit: Visit, case_id: UUID, name: str, values: Mapping[str, str]) -> CaseCommand:
    """Make the command of an action from what its form has sent; raises INVALID with the wrong fields."""
    if name == "merge":
        return await merge_command(visit, case_id, read_form(CourseForm, values))
    if name in COURSE_BUILDERS:
        return COURSE_BUILDERS[name](case_id, read_form(CourseForm, values))
    return BUILDERS[name](case_id, read_form(ActionForm, values))


BUILDERS: Mapping[str, Callable[[UUID, ActionForm], CaseCommand]] = {
    "accept": lambda case_id, form: AcceptOffer(case_id, form.seen_version),
    "refuse": lambda case_id, form: RefuseOffer(case_id, form.reason, form.seen_version),
    "assign": lambda case_id, form: AssignCase(case_id, chosen("unit", form.unit), form.seen_version),
    "offer-up": lambda case_id, form: OfferCase(
        case_id, _offer_id(form), Direction.UP, form.reason, seen_version=form.seen_version
    ),
    "dispatch": lambda case_id, form: OfferCase(
        case_id,
        _offer_id(form),
        Direction.DOWN,
        form.reason,
        chosen("dispatch_to", form.dispatch_to),
        form.seen_version,
    ),
    "resolve": lambda case_id, form: ResolveCase(case_id, form.result, form.closing, form.seen_version),
    "withdraw": lambda case_id, form: WithdrawOffer(case_id, form.seen_version),
    "note": lambda case_id, form: AddNote(case_id, form.text),
}


def _offer_id(form: ActionForm) -> UUID:
    if form.offer_id is None:
        raise invalid(Violation("offer_id", "text_empty"))
    return form.offer_id


async def _attached(visit: Visit, case_id: UUID) -> CaseFile:
    upload = visit.form.get("content") if visit.form else None
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise invalid(Violation("content", "choice_empty"))
    content = await upload.read()
    media_type = (upload.content_type or "").partition(";")[0]
    command = AttachFile(case_id, "", len(content), media_type, upload.filename)
    return (await attachments.attach(visit.context, command, content, visit.actor)).file


async def _refused(visit: Visit, case_id: UUID, name: str, values: Mapping[str, str], refusal: Refusal) -> Response:
    form = refused_form(visit.t, values, refusal, visit.language)
    seen = 0
    if refusal.kind is Kind.STALE:
        seen = int(values.get("seen_events") or 0)
        view = await case_view(visit.context.database, case_id)
        changes = changes_since(view.events, seen, visit)
        form = FormView(visit.t, values, form.errors, form.sentence, changes)
    status = 422 if refusal.kind is Kind.INVALID else 409
    shown = Shown(name, form, seen, queue_of(values.get("from", "")))
    return await show_case(visit, case_id, shown, status)
