"""The catalogue and the routing rules in force at a node: they change while it runs, without a restart (F10)."""

from dataclasses import replace

from fengqiao.domain.catalogue import Catalogue, catalogue_of
from fengqiao.domain.edition import FIRST, Book, Edition, EditionState, Sheet
from fengqiao.domain.handbook import Handbook
from fengqiao.domain.routing import RouteBook, route_book

CLASSIFIES = (Sheet.CLASS, Sheet.ITEM)
"""The sheets that rules and forms look at."""


class InForce:
    """What was published and applied last at one node; a newer number replaces an older one, never the reverse."""

    def __init__(self) -> None:
        self._catalogue: Catalogue | None = None
        self._routes_number = FIRST
        self.routes = RouteBook()

    def number(self, book: Book) -> int:
        """Give the number of what is in force of a book."""
        if book is Book.ROUTING:
            return self._routes_number
        return self._catalogue.number if self._catalogue else FIRST

    def handbook(self, first: Handbook) -> Handbook:
        """Give the handbook with the catalogue in force in place of that of the file."""
        return replace(first, catalogue=self._catalogue) if self._catalogue else first

    def apply(self, edition: Edition) -> None:
        """Take an edition in force; a draft, or one that is not newer, changes nothing."""
        if edition.state is EditionState.DRAFT or edition.number <= self.number(edition.book):
            return
        if edition.book is Book.CATALOGUE:
            # What only people read stays in the database: 147 nodes of one process would keep 147 copies of it.
            kept = tuple(row for row in edition.rows if row.sheet in CLASSIFIES)
            self._catalogue = replace(catalogue_of(edition.version, edition.number, edition.rows), rows=kept)
        else:
            self._routes_number = edition.number
            self.routes = route_book(edition.version, edition.sheet(Sheet.ROUTE))
