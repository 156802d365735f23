from dataclasses import replace
from datetime import timedelta

from fengqiao.domain import custody, evaluation, handling
from fengqiao.domain.case import CaseFile, Channel, Direction, Role
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    AssignCase,
    OfferCase,
    RefuseOffer,
    RegisterCase,
    ResolveCase,
)
from fengqiao.domain.course_command import ReopenCase
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.event import EventKind
from fengqiao.domain.intake import register
from fengqiao.domain.limit import RED, LimitState, Scope, suspend
from fengqiao.domain.limit_course import clock_times, fired_event, limits_after, projected, with_limits
from fengqiao.domain.limit_policy import LimitRules, PolicyOverride
from fengqiao.domain.message import CaseProgress, OfferAccepted, OfferMade
from fengqiao.domain.reaction import react
from tests.unit.limits import CALENDAR, RULES, hours, policy, rules, suspension, working_days
from tests.unit.samples import EAST, EAST_HILL, NOON, THREE_LEVELS, facts, number

HOUR = timedelta(hours=1)
HOLDER_RULE = policy("own", starts_on=frozenset({EventKind.OFFER_ACCEPTED}), scope=Scope.HOLDER)


def moved(decision: CaseDecision, before: CaseFile | None, rule: LimitRules) -> CaseDecision:
    return with_limits(decision, before, rule, THREE_LEVELS)


def taken_in(rule: LimitRules, channel: Channel = Channel.DESK, unit: str = "") -> CaseFile:
    command = RegisterCase(number(1), "路灯不亮", "三天了。", channel=channel, unit=unit)
    return moved(register(command, 1, facts(EAST_HILL, event=10)), None, rule).file


def offered_up(file: CaseFile, rule: LimitRules, hours_later: int = 1) -> CaseDecision:
    command = OfferCase(number(1), number(50), Direction.UP, "超出权限")
    return moved(custody.offer(file, command, (), facts(EAST_HILL, 20, NOON + hours_later * HOUR)), file, rule)


def accepted(offered: CaseFile, rule: LimitRules, hours_later: int = 2) -> CaseDecision:
    candidate = CaseFile(offered.case, Role.CANDIDATE)
    return moved(
        custody.accept(candidate, AcceptOffer(number(1)), facts(EAST, 30, NOON + hours_later * HOUR)), candidate, rule
    )


def test_a_clock_starts_at_the_citizens_act_and_not_at_a_signature() -> None:
    file = taken_in(rules(policy()))
    (limit,) = file.case.limits
    assert (limit.starts_at, limit.due_at(CALENDAR)) == (file.case.registered_at, NOON + 3 * HOUR)
    passed = accepted(offered_up(file, rules(policy())).file, rules(policy())).file
    assert passed.case.limits == file.case.limits


def test_the_rules_that_concern_a_case_start_their_clocks() -> None:
    assert [limit.code for limit in taken_in(RULES).case.limits] == ["article-assign", "article-solve"]
    by_hotline = [limit.code for limit in taken_in(RULES, Channel.HOTLINE).case.limits]
    assert by_hotline == ["article-assign", "article-solve", "hotline-handle"]
    by_letter = [limit for limit in taken_in(RULES, Channel.LETTER).case.limits if limit.legal]
    assert [limit.code for limit in by_letter] == ["petition-finish"]


def test_what_meets_a_clock_stops_it() -> None:
    file = taken_in(RULES)
    at = facts(EAST_HILL, 40, NOON + HOUR)
    done = moved(handling.resolve(file, ResolveCase(number(1), "已修复"), at), file, RULES).file
    assert {limit.state(NOON + 9 * HOUR, CALENDAR) for limit in done.case.limits} == {LimitState.MET}
    assert {limit.met_at for limit in done.case.limits} == {NOON + HOUR}


