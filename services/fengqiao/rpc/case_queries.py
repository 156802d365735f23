"""Queries on cases, insight <-> protobuf."""

from fengqiao.insight.cases import CaseCounts, CaseFilter, CaseView
from fengqiao.proto.v1 import case_pb2
from fengqiao.proto.v1 import case_service_pb2 as pb
from fengqiao.store.queries import JournalRow
from fengqiao.wire.case import (
    CASE_KINDS,
    CASE_STATES,
    CHANNELS,
    ROLES,
    case_file_from_wire,
    case_file_to_wire,
    contact_from_wire,
    contact_to_wire,
)
from fengqiao.wire.directive import directive_from_wire, directive_to_wire
from fengqiao.wire.event import entry_from_wire, entry_to_wire
from fengqiao.wire.fields import Fields
from fengqiao.wire.value import stamp

VIEW_PREFIX = "CASE_LIST_VIEW_"


def view_from_wire(number: "pb.CaseListView.ValueType") -> str:
    """Read the name of a view; a number without a name is left to the query, which refuses it."""
    if number in (pb.CASE_LIST_VIEW_UNSPECIFIED, pb.CASE_LIST_VIEW_ALL):
        return "all"
    known = number in pb.CaseListView.values()
    return pb.CaseListView.Name(number).removeprefix(VIEW_PREFIX).lower() if known else str(number)


def filter_from_wire(fields: Fields, wire: pb.CaseFilter) -> CaseFilter:
    """Read what a list shows."""
    return CaseFilter(
        view=view_from_wire(wire.view),
        states=frozenset(fields.value("states", CASE_STATES, state) for state in wire.states),
        words=wire.words,
        number=wire.number,
        unit=wire.unit,
        kind=fields.value("kind", CASE_KINDS, wire.kind) if wire.kind else None,
        channel=fields.value("channel", CHANNELS, wire.channel) if wire.channel else None,
        urgent=wire.urgent if wire.HasField("urgent") else None,
        registered_from=(
            fields.instant("registered_from", wire.registered_from) if wire.HasField("registered_from") else None
        ),
        registered_to=fields.instant("registered_to", wire.registered_to) if wire.HasField("registered_to") else None,
    )


def filter_to_wire(criteria: CaseFilter) -> pb.CaseFilter:
    """Write what a list shall show."""
    return pb.CaseFilter(
        view=pb.CaseListView.Value(VIEW_PREFIX + criteria.view.upper()),
        states=[CASE_STATES.number[state] for state in criteria.states],
        words=criteria.words,
        number=criteria.number,
        unit=criteria.unit,
        kind=CASE_KINDS.number[criteria.kind] if criteria.kind else case_pb2.CASE_KIND_UNSPECIFIED,
        channel=CHANNELS.number[criteria.channel] if criteria.channel else case_pb2.CHANNEL_UNSPECIFIED,
        urgent=criteria.urgent,
        registered_from=stamp(criteria.registered_from) if criteria.registered_from else None,
        registered_to=stamp(criteria.registered_to) if criteria.registered_to else None,
    )


def case_view_to_wire(view: CaseView) -> pb.GetCaseResponse:
    """Write a whole case."""
    return pb.GetCaseResponse(
        file=case_file_to_wire(view.file),
        journal=[entry_to_wire(row.position, row.event, row.hash, row.recorded_at) for row in view.events],
        directives=[directive_to_wire(directive) for directive in view.directives],
        contact=contact_to_wire(view.contact),
    )


def case_view_from_wire(wire: pb.GetCaseResponse) -> CaseView:
    """Read a whole case."""
    return CaseView(
        case_file_from_wire(wire.file),
        tuple(JournalRow(*entry_from_wire(entry)) for entry in wire.journal),
        tuple(directive_from_wire(directive) for directive in wire.directives),
        contact_from_wire(wire.contact),
    )


def counts_to_wire(counts: CaseCounts) -> pb.CountCasesResponse:
    """Write how many cases there are."""
    return pb.CountCasesResponse(
        counts=[
            pb.CaseCount(role=ROLES.number[role], state=CASE_STATES.number[state], count=many)
            for (role, state), many in counts.by_role_state.items()
        ],
        offers_waiting=counts.offers_waiting,
        offers_open=counts.offers_open,
    )


def counts_from_wire(wire: pb.CountCasesResponse) -> CaseCounts:
    """Read how many cases there are."""
    by_role_state = {(ROLES.value(row.role), CASE_STATES.value(row.state)): row.count for row in wire.counts}
    return CaseCounts(by_role_state, wire.offers_waiting, wire.offers_open)
