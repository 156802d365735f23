"""Editions of the books of one centre, and the past cases that routing rules are tried against (F10)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from fengqiao.domain.edition import Book, Edition, EditionState, Sheet, SheetRow
from fengqiao.domain.routing import UP, Matter, Target
from fengqiao.domain.routing_trial import PastCase
from fengqiao.store.database import Database, Transaction
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("edition")
LISTED = 200


async def standing_editions(database: Database, books: Iterable[Book] = Book) -> tuple[Edition, ...]:
    """Give what is in force of these books, and their drafts."""
    rows = await database.fetch(_SQL["standing"], {"books": [book.value for book in books]})
    return tuple(map(_edition, rows))


async def numbers_in_force(database: Database) -> Mapping[Book, int]:
    """Give the number of what is in force of each book that has more than its first edition."""
    return {Book(row["book"]): row["number"] for row in await database.fetch(_SQL["numbers"])}


async def standing_locked(transaction: Transaction, book: Book) -> tuple[Edition, ...]:
    """Give what is in force of a book and its draft, locked until the transaction ends."""
    return tuple(map(_edition, await transaction.fetch(_SQL["standing_locked"], {"book": book.value})))


async def edition_with_previous(database: Database, book: Book, number: int) -> tuple[Edition, ...]:
    """Give an edition and the one before it, newest first; other numbers when this one is not kept here."""
    rows = await database.fetch(_SQL["with_previous"], {"book": book.value, "number": number})
    return tuple(map(_edition, rows))


async def editions(database: Database, book: Book) -> tuple[Edition, ...]:
    """List the editions of a book without their rows, newest first."""
    rows = await database.fetch(_SQL["list"], {"book": book.value, "limit": LISTED})
    return tuple(map(_edition, rows))


async def put_edition(transaction: Transaction, edition: Edition, told: Sequence[str], now: datetime) -> bool:
    """Keep an edition that these children are told of; False when it was there, or when the draft has moved on."""
    params = {
        "book": edition.book.value,
        "number": edition.number,
        "edition_id": edition.id,
        "version": edition.version,
        "state": edition.state.value,
        "revision": edition.revision,
        "rows": orjson.dumps([[row.sheet.value, row.code, dict(row.values)] for row in edition.rows]).decode(),
        "centre": edition.centre,
        "drafted_by": edition.drafted_by,
        "drafted_at": edition.drafted_at,
        "published_by": edition.published_by,
        "published_at": edition.published_at,
        "told": list(told),
        "now": now,
    }
    return bool(await transaction.fetch(_SQL["put"], params))


async def drop_draft(transaction: Transaction, draft: Edition) -> None:
    """Throw a draft away and commit; it was locked when it was read."""
    await transaction.fetch(_SQL["drop_draft"], {"book": draft.book.value, "revision": draft.revision}, last=True)


async def note_sent(transaction: Transaction, neighbours: Sequence[str], number: int) -> frozenset[str]:
    """Note that children are sent a catalogue; gives those that had not been sent it before."""
    rows = await transaction.fetch(_SQL["send"], {"neighbours": list(neighbours), "number": number})
    return frozenset(row["neighbour"] for row in rows)


async def past_cases(database: Database, centre: str, limit: int) -> tuple[PastCase, ...]:
    """Give the newest cases of a centre with where it sent each last."""
    rows = await database.fetch(_SQL["past_cases"], {"centre": centre, "limit": limit})
    return tuple(map(_past_case, rows))


def _edition(row: Mapping[str, Any]) -> Edition:
    return Edition(
        id=row["edition_id"],
        book=Book(row["book"]),
        number=row["number"],
        version=row["version"],
        state=EditionState(row["state"]),
        revision=row["revision"],
        rows=tuple([SheetRow(Sheet(sheet), code, values) for sheet, code, values in row["rows"]]),
        centre=row["centre"],
        drafted_by=row["drafted_by"],
        drafted_at=row["drafted_at"],
        published_by=row["published_by"],
        published_at=row["published_at"],
    )


def _past_case(row: Mapping[str, Any]) -> PastCase:
    matter = Matter(row["item"] or "", row["grade"] or "", row["place"], row["origin"], row["channel"], row["kind"])
    return PastCase(row["case_id"], row["number"], row["title"], matter, _done(row["done"], row["details"]))


def _done(kind: str | None, details: Mapping[str, str] | None) -> Target:
    if kind is None or details is None:
        return Target()
    if kind == "offered":
        return Target(to=UP if details["direction"] == "up" else details["to"])
    return Target(unit=details["unit"])
