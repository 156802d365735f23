"""Limits, domain <-> protobuf (DESIGN section 5)."""

from typing import TYPE_CHECKING

from fengqiao.domain.calendar import Budget, Counting
from fengqiao.domain.course import SuspensionReason
from fengqiao.domain.limit import Extension, Limit, Rung, Scope, Suspension
from fengqiao.proto.v1 import limit_pb2
from fengqiao.wire.value import Pairing, instant, uuid_of, write_instant

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

COUNTINGS = Pairing(Counting, limit_pb2.Counting, "COUNTING")
LIMIT_SCOPES = Pairing(Scope, limit_pb2.LimitScope, "LIMIT_SCOPE")
SUSPENSION_REASONS = Pairing(SuspensionReason, limit_pb2.SuspensionReason, "SUSPENSION_REASON")


def write_limit(wire: limit_pb2.Limit, limit: Limit) -> None:
    """Write a limit into its place."""
    wire.id = str(limit.id)
    wire.code = limit.code
    wire.centre = limit.centre
    wire.epoch = limit.epoch
    wire.set_by = limit.set_by
    wire.scope = LIMIT_SCOPES.number[limit.scope]
    wire.legal = limit.legal
    write_instant(wire.starts_at, limit.starts_at)
    _write_budget(wire.budget, limit.budget)
    wire.met_by.extend(sorted(limit.met_by))
    wire.ended_by.extend(sorted(limit.ended_by))
    for rung in limit.rungs:
        added = wire.rungs.add(code=rung.code, before=rung.before)
        _write_budget(added.budget, rung.budget)
    for suspension in limit.suspensions:
        _write_suspension(wire.suspensions, suspension)
    for extension in limit.extensions:
        _write_extension(wire.extensions, extension)
    if limit.met_at is not None:
        write_instant(wire.met_at, limit.met_at)
    if limit.ended_at is not None:
        write_instant(wire.ended_at, limit.ended_at)


def limit_from_wire(wire: limit_pb2.Limit) -> Limit:
    """Read a limit; raises ValueError or NewerValue."""
    return Limit(
        uuid_of(wire.id),
        wire.code,
        wire.centre,
        wire.epoch,
        wire.set_by,
        LIMIT_SCOPES.value(wire.scope),
        wire.legal,
        instant(wire.starts_at),
        _budget(wire.budget),
        frozenset(wire.met_by),
        frozenset(wire.ended_by),
        tuple([Rung(rung.code, rung.before, _budget(rung.budget)) for rung in wire.rungs]),
        tuple([_suspension(one) for one in wire.suspensions]),
        tuple([_extension(one) for one in wire.extensions]),
        instant(wire.met_at) if wire.HasField("met_at") else None,
        instant(wire.ended_at) if wire.HasField("ended_at") else None,
    )


def _write_budget(wire: limit_pb2.Budget, budget: Budget) -> None:
    wire.counting = COUNTINGS.number[budget.counting]
    wire.amount = budget.amount


def _budget(wire: limit_pb2.Budget) -> Budget:
    return Budget(COUNTINGS.value(wire.counting), wire.amount)


def _write_suspension(wire: "RepeatedCompositeFieldContainer[limit_pb2.LimitSuspension]", one: Suspension) -> None:
    added = wire.add(reason=SUSPENSION_REASONS.number[one.reason], by=one.by)
    write_instant(added.since, one.since)
    write_instant(added.until, one.until)
    if one.resumed_at is not None:
        write_instant(added.resumed_at, one.resumed_at)


def _suspension(wire: limit_pb2.LimitSuspension) -> Suspension:
    return Suspension(
        instant(wire.since),
        instant(wire.until),
        SUSPENSION_REASONS.value(wire.reason),
        wire.by,
        instant(wire.resumed_at) if wire.HasField("resumed_at") else None,
    )


def _write_extension(wire: "RepeatedCompositeFieldContainer[limit_pb2.LimitExtension]", one: Extension) -> None:
    added = wire.add(by=one.by, approved_by=one.approved_by, reason=one.reason)
    _write_budget(added.budget, one.budget)
    write_instant(added.at, one.at)


def _extension(wire: limit_pb2.LimitExtension) -> Extension:
    return Extension(_budget(wire.budget), instant(wire.at), wire.by, wire.approved_by, wire.reason)
