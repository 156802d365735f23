"""WatchCases: the changes of one centre as they happen, with the open cases before them when that is asked for."""

from collections.abc import AsyncIterator
from uuid import UUID

from fengqiao.handlers.context import Context
from fengqiao.insight.cases import PAGE_SIZE_LIMIT, CaseFilter, list_cases
from fengqiao.proto.v1 import case_service_pb2 as pb
from fengqiao.store.queries import case_file_by_id
from fengqiao.wire.case import case_file_to_wire

QUIET_SECONDS = 30.0


async def watch(context: Context, *, snapshot: bool) -> AsyncIterator[pb.WatchCasesResponse]:
    """Tell of changes until the caller hangs up; one that is too slow is told to list again.

    It listens before it reads the snapshot, so no change falls between the two.
    """
    with context.changes.subscribed() as subscription:
        if snapshot:
            async for news in _snapshot(context):
                yield news
        async for change in subscription.changes(QUIET_SECONDS):
            if change is not None:
                yield await _news(context, change.subject)


async def _snapshot(context: Context) -> AsyncIterator[pb.WatchCasesResponse]:
    token, more = "", True
    while more:
        page = await list_cases(context.database, CaseFilter(view="open"), size=PAGE_SIZE_LIMIT, token=token)
        for file in page.rows:
            yield pb.WatchCasesResponse(file=case_file_to_wire(file))
        token, more = page.next_token, bool(page.next_token)
    yield pb.WatchCasesResponse(snapshot_end=pb.SnapshotEnd())


async def _news(context: Context, subject: UUID | None) -> pb.WatchCasesResponse:
    if subject is None:
        return pb.WatchCasesResponse(resync=pb.Resync())
    file = await case_file_by_id(context.database, subject)
    if file is None:
        # Only cases and directives change, so it is a directive.
        return pb.WatchCasesResponse(directive_id=str(subject))
    return pb.WatchCasesResponse(file=case_file_to_wire(file))
