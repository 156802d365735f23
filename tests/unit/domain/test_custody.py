from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from fengqiao.domain.case import CaseFile, CaseState, CommandName, Direction, Offer, Role
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    AssignCase,
    AttachFile,
    OfferCase,
    RefuseOffer,
    ResolveCase,
    WithdrawOffer,
)
from fengqiao.domain.custody import CaseDecision, accept, offer, refuse, withdraw
from fengqiao.domain.decision import Facts, Outgoing
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.handling import assign, attach, note, resolve
from fengqiao.domain.message import CaseProgress, OfferAccepted, OfferMade, OfferRefused, WithdrawalAsked
from fengqiao.domain.text import REASON_LENGTH
from fengqiao.domain.transitions import allowed_commands
from tests.unit.course_samples import COURSE_COMMANDS, decided
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.samples import (
    CITY,
    EAST,
    EAST_HILL,
    EAST_LAKE,
    NOON,
    WEST,
    facts,
    number,
    offered,
    registered,
    seen_by,
    situations,
)

LATER = NOON + timedelta(hours=2)
UP = OfferCase(number(1), number(50), Direction.UP, "超出权限")
ACCEPT, REFUSE, WITHDRAW = AcceptOffer(number(1)), RefuseOffer(number(1), "不属于本辖区"), WithdrawOffer(number(1))


def down(to: str) -> OfferCase:
    return OfferCase(number(1), number(50), Direction.DOWN, "由你处办理", to)


def carry_out(file: CaseFile, name: CommandName, at: Facts) -> CaseDecision:
    """Give any command with right fields."""
    if name in COURSE_COMMANDS:
        return decided(file, COURSE_COMMANDS[name], at)
    rules: Mapping[CommandName, Callable[[], CaseDecision]] = {
        CommandName.ASSIGN: lambda: assign(file, AssignCase(number(1), "roads"), at),
        CommandName.NOTE: lambda: note(file, AddNote(number(1), "已到现场。"), at),
        CommandName.ATTACH: lambda: attach(file, AttachFile(number(1), "ab" * 32, 9, "image/png", "现场.png"), at),
        CommandName.RESOLVE: lambda: resolve(file, ResolveCase(number(1), "已修复。"), at),
        CommandName.OFFER: lambda: offer(file, UP, (), at),
        CommandName.WITHDRAW: lambda: withdraw(file, WITHDRAW, at),
        CommandName.ACCEPT: lambda: accept(file, ACCEPT, at),
        CommandName.REFUSE: lambda: refuse(file, REFUSE, at),
    }
    return rules[name]()


COMMANDS = [name for name in CommandName if name is not CommandName.REGISTER]

OFFER_NONE = (Kind.STATE, "offer_none")
NOT_HOLDER = (Kind.FORBIDDEN, "case_not_holder")
NOT_OURS = (Kind.FORBIDDEN, "offer_not_ours")
UNANSWERED = (Kind.STATE, "case_unanswered")
OFFERED = (Kind.STATE, "case_offered")
STATE = (Kind.STATE, "case_state")
OUTSIDE = (Kind.FORBIDDEN, "case_not_involved")

NO_OFFER = {"withdraw": OFFER_NONE, "accept": OFFER_NONE, "refuse": OFFER_NONE}
ELSEWHERE = {"accept": NOT_OURS, "refuse": NOT_OURS}
Meets = tuple[Kind, str]

