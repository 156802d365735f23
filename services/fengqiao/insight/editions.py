"""Books for people to read: what is in force, the draft, the history, and what changed from one to the next (F10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from fengqiao.domain.edition import Edition, SheetRow, Standing, standing_of
from fengqiao.domain.edition_diff import Difference, differences
from fengqiao.domain.errors import not_found
from fengqiao.store import editions as kept
from fengqiao.store.database import Database


@dataclass(frozen=True, slots=True)
class EditionView:
    """An edition and the one that it followed (None: it is the first)."""

    edition: Edition
    before: Edition | None

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What it changed; nothing for the first."""
        return differences(self.before.rows, self.edition.rows) if self.before else ()


async def book_standing(database: Database, first: Edition) -> Standing:
    """Give a book as it stands; `first` is what the handbook file says."""
    return standing_of(await kept.standing_editions(database, (first.book,)), first)


async def edition_view(database: Database, first: Edition, number: int) -> EditionView:
    """Give one edition by its number; raises NOT_FOUND edition_unknown."""
    if number == first.number:
        return EditionView(first, None)
    found = await kept.edition_with_previous(database, first.book, number)
    if not found or found[0].number != number:
        raise not_found("edition_unknown", number=str(number))
    return EditionView(found[0], found[1] if len(found) > 1 else first)


def draft_view(standing: Standing) -> EditionView | None:
    """Give the draft with what it changes; None when there is none."""
    return EditionView(standing.draft, standing.published) if standing.draft else None


async def edition_history(database: Database, first: Edition) -> tuple[Edition, ...]:
    """List the editions of a book without their rows, newest first; the handbook file's comes last."""
    return (*await kept.editions(database, first.book), first)


def rows_with(rows: Sequence[SheetRow], words: str) -> tuple[SheetRow, ...]:
    """Give the rows in which all words stand, in the code or in any value."""
    wanted = words.casefold().split()
    return tuple(row for row in rows if all(word in _said(row) for word in wanted))


def _said(row: SheetRow) -> str:
    return "\n".join((row.code, *row.values.values())).casefold()
