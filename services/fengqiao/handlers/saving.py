"""What every handler does after a decision: put files, events and messages into one set of changes."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from fengqiao.domain.case import Case, CaseFile
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Outgoing
from fengqiao.domain.directive import DirectiveDecision, DirectiveFile
from fengqiao.domain.edition import Book, CataloguePublished, Edition
from fengqiao.domain.limit import LimitState
from fengqiao.domain.limit_course import ClockTimes, clock_times, with_limits
from fengqiao.domain.step import step_of
from fengqiao.handlers.context import Context
from fengqiao.observe.limit_metrics import KEPT
from fengqiao.observe.metrics import UNCLASSIFIED
from fengqiao.observe.steps import count_step
from fengqiao.observe.tracing import current_traceparent
from fengqiao.store.changes import Changes, OutboxRow
from fengqiao.store.limit_rows import ClockRow
from fengqiao.wire.envelope import Message, body_bytes, message_type

RECORDED_LATE = timedelta(minutes=5)
JUDGED_LATER = timedelta(hours=1)


def put_case(context: Context, changes: Changes, decision: CaseDecision, before: CaseFile | None) -> CaseFile:
    """Put a decision on a case into the changes, with its clocks; gives the file as it will be stored.

    `before` is the file that the decision was made on, None for a case that is new here. This is the one place where
    events move clocks.
    """
    decision = with_limits(decision, before, context.limits, context.topology)
    # The messages are written first: if that failed, nothing of the decision would stand in the changes.
    rows = [_row(context, decision.file.case.id, outgoing) for outgoing in decision.outgoing]
    file = changes.put_case(decision.file, decision.events, new=before is None)
    if decision.contact is not None:
        changes.contacts[file.case.id] = decision.contact
    changes.outgoing.extend(rows)
    for event in decision.events:
        changes.supervision.put(event, context.centre.code)
    taken_here = (event for event in decision.events if event.centre == context.centre.code)
    changes.steps.extend(step for event in taken_here if (step := step_of(event, file.case)) is not None)
    clocks = clock_times(file, before, context.limits.calendar)
    for times in clocks:
        put_clock(context, changes, file.case, times)
    if before is None or file.case.limits != before.case.limits:
        put_due(context, changes, file.case, clocks)
    return file


def put_due(context: Context, changes: Changes, case: Case, clocks: Iterable[ClockTimes] = ()) -> None:
    """Put when the nearest running clock of a case is due, for the lists of the desk; of `clocks` that is known."""
    known, calendar = {times.limit.id: times.due_at for times in clocks}, context.limits.calendar
    running = (known.get(limit.id) or limit.due_at(calendar) for limit in case.limits if limit.running)
    changes.due[case.id] = min(running, default=None)


def put_clock(context: Context, changes: Changes, case: Case, times: ClockTimes) -> None:
    """Put a clock of a case into the changes.

    What is recorded long after the act, as an import does it, is judged later: the rest of the story is on its way.
    """
    recorded_late = changes.now - case.updated_at > RECORDED_LATE
    not_before = changes.now + JUDGED_LATER if recorded_late else None
    matter_class, horizon = case.course.item[:2], context.limits.calendar.horizon
    changes.clocks[times.limit.id] = ClockRow(case.id, times, not_before, horizon, matter_class)


def put_directive(context: Context, changes: Changes, decision: DirectiveDecision, *, new: bool) -> DirectiveFile:
    """Put a decision on a directive into the changes; gives the file as it will be stored."""
    rows = [_row(context, decision.file.directive.id, outgoing) for outgoing in decision.outgoing]
    file = changes.put_directive(decision.file, decision.events, new=new)
    changes.outgoing.extend(rows)
    return file


def put_edition_messages(
    context: Context, changes: Changes, edition: Edition, outgoing: tuple[Outgoing[CataloguePublished], ...]
) -> None:
    """Put the messages by which an edition goes on to the centres below into the changes."""
    changes.outgoing.extend(_row(context, edition.id, one) for one in outgoing)


def apply_edition(context: Context, edition: Edition) -> None:
    """Put an edition in force at this node, when it is newer than what is."""
    context.in_force.apply(edition)
    tell_numbers(context)


def tell_numbers(context: Context) -> None:
    """Set the gauge of what is in force."""
    for book in Book:
        context.metrics.set("fengqiao_edition_number", context.in_force.number(book), book.value)


def committed(context: Context, changes: Changes) -> None:
    """After the commit: wake the relay when something leaves, and tell whoever listens."""
    if changes.outgoing:
        context.wake()
    context.changes.publish(changes.subjects())
    for edition, _ in changes.editions:
        apply_edition(context, edition)
    level = context.centre.level.value
    for step in changes.steps:
        count_step(context.metrics, step, level)
    for row in changes.clocks.values():
        limit, times = row.times.limit, row.times
        if times.next_at is not None:
            context.clock_set(max(times.next_at, row.not_before or changes.now))
        if limit.ended_at is not None and not times.handed_over:
            outcome = limit.state(limit.ended_at, context.limits.calendar)
            labels = (limit.code, row.matter_class or UNCLASSIFIED, level)
            context.metrics.count("fengqiao_limits_ended_total", *labels, outcome.value)
            if outcome is LimitState.MET:
                context.metrics.count("fengqiao_limits_judged_total", limit.code, level, KEPT)
    for entry in changes.supervision.entries:
        context.metrics.count("fengqiao_points_entries_total", entry["rule"], entry["kind"])


def _row(context: Context, subject: UUID, outgoing: Outgoing[Message]) -> OutboxRow:
    message = outgoing.message
    return OutboxRow(
        neighbour=outgoing.to,
        message_id=context.new_id(),
        type=message_type(message),
        subject=subject,
        urgent=outgoing.urgent,
        body=body_bytes(message),
        traceparent=current_traceparent(),
    )
