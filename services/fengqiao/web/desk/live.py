"""What comes live: a quiet count on lists, a hint on pages, by server-sent events; no row moves by itself (ui.md)."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from markupsafe import escape
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from fengqiao.domain.errors import Refusal, unavailable
from fengqiao.handlers.changes import Subscription
from fengqiao.insight.cases import case_view
from fengqiao.insight.directives import directive_view
from fengqiao.web.desk.forms import known_id
from fengqiao.web.desk.visit import Visit

SEND_SECONDS = 10.0
COUNT_LIMIT = 99


async def events(visit: Visit) -> Response:
    """Open a stream: of one case or directive (`subject`, and how much of its journal was `seen`), or of all."""
    streams, settings = visit.shop.desk.streams, visit.shop.desk.settings
    if len(streams) >= settings.streams_limit:
        raise unavailable("too_busy")
    subject = known_id(visit.query("subject"))
    seen = int(visit.query("seen")) if visit.query("seen").isdecimal() else 0
    return EventSourceResponse(
        _registered(visit, subject, seen), ping=settings.heartbeat_seconds, send_timeout=SEND_SECONDS
    )


async def _registered(visit: Visit, subject: UUID | None, seen: int) -> AsyncIterator[ServerSentEvent]:
    streams, mark = visit.shop.desk.streams, object()
    streams.add(mark)
    try:
        with visit.context.changes.subscribed() as subscription:
            source = _of_subject(visit, subscription, subject, seen) if subject else _of_all(visit, subscription)
            async for message in source:
                yield message
    finally:
        streams.discard(mark)


async def _of_subject(
    visit: Visit, subscription: Subscription, subject: UUID, seen: int
) -> AsyncIterator[ServerSentEvent]:
    # Listening began before this look, so that nothing falls between the page and its stream.
    if await _journal_length(visit, subject) > seen:
        yield _news(visit.t("live.changed"), visit.t("live.show"))
    async for changed in _changes(visit, subscription):
        if changed is None or changed == subject:
            yield _news(visit.t("live.changed"), visit.t("live.show"))


async def _of_all(visit: Visit, subscription: Subscription) -> AsyncIterator[ServerSentEvent]:
    changed: set[UUID] = set()
    async for one in _changes(visit, subscription):
        if one is None or len(changed) >= COUNT_LIMIT:
            yield _news(visit.t("live.many"), visit.t("live.reload"))
            continue
        changed.add(one)
        yield _news(visit.t("live.count", count=len(changed)), visit.t("live.reload"))


async def _changes(visit: Visit, subscription: Subscription) -> AsyncIterator[UUID | None]:
    """Give changed subjects until the server closes; None means that some were missed."""
    settings = visit.shop.desk.settings
    closing = asyncio.ensure_future(settings.closing.wait())
    try:
        while not closing.done():
            waiting = asyncio.ensure_future(subscription.next(settings.heartbeat_seconds))
            await asyncio.wait({waiting, closing}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                return
            change = waiting.result()
            if change is not None:
                yield change.subject
    finally:
        closing.cancel()


async def _journal_length(visit: Visit, subject: UUID) -> int:
    try:
        return (await case_view(visit.context.database, subject)).file.journal_length
    except Refusal:
        return (await directive_view(visit.context.database, subject)).file.journal_length


def _news(words: str, link: str) -> ServerSentEvent:
    return ServerSentEvent(event="news", data=f'<span>{escape(words)}</span> <a href="" data-reload>{escape(link)}</a>')
