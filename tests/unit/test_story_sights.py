from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fengqiao.domain.case import Case
from fengqiao.domain.errors import Refusal
from fengqiao.domain.event import EventKind
from fengqiao.domain.text import TEXT_LENGTH, TITLE_LENGTH
from fengqiao.domain.topology import Topology
from fengqiao.entry.clock import new_id
from fengqiao.entry.lists import load_units
from fengqiao.entry.story import Sight, differences_of, involved
from fengqiao.entry.story_plays import Play, cast_of, railway_track, title_deeds, year_past
from tests.cities import CITY, made_topology
from tests.unit.test_replay_plan import Centres

WHOLE = made_topology(2, 2)
UNITS = load_units("")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def plays(topology: Topology = WHOLE, now: datetime = NOW) -> tuple[Play, Play]:
    cast = cast_of(topology, UNITS)
    return railway_track(cast, now, new_id), title_deeds(cast, now, new_id)


@pytest.mark.parametrize("now", [NOW, datetime(2027, 2, 20, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)])
def test_a_story_lies_wholly_in_the_past_in_rising_times(now: datetime) -> None:
    for play in plays(now=now):
        times = [play.at, *(step.at for step in play.steps if step.at)]
        assert max(times) < now
        assert now - min(times) < timedelta(days=2 * 366)
        case_times = [step.at for step in play.steps if step.subject == play.register.case_id and step.at]
        assert case_times == sorted(case_times)


def test_the_railway_track_keeps_the_dates_of_the_article() -> None:
    track, _ = plays()
    dates = {(step.at.month, step.at.day, step.kind) for step in track.steps if step.at}
    assert {(2, 16, EventKind.NOTED), (3, 1, EventKind.DIRECTIVE_DONE), (3, 2, EventKind.RESOLVED)} <= dates
    on_site = {step.actor for step in track.steps if step.kind is EventKind.NOTED and step.at and step.at.month == 2}
    assert len(on_site) == 5
    assert involved(track) == (CITY, "371401", "371401001")


def test_the_title_deeds_go_up_and_decisions_come_down_with_unit_and_date() -> None:
    _, deeds = plays()
    assert involved(deeds) == ("371401001", "371401", CITY)
    assert {recipient for _, _, recipient in deeds.directives} == {"371401", "371402"}
    kinds = [step.kind for step in deeds.steps]
    assert kinds.count(EventKind.DIRECTIVE_SENT_BACK) == 1
    assert kinds.count(EventKind.DIRECTIVE_DONE) == len(deeds.directives) + 1
    assert kinds.count(EventKind.DIRECTIVE_APPROVED) == len(deeds.directives)
    assert len({step.actor for step in deeds.steps if step.kind is EventKind.NOTED}) == 5


def test_one_branch_is_enough_and_less_is_not() -> None:
    branch = made_topology(1, 1)
    assert {recipient for _, _, recipient in plays(branch)[1].directives} == {"371401"}
    with pytest.raises(Refusal) as refused:
        cast_of(made_topology(2, 0), UNITS)
    assert refused.value.code == "branch_not_running"


def test_texts_of_stories_fit() -> None:
    for play in plays():
        assert len(play.register.title) <= TITLE_LENGTH
        assert len(play.register.text) <= TEXT_LENGTH


def test_a_year_is_past_when_its_day_is() -> None:
    assert year_past(datetime(2026, 3, 3, 20, tzinfo=UTC), 3, 3) == 2026
    assert year_past(datetime(2026, 3, 3, 10, tzinfo=UTC), 3, 3) == 2025


def played() -> tuple[Sight, Sight]:
    centres = Centres(WHOLE)
    track, _ = plays()
    case_steps = tuple(step for step in track.steps if step.subject == track.register.case_id)
    centres.play_steps(track.origin, track.register, track.at, case_steps[:2])
    case = centres.files[CITY].case
    return Sight(CITY, case.id, case, tuple(centres.events)), Sight("371401", case.id, case, tuple(centres.events))


def test_centres_that_see_the_same_agree() -> None:
    assert differences_of(played(), WHOLE) == ()


def test_an_event_that_one_lacks_is_named_with_the_centre() -> None:
    here, there = played()
    found = differences_of((here, replace(there, events=there.events[:-1])), WHOLE)
    assert [(difference.field, difference.code) for difference in found] == [("371401", "story_event_differs")]


def test_an_event_that_reads_otherwise_is_a_difference() -> None:
    here, there = played()
    forged = replace(there.events[0], actor="别人")
    found = differences_of((here, replace(there, events=(forged, *there.events[1:]))), WHOLE)
    assert {difference.code for difference in found} == {"story_event_differs"}


def test_a_mirror_that_lags_is_named_by_its_fields() -> None:
    here, there = played()
    assert isinstance(there.state, Case)
    assert there.state.version > 1
    stale = replace(there.state, version=there.state.version - 1, holder=CITY)
    found = differences_of((here, replace(there, state=stale)), WHOLE)
    assert {difference.params["field"] for difference in found} == {"version", "holder"}
    assert {difference.field for difference in found} == {"371401"}


def test_different_subjects_are_not_compared() -> None:
    here, there = played()
    assert differences_of((here, replace(there, subject=UUID(int=1), events=there.events[:1])), WHOLE) == ()
