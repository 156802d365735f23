"""One action on many cases: each goes through its own command, and each has its own answer (ui.md, pain 14)."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.responses import Response

from fengqiao.domain.course import Grade
from fengqiao.domain.errors import Kind, Refusal, Violation, invalid
from fengqiao.handlers import case as cases
from fengqiao.insight.cases import case_view
from fengqiao.store.queries import case_numbers
from fengqiao.web.desk.case_commands import build_command
from fengqiao.web.desk.course_actions import item_options
from fengqiao.web.desk.forms import ChangeLine, FormView, known_id, typed
from fengqiao.web.desk.listing import Options, unit_options, worded
from fengqiao.web.desk.timeline import changes_since
from fengqiao.web.desk.visit import Visit

PICKED_MOST = 200
BULK_SECONDS = 7.0
"""After this the rest is not begun; a page has ten seconds, and what was done has to be told."""

# What can be done with many at once, with what each asks for; nothing that needs a look at the single case.
BULK_FIELDS: Mapping[str, tuple[str, ...]] = {
    "assign": ("unit",),
    "admit": (),
    "accept": (),
    "classify": ("item",),
    "grade": ("grade",),
    "sign-off": (),
    "approve": (),
    "resume": (),
    "refuse": ("reason",),
    "note": ("text",),
}
USUAL_IN_VIEW = {
    "unassigned": "assign",
    "offered": "accept",
    "sign_off": "sign-off",
    "applied": "approve",
    "suspended": "resume",
}
READ_ONLY_VIEWS = frozenset({"resolved", "all", "intake"})


@dataclass(frozen=True, slots=True)
class BulkField:
    """One field of the bar, and the actions that want it."""

    name: str
    options: Options
    actions: str


@dataclass(frozen=True, slots=True)
class BulkBar:
    """The bar below a list: actions to choose from, and their fields."""

    actions: Options
    usual: str
    fields: Sequence[BulkField]
    most: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: done, refused with a sentence (stale: with what changed), or not begun."""

    number: str
    href: str
    verdict: str
    sentence: str
    changes: Sequence[ChangeLine] = ()
    again: str = ""


def bulk_bar(visit: Visit, view: str) -> BulkBar:
    """Make the bar of a view."""
    options: Mapping[str, Options] = {
        "unit": unit_options(visit, visit.centre.code),
        "item": item_options(visit),
        "grade": worded(visit, "grade", Grade),
    }
    names = dict.fromkeys(name for fields in BULK_FIELDS.values() for name in fields)
    fields = [
        BulkField(name, options.get(name, ()), " ".join(act for act, wants in BULK_FIELDS.items() if name in wants))
        for name in names
    ]
    actions = tuple((name, visit.t(f"act.{name}")) for name in BULK_FIELDS)
    usual = USUAL_IN_VIEW.get(view, "note" if view in READ_ONLY_VIEWS else "assign")
    return BulkBar(actions, usual, fields, PICKED_MOST)


async def act_on_many(visit: Visit) -> Response:
    """Carry out one action on all ticked cases, one after the other, and show what became of each."""
    form = visit.form
    values = typed(form) if form else {}
    picked = list(dict.fromkeys(str(one) for one in form.getlist("case"))) if form else []
    action = values.get("action", "")
    wrong = [] if action in BULK_FIELDS else [Violation("action", "choice_empty")]
    if not picked:
        wrong.append(Violation("case", "none_picked"))
    if len(picked) > PICKED_MOST:
        wrong.append(Violation("case", "too_many_picked", {"count": str(len(picked)), "limit": str(PICKED_MOST)}))
    if action in BULK_FIELDS:
        wrong += [Violation(name, "choice_empty") for name in BULK_FIELDS[action] if not values.get(name, "").strip()]
    if wrong:
        raise invalid(*wrong)
    outcomes = await _carried_out(visit, action, values, [_pick(one) for one in picked])
    done = sum(one.verdict == "done" for one in outcomes)
    kept = {name: values[name] for name in ("action", *BULK_FIELDS[action], "back") if values.get(name)}
    return visit.page(
        "bulk.html",
        action=visit.t(f"act.{action}"),
        outcomes=outcomes,
        done=done,
        refused=len(outcomes) - done,
        kept=kept,
        again=any(one.again for one in outcomes),
        problem=FormView(visit.t),
        back=visit.safe_path(values.get("back", ""), visit.url("work")),
    )


async def _carried_out(
    visit: Visit, action: str, values: Mapping[str, str], picked: Sequence[tuple[UUID, int, int]]
) -> Sequence[Outcome]:
    numbers = await case_numbers(visit.context.database, [case_id for case_id, _, _ in picked])
    outcomes, ends = list[Outcome](), time.monotonic() + BULK_SECONDS
    for case_id, version, seen in picked:
        number = numbers.get(case_id, str(case_id))
        href = visit.url("cases", number)
        pick = f"{case_id}:{version}:{seen}"
        if time.monotonic() > ends:
            outcomes.append(Outcome(number, href, "waits", visit.t("bulk.not_begun"), again=pick))
            continue
        given = {**values, "seen_version": str(version), "offer_id": str(visit.context.new_id())}
        try:
            await cases.carry_out(visit.context, await build_command(visit, case_id, action, given), visit.actor)
        except Refusal as refusal:
            if refusal.kind is Kind.UNAVAILABLE:
                raise
            outcomes.append(await _refused(visit, number, refusal, case_id, seen))
        else:
            outcomes.append(Outcome(number, href, "done", visit.t("bulk.done")))
    return outcomes


async def _refused(visit: Visit, number: str, refusal: Refusal, case_id: UUID, seen: int) -> Outcome:
    sentences = [refusal.sentence(visit.language)] if not refusal.violations else []
    sentences += [one.sentence(visit.language) for one in refusal.violations]
    outcome = Outcome(number, visit.url("cases", number), "refused", " ".join(sentences))
    if refusal.kind is not Kind.STALE:
        return outcome
    view = await case_view(visit.context.database, case_id)
    again = f"{case_id}:{view.file.case.version}:{view.file.journal_length}"
    changes = changes_since(view.events, seen, visit)
    return Outcome(number, outcome.href, "refused", outcome.sentence, changes, again)


def _pick(value: str) -> tuple[UUID, int, int]:
    case_id, _, rest = value.partition(":")
    version, _, seen = rest.partition(":")
    identity = known_id(case_id)
    if identity is None or not (version.isdecimal() and seen.isdecimal()):
        raise invalid(Violation("case", "id_malformed", {"value": value[:80]}))
    return identity, int(version), int(seen)