# Situation at a centre -> what a command meets that is not possible there, and what some others meet instead.
REFUSED: Mapping[str, tuple[Meets, Mapping[str, Meets]]] = {
    **{situation: (STATE, NO_OFFER) for situation in situations() if situation.startswith("holder")},
    "holder, offer open": (OFFERED, ELSEWHERE),
    "holder, withdrawal asked": (OFFERED, ELSEWHERE | {"withdraw": (Kind.STATE, "offer_withdrawing")}),
    "candidate": (UNANSWERED, {}),
    "candidate that follows": (UNANSWERED, {}),
    "arbiter": (NOT_HOLDER, {"accept": OFFER_NONE, "refuse": OFFER_NONE}),
    "follower": (NOT_HOLDER, {"accept": OFFER_NONE, "refuse": OFFER_NONE}),
    "follower, offer open elsewhere": (NOT_HOLDER, ELSEWHERE),
    "follower that has just refused": (NOT_HOLDER, {"accept": OFFER_NONE, "refuse": OFFER_NONE}),
    "bystander": (OUTSIDE, {"accept": OFFER_NONE, "refuse": OFFER_NONE}),
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("situation", REFUSED)
def test_each_command_in_each_situation_is_carried_out_or_refused_for_its_reason(
    situation: str, name: CommandName
) -> None:
    file = situations()[situation]
    if name in allowed_commands(file):
        assert len(carry_out(file, name, facts(EAST)).events) == 1
    else:
        usual, others = REFUSED[situation]
        refusal = refusal_of(carry_out, file, name, facts(EAST))
        assert (refusal.kind, refusal.code) == others.get(name, usual)


def test_every_situation_stands_in_the_table() -> None:
    assert set(REFUSED) == set(situations())


# Offering.


def test_an_offer_up_goes_to_the_parent_and_leaves_the_case_where_it_is() -> None:
    decision = offer(registered(EAST), replace(UP, reason=" 超出\x00权限 "), (), facts(EAST, at=LATER))
    case = decision.file.case
    assert (case.holder, case.epoch, case.version, case.updated_at) == (EAST, 1, 2, LATER)
    assert case.offer == Offer(number(50), CITY, Direction.UP, 2, "超出权限", LATER, withdrawing=False)
    assert decision.file.role is Role.HOLDER
    (event,) = decision.events
    assert (event.kind, event.epoch) == (EventKind.OFFERED, 1)
    assert event.details == {"offer": str(number(50)), "to": CITY, "direction": "up", "reason": "超出权限"}


def test_an_offer_down_goes_to_the_child_that_is_named() -> None:
    made = offer(registered(EAST), down(EAST_LAKE), (), facts(EAST)).file.case.offer
    assert made is not None
    assert (made.to, made.direction) == (EAST_LAKE, Direction.DOWN)


def test_whoever_does_not_follow_is_told_the_whole_story_and_whoever_does_only_what_is_new() -> None:
    story = (past_event(101), past_event(102))
    file = replace(registered(EAST), audience=frozenset({EAST_HILL, EAST_LAKE}))
    decision = offer(file, UP, story, facts(EAST))
    (event,) = decision.events
    assert decision.outgoing[0] == Outgoing(CITY, OfferMade(decision.file.case, (*story, event)), urgent=False)
    progress = CaseProgress(decision.file.case, (event,))
    assert decision.outgoing[1:] == tuple(Outgoing(to, progress, urgent=False) for to in (EAST_HILL, EAST_LAKE))
    back = offer(file, down(EAST_HILL), story, facts(EAST))
    assert back.outgoing[0] == Outgoing(EAST_HILL, OfferMade(back.file.case, back.events), urgent=False)
    assert [outgoing.to for outgoing in back.outgoing] == [EAST_HILL, EAST_LAKE]


def past_event(n: int) -> Event:
    return Event(number(n), number(1), EventKind.NOTED, EAST, "王芳", NOON, 1, {"text": "早先"})


@pytest.mark.parametrize(
    ("centre", "command", "kind", "code"),
    [
        (CITY, UP, Kind.FORBIDDEN, "offer_no_parent"),
        (EAST, down(WEST), Kind.FORBIDDEN, "offer_not_neighbour"),
        (EAST, down(CITY), Kind.FORBIDDEN, "offer_not_neighbour"),
        (EAST, down(EAST), Kind.FORBIDDEN, "offer_not_neighbour"),
        (CITY, down(EAST_HILL), Kind.FORBIDDEN, "offer_not_neighbour"),
        (EAST, down("999999"), Kind.NOT_FOUND, "centre_unknown"),
        (EAST, down(""), Kind.INVALID, "input_invalid"),
        (EAST, replace(UP, reason=" \x00"), Kind.INVALID, "input_invalid"),
        (EAST, replace(UP, reason="灯" * (REASON_LENGTH + 1)), Kind.INVALID, "input_invalid"),
        (EAST, replace(UP, seen_version=0), Kind.STALE, "case_stale"),
    ],
)
def test_an_offer_that_cannot_be_made_is_refused(centre: str, command: OfferCase, kind: Kind, code: str) -> None:
    refusal = refusal_of(offer, registered(centre), command, (), facts(centre))
    assert (refusal.kind, refusal.code) == (kind, code)


# Answering.


def test_accepting_takes_the_case_at_the_epoch_of_the_offer_and_nobody_is_assigned_yet() -> None:
    waiting = offered(registered(EAST_HILL, unit="justice"), EAST)
    decision = accept(seen_by(waiting.case, Role.CANDIDATE), ACCEPT, facts(EAST, at=LATER))
    file, case = decision.file, decision.file.case
    assert (case.holder, case.epoch, case.version, case.offer) == (EAST, 2, waiting.case.version + 1, None)
    assert (case.state, case.unit, case.updated_at) == (CaseState.REGISTERED, "", LATER)
    assert case.first_receiver == waiting.case.first_receiver
    assert case.registered_at == NOON, "a hand-over never resets what a limit counts from"
    assert (file.role, file.audience) == (Role.HOLDER, frozenset({EAST_HILL}))
    (event,) = decision.events
    assert (event.kind, event.epoch) == (EventKind.OFFER_ACCEPTED, 2)
    assert event.details == {"offer": str(number(50)), "from": EAST_HILL}
    assert decision.outgoing == (Outgoing(EAST_HILL, OfferAccepted(case, number(50), (event,)), urgent=False),)


def test_an_acceptance_is_told_to_all_others_who_follow() -> None:
    waiting = offered(registered(EAST_HILL), EAST)
    decision = accept(seen_by(waiting.case, Role.CANDIDATE, CITY, EAST_HILL), ACCEPT, facts(EAST))
    assert [(one.to, type(one.message)) for one in decision.outgoing] == [
        (EAST_HILL, OfferAccepted),
        (CITY, CaseProgress),
    ]


@pytest.mark.parametrize(("audience", "role"), [((), Role.BYSTANDER), ((CITY, EAST_HILL), Role.FOLLOWER)])
def test_refusing_leaves_the_case_with_the_offerer(audience: tuple[str, ...], role: Role) -> None:
    waiting = offered(registered(EAST_HILL), EAST)
    decision = refuse(seen_by(waiting.case, Role.CANDIDATE, *audience), REFUSE, facts(EAST))
    assert (decision.file.case, decision.file.role) == (waiting.case, role)
    (event,) = decision.events
    assert event.details == {"offer": str(number(50)), "reason": "不属于本辖区"}
    assert decision.outgoing[0] == Outgoing(EAST_HILL, OfferRefused(number(1), number(50), (event,)), urgent=False)
    assert [one.to for one in decision.outgoing[1:]] == [CITY] * bool(audience)


@pytest.mark.parametrize("reason", ["", " \x00", "灯" * (REASON_LENGTH + 1)])
def test_refusing_needs_a_reason(reason: str) -> None:
    waiting = seen_by(offered(registered(EAST_HILL), EAST).case, Role.CANDIDATE)
    refusal = refusal_of(refuse, waiting, RefuseOffer(number(1), reason), facts(EAST))
    assert refusal.kind is Kind.INVALID
    assert [field for field, _ in faults_of(refusal)] == ["reason"]


def test_asking_an_offer_back_leaves_it_open_until_the_other_side_answers() -> None:
    waiting = replace(offered(registered(EAST), CITY), audience=frozenset({EAST_HILL}))
    decision = withdraw(waiting, WITHDRAW, facts(EAST))
    assert waiting.case.offer is not None
    assert decision.file.case.offer == replace(waiting.case.offer, withdrawing=True)
    assert (decision.file.role, decision.file.case.epoch) == (Role.HOLDER, 1)
    assert decision.file.case.version == waiting.case.version + 1
    asked = WithdrawalAsked(number(1), number(50), decision.events)
    progress = CaseProgress(decision.file.case, decision.events)
    assert decision.outgoing == (Outgoing(CITY, asked, urgent=False), Outgoing(EAST_HILL, progress, urgent=False))


@pytest.mark.parametrize(
    ("rule", "command"),
    [
        (accept, AcceptOffer(number(1), seen_version=1)),
        (refuse, RefuseOffer(number(1), "不属于本辖区", seen_version=1)),
    ],
)
def test_an_answer_from_an_older_view_is_stale(rule: Callable[..., CaseDecision], command: object) -> None:
    waiting = seen_by(offered(registered(EAST_HILL), EAST).case, Role.CANDIDATE)
    assert refusal_of(rule, waiting, command, facts(EAST)).kind is Kind.STALE


def test_a_withdrawal_from_an_older_view_is_stale() -> None:
    waiting = offered(registered(EAST), CITY)
    assert refusal_of(withdraw, waiting, WithdrawOffer(number(1), seen_version=1), facts(EAST)).kind is Kind.STALE


def test_a_refusal_says_who_can_and_what_is_possible() -> None:
    def said(situation: str, name: CommandName) -> Refusal:
        return refusal_of(carry_out, situations()[situation], name, facts(EAST))

    assert "枫桥市" in str(said("follower", CommandName.ASSIGN))
    assert "枫桥市" in str(said("holder, offer open", CommandName.ASSIGN))
    possible = "Possible now: reopen, evaluate, re-visit, add a note, attach a file"
    assert possible in str(said("holder, resolved", CommandName.OFFER))
