"""SupervisionService over real gRPC: every command by its RPC, lists and ledger, and what is refused with its kind."""

from datetime import UTC, datetime, timedelta

import pytest

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.event import EventKind
from fengqiao.domain.points import total
from fengqiao.domain.supervision_command import (
    AppealPoints,
    ConcludeLevel,
    DecideAppeal,
    DeductPoints,
    GrantAccess,
    OpenOrder,
    RaiseOrder,
    RecordCause,
    RemindCase,
)
from fengqiao.domain.supervision_rules import Outcome, RootCause
from fengqiao.proto.v1 import supervision_service_pb2 as pb
from tests.containers import PostgresServer
from tests.node.rig import TOWNSHIP, new_id
from tests.node.rpc_rig import served
from tests.node.supervised import COLLEAGUE, DAY, SUPERVISOR, entries_of, kinds_of, overdue

WHO = SUPERVISOR.name


async def test_every_command_of_supervision_has_its_rpc(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        client, case_id = nodes[TOWNSHIP], await overdue(nodes.rig, by=timedelta(days=4))
        order_id, entry_id = new_id(), new_id()
        await client.supervise(RemindCase(case_id, "群众又来问了"), WHO)
        await client.supervise(RecordCause(case_id, RootCause.POLICY, "无人认领", "明确权属"), WHO)
        assert (await kinds_of(nodes.rig[TOWNSHIP], case_id))[-1] == EventKind.CAUSE_RECORDED
        await client.supervise(OpenOrder(case_id, order_id, "催办后没有动静"), WHO)
        await client.supervise(ConcludeLevel(case_id, order_id, Outcome.NOT_REMEDIED, "仍未修复。"), WHO)
        await client.supervise(RaiseOrder(case_id, order_id, "督办无效", seen_turn=2), WHO)
        (order,) = (await client.supervision_orders()).orders
        assert (order.id, order.level, order.turn, order.ground) == (str(order_id), 2, 3, pb.GROUND_NOT_REMEDIED)
        assert (await client.supervision_orders(level=1)).orders == []
        await client.supervise(DeductPoints(case_id, entry_id, "circling", "police", "转办三次"), WHO)
        await client.supervise(AppealPoints(case_id, entry_id, "属正常改派"), COLLEAGUE.name)
        await client.supervise(DecideAppeal(case_id, entry_id, upheld=True, reason="改派有据"), "赵主任")
        book = await client.ledger()
        police = next(unit for unit in book.units if unit.unit == "police")
        assert (police.points, police.entries, police.reversals, police.comparable) == (0, 1, 1, False)
        standings = {entry.id: entry.standing for entry in book.entries}
        assert standings[str(entry_id)] == pb.STANDING_REVERSED
        assert sum(unit.points for unit in book.units) == total(await entries_of(nodes.rig[TOWNSHIP], case_id))
        assert len(await kinds_of(nodes.rig[TOWNSHIP], case_id)) >= 10


async def test_refusals_cross_the_wire_with_their_kind_and_fields(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        client, case_id = nodes[TOWNSHIP], await overdue(nodes.rig, by=timedelta(days=4))
        order_id, until = new_id(), datetime.now(UTC) + DAY
        await client.supervise(OpenOrder(case_id, order_id, "催办后没有动静"), WHO)
        for command, kind, code in (
            (RaiseOrder(case_id, order_id, "督办无效"), Kind.STATE, "order_not_yet"),
            (RaiseOrder(case_id, order_id, "督办无效", seen_turn=9), Kind.STALE, "order_stale"),
            (GrantAccess(case_id, order_id, new_id(), "评议", until), Kind.STATE, "order_body_inside"),
            (AppealPoints(case_id, new_id(), "没有这条"), Kind.NOT_FOUND, "points_unknown"),
            (RemindCase(new_id(), "没有这件"), Kind.NOT_FOUND, "case_unknown"),
            (RemindCase(case_id, " "), Kind.INVALID, "input_invalid"),
            (RecordCause(case_id, RootCause.OTHER, " "), Kind.INVALID, "input_invalid"),
        ):
            with pytest.raises(Refusal) as caught:
                await client.supervise(command, WHO)
            assert (caught.value.kind, caught.value.code) == (kind, code)
