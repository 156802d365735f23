"""The broker away, and the broker with an empty disk, under a stream of work."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from fengqiao.bus.edge_book import SILENT_AFTER
from fengqiao.domain.command import AddNote, AssignCase
from fengqiao.domain.errors import Kind, Refusal
from tests.fault.processes import NodeProcess, Wire
from tests.fault.rig import Ground, until
from tests.fault.workload import OFFICER
from tests.stack import Stack, run_command

AWAY_SECONDS = 20.0
LINES_A_MINUTE = 20


async def test_with_the_broker_away_messages_pass_over_the_link_and_are_recognised_later(
    ground: Ground, seed: int
) -> None:
    mark = ground.log_mark()
    async with ground.load(f"away.{seed}"):
        await asyncio.sleep(1)
        await asyncio.to_thread(ground.kafka.stop)
        before = sum((await ground.taken(carrier="link", verdict="done")).values())
        urgent, ordinary = [await ground.offered(ground.township, urgent=urgent) for urgent in (True, False)]
        urgent_seconds = await ground.knows(ground.county, urgent, 10)
        ordinary_seconds = await ground.knows(ground.county, ordinary, 10)
        await asyncio.sleep(AWAY_SECONDS)
        assert ground.readiness() == 200, "a centre works on without Kafka"
        over_link = sum((await ground.taken(carrier="link", verdict="done")).values()) - before
        twice = sum((await ground.taken(carrier="kafka", verdict="duplicate")).values())
        await asyncio.to_thread(ground.kafka.start)
        again = await until(ground.kafka_connected, 30, "the nodes are connected again")
        await ground.exchange()
        await asyncio.sleep(2)
    report = await ground.settled()
    recognised = sum((await ground.taken(carrier="kafka", verdict="duplicate")).values()) - twice
    lines = ground.busiest_minute(mark)
    print(
        f"over the Link {over_link}, urgent {urgent_seconds:.2f} s, ordinary {ordinary_seconds:.2f} s, "
        f"connected again after {again:.1f} s, recognised {recognised}, {len(lines)} log lines in a minute"
    )
    assert over_link > 2
    assert report["counts"]["under_way"] == 0
    assert len(lines) <= LINES_A_MINUTE, "\n".join(lines)


async def test_a_broker_that_lost_its_disk_loses_no_case(ground: Ground, seed: int) -> None:
    mark = ground.log_mark()
    async with ground.load(f"wiped.{seed}"):
        await asyncio.sleep(2)
        await asyncio.to_thread(ground.kafka.wipe)
        await asyncio.sleep(3)
        await asyncio.to_thread(ground.kafka.start)
        _sync_topics(ground)
        await until(ground.kafka_connected, 40, "the nodes are connected again")
        await ground.exchange()
    await ground.settled()
    lines = ground.busiest_minute(mark)
    assert len(lines) <= LINES_A_MINUTE, "\n".join(lines)


@pytest.fixture
async def apart(ground: Ground) -> AsyncIterator["Apart"]:
    """The city with one township in a process of its own, whose line to its county can be cut."""
    wire = Wire(ground.targets[ground.county])
    await wire.join()
    others = Stack(ground.stack.data, [code for code in ground.stack.centres if code != ground.township])
    alone = NodeProcess(ground, [ground.township], wire.address)
    ground.stack.kill_nodes()
    try:
        await asyncio.to_thread(others.start)
        await alone.start()
        yield Apart(wire, others, alone)
    finally:
        await wire.cut()
        alone.kill()
        others.kill_nodes()


class Apart:
    """The parts of the fixture."""

    def __init__(self, wire: Wire, others: Stack, alone: NodeProcess) -> None:
        self.wire = wire
        self.others = others
        self.alone = alone


async def test_a_centre_that_is_cut_off_works_on_and_catches_up(ground: Ground, apart: Apart, seed: int) -> None:
    await ground.knows(ground.county, await ground.offered(ground.township), 30)
    await apart.wire.cut()
    await asyncio.to_thread(ground.kafka.stop)
    cases = [await ground.offered(ground.township, urgent=number % 2 == 0) for number in range(5)]
    async with ground.client(ground.township) as client:
        for case in cases[:2]:
            await client.carry_out(AddNote(case, f"断网时补充 {seed} {case}"), OFFICER)
            ground.told.notes[f"断网时补充 {seed} {case}"] = ground.township
        with pytest.raises(Refusal) as refused:
            await client.carry_out(AssignCase(cases[0], "police"), OFFICER)
        assert refused.value.kind is Kind.STATE, "what is offered waits for an answer, cut off or not"
    async with ground.load(f"apart.{seed}"):
        await asyncio.sleep(6)
    assert not await ground.rows(ground.county, "SELECT 1 FROM case_file WHERE case_id = ANY(%s)", cases)
    await apart.wire.join()
    caught_up = [await ground.knows(ground.county, case, 20) for case in cases]
    await asyncio.to_thread(ground.kafka.start)
    print(f"caught up over the Link within {max(caught_up):.1f} s")
    await ground.settled()


async def test_what_only_the_lost_broker_had_is_sent_again_without_a_link(
    ground: Ground, apart: Apart, seed: int
) -> None:
    await apart.wire.cut()
    apart.others.kill_nodes()
    # Long enough that the township takes its county to be away, and leaves it to Kafka to keep what was sent.
    await asyncio.sleep(SILENT_AFTER.total_seconds() + 1)
    case = await ground.offered(ground.township)
    sent = "SELECT sent_seq > acked_seq FROM edge WHERE neighbour = %s"
    await until(lambda: _is(ground, sent, ground.county), 10, "it is numbered")
    await asyncio.sleep(2)
    await asyncio.to_thread(ground.kafka.wipe)
    await asyncio.to_thread(ground.kafka.start)
    _sync_topics(ground)
    await asyncio.to_thread(apart.others.start)
    seconds = await ground.knows(ground.county, case, 60)
    print(f"sent again over Kafka within {seconds:.1f} s")
    await apart.wire.join()
    await ground.settled()


async def _is(ground: Ground, statement: str, *values: str) -> bool:
    rows = await ground.rows(ground.township, statement, *values)
    return bool(rows and rows[0][0])


def _sync_topics(ground: Ground) -> None:
    done = run_command("topics", "sync", FENGQIAO_KAFKA=ground.kafka.bootstrap)
    assert done.returncode == 0, done.stderr
