from dataclasses import replace
from datetime import timedelta

import pytest

from fengqiao.domain.case import Case, CaseFile, Role
from fengqiao.domain.decision import Outgoing
from fengqiao.domain.errors import Kind
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.message import (
    CaseMessage,
    CaseProgress,
    OfferAccepted,
    OfferMade,
    OfferRefused,
    OfferWithdrawn,
    WithdrawalAsked,
)
from fengqiao.domain.reaction import react
from tests.unit.domain.refusals import refusal_of
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
)

LATER = NOON + timedelta(hours=1)
NEWS = Event(number(300), number(1), EventKind.NOTED, CITY, "李雷", LATER, 1, {"text": "已转告。"})

HELD = replace(registered(EAST), audience=frozenset({EAST_HILL}))
WAITING = offered(HELD, CITY)
OFFERED_HERE = offered(registered(EAST_HILL), EAST).case


def taken(case: Case, by: str) -> Case:
    """Give the case as the other side accepted it."""
    assert case.offer is not None
    return replace(case, holder=by, epoch=case.offer.epoch, version=case.version + 1, offer=None)


# What fits.


def test_an_offer_makes_a_newcomer_a_candidate_with_the_whole_story() -> None:
    decision = react(None, OfferMade(OFFERED_HERE, (NEWS,)), EAST_HILL, frozenset(), facts(EAST))
    assert decision.file == CaseFile(OFFERED_HERE, Role.CANDIDATE)
    assert (decision.events, decision.outgoing) == ((NEWS,), ())


@pytest.mark.parametrize("role", [Role.FOLLOWER, Role.BYSTANDER])
def test_an_offer_to_one_who_knows_the_case_brings_only_what_is_new(role: Role) -> None:
    file = seen_by(registered(EAST_HILL).case, role, *((CITY, EAST_HILL) if role is Role.FOLLOWER else ()))
    old = replace(NEWS, id=number(299))
    decision = react(file, OfferMade(OFFERED_HERE, (old, NEWS)), EAST_HILL, {number(299)}, facts(EAST))
    assert (decision.file.role, decision.file.case, decision.events) == (Role.CANDIDATE, OFFERED_HERE, (NEWS,))
    told = (Outgoing(CITY, CaseProgress(OFFERED_HERE, (NEWS,)), urgent=False),)
    assert decision.outgoing == (told if role is Role.FOLLOWER else ())


def test_an_acceptance_ends_holding_and_is_told_to_the_others() -> None:
    case = taken(WAITING.case, CITY)
    decision = react(WAITING, OfferAccepted(case, number(50), (NEWS,)), CITY, frozenset(), facts(EAST))
    assert (decision.file.case, decision.file.role) == (case, Role.FOLLOWER)
    assert decision.file.audience == {CITY, EAST_HILL}
    assert decision.outgoing == (Outgoing(EAST_HILL, CaseProgress(case, (NEWS,)), urgent=False),)


@pytest.mark.parametrize("withdrawing", [False, True])
@pytest.mark.parametrize("answer", [OfferRefused, OfferWithdrawn])
def test_an_offer_that_comes_back_is_closed_and_the_holder_goes_on(
    answer: type[OfferRefused | OfferWithdrawn], withdrawing: bool
) -> None:
    waiting = offered(HELD, CITY, withdrawing=withdrawing)
    decision = react(waiting, answer(number(1), number(50), (NEWS,)), CITY, frozenset(), facts(EAST))
    case = decision.file.case
    assert (case.offer, case.holder, case.epoch, case.version) == (None, EAST, 1, waiting.case.version + 1)
    assert (case.updated_at, decision.file.role) == (LATER, Role.HOLDER)
    assert decision.outgoing == (Outgoing(EAST_HILL, CaseProgress(case, (NEWS,)), urgent=False),)


def test_one_who_refuses_and_follows_is_told_that_the_offer_is_closed() -> None:
    waiting = replace(WAITING, audience=frozenset({CITY, EAST_HILL}))
    decision = react(waiting, OfferRefused(number(1), number(50), (NEWS,)), CITY, frozenset(), facts(EAST))
    assert [(one.to, one.message) for one in decision.outgoing] == [
        (EAST_HILL, CaseProgress(decision.file.case, (NEWS,))),
        (CITY, CaseProgress(decision.file.case, ())),
    ]


@pytest.mark.parametrize(("audience", "role"), [((), Role.BYSTANDER), ((CITY, EAST_HILL), Role.FOLLOWER)])
def test_a_candidate_gives_an_offer_back_when_it_is_asked(audience: tuple[str, ...], role: Role) -> None:
    asked = WithdrawalAsked(number(1), number(50), (NEWS,))
    decision = react(seen_by(OFFERED_HERE, Role.CANDIDATE, *audience), asked, EAST_HILL, frozenset(), facts(EAST))
    assert (decision.file.role, decision.file.case) == (role, OFFERED_HERE)
    given_back = decision.events[1]
    assert (given_back.kind, given_back.id, given_back.centre) == (EventKind.OFFER_WITHDRAWN, number(900), EAST)
    assert given_back.at == NEWS.at
    assert decision.outgoing[0] == Outgoing(
        EAST_HILL, OfferWithdrawn(number(1), number(50), (given_back,)), urgent=False
    )
    told = Outgoing(CITY, CaseProgress(OFFERED_HERE, (NEWS, given_back)), urgent=False)
    assert decision.outgoing[1:] == ((told,) if audience else ())


