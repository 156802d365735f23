"""The desk as one application: its pages for every hosted centre, its static files, its headers."""

from collections.abc import Callable, Mapping
from pathlib import Path

from secure.middleware import SecureASGIMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from fengqiao.domain.edition import Book
from fengqiao.domain.errors import not_found
from fengqiao.domain.handling import ATTACHMENT_BYTES_LIMIT
from fengqiao.web.assets import STATIC, StaticAssets, asset_versions
from fengqiao.web.desk import (
    access,
    book,
    book_draft,
    book_row,
    bulk,
    case,
    case_commands,
    case_list,
    dead_letters,
    directive,
    directive_list,
    export,
    federation,
    find,
    front,
    intake,
    issue,
    keys,
    live,
    order,
    performance,
    performance_cases,
    performance_flows,
    performance_league,
    performance_reports,
    points,
    routing_trial,
    saved_views,
    session,
    supervision,
    wallboard,
)
from fengqiao.web.desk.door import Page, door, error_page, front_door, open_visit
from fengqiao.web.desk.node import Desk, DeskNode, DeskSettings
from fengqiao.web.desk.visit import TEMPLATES, Shop, Visit
from fengqiao.web.headers import headers
from fengqiao.web.templating import build_environment

BODY_LIMIT = ATTACHMENT_BYTES_LIMIT + 64 * 1024
"""The largest request: an attachment and the fields around it."""


def build_desk(directory: Mapping[str, DeskNode], settings: DeskSettings) -> Starlette:
    """Make the desk of all hosted centres; `directory` is read at every request, so that nodes may come and go."""
    shop = Shop(Desk(directory, settings), build_environment(TEMPLATES), asset_versions())

    async def unknown(request: Request, trouble: Exception) -> Response:
        visit = open_visit(shop, request)
        status = trouble.status_code if isinstance(trouble, HTTPException) else 500
        return error_page(visit, not_found("page_unknown"), status)

    return Starlette(
        routes=[
            Route("/", front_door(shop, front.front_page)),
            Mount("/static", StaticAssets(directory=Path(STATIC)), name="static"),
            *_routes(shop),
        ],
        middleware=[
            Middleware(SecureASGIMiddleware, secure=headers(secure_transport=settings.secure_cookies)),
            Middleware(RequestBodyLimitMiddleware, max_body_size=BODY_LIMIT),
        ],
        exception_handlers={HTTPException: unknown},
    )


async def _home(visit: Visit) -> Response:
    return visit.go(visit.home)


async def _act_again(visit: Visit) -> Response:
    # A refused form stands at the address of its action; reloading it, or switching the language, shows the case.
    path = visit.request.path_params
    return visit.go(f"{visit.url('cases', path['case'])}?act={path['action']}")


async def _turn_again(visit: Visit) -> Response:
    path = visit.request.path_params
    return visit.go(f"{visit.url('directives', path['directive'])}?act={path['action']}")


def _book_routes(name: Book, get: Callable[[str, Page], Route], post: Callable[[str, Page], Route]) -> list[Route]:
    row = f"/{name}/rows/{{sheet}}/{{code}}"
    return [
        get(f"/{name}", book.book_page),
        get(f"/{name}/draft", book_draft.draft_page),
        get(f"/{name}/draft/{{action}}", book_draft.draft_page),
        post(f"/{name}/draft/publish", book_draft.publish),
        post(f"/{name}/draft/drop", book_draft.drop),
        get(f"/{name}/history", book.history_page),
        get(f"/{name}/editions/{{number:int}}", book.edition_page),
        get(row, book_row.row_page),
        post(row, book_row.save_row),
        post(f"{row}/remove", book_row.remove_row),
    ]


def _routes(shop: Shop) -> list[Route]:
    def get(path: str, page: Page, *, public: bool = False, outside: bool = False) -> Route:
        return Route(f"/{{centre}}{path}", door(shop, page, public=public, outside=outside), methods=["GET"])

    def post(path: str, page: Page, *, public: bool = False, outside: bool = False) -> Route:
        return Route(f"/{{centre}}{path}", door(shop, page, public=public, outside=outside), methods=["POST"])

    return [
        get("/", _home, outside=True),
        get("/sign-in", session.sign_in_page, public=True),
        post("/sign-in", session.sign_in, public=True),
        post("/sign-out", session.sign_out, outside=True),
        get("/work", case_list.my_work),
        get("/cases", case_list.case_list),
        get("/cases-next", case_list.next_case),
        get("/cases/export.{format}", export.export),
        get("/cases/bulk", _home),
        post("/cases/bulk", bulk.act_on_many),
        post("/views", saved_views.save_view),
        post("/views/{view}/forget", saved_views.forget_saved_view),
        get("/cases/new", intake.register_page),
        post("/cases/new", intake.register),
        get("/cases/new/suggestion", routing_trial.suggestion_part),
        get("/cases/{case}", case.case_page),
        get("/cases/{case}/files/{sha256}", case.case_content),
        get("/cases/{case}/{action}", _act_again),
        post("/cases/{case}/{action}", case_commands.act),
        get("/directives", directive_list.directive_list),
        get("/directives/new", issue.issue_page),
        post("/directives/new", issue.issue),
        get("/directives/{directive}", directive.directive_page),
        get("/directives/{directive}/{action}", _turn_again),
        post("/directives/{directive}/{action}", directive.turn),
        get("/supervision", supervision.board_page),
        get("/supervision/cases/{case}/{action}", supervision.supervise_again),
        post("/supervision/cases/{case}/{action}", supervision.supervise),
        get("/supervision/orders/{order}", order.order_page),
        get("/supervision/orders/{order}/{action}", order.order_again),
        post("/supervision/orders/{order}/{action}", order.act_on_order),
        get("/supervision/points", points.points_page),
        get("/supervision/points/{entry}", points.entry_page),
        get("/supervision/points/{entry}/{action}", points.entry_again),
        post("/supervision/points/{entry}/{action}", points.act_on_entry),
        get("/access", access.access_list, outside=True),
        get("/access/{grant}", access.access_case, outside=True),
        *(route for name in Book for route in _book_routes(name, get, post)),
        get("/routing/trial", routing_trial.trial_page),
        get("/federation", federation.federation_page),
        get("/wallboard", wallboard.wallboard_page),
        get("/find", find.find_page),
        get("/find/{case}", find.trace_page),
        get("/performance", performance.performance_page),
        get("/performance/league", performance_league.league_page),
        get("/performance/flows", performance_flows.flows_page),
        get("/performance/heat", performance_flows.heat_page),
        get("/performance/reports", performance_reports.reports_page),
        post("/performance/reports", performance_reports.want_one),
        get("/performance/reports/{report}.{format}", performance_reports.fetch),
        get("/performance/cases", performance_cases.cases_page),
        get("/dead-letters", dead_letters.letter_list),
        post("/dead-letters/{letter:int}/{action}", dead_letters.close_letter),
        get("/keys", keys.keys_page, outside=True),
        get("/events", live.events),
    ]
