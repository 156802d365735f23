"""The way into every page: centre, language, session, form token, deadline, and words for whatever goes wrong."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fengqiao.domain.errors import Kind, Refusal, not_found
from fengqiao.observe.logging import logger
from fengqiao.observe.tracing import current_trace_id, traced
from fengqiao.store import accounts
from fengqiao.web.desk.session import (
    SESSION_COOKIE,
    TOKEN_BYTES,
    VISITOR_COOKIE,
    bearer,
    check_form_token,
    form_token,
    token_hash,
)
from fengqiao.web.desk.visit import Shop, Visit, keep_language, language_of

Page = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]
STATUS: Mapping[Kind, int] = {
    Kind.INVALID: 422,
    Kind.NOT_FOUND: 404,
    Kind.EXISTS: 409,
    Kind.STATE: 409,
    Kind.STALE: 409,
    Kind.FORBIDDEN: 403,
    Kind.DEADLINE: 504,
    Kind.UNAVAILABLE: 503,
}
FILES_LIMIT = 1
FIELDS_LIMIT = 300
_log = logger("web.desk")


def door(shop: Shop, page: Page, *, public: bool = False, outside: bool = False) -> Endpoint:
    """Wrap a page of a centre; without `public` it asks for sign-in first.

    Accounts of bodies outside the chain get to no page but those that say `outside`.
    """

    async def endpoint(request: Request) -> Response:
        visit = open_visit(shop, request)
        return await guarded(visit, lambda: _served(visit, page, public=public, outside=outside))

    return endpoint


def front_door(shop: Shop, page: Page) -> Endpoint:
    """Wrap a page that belongs to no centre."""

    async def endpoint(request: Request) -> Response:
        visit = open_visit(shop, request)
        return await guarded(visit, lambda: page(visit))

    return endpoint


def open_visit(shop: Shop, request: Request) -> Visit:
    """Begin a visit; the centre is found later, so that even its absence is told in the right language."""
    return Visit(shop, request, language_of(request), shop.desk.settings.clock())


async def guarded(visit: Visit, serve: Callable[[], Awaitable[Response]]) -> Response:
    """Serve within the deadline and turn refusals and crashes into pages; a crash shows its number, never its stack."""
    number = ""
    try:
        with traced(f"{visit.request.method} desk"):
            number = current_trace_id()[:16]
            async with asyncio.timeout(visit.shop.desk.settings.request_seconds):
                response = await serve()
    except Refusal as refusal:
        response = error_page(visit, refusal)
    except HTTPException as trouble:
        response = error_page(visit, not_found("page_unknown"), trouble.status_code)
    except TimeoutError:
        response = error_page(visit, Refusal(Kind.DEADLINE, "deadline_passed"))
    except Exception:  # the last wall: whatever else goes wrong is logged with its number and told without its stack
        _log.exception("page failed", trace=number, path=visit.request.url.path)
        response = error_page(visit, Refusal(Kind.UNAVAILABLE, "page_failed", {"trace": number}), 500)
    keep_language(visit.request, response)
    return response


def error_page(visit: Visit, refusal: Refusal, status: int = 0) -> Response:
    """Show what happened and what to do."""
    code = status or STATUS[refusal.kind]
    back = visit.home if visit.has_centre else "/"
    response = visit.page(
        "error.html",
        code,
        code=code,
        title=visit.t(f"error.{refusal.kind}" if code != 500 else "error.crash"),
        sentence=refusal.sentence(visit.language),
        violations=[one.sentence(visit.language) for one in refusal.violations],
        back=back,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def _served(visit: Visit, page: Page, *, public: bool, outside: bool) -> Response:
    request, settings = visit.request, visit.shop.desk.settings
    code = request.path_params["centre"]
    visit.node = visit.shop.desk.directory.get(code)
    if visit.node is None:
        raise not_found("centre_not_hosted", centre=code)
    visit.now = visit.context.clock()
    visitor = ""
    if not bearer(request):
        visitor = secrets.token_urlsafe(TOKEN_BYTES)
    bound_to = bearer(request) or visitor
    if token := request.cookies.get(SESSION_COOKIE):
        visit.account = await accounts.session(visit.context.database, token_hash(token), visit.now)
    if visit.account is None and not public:
        return _to_sign_in(visit)
    if visit.is_outside and not (public or outside):
        raise Refusal(Kind.FORBIDDEN, "access_only")
    visit.form_token = form_token(settings.secret, bound_to)
    if request.method == "POST":
        visit.form = await request.form(max_files=FILES_LIMIT, max_fields=FIELDS_LIMIT)
        check_form_token(settings.secret, bearer(request), str(visit.form.get("form_token", "")))
    try:
        response = await page(visit)
    finally:
        if visit.form is not None:
            await visit.form.close()
    if visitor:
        visit.set_cookie(response, VISITOR_COOKIE, visitor, settings.session_hours * 3600)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _to_sign_in(visit: Visit) -> Response:
    request = visit.request
    if request.method != "GET":
        raise Refusal(Kind.FORBIDDEN, "sign_in_needed")
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{visit.url('sign-in')}?next={quote(wanted, safe='')}", status_code=303)