def test_a_reopened_case_has_clocks_anew_and_what_was_judged_stays_judged() -> None:
    file = taken_in(RULES)
    at = facts(EAST_HILL, 40, NOON + HOUR)
    done = moved(handling.resolve(file, ResolveCase(number(1), "已修复"), at), file, RULES).file
    again = facts(EAST_HILL, 50, NOON + 30 * HOUR)
    reopened = moved(evaluation.reopen(done, ReopenCase(number(1), "又坏了"), again), done, RULES).file
    before, after = reopened.case.limits[:2], reopened.case.limits[2:]
    assert before == done.case.limits
    assert [(limit.code, limit.starts_at) for limit in after] == [
        ("article-assign", NOON + 30 * HOUR),
        ("article-solve", NOON + 30 * HOUR),
    ]
    assert all(limit.running for limit in after)


def test_a_case_that_is_registered_with_its_unit_is_assigned_by_that_act() -> None:
    limit = taken_in(RULES, unit="justice").case.limits[0]
    assert (limit.code, limit.met_at) == ("article-assign", NOON)


def test_a_fact_that_is_added_moves_no_clock() -> None:
    file = taken_in(RULES)
    noted = handling.note(file, AddNote(number(1), "又有人问"), facts(EAST_HILL, 41, NOON + HOUR))
    assert moved(noted, file, RULES) == noted


def test_clocks_travel_in_every_message_about_the_case() -> None:
    file = replace(taken_in(RULES), audience=frozenset({EAST}))
    decision = offered_up(file, RULES)
    codes = [limit.code for limit in decision.file.case.limits]
    assert codes == ["article-assign", "article-solve", "hotline-return"]
    (made,) = [one.message for one in decision.outgoing if isinstance(one.message, OfferMade)]
    assert made.case == decision.file.case
    answer = accepted(decision.file, RULES)
    (back,) = [one.message for one in answer.outgoing if isinstance(one.message, OfferAccepted)]
    assert back.case == answer.file.case
    assigned = moved(handling.assign(file, AssignCase(number(1), "justice"), facts(EAST_HILL, 42)), file, RULES)
    assert [one.message.case for one in assigned.outgoing if isinstance(one.message, CaseProgress)] == [
        assigned.file.case
    ]


def test_a_holders_clock_starts_with_its_custody_and_ends_with_the_hand_over() -> None:
    rule = rules(policy(), HOLDER_RULE)
    first = accepted(offered_up(taken_in(rule), rule).file, rule).file
    own = first.case.limits[-1]
    assert (own.code, own.starts_at, own.epoch, own.centre) == ("own", NOON + 2 * HOUR, 2, EAST)
    command = OfferCase(number(1), number(51), Direction.DOWN, "属地办理", to=EAST_HILL)
    offered = moved(custody.offer(first, command, (), facts(EAST, 60, NOON + 3 * HOUR)), first, rule).file
    assert offered.case.limits == first.case.limits
    candidate = CaseFile(offered.case, Role.CANDIDATE, frozenset({EAST}))
    down = custody.accept(candidate, AcceptOffer(number(1)), facts(EAST_HILL, 70, NOON + 4 * HOUR))
    back = moved(down, candidate, rule).file
    ended, started = back.case.limits[1:]
    assert ended.state(NOON + 9 * HOUR, CALENDAR) is LimitState.ENDED
    assert (started.code, started.starts_at, started.centre) == ("own", NOON + 4 * HOUR, EAST_HILL)
    assert back.case.limits[0] == first.case.limits[0]


def test_an_offer_that_is_answered_meets_the_clock_of_the_answer() -> None:
    decision = offered_up(taken_in(RULES), RULES)
    candidate = CaseFile(decision.file.case, Role.CANDIDATE)
    refused = custody.refuse(candidate, RefuseOffer(number(1), "属镇级职权"), facts(EAST, 31, NOON + 2 * HOUR))
    (answer,) = [one.message for one in refused.outgoing if one.to == EAST_HILL]
    given_back = react(decision.file, answer, EAST, frozenset(), facts(EAST_HILL, 99, NOON + 3 * HOUR))
    limit = moved(given_back, decision.file, RULES).file.case.limits[-1]
    assert (limit.code, limit.met_at) == ("hotline-return", NOON + 2 * HOUR)


