"""What every handler does after a decision: put files, events and messages into one set of changes."""

from uuid import UUID

from fengqiao.domain.case import CaseFile
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Outgoing
from fengqiao.domain.directive import DirectiveDecision, DirectiveFile, DirectiveMessage
from fengqiao.domain.message import CaseMessage
from fengqiao.handlers.context import Context
from fengqiao.observe.tracing import current_traceparent
from fengqiao.store.changes import Changes, OutboxRow
from fengqiao.wire.envelope import body_bytes, message_type


def put_case(context: Context, changes: Changes, decision: CaseDecision, *, new: bool) -> CaseFile:
    """Put a decision on a case into the changes; gives the file as it will be stored."""
    # The messages are written first: if that failed, nothing of the decision would stand in the changes.
    rows = [_row(context, decision.file.case.id, outgoing) for outgoing in decision.outgoing]
    file = changes.put_case(decision.file, decision.events, new=new)
    if decision.contact is not None:
        changes.contacts[file.case.id] = decision.contact
    changes.outgoing.extend(rows)
    return file


def put_directive(context: Context, changes: Changes, decision: DirectiveDecision, *, new: bool) -> DirectiveFile:
    """Put a decision on a directive into the changes; gives the file as it will be stored."""
    rows = [_row(context, decision.file.directive.id, outgoing) for outgoing in decision.outgoing]
    file = changes.put_directive(decision.file, decision.events, new=new)
    changes.outgoing.extend(rows)
    return file


def committed(context: Context, changes: Changes) -> None:
    """After the commit: wake the relay when something leaves, and tell whoever listens."""
    if changes.outgoing:
        context.wake()
    context.changes.publish(changes.subjects())


def _row(context: Context, subject: UUID, outgoing: Outgoing[CaseMessage] | Outgoing[DirectiveMessage]) -> OutboxRow:
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
