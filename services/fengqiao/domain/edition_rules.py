"""The rules of a book: who may edit it, what a draft becomes, and who may put it in force (F10).

One person drafts, another publishes. What is in force never changes; a new edition takes its place.
"""

from collections.abc import Iterable
from dataclasses import replace

from fengqiao.domain.decision import Facts, Outgoing
from fengqiao.domain.edition import (
    SHEETS,
    Book,
    CataloguePublished,
    DropDraft,
    Edition,
    EditionState,
    PublishDraft,
    PutRow,
    RemoveRow,
    SheetRow,
    Standing,
)
from fengqiao.domain.edition_diff import differences
from fengqiao.domain.edition_faults import CODE_FIELD, catalogue_faults, cleaned, row_faults
from fengqiao.domain.errors import Kind, Refusal, Violation, forbidden, invalid, not_found, wrong_state
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.routing_faults import route_faults, routing_faults
from fengqiao.domain.topology import Centre, Level


def may_edit(book: Book, centre: Centre) -> bool:
    """Tell whether a centre edits a book: the catalogue is the city's, the routing rules are each centre's own."""
    return book is Book.ROUTING or centre.parent is None


def check_may_edit(book: Book, facts: Facts) -> None:
    """Raise FORBIDDEN edition_city_only at a centre that only reads the book."""
    if not may_edit(book, facts.centre):
        raise forbidden("edition_city_only")


def faults_of(
    book: Book, rows: tuple[SheetRow, ...], before: Iterable[SheetRow], facts: Facts
) -> tuple[Violation, ...]:
    """Tell everything that is wrong with the rows of a book."""
    if book is Book.ROUTING:
        return routing_faults(rows, facts.handbook.catalogue, facts.centre, facts.topology, facts.units)
    units = {unit.code for unit in facts.units.by_level[Level.CITY]}
    return catalogue_faults(rows, units, before)


def put_row(standing: Standing, command: PutRow, facts: Facts) -> Edition:
    """Write a row into the draft; raises INVALID with its wrong fields, STALE row_changed."""
    check_may_edit(command.book, facts)
    row = cleaned(command.row)
    if row.sheet not in SHEETS[command.book]:
        raise invalid(Violation("sheet", "edition_wrong_book", {"sheet": f"word:sheet.{row.sheet}"}))
    before = _row(standing, row)
    if before is not None and command.seen_mark is None:
        raise invalid(Violation(CODE_FIELD, "row_duplicate", {"code": row.code}))
    _check_seen(standing, row, before, command.seen_mark)
    faults = [*row_faults(row)]
    if command.book is Book.ROUTING:
        faults += route_faults(row, facts.handbook.catalogue, facts.centre, facts.topology, facts.units)
    if faults:
        raise invalid(*(replace(fault, field=fault.field.rpartition(".")[2]) for fault in faults))
    kept = [one for one in standing.edited.rows if one.key != row.key]
    return _drafted(standing, (*kept, row), facts)


def remove_row(standing: Standing, command: RemoveRow, facts: Facts) -> Edition:
    """Take a row out of the draft; raises NOT_FOUND row_unknown, STALE row_changed."""
    check_may_edit(command.book, facts)
    wanted = SheetRow(command.sheet, command.code, {})
    before = _row(standing, wanted)
    if before is None:
        raise not_found("row_unknown", row=command.code)
    _check_seen(standing, before, before, command.seen_mark)
    return _drafted(standing, tuple(one for one in standing.edited.rows if one.key != wanted.key), facts)


def drop_draft(standing: Standing, command: DropDraft, facts: Facts) -> Edition:
    """Give the draft that is thrown away; raises STATE edition_no_draft, STALE edition_stale."""
    check_may_edit(command.book, facts)
    return _draft(standing, command.seen_revision)


def publish(standing: Standing, command: PublishDraft, facts: Facts) -> Edition:
    """Put the draft in force; raises FORBIDDEN edition_second_person, INVALID edition_broken with every fault."""
    check_may_edit(command.book, facts)
    draft = _draft(standing, command.seen_revision)
    if draft.drafted_by == facts.actor:
        raise forbidden("edition_second_person", person=draft.drafted_by)
    if not differences(standing.published.rows, draft.rows):
        raise wrong_state("edition_unchanged")
    if faults := faults_of(command.book, draft.rows, standing.published.rows, facts):
        raise Refusal(Kind.INVALID, "edition_broken", {"count": str(len(faults))}, faults)
    return replace(
        draft,
        state=EditionState.PUBLISHED,
        revision=draft.revision + 1,
        version=f"{facts.at.astimezone(CITY_ZONE):%Y-%m-%d}.{draft.number}",
        published_by=facts.actor,
        published_at=facts.at,
    )


def told_below(edition: Edition, facts: Facts) -> tuple[Outgoing[CataloguePublished], ...]:
    """Give the messages by which a catalogue in force goes on to the centres below."""
    if edition.book is not Book.CATALOGUE or edition.state is not EditionState.PUBLISHED:
        return ()
    children = facts.topology.children(facts.centre.code)
    return tuple(Outgoing(child, CataloguePublished(edition), urgent=False) for child in children)


def _row(standing: Standing, wanted: SheetRow) -> SheetRow | None:
    return next((row for row in standing.edited.rows if row.key == wanted.key), None)


def _check_seen(standing: Standing, row: SheetRow, before: SheetRow | None, seen_mark: str | None) -> None:
    if seen_mark is None or (before is not None and before.mark == seen_mark):
        return
    person = standing.draft.drafted_by if standing.draft else standing.published.published_by
    raise Refusal(Kind.STALE, "row_changed", {"code": row.code, "person": person or "-"})


def _draft(standing: Standing, seen_revision: int | None) -> Edition:
    if standing.draft is None:
        raise wrong_state("edition_no_draft")
    if seen_revision is not None and seen_revision != standing.draft.revision:
        raise Refusal(Kind.STALE, "edition_stale")
    return standing.draft


def _drafted(standing: Standing, rows: tuple[SheetRow, ...], facts: Facts) -> Edition:
    book = standing.published.book
    draft = standing.draft or Edition(
        id=facts.event_id,
        book=book,
        number=standing.published.number + 1,
        version=f"draft-{standing.published.number + 1}",
        state=EditionState.DRAFT,
        revision=0,
        rows=(),
        centre=facts.centre.code,
        drafted_by="",
        drafted_at=facts.at,
    )
    ordered = tuple(sorted(rows, key=lambda row: (tuple(SHEETS[book]).index(row.sheet), row.code)))
    return replace(draft, rows=ordered, revision=draft.revision + 1, drafted_by=facts.actor, drafted_at=facts.at)
