"""Messages that come twice, and messages that cannot be handled."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from fengqiao.bus.topics import down_topic, up_topic
from fengqiao.domain.command import AddNote
from fengqiao.proto.v1 import envelope_pb2
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.proto.v1 import federation_service_pb2_grpc as pb_grpc
from tests.fault.processes import production_settings
from tests.fault.records import first_copies, lying_in, noise, write
from tests.fault.rig import Ground, until
from tests.fault.workload import OFFICER
from tests.stack import run_command

COUNTED = """SELECT (SELECT count(*) FROM case_file), (SELECT count(*) FROM event), (SELECT count(*) FROM directive),
    (SELECT count(*) FROM dead_letter), (SELECT sum(sent_seq + received_seq) FROM edge)"""


async def _counts(ground: Ground) -> dict[str, Any]:
    return {centre: (await ground.rows(centre, COUNTED))[0] for centre in ground.stack.centres}


async def test_everything_that_kafka_brought_brought_again_changes_nothing(ground: Ground, seed: int) -> None:
    await ground.exchange()
    async with ground.load(f"twice.{seed}"):
        await asyncio.sleep(2)
    await ground.settled()
    before, known = await _counts(ground), sum((await ground.taken(verdict="duplicate")).values())
    written = 0
    for child, _ in ground.edges():
        for topic in (up_topic(child), down_topic(child)):
            records = first_copies(await lying_in(ground.kafka.bootstrap, topic))
            await write(ground.kafka.bootstrap, topic, records)
            written += len(records)

    async def recognised() -> bool:
        return sum((await ground.taken(verdict="duplicate")).values()) >= known + written

    await until(recognised, 40, f"{written} messages are recognised")
    await ground.settled()
    assert await _counts(ground) == before
    print(f"{written} messages brought again, all recognised")


async def test_everything_that_the_link_brought_brought_again_changes_nothing(ground: Ground, seed: int) -> None:
    await ground.exchange()
    await ground.settled()
    records = first_copies(await lying_in(ground.kafka.bootstrap, up_topic(ground.township)))
    envelopes = [record.value for record in records]
    before, known = await _counts(ground), (await ground.taken(verdict="duplicate", carrier="link"))[ground.county]

    async def recognised() -> bool:
        now = (await ground.taken(verdict="duplicate", carrier="link"))[ground.county]
        return now >= known + len(envelopes)

    async with grpc.aio.insecure_channel(ground.targets[ground.county]) as channel:
        call = pb_grpc.FederationServiceStub(channel).Link()
        await call.write(pb.LinkRequest(hello=pb.Hello(centre=ground.township, parent=ground.county)))
        await call.write(pb.LinkRequest(envelopes=pb.Envelopes(envelopes=envelopes)))
        await until(recognised, 10, f"{len(envelopes)} messages are recognised")
        call.cancel()
    await ground.settled()
    assert await _counts(ground) == before


async def test_what_cannot_be_read_or_is_not_for_us_is_parked_and_the_edge_goes_on(ground: Ground, seed: int) -> None:
    await ground.exchange()
    other = ground.edges()[-1][0]
    assert other != ground.township
    foreign = [one for one in await lying_in(ground.kafka.bootstrap, up_topic(other)) if one.seq][-1]
    topic = up_topic(ground.township)
    garbage = noise(bytes([255, 7, 3]) + f"poison {seed}".encode())
    offsets = await write(ground.kafka.bootstrap, topic, [garbage, foreign])
    await ground.knows(ground.county, await ground.offered(ground.township), 20)
    letters = [letter for letter in await _letters(ground) if letter["state"] == "parked"]
    found = {letter["offset"]: letter for letter in letters if letter["topic"] == topic}
    assert {found[offset]["code"] for offset in offsets} == {"message_unreadable", "message_sender"}
    shown = json.loads(await _dead_letters(ground, "show", str(found[offsets[0]]["id"]), "--json"))
    assert bytes.fromhex(shown["payload"]) == garbage.value
    await ground.settled("--allow-dead-letters")
    with pytest.raises(AssertionError, match="dead_letter"):
        await ground.settled()
    await _dead_letters(ground, "replay", str(found[offsets[0]]["id"]))
    again = [letter for letter in await _letters(ground) if letter["state"] == "parked"]
    assert bytes.fromhex(json.loads(await _dead_letters(ground, "show", str(again[0]["id"]), "--json"))["payload"]) == (
        garbage.value
    ), "replayed, it is parked anew"
    for letter in again:
        await _dead_letters(ground, "drop", str(letter["id"]))
    await ground.settled()


async def test_a_broken_body_holds_its_case_and_nothing_else_until_it_is_dropped(ground: Ground, seed: int) -> None:
    held, free = [await ground.offered(ground.township) for _ in range(2)]
    await asyncio.gather(*(ground.knows(ground.county, case, 20) for case in (held, free)))
    broken = envelope_pb2.Envelope(subject=str(held), type="case_progress", schema=1)
    broken.case_progress.case.id = "no id"
    await _slip_in(ground, held, "case_progress", broken.SerializeToString())
    await _note(ground, held, f"后补 {seed}")
    await _note(ground, free, f"另案 {seed}")
    await until(lambda: _noted(ground, free, 1), 20, "the other case goes on")
    assert not await _noted(ground, held, 1), "what comes after the broken message waits for it"
    letter = next(one for one in await _letters(ground) if one["state"] == "parked")
    assert (letter["code"], letter["subject"], letter["neighbour"]) == (
        "message_unreadable",
        str(held),
        ground.township,
    )
    assert letter["seq"] > 0
    await _dead_letters(ground, "replay", str(letter["id"]))
    again = next(one for one in await _letters(ground) if one["state"] == "parked")
    assert again["id"] > letter["id"], "replayed, it is parked anew"
    assert not await _noted(ground, held, 1)
    await _dead_letters(ground, "drop", str(again["id"]))
    await until(lambda: _noted(ground, held, 1), 20, "the held message is released")
    await ground.settled()


async def test_a_message_of_a_newer_release_waits_with_its_case_for_the_upgrade(ground: Ground, seed: int) -> None:
    case = await ground.offered(ground.township)
    await ground.knows(ground.county, case, 20)
    newer = envelope_pb2.Envelope(subject=str(case), type="case_merged", schema=2).SerializeToString()
    await _slip_in(ground, case, "case_merged", newer + bytes([0xFA, 0x3E, 0x01, 0x00]))
    await _note(ground, case, f"后补 {seed}")
    waiting = "SELECT count(*) FROM inbox WHERE subject = %s AND state = 'waiting'"

    async def both_wait() -> bool:
        return bool((await ground.rows(ground.county, waiting, case))[0][0] == 2)

    await until(both_wait, 20, "the newer message and the note behind it wait")
    assert not await _noted(ground, case, 1)
    # The upgrade: what nobody could read turns out to say nothing new.
    about = (await ground.rows(ground.county, "SELECT to_json(c) FROM case_file c WHERE case_id = %s", case))[0][0]
    known = envelope_pb2.Envelope(subject=str(case), type="withdrawal_asked", schema=1)
    known.withdrawal_asked.case_id, known.withdrawal_asked.offer_id = str(case), str(uuid4())
    assert about["role"] == "candidate"
    await ground.rows(
        ground.county,
        """UPDATE inbox SET envelope = envelope || %s, next_try_at = now()
        WHERE subject = %s AND reason = 'message_unknown_type' RETURNING seq""",
        known.SerializeToString(),
        case,
    )
    await until(lambda: _noted(ground, case, 1), 30, "the upgraded release goes on")
    await ground.settled()


async def _slip_in(ground: Ground, subject: UUID, kind: str, body: bytes) -> None:
    """Have the township send something that its program would never write."""
    await ground.rows(
        ground.township,
        """INSERT INTO outbox (neighbour, message_id, type, subject, urgent, body, created_at, traceparent)
        VALUES (%s, gen_random_uuid(), %s, %s, false, %s, now(), '') RETURNING id""",
        ground.county,
        kind,
        subject,
        body,
    )


async def _note(ground: Ground, case: UUID, text: str) -> None:
    async with ground.client(ground.township) as client:
        await client.carry_out(AddNote(case, text), OFFICER)
    ground.told.notes[text] = ground.township


async def _noted(ground: Ground, case: UUID, many: int) -> bool:
    rows = await ground.rows(ground.county, "SELECT count(*) FROM event WHERE subject = %s AND kind = 'noted'", case)
    return bool(rows[0][0] >= many)


async def _dead_letters(ground: Ground, *arguments: str) -> str:
    variables: Mapping[str, str] = production_settings(ground)
    done = await asyncio.to_thread(
        lambda: run_command("dead-letters", *arguments, "--centre", ground.county, timeout_seconds=120.0, **variables)
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def _letters(ground: Ground) -> list[dict[str, Any]]:
    letters: list[dict[str, Any]] = json.loads(await _dead_letters(ground, "list", "--json"))
    return letters
