"""CatalogueService: the commands and queries on the books of one centre, translated (F10)."""

from collections.abc import Iterable

from fengqiao.domain.edition import Book, Sheet
from fengqiao.domain.edition_diff import Difference
from fengqiao.domain.edition_rules import faults_of
from fengqiao.domain.errors import Violation, not_found
from fengqiao.domain.routing import Target, route_book
from fengqiao.domain.routing_trial import PastCase, Tried
from fengqiao.domain.words import Language
from fengqiao.handlers import edition as editions
from fengqiao.handlers.context import Actor, Context
from fengqiao.insight.editions import EditionView, book_standing, draft_view, edition_history, edition_view
from fengqiao.insight.routing import CASES_TRIED, routing_trial
from fengqiao.proto.v1 import catalogue_pb2, catalogue_service_pb2_grpc
from fengqiao.proto.v1 import catalogue_service_pb2 as pb
from fengqiao.rpc.interceptors import ServerCall
from fengqiao.rpc.requests import actor_of
from fengqiao.wire.edition import edition_to_wire
from fengqiao.wire.edition_command import EditionRequest, book_from_wire, edition_command_from_wire
from fengqiao.wire.fields import Fields


class CatalogueService(catalogue_service_pb2_grpc.CatalogueServiceServicer):
    """The servicer of one centre."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def PutRow(self, request: pb.PutRowRequest, context: ServerCall) -> pb.PutRowResponse:
        """Write a row into the draft."""
        return pb.PutRowResponse(edition=await self._carry_out(request))

    async def RemoveRow(self, request: pb.RemoveRowRequest, context: ServerCall) -> pb.RemoveRowResponse:
        """Take a row out of the draft."""
        return pb.RemoveRowResponse(edition=await self._carry_out(request))

    async def DropDraft(self, request: pb.DropDraftRequest, context: ServerCall) -> pb.DropDraftResponse:
        """Throw the draft away."""
        return pb.DropDraftResponse(edition=await self._carry_out(request))

    async def PublishDraft(self, request: pb.PublishDraftRequest, context: ServerCall) -> pb.PublishDraftResponse:
        """Put the draft in force."""
        return pb.PublishDraftResponse(edition=await self._carry_out(request))

    async def GetEdition(self, request: pb.GetEditionRequest, context: ServerCall) -> pb.GetEditionResponse:
        """Give one edition with its rows."""
        return pb.GetEditionResponse(edition=edition_to_wire((await self._view(request)).edition))

    async def ListEditions(self, request: pb.ListEditionsRequest, context: ServerCall) -> pb.ListEditionsResponse:
        """List the editions that are kept here."""
        fields = Fields()
        book = book_from_wire(fields, request.book)
        fields.check()
        found = await edition_history(self._context.database, self._context.first_edition(book))
        return pb.ListEditionsResponse(editions=[edition_to_wire(one, with_rows=False) for one in found])

    async def GetDifferences(self, request: pb.GetDifferencesRequest, context: ServerCall) -> pb.GetDifferencesResponse:
        """Say what differs from the edition before, and what is wrong with it."""
        view = await self._view(request)
        edition, before = view.edition, view.before
        facts = self._context.facts(Actor("reader"))
        faults = faults_of(edition.book, edition.rows, before.rows if before else (), facts) if request.draft else ()
        return pb.GetDifferencesResponse(differences=_both(view.differences), faults=_both(faults))

    async def GetRoutingTrial(
        self, request: pb.GetRoutingTrialRequest, context: ServerCall
    ) -> pb.GetRoutingTrialResponse:
        """Run routing rules over past cases."""
        here = self._context
        edition = await self._edition(Book.ROUTING, 0, draft=request.draft)
        book = route_book(edition.edition.version, edition.edition.sheet(Sheet.ROUTE))
        trial = await routing_trial(here.database, here.centre.code, book, request.cases or CASES_TRIED)
        return pb.GetRoutingTrialResponse(
            looked_at=trial.looked_at,
            same=len(trial.same),
            other=map(_tried, trial.other),
            open=map(_tried, trial.open),
            unmatched=map(_past, trial.unmatched),
            routes=[
                pb.RouteCount(
                    code=one.route.code, name=one.route.name, matched=one.matched, same=one.same, earlier=one.earlier
                )
                for one in trial.routes
            ],
        )

    async def _view(self, request: pb.GetEditionRequest | pb.GetDifferencesRequest) -> EditionView:
        fields = Fields()
        book = book_from_wire(fields, request.book)
        fields.check()
        return await self._edition(book, request.number, draft=request.draft)

    async def _edition(self, book: Book, number: int, *, draft: bool) -> EditionView:
        first = self._context.first_edition(book)
        if not draft:
            return await edition_view(self._context.database, first, number or self._context.in_force.number(book))
        found = draft_view(await book_standing(self._context.database, first))
        if found is None:
            raise not_found("edition_no_draft")
        return found

    async def _carry_out(self, request: EditionRequest) -> catalogue_pb2.Edition:
        fields = Fields()
        actor = actor_of(fields, request)
        command = edition_command_from_wire(fields, request)
        fields.check()
        return edition_to_wire(await editions.carry_out(self._context, command, actor))


def _both(told: Iterable[Difference | Violation]) -> list[pb.BothLanguages]:
    return [pb.BothLanguages(chinese=one.sentence(Language.ZH), english=one.sentence(Language.EN)) for one in told]


def _past(case: PastCase, route: str = "", suggested: Target = Target()) -> pb.TriedCase:
    return pb.TriedCase(
        case_id=str(case.id),
        number=case.number,
        title=case.title,
        route=route,
        suggested_unit=suggested.unit,
        suggested_to=suggested.to,
        done_unit=case.done.unit,
        done_to=case.done.to,
    )


def _tried(one: Tried) -> pb.TriedCase:
    return _past(one.case, one.route.code, one.suggested)