def test_a_withdrawal_that_comes_after_the_acceptance_changes_nothing_but_the_story() -> None:
    file = CaseFile(taken(OFFERED_HERE, EAST), Role.HOLDER, frozenset({EAST_HILL, EAST_LAKE}))
    asked = WithdrawalAsked(number(1), number(50), (NEWS,))
    decision = react(file, asked, EAST_HILL, frozenset(), facts(EAST))
    assert (decision.file, decision.events) == (file, (NEWS,))
    assert decision.outgoing == (Outgoing(EAST_LAKE, CaseProgress(file.case, (NEWS,)), urgent=False),)


def test_whoever_the_case_is_offered_to_hears_of_a_late_withdrawal_and_of_facts_too() -> None:
    file = offered(CaseFile(taken(OFFERED_HERE, EAST), Role.HOLDER, frozenset({EAST_HILL})), CITY)
    asked = WithdrawalAsked(number(1), number(50), (NEWS,))
    assert [one.to for one in react(file, asked, EAST_HILL, frozenset(), facts(EAST)).outgoing] == [CITY]
    fact = CaseProgress(OFFERED_HERE, (NEWS,))
    assert [one.to for one in react(file, fact, EAST_HILL, frozenset(), facts(EAST)).outgoing] == [CITY]


def test_progress_is_mirrored_and_passed_on_to_all_but_its_sender() -> None:
    file = seen_by(registered(CITY).case, Role.FOLLOWER, CITY, EAST_HILL, EAST_LAKE)
    newer = replace(file.case, version=2, title="路灯修复")
    decision = react(file, CaseProgress(newer, (NEWS,)), CITY, frozenset(), facts(EAST))
    assert (decision.file.case, decision.file.role) == (newer, Role.FOLLOWER)
    assert decision.outgoing == tuple(
        Outgoing(to, CaseProgress(newer, (NEWS,)), urgent=False) for to in (EAST_HILL, EAST_LAKE)
    )


def test_a_fact_of_one_who_is_behind_does_not_bring_the_old_state_back() -> None:
    file = seen_by(replace(registered(CITY).case, version=5), Role.FOLLOWER, CITY, EAST_HILL)
    decision = react(file, CaseProgress(registered(CITY).case, (NEWS,)), EAST_HILL, frozenset(), facts(EAST))
    assert (decision.file, decision.events) == (file, (NEWS,))
    assert [one.to for one in decision.outgoing] == [CITY]


def test_what_is_known_already_is_neither_applied_nor_passed_on_again() -> None:
    file = seen_by(registered(CITY).case, Role.FOLLOWER, CITY, EAST_HILL)
    decision = react(file, CaseProgress(file.case, (NEWS,)), CITY, {NEWS.id}, facts(EAST))
    assert (decision.file, decision.events, decision.outgoing) == (file, (), ())


# What does not fit: the verdict is never.

ELSEWHERE = offered(registered(EAST_HILL), EAST)


@pytest.mark.parametrize(
    ("file", "message", "sender"),
    [
        (None, OfferAccepted(OFFERED_HERE, number(50), ()), EAST_HILL),
        (None, OfferRefused(number(1), number(50), ()), EAST_HILL),
        (None, OfferWithdrawn(number(1), number(50), ()), EAST_HILL),
        (None, WithdrawalAsked(number(1), number(50), ()), EAST_HILL),
        (None, CaseProgress(OFFERED_HERE, ()), EAST_HILL),
        # An offer without one, to another, from one who does not hold, to the holder, twice, or an old one.
        (None, OfferMade(registered(EAST_HILL).case, ()), EAST_HILL),
        (None, OfferMade(WAITING.case, ()), EAST_HILL),
        (None, OfferMade(OFFERED_HERE, ()), CITY),
        (HELD, OfferMade(replace(OFFERED_HERE, epoch=5), ()), EAST_HILL),
        (seen_by(OFFERED_HERE, Role.CANDIDATE), OfferMade(replace(OFFERED_HERE, version=9), ()), EAST_HILL),
        (seen_by(replace(OFFERED_HERE, version=9), Role.FOLLOWER), OfferMade(OFFERED_HERE, ()), EAST_HILL),
        # An acceptance by another, of another offer, at another epoch, of none, or to one who does not hold.
        (WAITING, OfferAccepted(taken(WAITING.case, WEST), number(50), ()), EAST_HILL),
        (WAITING, OfferAccepted(taken(WAITING.case, CITY), number(51), ()), CITY),
        (WAITING, OfferAccepted(replace(taken(WAITING.case, CITY), epoch=3), number(50), ()), CITY),
        (WAITING, OfferAccepted(replace(taken(WAITING.case, CITY), epoch=1), number(50), ()), CITY),
        (HELD, OfferAccepted(taken(WAITING.case, CITY), number(50), ()), CITY),
        (seen_by(WAITING.case, Role.FOLLOWER, CITY), OfferAccepted(taken(WAITING.case, CITY), number(50), ()), CITY),
        # An answer by another, to another offer, to none, or to one who does not hold.
        (WAITING, OfferRefused(number(1), number(50), ()), EAST_HILL),
        (WAITING, OfferRefused(number(1), number(51), ()), CITY),
        (WAITING, OfferWithdrawn(number(1), number(51), ()), CITY),
        (HELD, OfferRefused(number(1), number(50), ()), CITY),
        (HELD, OfferWithdrawn(number(1), number(50), ()), CITY),
        (seen_by(WAITING.case, Role.FOLLOWER, CITY), OfferRefused(number(1), number(50), ()), CITY),
        # A state that only the holder could have made.
        (HELD, CaseProgress(replace(HELD.case, version=2), ()), EAST_HILL),
    ],
)
def test_a_message_that_cannot_fit_is_misplaced(file: CaseFile | None, message: CaseMessage, sender: str) -> None:
    refusal = refusal_of(react, file, message, sender, frozenset(), facts(EAST))
    assert (refusal.kind, refusal.code) == (Kind.STATE, "message_misplaced")
    assert refusal.params["type"] == type(message).__name__
