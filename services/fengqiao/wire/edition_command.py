"""Commands on a book, domain <-> protobuf (F10)."""

from fengqiao.domain.edition import (
    FIELDS,
    Book,
    DropDraft,
    EditionCommand,
    PublishDraft,
    PutRow,
    RemoveRow,
    sheet_row,
)
from fengqiao.proto.v1 import catalogue_pb2
from fengqiao.proto.v1 import catalogue_service_pb2 as pb
from fengqiao.wire.edition import BOOKS, SHEETS, row_to_wire
from fengqiao.wire.fields import Fields

EditionRequest = pb.PutRowRequest | pb.RemoveRowRequest | pb.DropDraftRequest | pb.PublishDraftRequest


def book_from_wire(fields: Fields, number: "catalogue_pb2.Book.ValueType") -> Book:
    """Read which book is meant."""
    return fields.value("book", BOOKS, number)


def edition_command_from_wire(fields: Fields, request: EditionRequest) -> EditionCommand:
    """Read a command; whatever is wrong is noted with its field, as a page or a person would be told."""
    book = book_from_wire(fields, request.book)
    match request:
        case pb.PutRowRequest():
            sheet = fields.value("row.sheet", SHEETS, request.row.sheet)
            for name in sorted(request.row.values.keys() - set(FIELDS[sheet])):
                fields.wrong(f"row.values.{name}", "limit_key_unknown", key=name)
            row = sheet_row(sheet, request.row.code, request.row.values)
            return PutRow(row, book, request.seen_mark if request.HasField("seen_mark") else None)
        case pb.RemoveRowRequest():
            sheet = fields.value("sheet", SHEETS, request.sheet)
            return RemoveRow(book, sheet, request.code, request.seen_mark if request.HasField("seen_mark") else None)
        case pb.DropDraftRequest():
            return DropDraft(book, request.seen_revision if request.HasField("seen_revision") else None)
        case pb.PublishDraftRequest():
            return PublishDraft(book, request.seen_revision if request.HasField("seen_revision") else None)


def edition_command_to_wire(command: EditionCommand, actor: str) -> EditionRequest:
    """Write a command as the request of its name."""
    book = BOOKS.number[command.book]
    match command:
        case PutRow():
            return pb.PutRowRequest(actor=actor, book=book, row=row_to_wire(command.row), seen_mark=command.seen_mark)
        case RemoveRow():
            sheet = SHEETS.number[command.sheet]
            return pb.RemoveRowRequest(
                actor=actor, book=book, sheet=sheet, code=command.code, seen_mark=command.seen_mark
            )
        case DropDraft():
            return pb.DropDraftRequest(actor=actor, book=book, seen_revision=command.seen_revision)
        case PublishDraft():
            return pb.PublishDraftRequest(actor=actor, book=book, seen_revision=command.seen_revision)
