"""The closed loop through PostgreSQL and gRPC: five people on one case, arbitration over two levels, merged cases."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fengqiao.domain.case import CaseFile, CaseState, Direction, FirstReceiver, Role
from fengqiao.domain.command import AcceptOffer, AssignCase, AttachFile, OfferCase, RegisterCase
from fengqiao.domain.course import ClosingKind, Grade, SuspensionReason
from fengqiao.domain.course_command import (
    AdmitCase,
    ApproveApplication,
    ArbitrateCase,
    ChallengeCase,
    ClassifyCase,
    CloseCase,
    DeclineCase,
    EvaluateCase,
    ExtendCase,
    GradeCase,
    InvolveUnits,
    MergeCase,
    ObjectToDispatch,
    ReopenCase,
    ReplyToCitizen,
    ResumeCase,
    RetractCase,
    ReturnCase,
    RevisitCitizen,
    SendBackResult,
    SignOffResult,
    SubmitResult,
    SuspendCase,
    TransferCase,
    UnmergeCase,
)
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.event import EventKind, first_break
from fengqiao.handlers import case as handlers
from fengqiao.handlers.context import Actor
from fengqiao.insight.cases import CaseFilter, CaseView, case_view, list_cases
from tests.containers import PostgresServer
from tests.node.rig import CITY, COUNTY, TOWNSHIP, Bench, bench, new_id
from tests.node.rpc_rig import served

DESK, DISPATCHER, OFFICER, DEPUTY, SUPERVISOR = "王敏", "赵刚", "孙丽", "周伟", "吴静"
PICTURE = b"\x89PNG\r\n" + bytes(range(256))


def a_case(title: str = "路灯不亮") -> RegisterCase:
    return RegisterCase(new_id(), title, "村口的路灯坏了三天，晚上看不见路。")


async def refused(call: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call  # type: ignore[misc]  # the coroutine of any command
    return caught.value


async def view_at(rig: Bench, centre: str, case: UUID) -> CaseView:
    return await case_view(rig[centre].database, case)


async def test_a_case_goes_from_registration_to_evaluation_through_five_people(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        node, command = nodes[TOWNSHIP], a_case()
        await node.register(command, DESK)
        case = command.case_id
        admitted = await node.carry_out(AdmitCase(case, seen_version=1), DESK)
        assert (admitted.case.state, admitted.case.course.accepted_at) == ("accepted", admitted.case.updated_at)
        await node.carry_out(ClassifyCase(case, "0102"), DISPATCHER)
        await node.carry_out(GradeCase(case, Grade.SMALL), DISPATCHER)
        assert (await refused(node.carry_out(ClassifyCase(case, "9999"), DISPATCHER))).kind is Kind.INVALID
        await node.carry_out(AssignCase(case, "police"), DISPATCHER)
        await node.carry_out(TransferCase(case, "justice", "由司法所牵头"), DISPATCHER)
        await node.carry_out(InvolveUnits(case, ("police",)), DISPATCHER)
        await node.carry_out(SuspendCase(case, SuspensionReason.APPRAISAL, 3, "等待鉴定"), OFFICER)
        assert (await refused(node.carry_out(ApproveApplication(case), OFFICER))).code == "second_person_needed"
        suspended = await node.carry_out(ApproveApplication(case), DEPUTY)
        assert suspended.case.course.suspension is not None
        assert (await refused(node.carry_out(SubmitResult(case, "好了", proof="看过"), OFFICER))).code == "case_state"
        await node.carry_out(ResumeCase(case), OFFICER)
        await node.carry_out(ExtendCase(case, 5, "零件未到"), OFFICER)
        await node.carry_out(ApproveApplication(case), DEPUTY)
        digest = hashlib.sha256(PICTURE).hexdigest()
        await node.attach(AttachFile(case, digest, 0, "image/png", "修好.png"), PICTURE, OFFICER)
        unknown = SubmitResult(case, "已修复。", evidence=("cd" * 32,))
        assert (await refused(node.carry_out(unknown, OFFICER))).violations[0].code == "attachment_unknown"
        await node.carry_out(SubmitResult(case, "已修复。", evidence=(digest,)), OFFICER)
        await node.carry_out(SendBackResult(case, "照片不清"), DEPUTY)
        await node.carry_out(SubmitResult(case, "已修复，附照片。", evidence=(digest,)), OFFICER)
        assert (await refused(node.carry_out(SignOffResult(case), OFFICER))).code == "second_person_needed"
        await node.carry_out(SignOffResult(case), DEPUTY)
        await node.carry_out(ReplyToCitizen(case, "路灯已修好，请查看。"), DESK)
        assert (await refused(node.carry_out(CloseCase(case, ClosingKind.SOLVED), DESK))).code == "revisit_owed"
        await node.carry_out(RevisitCitizen(case, True, "确实修好了"), SUPERVISOR)
        await node.carry_out(EvaluateCase(case, True, True, "很快"), SUPERVISOR)
        wrong = await refused(node.carry_out(CloseCase(case, ClosingKind.EXPLAINED), DESK))
        assert wrong.violations[0].code == "closing_differs"
        closed = await node.carry_out(CloseCase(case, ClosingKind.SOLVED), DESK)
        assert (closed.case.state, closed.case.closing, closed.case.result) == (
            "resolved",
            "solved",
            "已修复，附照片。",
        )
        assert closed.case.first_receiver == FirstReceiver(TOWNSHIP, "police", fixed=True)
        view = await node.case(str(case))
        assert view.file == closed
        assert {row.event.actor for row in view.events} == {DESK, DISPATCHER, OFFICER, DEPUTY, SUPERVISOR}
        assert first_break((row.position, row.event, row.hash) for row in view.events) is None


async def test_a_second_return_is_arbitrated_above_and_the_case_is_reopened_within_its_window(
    postgres: PostgresServer,
) -> None:
    async with served(postgres) as nodes:
        township, county, command = nodes[TOWNSHIP], nodes[COUNTY], a_case()
        await township.register(command, DESK)
        case = command.case_id
        await township.carry_out(AssignCase(case, "police"), DISPATCHER)
        await township.carry_out(ReturnCase(case, "不属于派出所职责"), OFFICER)
        await township.carry_out(AssignCase(case, "justice"), DISPATCHER)
        again = await refused(township.carry_out(ReturnCase(case, "也不属于司法所"), OFFICER))
        assert (again.code, "word:command.object" in again.params["allowed"]) == ("case_state", True)
        await township.carry_out(ObjectToDispatch(case, new_id(), "也不属于司法所"), OFFICER)
        await nodes.rig.settle()
        asked = await county.case(str(case))
        assert (asked.file.role, asked.file.case.state, len(asked.events)) == (Role.ARBITER, "disputed", 5)
        assert [file.case.id for file in (await county.cases(CaseFilter(view="arbitration"))).rows] == [case]
        wrong = await refused(county.carry_out(ArbitrateCase(case, "market-of-nowhere", "由其办理"), DEPUTY))
        assert wrong.violations[0].code == "unit_unknown"
        decided = await county.carry_out(ArbitrateCase(case, "police", "由派出所办理"), DEPUTY)
        assert decided.role is Role.FOLLOWER
        await nodes.rig.settle()
        view = await township.case(str(case))
        assert (view.file.case.state, view.file.case.unit, view.file.role) == ("assigned", "police", Role.HOLDER)
        for unwilling in (ReturnCase(case, "还是不办"), ObjectToDispatch(case, new_id(), "还是不办")):
            assert (await refused(township.carry_out(unwilling, OFFICER))).code == "case_state"
        await township.carry_out(SubmitResult(case, "已修复。", proof="现场已核"), OFFICER)
        await township.carry_out(SignOffResult(case), DEPUTY)
        await township.carry_out(ReplyToCitizen(case, "已修好"), DESK)
        await township.carry_out(EvaluateCase(case, False, False, "还是不亮"), SUPERVISOR)
        disputed = await refused(township.carry_out(CloseCase(case, ClosingKind.SOLVED), DESK))
        assert disputed.code == "closing_disputed"
        reopened = await township.carry_out(ReopenCase(case, "当事人说还是不亮"), SUPERVISOR)
        assert (reopened.case.state, reopened.case.course.reopened, reopened.case.unit) == ("accepted", 1, "")
        assert reopened.case.first_receiver == FirstReceiver(TOWNSHIP, "police", fixed=True)
        assert reopened.case.number == view.file.case.number
        await nodes.rig.settle()
        copies = [(await node.case(str(case))) for node in (township, county)]
        assert copies[0].file.case == copies[1].file.case
        assert {row.event.id for row in copies[0].events} == {row.event.id for row in copies[1].events}


async def test_a_closed_case_is_reopened_within_thirty_days_and_not_after(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        node, now = rig[TOWNSHIP], datetime.now(UTC)
        for days, is_late in ((29, False), (31, True)):
            command, clerk = a_case(), Actor(DESK, now - timedelta(days=days))
            await handlers.register(node, command, clerk)
            await handlers.carry_out(node, DeclineCase(command.case_id, "法院已受理", "县法院"), clerk)
            if is_late:
                late = await refused(handlers.carry_out(node, ReopenCase(command.case_id, "又来"), Actor(DESK)))
                assert (late.kind, late.code) == (Kind.STATE, "reopen_late")
            else:
                file = await handlers.carry_out(node, ReopenCase(command.case_id, "又来"), Actor(DESK))
                assert (file.case.state, file.case.closing) == (CaseState.ACCEPTED, None)


async def test_the_city_itself_arbitrates_by_another_person(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        city, command = rig[CITY], a_case()
        await handlers.register(city, command, Actor(DESK))
        case = command.case_id
        await handlers.carry_out(city, AssignCase(case, "transport"), Actor(DISPATCHER))
        await handlers.carry_out(city, ReturnCase(case, "不属于"), Actor(OFFICER))
        await handlers.carry_out(city, AssignCase(case, "urban"), Actor(DISPATCHER))
        await handlers.carry_out(city, ObjectToDispatch(case, new_id(), "不属于"), Actor(OFFICER))
        own = await refused(handlers.carry_out(city, ArbitrateCase(case, "urban", "你办"), Actor(OFFICER)))
        assert own.code == "second_person_needed"
        file = await handlers.carry_out(city, ArbitrateCase(case, "urban", "由城管办理"), Actor(DEPUTY))
        assert (file.case.state, file.case.unit, file.case.course.arbitrated) == ("assigned", "urban", CITY)


async def test_an_unreasonable_claim_takes_two_people_and_closes_only_as_explained(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        node, command = rig[TOWNSHIP], a_case("要求邻居搬走")
        await handlers.register(node, command, Actor(DESK))
        case = command.case_id
        await handlers.carry_out(node, AssignCase(case, "justice"), Actor(DISPATCHER))
        await handlers.carry_out(node, ChallengeCase(case, "于法无据"), Actor(OFFICER))
        own = await refused(handlers.carry_out(node, ApproveApplication(case), Actor(OFFICER)))
        assert own.code == "second_person_needed"
        await handlers.carry_out(node, ApproveApplication(case), Actor(DEPUTY))
        solved = SubmitResult(case, "已劝导", ClosingKind.SOLVED, proof="谈话记录")
        mixed = await refused(handlers.carry_out(node, solved, Actor(OFFICER)))
        assert mixed.violations[0].code == "closing_explained"
        explained = SubmitResult(case, "已说明", ClosingKind.EXPLAINED, proof="谈话记录")
        for step, actor in (
            (explained, OFFICER),
            (SignOffResult(case), DEPUTY),
            (ReplyToCitizen(case, "依据民法典，不能要求邻居搬走。"), DESK),
            (EvaluateCase(case, False, False), SUPERVISOR),
        ):
            await handlers.carry_out(node, step, Actor(actor))
        closed = await handlers.carry_out(node, CloseCase(case, ClosingKind.EXPLAINED), Actor(DESK))
        assert closed.case.closing is ClosingKind.EXPLAINED


async def _merged(rig: Bench) -> tuple[CaseFile, CaseFile]:
    node, earlier = rig[TOWNSHIP], datetime.now(UTC) - timedelta(days=2)
    duplicate = (await handlers.register(node, a_case("路灯又不亮"), Actor(DESK, earlier))).file.case.id
    lead = (await handlers.register(node, a_case(), Actor(DESK))).file.case.id
    await handlers.carry_out(node, AssignCase(lead, "police"), Actor(DISPATCHER))
    rig.statements.clear()
    merged = await handlers.carry_out(node, MergeCase(duplicate, lead), Actor(DISPATCHER))
    assert rig.statements == {"work.load": 1, "work.save": 1}
    assert merged.case.course.merged_into == lead
    return merged, (await view_at(rig, TOWNSHIP, lead)).file


async def test_merged_cases_are_told_and_close_with_their_lead_in_two_statements(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        node = rig[TOWNSHIP]
        merged, lead = await _merged(rig)
        assert lead.case.waiting_since == merged.case.registered_at
        offer = OfferCase(merged.case.id, new_id(), Direction.UP, "职权")
        assert (await refused(handlers.carry_out(node, offer, Actor(DESK)))).code == "case_state"
        retract = RetractCase(lead.case.id, "不办了")
        assert (await refused(handlers.carry_out(node, retract, Actor(DESK)))).code == "case_state"
        await handlers.carry_out(node, SubmitResult(lead.case.id, "已修复", proof="核实"), Actor(OFFICER))
        await handlers.carry_out(node, SignOffResult(lead.case.id), Actor(DEPUTY))
        rig.statements.clear()
        await handlers.carry_out(node, ReplyToCitizen(lead.case.id, "路灯已修好"), Actor(DESK))
        assert rig.statements == {"work.load": 1, "work.save": 1}
        await handlers.carry_out(node, EvaluateCase(lead.case.id, True, True), Actor(SUPERVISOR))
        await handlers.carry_out(node, CloseCase(lead.case.id, ClosingKind.SOLVED), Actor(DESK))
        view = await view_at(rig, TOWNSHIP, merged.case.id)
        assert (view.file.case.state, view.file.case.closing) == (CaseState.RESOLVED, ClosingKind.SOLVED)
        kinds = [row.event.kind for row in view.events]
        assert kinds == [EventKind.REGISTERED, EventKind.MERGED, EventKind.LEAD_TOLD, EventKind.CLOSED]
        assert view.events[2].event.details["text"] == "路灯已修好"
        judged = await handlers.carry_out(node, EvaluateCase(merged.case.id, False, False), Actor(SUPERVISOR))
        assert judged.case.course.evaluation is not None


async def test_an_unmerged_case_goes_on_from_where_it_stood(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        node = rig[TOWNSHIP]
        merged, lead = await _merged(rig)
        rig.statements.clear()
        file = await handlers.carry_out(node, UnmergeCase(merged.case.id, "不是同一盏灯"), Actor(DISPATCHER))
        assert rig.statements == {"work.load": 1, "work.save": 1}
        assert (file.case.state, file.case.course.merged_into) == (CaseState.REGISTERED, None)
        after = (await view_at(rig, TOWNSHIP, lead.case.id)).file.case
        assert (after.course.merged, after.waiting_since) == ((), after.registered_at)
        for wrong in (MergeCase(merged.case.id, merged.case.id), MergeCase(merged.case.id, new_id())):
            assert (await refused(handlers.carry_out(node, wrong, Actor(DESK)))).kind in (Kind.INVALID, Kind.NOT_FOUND)


async def test_a_case_that_passed_on_begins_its_course_anew_and_keeps_what_was_found(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        command = a_case()
        case = command.case_id
        await handlers.register(rig[TOWNSHIP], command, Actor(DESK))
        await handlers.carry_out(rig[TOWNSHIP], ClassifyCase(case, "0102"), Actor(DESK))
        await handlers.carry_out(rig[TOWNSHIP], AssignCase(case, "police"), Actor(DISPATCHER))
        await handlers.carry_out(rig[TOWNSHIP], InvolveUnits(case, ("justice",)), Actor(DISPATCHER))
        await handlers.carry_out(rig[TOWNSHIP], OfferCase(case, new_id(), Direction.UP, "职权"), Actor(DESK))
        await rig.settle()
        file = await handlers.carry_out(rig[COUNTY], AcceptOffer(case), Actor(DEPUTY))
        assert (file.case.state, file.case.course.item, file.case.course.co_handlers) == ("registered", "0102", ())
        listed = await list_cases(rig[COUNTY].database, CaseFilter(view="unassigned"))
        assert [row.case.id for row in listed.rows] == [case]


async def test_a_reply_that_meets_a_merger_reaches_every_reporter_that_was_merged_before_it(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        node = rig[TOWNSHIP]
        for _ in range(8):
            duplicate, lead = [(await handlers.register(node, a_case(), Actor(DESK))).file.case.id for _ in range(2)]
            await handlers.carry_out(node, AssignCase(lead, "police"), Actor(DISPATCHER))
            await handlers.carry_out(node, SubmitResult(lead, "已修复", proof="核实"), Actor(OFFICER))
            await handlers.carry_out(node, SignOffResult(lead), Actor(DEPUTY))
            await asyncio.gather(
                handlers.carry_out(node, MergeCase(duplicate, lead), Actor(DISPATCHER)),
                handlers.carry_out(node, ReplyToCitizen(lead, "路灯已修好"), Actor(DESK)),
            )
            story = [row.event.kind for row in (await view_at(rig, TOWNSHIP, lead)).events]
            heard = [row.event.kind for row in (await view_at(rig, TOWNSHIP, duplicate)).events]
            merged_before = story.index(EventKind.JOINED) < story.index(EventKind.REPLIED)
            assert (EventKind.LEAD_TOLD in heard) == merged_before
