"""A limit is read as it was written: over an edge, and in the row of its case."""

from dataclasses import replace
from datetime import UTC

import orjson
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.calendar import Budget, Counting
from fengqiao.domain.case import Case
from fengqiao.domain.course import SuspensionReason
from fengqiao.domain.event import EventKind
from fengqiao.domain.limit import Extension, Limit, Rung, Scope, Suspension
from fengqiao.proto.v1 import case_pb2, limit_pb2
from fengqiao.store.limit_rows import limit_json, limit_of
from fengqiao.wire.case import case_from_wire, write_case
from fengqiao.wire.limit import limit_from_wire, write_limit
from tests.contract.strategies import cases, codes, counts, filled, ids, instants, texts
from tests.unit.limits import limit

utc_instants = instants.map(lambda at: at.astimezone(UTC))
budgets = st.builds(Budget, st.sampled_from(Counting), counts)
kinds = st.frozensets(st.sampled_from([kind.value for kind in EventKind]), max_size=2)
suspensions = st.builds(
    Suspension, utc_instants, utc_instants, st.sampled_from(SuspensionReason), texts, st.none() | utc_instants
)
limits = st.builds(
    Limit,
    id=ids,
    code=filled,
    centre=codes,
    epoch=counts,
    set_by=filled,
    scope=st.sampled_from(Scope),
    legal=st.booleans(),
    starts_at=utc_instants,
    budget=budgets,
    met_by=kinds,
    ended_by=kinds,
    rungs=st.lists(st.builds(Rung, filled, st.booleans(), budgets), max_size=2).map(tuple),
    suspensions=st.lists(suspensions, max_size=2).map(tuple),
    extensions=st.lists(st.builds(Extension, budgets, utc_instants, texts, texts, texts), max_size=2).map(tuple),
    met_at=st.none() | utc_instants,
    ended_at=st.none() | utc_instants,
)


@given(limits)
def test_a_limit_crosses_an_edge_unchanged(one: Limit) -> None:
    wire = limit_pb2.Limit()
    write_limit(wire, one)
    assert limit_from_wire(limit_pb2.Limit.FromString(wire.SerializeToString())) == one


@given(limits)
def test_a_limit_is_stored_unchanged(one: Limit) -> None:
    assert limit_of(orjson.loads(orjson.dumps(limit_json(one)))) == one


@given(cases)
def test_a_case_brings_its_limits_along(case: Case) -> None:
    with_limits = replace(case, limits=(limit(), limit("solve", legal=True)))
    wire = case_pb2.Case()
    write_case(wire, with_limits)
    assert case_from_wire(wire).limits == with_limits.limits
