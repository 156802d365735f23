"""Taking a case in at the desk (F01): one form, errors beside the fields, sent twice registers once."""

from collections.abc import Mapping
from uuid import UUID

from starlette.responses import Response

from fengqiao.domain.case import CaseKind, Channel, Contact, RequestType
from fengqiao.domain.command import RegisterCase
from fengqiao.domain.errors import Refusal
from fengqiao.handlers import case as cases
from fengqiao.web.desk.forms import Form, FormView, read_form, refused_form, typed
from fengqiao.web.desk.listing import Options, unit_options, worded
from fengqiao.web.desk.routing_trial import why_at_intake, with_suggestion
from fengqiao.web.desk.visit import Visit


class RegisterForm(Form):
    """What the form sends; lengths are checked by the rules."""

    case_id: UUID
    title: str = ""
    text: str = ""
    kind: CaseKind
    request_type: RequestType
    channel: Channel
    place: str = ""
    urgent: bool = False
    unit: str = ""
    contact_name: str = ""
    contact_phone: str = ""


async def register_page(visit: Visit) -> Response:
    """Show the empty form; its id is made now, so that sending it twice registers one case."""
    started = {
        "case_id": str(visit.context.new_id()),
        "kind": CaseKind.REQUEST.value,
        "request_type": RequestType.HELP.value,
        "channel": Channel.DESK.value,
    }
    return _page(visit, FormView(visit.t, started))


async def register(visit: Visit) -> Response:
    """Register the case and show it."""
    values = typed(visit.form) if visit.form else {}
    try:
        form = read_form(RegisterForm, values)
        done = await cases.register(visit.context, _command(form), visit.actor)
    except Refusal as refusal:
        if not refusal.violations:
            raise
        return _page(visit, refused_form(visit.t, values, refusal, visit.language), 422)
    return visit.go(visit.url("cases", done.file.case.number), "registered" if done.new else "")


def _command(form: RegisterForm) -> RegisterCase:
    named = form.contact_name.strip() or form.contact_phone.strip()
    return RegisterCase(
        case_id=form.case_id,
        title=form.title,
        text=form.text,
        kind=form.kind,
        request_type=form.request_type,
        channel=form.channel,
        place=form.place,
        urgent=form.urgent,
        unit=form.unit,
        contact=Contact(form.contact_name, form.contact_phone) if named else None,
    )


def _page(visit: Visit, form: FormView, status: int = 200) -> Response:
    shown = form if status != 200 else with_suggestion(form, visit)
    return visit.page("register.html", status, form=shown, options=_options(visit), why=why_at_intake(shown, visit))


def _options(visit: Visit) -> Mapping[str, Options]:
    return {
        "kind": worded(visit, "kind", CaseKind),
        "request_type": worded(visit, "request_type", RequestType),
        "channel": worded(visit, "channel", Channel),
        "unit": unit_options(visit, visit.centre.code),
    }
