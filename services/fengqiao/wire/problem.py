"""Refusals, domain <-> protobuf: kind, code, parameters and fields cross the wire intact (style: errors)."""

from fengqiao.domain.errors import Kind, Refusal, Violation
from fengqiao.proto.v1 import problem_pb2
from fengqiao.wire.value import NewerValue, Pairing

PROBLEM_KINDS = Pairing(Kind, problem_pb2.ProblemKind, "PROBLEM_KIND")


def problem_to_wire(refusal: Refusal) -> problem_pb2.Problem:
    """Write a refusal."""
    fields = [problem_pb2.FieldProblem(field=v.field, code=v.code, params=v.params) for v in refusal.violations]
    return problem_pb2.Problem(
        kind=PROBLEM_KINDS.number[refusal.kind], code=refusal.code, params=refusal.params, fields=fields
    )


def problem_from_wire(wire: problem_pb2.Problem) -> Refusal:
    """Read a refusal; a kind that only a newer release knows is read as UNAVAILABLE, for trying later is safe."""
    try:
        kind = PROBLEM_KINDS.value(wire.kind)
    except (NewerValue, ValueError):
        kind = Kind.UNAVAILABLE
    violations = tuple(Violation(field.field, field.code, dict(field.params)) for field in wire.fields)
    return Refusal(kind, wire.code, dict(wire.params), violations)