def test_a_unit_brings_its_rule_and_the_consumed_time_stays() -> None:
    override = PolicyOverride("solve", unit="justice", budget=working_days(3))
    rule = rules(policy(), overrides=(override,))
    file = taken_in(rule)
    at = facts(EAST_HILL, 42, NOON + HOUR)
    theirs = moved(handling.assign(file, AssignCase(number(1), "justice"), at), file, rule).file
    limit = theirs.case.limits[0]
    assert (limit.budget, limit.set_by, limit.starts_at) == (working_days(3), "unit:justice", NOON)
    again = handling.assign(theirs, AssignCase(number(1), "police"), facts(EAST_HILL, 43, NOON + 2 * HOUR))
    back = moved(again, theirs, rule).file.case.limits[0]
    assert (back.budget, back.set_by, back.starts_at) == (hours(3), "city", NOON)


def test_a_limit_whose_rule_is_unknown_here_goes_on_as_it_came() -> None:
    file = taken_in(rules(policy()))
    passed = accepted(offered_up(file, rules()).file, rules()).file
    assert passed.case.limits == file.case.limits
    event = handling.resolve(passed, ResolveCase(number(1), "已修复"), facts(EAST, 80, NOON + 3 * HOUR)).events[0]
    assert limits_after(passed.case, event, rules(), THREE_LEVELS)[0].met_at == NOON + 3 * HOUR


def test_each_rung_belongs_to_who_holds_the_case_at_its_time() -> None:
    rule = rules(policy(budget=hours(6)))  # yellow after 5 hours, red after 6
    offered = offered_up(taken_in(rule), rule).file
    for hours_later, here, there in ((3, [], ["yellow", "red"]), (5, [], ["yellow", "red"]), (6, ["yellow"], ["red"])):
        taken = accepted(offered, rule, hours_later).file
        gone = replace(offered, case=taken.case, role=Role.FOLLOWER)
        (old,) = clock_times(gone, offered, CALENDAR)
        (new,) = clock_times(taken, CaseFile(offered.case, Role.CANDIDATE), CALENDAR)
        assert [rung.code for rung, _, ours in old.rungs if ours] == here
        assert [rung.code for rung, _, ours in new.rungs if ours] == there
        assert (old.running, new.running) == (False, True)


def test_a_clock_that_is_over_keeps_what_was_due_before_its_end() -> None:
    file = taken_in(rules(policy()))
    at = facts(EAST_HILL, 40, NOON + 9 * HOUR)
    done = moved(handling.resolve(file, ResolveCase(number(1), "已修复"), at), file, rules(policy())).file
    (times,) = clock_times(done, file, CALENDAR)
    assert [rung.code for rung, _, ours in times.rungs if ours] == ["yellow", "red"]
    in_time = facts(EAST_HILL, 40, NOON + HOUR)
    done = moved(handling.resolve(file, ResolveCase(number(1), "已修复"), in_time), file, rules(policy())).file
    assert clock_times(done, file, CALENDAR)[0].next_at is None


def test_only_clocks_that_moved_are_stored_again() -> None:
    file = taken_in(rules(policy()))
    assert clock_times(file, file, CALENDAR) == ()
    paused = replace(file, case=replace(file.case, limits=suspend(file.case.limits, suspension(NOON, HOUR), CALENDAR)))
    (times,) = clock_times(paused, file, CALENDAR)
    assert times.due_at == NOON + 4 * HOUR
    assert clock_times(replace(file, role=Role.FOLLOWER), replace(file, role=Role.FOLLOWER), CALENDAR) == ()


def test_two_centres_that_fire_one_rung_say_one_thing() -> None:
    file = taken_in(rules(policy()))
    limit = file.case.limits[0]
    times = projected(limit, CALENDAR)
    (_, (red, at, _)) = times.rungs
    first, second = (fired_event(file.case.id, limit, red, at, times.due_at) for _ in range(2))
    assert first == second
    assert (first.kind, first.centre, first.actor, first.at) == (EventKind.LIMIT_BREACHED, EAST_HILL, "clock", at)
    assert first.details["rung"] == RED
