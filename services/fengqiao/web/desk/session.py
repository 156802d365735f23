"""Sign-in, sessions and form tokens: a session belongs to one centre, and every form carries a token bound to it."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import Request
from starlette.responses import Response

from fengqiao.domain.errors import Kind, Refusal, unavailable
from fengqiao.domain.text import clean
from fengqiao.domain.topology import Level
from fengqiao.store import accounts
from fengqiao.web.desk.forms import FormView, typed
from fengqiao.web.desk.node import DemoAccount
from fengqiao.web.desk.visit import OUTSIDE_ROLES, Visit

SESSION_COOKIE = "session"
VISITOR_COOKIE = "visitor"
TOKEN_BYTES = 32
FORM_SECONDS = 24 * 3600
SIGN_IN_SECONDS = 5.0
"""How long a sign-in waits for its turn and its answer; the request as a whole has ten."""
_UNKNOWN = PasswordHasher().hash(secrets.token_hex(TOKEN_BYTES))
"""Checked for a login that is not there, so that the time it takes does not tell."""


def token_hash(token: str) -> bytes:
    """Give what is stored of a session's token."""
    return hashlib.sha256(token.encode()).digest()


def bearer(request: Request) -> str:
    """Give what form tokens are bound to: the session, or before sign-in the visitor."""
    return request.cookies.get(SESSION_COOKIE) or request.cookies.get(VISITOR_COOKIE, "")


def form_token(secret: bytes, bound_to: str) -> str:
    """Make the token of a form."""
    return TimestampSigner(secret, salt="form").sign(hashlib.sha256(bound_to.encode()).hexdigest()).decode()


def check_form_token(secret: bytes, bound_to: str, token: str) -> None:
    """Raise FORBIDDEN form_expired unless the token was made for this session, within a day."""
    expected = hashlib.sha256(bound_to.encode()).hexdigest()
    try:
        signed = TimestampSigner(secret, salt="form").unsign(token, max_age=FORM_SECONDS).decode()
    except BadSignature:
        signed = ""
    if not bound_to or not secrets.compare_digest(signed, expected):
        raise Refusal(Kind.FORBIDDEN, "form_expired")


async def sign_in_page(visit: Visit) -> Response:
    """Show the sign-in form."""
    return _page(visit, FormView(visit.t, {"next": visit.query("next")}))


async def sign_in(visit: Visit) -> Response:
    """Check login and password; on success open a session and go where the person wanted to go."""
    form = typed(visit.form) if visit.form else {}
    login, password = clean(form.get("login", "")), form.get("password", "")
    found = await accounts.account(visit.context.database, login)
    kept = {"login": login, "next": form.get("next", "")}
    try:
        right = await _checked(visit, found.password_hash if found else _UNKNOWN, password)
    except TimeoutError:
        busy = unavailable("too_busy").sentence(visit.language)
        return _page(visit, FormView(visit.t, kept, sentence=busy), status=503)
    if found is None or not right:
        refused = Refusal(Kind.FORBIDDEN, "sign_in_wrong").sentence(visit.language)
        return _page(visit, FormView(visit.t, kept, sentence=refused), status=422)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    hours = visit.shop.desk.settings.session_hours
    expires_at = visit.now + timedelta(hours=hours)
    await accounts.open_session(visit.context.database, found.login, token_hash(token), visit.now, expires_at)
    visit.account = found
    response = visit.go(_wanted(visit, form.get("next", "")))
    visit.set_cookie(response, SESSION_COOKIE, token, hours * 3600)
    return response


async def sign_out(visit: Visit) -> Response:
    """Close the session."""
    token = visit.request.cookies.get(SESSION_COOKIE, "")
    await accounts.close_session(visit.context.database, token_hash(token), visit.now)
    response = visit.go(visit.url("sign-in"))
    response.delete_cookie(SESSION_COOKIE, path=visit.url(""))
    return response


def _page(visit: Visit, form: FormView, status: int = 200) -> Response:
    return visit.page("sign_in.html", status, form=form, accounts=_demo_accounts(visit))


def _demo_accounts(visit: Visit) -> Sequence[DemoAccount]:
    accounts = visit.shop.desk.settings.demo_accounts
    if visit.centre.level is not Level.TOWNSHIP:
        return accounts
    return [account for account in accounts if account.role not in OUTSIDE_ROLES]


async def _checked(visit: Visit, password_hash: str, password: str) -> bool:
    """Check a password when its turn comes; raises TimeoutError when too many are before it."""
    async with asyncio.timeout(SIGN_IN_SECONDS):
        loop, threads = asyncio.get_running_loop(), visit.shop.desk.hashing
        return await loop.run_in_executor(threads, _matches, password_hash, password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _wanted(visit: Visit, path: str) -> str:
    # Only a page of this centre; anything else could lead to another host. Outside bodies have few pages to go to.
    if visit.is_outside and not path.startswith(visit.home):
        return visit.home
    return visit.safe_path(path, visit.home)
