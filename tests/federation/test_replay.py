import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.stack import (
    ROOT,
    Stack,
    command_environment,
    printed_json,
    run_command,
    small_branch,
    started_stack,
    whole_topology,
)


def replayed(stack: Stack, table: Path, *options: str) -> dict[str, Any]:
    done = run_command("replay", str(table), "--data", str(stack.data), "--json", *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = printed_json(done)
    return found


def assert_in_order(stack: Stack) -> None:
    audit = run_command("verify", "--data", str(stack.data), "--json")
    assert audit.returncode == 0, f"{audit.stdout}{audit.stderr}"


def begun(stack: Stack, table: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fengqiao", "replay", str(table), "--data", str(stack.data), "--json", *options],
        cwd=ROOT,
        env=command_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


async def cases_at(stack: Stack) -> int:
    total = 0
    for centre in stack.centres:
        async with stack.client(centre) as client:
            total += sum((await client.counts()).by_role_state.values())
    return total


async def test_a_replay_plays_a_year_once_and_leaves_the_federation_in_order(running_stack: Stack, table: Path) -> None:
    first = replayed(running_stack, table, "--seed", "5", "--limit", "60")
    assert (first["read"], first["registered"], first["rejected"], first["failed"]) == (60, 60, 0, 0)
    assert first["accepted"] == first["escalated"] + first["dispatched"] > 0
    assert min(first["escalated"], first["dispatched"]) > 0
    assert 50 <= first["resolved"] <= 60
    known = await cases_at(running_stack)
    second = replayed(running_stack, table, "--seed", "5", "--limit", "60")
    assert (second["registered"], second["known"], second["commands"]) == (0, 60, 0)
    assert await cases_at(running_stack) == known
    assert_in_order(running_stack)


async def test_ctrl_c_ends_a_replay_with_its_counts_and_the_next_run_goes_on(running_stack: Stack, table: Path) -> None:
    before = await cases_at(running_stack)
    # At this speed the first months take a minute, so it is always interrupted on its way.
    process = begun(running_stack, table, "--seed", "6", "--limit", "40", "--speed", "100000")
    await more_cases_than(running_stack, before)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    counts = json.loads(printed)
    assert (process.returncode, counts["interrupted"], counts["failed"]) == (1, True, 0)
    rest = replayed(running_stack, table, "--seed", "6", "--limit", "40")
    assert rest["registered"] + rest["known"] == 40
    assert 0 < rest["known"] < 40
    assert rest["resolved"] + counts["resolved"] >= 35
    assert_in_order(running_stack)


async def test_a_replay_outlives_nodes_that_are_killed(table: Path) -> None:
    with started_stack(small_branch(whole_topology())[:4]) as stack:
        process = begun(stack, table, "--seed", "7")
        await more_cases_than(stack, 30)
        stack.kill_nodes()
        stack.start()
        printed, _ = process.communicate(timeout=200)
        counts = json.loads(printed)
        assert (process.returncode, counts["failed"], counts["interrupted"]) == (0, 0, False)
        # A registration whose answer was lost is known when it is asked for again.
        assert counts["registered"] + counts["known"] == 120
        assert counts["known"] < 120
        assert_in_order(stack)


async def more_cases_than(stack: Stack, count: int) -> None:
    until = time.monotonic() + 100
    while await cases_at(stack) <= count:
        assert time.monotonic() < until
        await asyncio.sleep(0.1)
