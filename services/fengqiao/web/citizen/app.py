"""The citizens' pages as one application: for every hosted centre, on a listener of its own (DESIGN section 8)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from secure.middleware import SecureASGIMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from fengqiao.domain.errors import Kind, Refusal, not_found
from fengqiao.observe.logging import logger
from fengqiao.observe.tracing import current_trace_id, traced
from fengqiao.web.assets import STATIC, StaticAssets, asset_versions
from fengqiao.web.citizen.node import CitizenNode
from fengqiao.web.citizen.performance import PublicationShelf, performance_page
from fengqiao.web.citizen.visit import TEMPLATES, CitizenVisit
from fengqiao.web.headers import headers
from fengqiao.web.templating import build_environment

REQUEST_SECONDS = 10.0
Page = Callable[[CitizenVisit], Awaitable[Response]]

_log = logger("web.citizen")


def build_citizen(directory: Mapping[str, CitizenNode], *, secure_transport: bool) -> Starlette:
    """Make the pages of all hosted centres; `directory` is read at every request, so that nodes may come and go."""
    environment, assets, shelf = build_environment(TEMPLATES), asset_versions(), PublicationShelf()

    def door(page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await _guarded(CitizenVisit(request, environment, assets), page)

        return endpoint

    def node_of(visit: CitizenVisit) -> CitizenNode:
        node = directory.get(visit.request.path_params["centre"])
        if node is None:
            raise not_found("page_unknown")
        return node

    async def front(visit: CitizenVisit) -> Response:
        publishing = [node for node in directory.values() if node.publishes] or list(directory.values())
        if len(publishing) == 1:
            return RedirectResponse(visit.url(publishing[0].centre.code, "performance"), status_code=303)
        return visit.page("front.html", centres=[node.centre for node in publishing])

    async def home(visit: CitizenVisit) -> Response:
        return RedirectResponse(visit.url(node_of(visit).centre.code, "performance"), status_code=303)

    async def performance(visit: CitizenVisit) -> Response:
        return await performance_page(visit, node_of(visit), shelf)

    async def unknown(request: Request, _trouble: Exception) -> Response:
        return _error_page(CitizenVisit(request, environment, assets), 404)

    return Starlette(
        routes=[
            Route("/", door(front)),
            Mount("/static", StaticAssets(directory=STATIC), name="static"),
            Route("/{centre}/", door(home)),
            Route("/{centre}/performance", door(performance)),
        ],
        middleware=[Middleware(SecureASGIMiddleware, secure=headers(secure_transport=secure_transport))],
        exception_handlers={HTTPException: unknown},
    )


async def _guarded(visit: CitizenVisit, page: Page) -> Response:
    """Serve within the deadline and turn refusals and crashes into pages; nobody sees a stack."""
    number = ""
    try:
        with traced(f"{visit.request.method} citizen"):
            number = current_trace_id()[:16]
            async with asyncio.timeout(REQUEST_SECONDS):
                return await page(visit)
    except Refusal as refusal:
        return _error_page(visit, 404 if refusal.kind is Kind.NOT_FOUND else 503)
    except TimeoutError:
        return _error_page(visit, 503)
    except Exception:  # the last wall: whatever else goes wrong is logged with its number and told without its stack
        _log.exception("page failed", trace=number, path=visit.request.url.path)
        return _error_page(visit, 500)


def _error_page(visit: CitizenVisit, status: int) -> Response:
    response = visit.page("error.html", status, late=status != 404)
    response.headers["Cache-Control"] = "no-store"
    return response
