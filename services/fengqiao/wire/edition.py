"""Editions and their rows, domain <-> protobuf (F10)."""

from collections.abc import Iterable

from fengqiao.domain.edition import FIRST, Book, CataloguePublished, Edition, EditionState, Sheet, SheetRow, sheet_row
from fengqiao.proto.v1 import catalogue_pb2, envelope_pb2
from fengqiao.wire.value import Pairing, instant, uuid_of, write_instant

BOOKS = Pairing(Book, catalogue_pb2.Book, "BOOK")
SHEETS = Pairing(Sheet, catalogue_pb2.Sheet, "SHEET")
EDITION_STATES = Pairing(EditionState, catalogue_pb2.EditionState, "EDITION_STATE")


def row_to_wire(row: SheetRow) -> catalogue_pb2.SheetRow:
    """Write a row."""
    return catalogue_pb2.SheetRow(sheet=SHEETS.number[row.sheet], code=row.code, values=row.values)


def row_from_wire(wire: catalogue_pb2.SheetRow) -> SheetRow:
    """Read a row; fields that only a newer release knows are left out. Raises ValueError or NewerValue."""
    return sheet_row(SHEETS.value(wire.sheet), wire.code, wire.values)


def write_edition(wire: catalogue_pb2.Edition, edition: Edition, rows: Iterable[SheetRow]) -> None:
    """Write an edition into its place, with these of its rows."""
    wire.id = str(edition.id)
    wire.book = BOOKS.number[edition.book]
    wire.number = edition.number
    wire.version = edition.version
    wire.state = EDITION_STATES.number[edition.state]
    wire.revision = edition.revision
    wire.rows.extend(map(row_to_wire, rows))
    wire.centre = edition.centre
    wire.drafted_by = edition.drafted_by
    write_instant(wire.drafted_at, edition.drafted_at)
    wire.published_by = edition.published_by
    if edition.published_at is not None:
        write_instant(wire.published_at, edition.published_at)


def edition_to_wire(edition: Edition, *, with_rows: bool = True) -> catalogue_pb2.Edition:
    """Write an edition as a message of its own."""
    wire = catalogue_pb2.Edition()
    write_edition(wire, edition, edition.rows if with_rows else ())
    return wire


def edition_from_wire(wire: catalogue_pb2.Edition) -> Edition:
    """Read an edition; raises ValueError or NewerValue."""
    return Edition(
        id=uuid_of(wire.id),
        book=BOOKS.value(wire.book),
        number=wire.number,
        version=wire.version,
        state=EDITION_STATES.value(wire.state),
        revision=wire.revision,
        rows=tuple([row_from_wire(row) for row in wire.rows]),
        centre=wire.centre,
        drafted_by=wire.drafted_by,
        drafted_at=instant(wire.drafted_at),
        published_by=wire.published_by,
        published_at=instant(wire.published_at) if wire.HasField("published_at") else None,
    )


def write_published(wire: envelope_pb2.CataloguePublished, message: CataloguePublished) -> None:
    """Write the message that a catalogue is in force."""
    write_edition(wire.edition, message.edition, message.edition.rows)


def published_from_wire(wire: envelope_pb2.Envelope) -> CataloguePublished:
    """Read the message that a catalogue is in force; raises ValueError or NewerValue."""
    edition = edition_from_wire(wire.catalogue_published.edition)
    if edition.book is not Book.CATALOGUE or edition.state is not EditionState.PUBLISHED or edition.number <= FIRST:
        raise ValueError("not a catalogue in force")
    return CataloguePublished(edition)
