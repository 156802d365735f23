"""The inbox through real databases: duplicates, gaps, the four verdicts, and what is held behind them."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from fengqiao.domain.case import CaseFile, Direction, Role
from fengqiao.domain.command import AcceptOffer, AddNote, OfferCase
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.message import CaseMessage, subject_of
from fengqiao.domain.reaction import react
from fengqiao.handlers import case as handlers
from fengqiao.handlers import dead_letters, inbox
from fengqiao.handlers.inbox import Delivery, take_in
from fengqiao.insight.cases import case_view
from fengqiao.insight.federation import refresh_gauges
from fengqiao.proto.v1 import envelope_pb2
from fengqiao.store.edges import edge_positions
from fengqiao.store.inbox import held_counts
from tests.containers import PostgresServer
from tests.node.rig import CLERK, COUNTY, TOWNSHIP, Bench, bench, new_id
from tests.node.test_handlers_case import a_case


async def offered(rig: Bench, notes: int = 0) -> UUID:
    """Register a case at the township, offer it up, and add notes to it; nothing is carried yet."""
    command = a_case()
    await handlers.register(rig[TOWNSHIP], command, CLERK)
    await handlers.carry_out(rig[TOWNSHIP], OfferCase(command.case_id, new_id(), Direction.UP, "职权"), CLERK)
    for serial in range(notes):
        await handlers.carry_out(rig[TOWNSHIP], AddNote(command.case_id, f"补充 {serial}"), CLERK)
    return command.case_id


async def received(rig: Bench) -> int:
    return (await edge_positions(rig[COUNTY].database))[TOWNSHIP].received_seq


async def test_the_same_envelopes_again_change_nothing_and_are_acknowledged_again(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await offered(rig, notes=2)
        envelopes = (await rig.envelopes(TOWNSHIP))[COUNTY]
        await rig.deliver(COUNTY, TOWNSHIP, envelopes)
        before = await case_view(rig[COUNTY].database, case_id)
        for repetition in (envelopes, envelopes[1:], [*envelopes, *envelopes]):
            taken = await rig.deliver(COUNTY, TOWNSHIP, repetition)
            assert taken.received_seqs == {TOWNSHIP: 3}
            assert taken.repeated == {TOWNSHIP}
        assert await case_view(rig[COUNTY].database, case_id) == before


async def test_what_lies_beyond_a_gap_is_held_and_taken_in_when_the_gap_closes(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await offered(rig, notes=4)
        envelopes = (await rig.envelopes(TOWNSHIP))[COUNTY]
        await rig.deliver(COUNTY, TOWNSHIP, [envelopes[4], envelopes[2]])
        assert await received(rig) == 0
        assert await held_counts(rig[COUNTY].database) == {"ahead": 2}
        await rig.deliver(COUNTY, TOWNSHIP, [envelopes[0]])
        assert await received(rig) == 1
        taken = await rig.deliver(COUNTY, TOWNSHIP, [envelopes[1]])
        assert taken.received_seqs == {TOWNSHIP: 3}
        await rig.deliver(COUNTY, TOWNSHIP, [envelopes[3]])
        assert await received(rig) == 5
        assert await held_counts(rig[COUNTY].database) == {}
        view = await case_view(rig[COUNTY].database, case_id)
        assert [row.event.details.get("text") for row in view.events[2:]] == [f"补充 {n}" for n in range(4)]


async def test_a_message_of_a_newer_release_waits_and_holds_only_its_case(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        newer, other = await offered(rig, notes=1), await offered(rig)
        envelopes = (await rig.envelopes(TOWNSHIP))[COUNTY]
        unknown = envelope_pb2.Envelope.FromString(envelopes[0])
        unknown.ClearField("offer_made")
        unknown.type = "offer_made_of_tomorrow"
        await rig.deliver(COUNTY, TOWNSHIP, [unknown.SerializeToString(), *envelopes[1:]])
        assert await received(rig) == 3
        assert await held_counts(rig[COUNTY].database) == {"waiting": 2}
        assert (await case_view(rig[COUNTY].database, other)).file.role is Role.CANDIDATE
        with pytest.raises(Refusal, match="case_unknown"):
            await case_view(rig[COUNTY].database, newer)


async def test_a_message_that_cannot_be_handled_is_parked_with_its_reason_and_can_be_dropped(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        case_id = await offered(rig, notes=1)
        envelopes = (await rig.envelopes(TOWNSHIP))[COUNTY]
        # The offer never arrived in a form that can be read: its number is known, its body is broken.
        broken = envelope_pb2.Envelope.FromString(envelopes[0])
        broken.offer_made.case.id = "no id"
        await rig.deliver(COUNTY, TOWNSHIP, [broken.SerializeToString(), envelopes[1]])
        assert await received(rig) == 2
        assert await held_counts(rig[COUNTY].database) == {"parked": 1, "waiting": 1}
        (letter,) = await dead_letters.list_letters(rig[COUNTY])
        assert (letter.seq, letter.code, letter.neighbour, letter.subject) == (
            1,
            "message_unreadable",
            TOWNSHIP,
            case_id,
        )
        assert (await dead_letters.show_letter(rig[COUNTY], letter.id)).payload == broken.SerializeToString()
        replayed = await dead_letters.replay_letter(rig[COUNTY], letter.id)
        assert replayed.state == "replayed"
        again, _ = await dead_letters.list_letters(rig[COUNTY], closed_too=True)
        assert (again.seq, again.state) == (1, "parked")
        await dead_letters.drop_letter(rig[COUNTY], again.id)
        # What waited behind it was tried; without the offer it can't fit, so it is parked for a person to see.
        assert await held_counts(rig[COUNTY].database) == {"parked": 1}


async def test_garbage_and_strangers_are_parked_without_a_number(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await offered(rig)
        (envelope,) = (await rig.envelopes(TOWNSHIP))[COUNTY]
        forged = envelope_pb2.Envelope.FromString(envelope)
        forged.sender = "371400"
        garbage = Delivery(TOWNSHIP, b"\xff\x00garbage", "kafka", "fengqiao.up.371401001", 0, 7)
        await take_in(rig[COUNTY], [garbage])
        await take_in(rig[COUNTY], [garbage])
        await rig.deliver(COUNTY, TOWNSHIP, [forged.SerializeToString()])
        letters = await dead_letters.list_letters(rig[COUNTY])
        assert sorted((letter.code, letter.seq, letter.offset) for letter in letters) == [
            ("message_sender", None, -1),
            ("message_unreadable", None, 7),
        ]
        assert await received(rig) == 0


async def test_the_gauge_of_gaps_counts_only_what_lies_beyond_one(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        county, sample = rig[COUNTY], {"centre": COUNTY, "neighbour": TOWNSHIP}
        await offered(rig, notes=3)
        envelopes = (await rig.envelopes(TOWNSHIP))[COUNTY]
        strange = envelope_pb2.Envelope.FromString(envelopes[0])
        strange.ClearField("offer_made")
        strange.type = "人们写的字"
        await rig.deliver(COUNTY, TOWNSHIP, [strange.SerializeToString(), envelopes[1], envelopes[3]])
        assert await held_counts(county.database) == {"waiting": 2, "ahead": 1}
        await refresh_gauges(county.database, county.metrics, county.clock())
        registry = county.metrics.registry
        assert registry.get_sample_value("fengqiao_inbox_gaps", sample) == 1
        waiting = {"centre": COUNTY, "state": "waiting"}
        assert registry.get_sample_value("fengqiao_inbox_held", waiting) == 2
        text = county.metrics.text().decode()
        assert strange.type not in text, "a label never holds what a sender wrote"
        assert 'type="unknown",verdict="later"' in text


async def test_a_message_that_crashes_is_tried_again_and_parked_at_the_limit(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        crashing, healthy = await offered(rig), await offered(rig)
        envelopes = (await rig.envelopes(TOWNSHIP))[COUNTY]

        def sometimes(file: CaseFile | None, message: CaseMessage, *rest: Any) -> CaseDecision:
            if subject_of(message) == crashing:
                raise ZeroDivisionError
            return react(file, message, *rest)

        late = rig[COUNTY].clock() + timedelta(hours=1)
        with patch("fengqiao.handlers.inbox.react", sometimes):
            await rig.deliver(COUNTY, TOWNSHIP, envelopes)
            assert (await case_view(rig[COUNTY].database, healthy)).file.role is Role.CANDIDATE
            assert await held_counts(rig[COUNTY].database) == {"waiting": 1}
            later = rig.at(COUNTY, late)
            for _ in range(4):
                assert await inbox.retry_held(later) == 1
                later = rig.at(COUNTY, later.clock() + timedelta(hours=1))
        assert await held_counts(rig[COUNTY].database) == {"parked": 1}
        (letter,) = await dead_letters.list_letters(rig[COUNTY])
        assert (letter.code, letter.params) == ("message_crashed", {"detail": "ZeroDivisionError"})
        await dead_letters.replay_letter(rig[COUNTY], letter.id)
        assert (await case_view(rig[COUNTY].database, crashing)).file.role is Role.CANDIDATE


async def test_what_the_database_refuses_is_the_fault_of_its_message_alone(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        unfit, healthy = await offered(rig), await offered(rig)
        envelopes = (await rig.envelopes(TOWNSHIP))[COUNTY]
        forged = envelope_pb2.Envelope.FromString(envelopes[0])
        forged.offer_made.case.text = "长" * 4001
        await rig.deliver(COUNTY, TOWNSHIP, [forged.SerializeToString(), *envelopes[1:]])
        assert await received(rig) == 2
        assert (await case_view(rig[COUNTY].database, healthy)).file.role is Role.CANDIDATE
        assert await held_counts(rig[COUNTY].database) == {"waiting": 1}
        later = rig[COUNTY]
        for _ in range(4):
            later = rig.at(COUNTY, later.clock() + timedelta(hours=1))
            assert await inbox.retry_held(later) == 1
        assert await held_counts(rig[COUNTY].database) == {"parked": 1}
        (letter,) = await dead_letters.list_letters(rig[COUNTY])
        assert (letter.code, letter.params) == ("message_crashed", {"detail": "CheckViolation"})
        with pytest.raises(Refusal, match="case_unknown"):
            await case_view(rig[COUNTY].database, unfit)


async def test_a_replayed_letter_releases_what_waited_behind_it(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await offered(rig, notes=2)
        envelopes = (await rig.envelopes(TOWNSHIP))[COUNTY]
        with patch("fengqiao.handlers.inbox.react", side_effect=Refusal(Kind.STATE, "message_misplaced")):
            await rig.deliver(COUNTY, TOWNSHIP, envelopes)
        assert await held_counts(rig[COUNTY].database) == {"parked": 1, "waiting": 2}
        (letter,) = await dead_letters.list_letters(rig[COUNTY])
        await dead_letters.replay_letter(rig[COUNTY], letter.id)
        assert await held_counts(rig[COUNTY].database) == {}
        assert len((await case_view(rig[COUNTY].database, case_id)).events) == 4
        await handlers.carry_out(rig[COUNTY], AcceptOffer(case_id), CLERK)
