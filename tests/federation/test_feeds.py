"""Facts over the real broker: the city counts what townships did, soon, from the beginning again, and after a loss."""

import shutil
import time
from typing import Any
from uuid import uuid4

from fengqiao.domain.command import RegisterCase
from tests.stack import Stack, printed_json, run_command, small_branch, started_stack, whole_topology

SOON_SECONDS = 90.0
"""What is told anew is told at the next look, once a minute."""

BEHIND_SECONDS = 5.0
"""How far figures may be behind the commit of a township (issue of the wallboard)."""


def feeds(stack: Stack, *words: str) -> Any:
    done = run_command("feeds", *words, "--data", str(stack.data))
    assert done.returncode == 0, done.stderr
    return printed_json(done) if "--json" in words else done.stdout


def status(stack: Stack, centre: str) -> dict[str, Any]:
    (found,) = feeds(stack, "status", "--centre", centre, "--json")["centres"]
    return dict(found)


def settled(stack: Stack, centre: str, wanted: int, reading: int) -> dict[str, Any]:
    """Wait until a centre knows of so many cases, and has heard of every centre below that runs."""
    until = time.monotonic() + SOON_SECONDS
    while True:
        found = status(stack, centre)
        if (found["facts"], found["reading"]) == (wanted, reading) and not {*stack.centres} & {*found["missing"]}:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.5)


async def registered(stack: Stack, centre: str, many: int) -> None:
    async with stack.client(centre) as client:
        for _ in range(many):
            await client.register(RegisterCase(uuid4(), "路灯不亮", "村口路灯已有三天不亮。", place="村口"), "王敏")


async def test_what_townships_did_is_known_above_within_seconds_and_after_a_new_reading() -> None:
    with started_stack(small_branch(whole_topology())) as stack:
        city, county, other, first, second, third = stack.centres
        await registered(stack, first, 3)
        await registered(stack, second, 1)
        await registered(stack, third, 2)
        settled(stack, county, wanted=4, reading=1)
        settled(stack, other, wanted=2, reading=1)
        settled(stack, city, wanted=6, reading=1)
        began = time.monotonic()
        await registered(stack, third, 1)
        settled(stack, city, wanted=7, reading=1)
        # A look at the status costs a second itself.
        assert time.monotonic() - began < BEHIND_SECONDS + 2.0
        assert "Reading 2 begins" in feeds(stack, "read-again", "--centre", city)
        settled(stack, city, wanted=7, reading=2)
        assert status(stack, county)["reading"] == 1


async def test_what_a_broker_has_lost_is_told_again_when_somebody_asks() -> None:
    with started_stack(small_branch(whole_topology())) as stack:
        city, _, _, first, *_ = stack.centres
        await registered(stack, first, 2)
        settled(stack, city, wanted=2, reading=1)
        stack.stop()
        shutil.rmtree(stack.data / "kafka")
        stack.start()
        # What was known stays known, and what comes now is known as well.
        await registered(stack, first, 1)
        settled(stack, city, wanted=3, reading=1)
        feeds(stack, "read-again", "--centre", city)
        for centre in stack.centres:
            assert "within a minute" in feeds(stack, "tell-again", "--centre", centre)
        settled(stack, city, wanted=3, reading=2)


def test_a_township_reads_no_feed_and_says_so(running_stack: Stack) -> None:
    township = running_stack.centres[3]
    done = run_command("feeds", "read-again", "--centre", township, "--data", str(running_stack.data))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{township} has no centre below it" in done.stderr
