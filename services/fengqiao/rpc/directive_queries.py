"""Queries on directives, insight <-> protobuf."""

from fengqiao.insight.directives import DirectiveView
from fengqiao.proto.v1 import directive_service_pb2 as pb
from fengqiao.store.queries import JournalRow
from fengqiao.wire.directive import directive_file_from_wire, directive_file_to_wire
from fengqiao.wire.event import entry_from_wire, entry_to_wire

SIDE_PREFIX = "DIRECTIVE_SIDE_"


def side_from_wire(number: "pb.DirectiveSide.ValueType") -> str:
    """Read the name of a side; a number without a name is left to the query, which refuses it."""
    if number in (pb.DIRECTIVE_SIDE_UNSPECIFIED, pb.DIRECTIVE_SIDE_ALL):
        return "all"
    known = number in pb.DirectiveSide.values()
    return pb.DirectiveSide.Name(number).removeprefix(SIDE_PREFIX).lower() if known else str(number)


def side_to_wire(side: str) -> "pb.DirectiveSide.ValueType":
    """Write the name of a side: all, issued or received."""
    return pb.DirectiveSide.Value(SIDE_PREFIX + side.upper())


def directive_view_to_wire(view: DirectiveView, centre: str) -> pb.GetDirectiveResponse:
    """Write a whole directive, with the commands that `centre` may give now."""
    return pb.GetDirectiveResponse(
        file=directive_file_to_wire(view.file, centre),
        journal=[entry_to_wire(row.position, row.event, row.hash, row.recorded_at) for row in view.events],
    )


def directive_view_from_wire(wire: pb.GetDirectiveResponse) -> DirectiveView:
    """Read a whole directive."""
    rows = tuple(JournalRow(*entry_from_wire(entry)) for entry in wire.journal)
    return DirectiveView(directive_file_from_wire(wire.file), rows)
