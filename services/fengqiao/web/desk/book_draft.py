"""The draft of a book at the desk: what it changes, what is wrong with it, and putting it in force (F10)."""

from starlette.responses import Response

from fengqiao.domain.edition import DropDraft, PublishDraft
from fengqiao.domain.edition_rules import faults_of, may_edit
from fengqiao.domain.errors import Refusal
from fengqiao.handlers import edition as editions
from fengqiao.insight.editions import book_standing, draft_view
from fengqiao.web.desk.book import book_of
from fengqiao.web.desk.forms import FormView, typed
from fengqiao.web.desk.times import moment
from fengqiao.web.desk.visit import Visit


async def draft_page(visit: Visit) -> Response:
    """Show what the draft changes, in sentences."""
    return await _page(visit, "")


async def publish(visit: Visit) -> Response:
    """Put the draft in force; what keeps it from that is shown with the differences as they are now."""
    return await _carried_out(visit, PublishDraft(book_of(visit), _seen(visit)), "published")


async def drop(visit: Visit) -> Response:
    """Throw the draft away."""
    return await _carried_out(visit, DropDraft(book_of(visit), _seen(visit)), "dropped")


async def _carried_out(visit: Visit, command: PublishDraft | DropDraft, notice: str) -> Response:
    try:
        await editions.carry_out(visit.context, command, visit.actor)
    except Refusal as refusal:
        return await _page(visit, refusal.sentence(visit.language), 422 if refusal.violations else 409)
    return visit.go(visit.url(command.book), notice)


def _seen(visit: Visit) -> int | None:
    given = typed(visit.form).get("seen_revision", "") if visit.form else ""
    return int(given) if given.isascii() and given.isdigit() else None


async def _page(visit: Visit, sentence: str, status: int = 200) -> Response:
    book = book_of(visit)
    standing = await book_standing(visit.context.database, visit.context.first_edition(book))
    view = draft_view(standing)
    facts = visit.context.facts(visit.actor)
    faults = faults_of(book, view.edition.rows, standing.published.rows, facts) if view else ()
    own = view is not None and view.edition.drafted_by == visit.actor.name
    return visit.page(
        "book_draft.html",
        status,
        book=book.value,
        draft=view.edition if view else None,
        changed=moment(view.edition.drafted_at, visit.now, visit.language) if view else None,
        in_force=standing.published.version,
        differences=[one.sentence(visit.language) for one in view.differences] if view else [],
        faults=[(one.field, one.sentence(visit.language)) for one in faults],
        own=own,
        editable=may_edit(book, visit.centre),
        problem=FormView(visit.t, sentence=sentence),
    )
