from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import pytest

from fengqiao.domain.case import CaseFile
from fengqiao.domain.command import DirectiveCommand, IssueDirective, RegisterCase
from fengqiao.domain.course_command import MergeCase, UnmergeCase
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import Refusal
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.intake import register
from fengqiao.domain.message import CaseMessage
from fengqiao.domain.reaction import react
from fengqiao.domain.topology import Level, Topology
from fengqiao.entry.federation_client import running_part
from fengqiao.entry.importing_columns import columns_for
from fengqiao.entry.importing_message import Message, MessageReader
from fengqiao.entry.importing_table import opened_table
from fengqiao.entry.journey import Journey, Step
from fengqiao.entry.lists import load_units
from fengqiao.entry.replay import ReplayCounts, plans_of
from fengqiao.entry.replay_plan import CasePlan, plan_case
from fengqiao.handlers.case import decide
from tests.cities import CITY, made_topology

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WHOLE = made_topology(3, 9)
UNITS = load_units("")
BEGAN = datetime(2025, 3, 1, 8, tzinfo=UTC)


def message(number: int, **fields: object) -> Message:
    district = f"A{number % 4}区" if number % 4 else "A市"
    made = Message(number + 1, f"M{number}", f"{district}物业第{number}件", "电梯停运", BEGAN)
    return replace(made, **fields)  # type: ignore[arg-type]  # the fields of a frozen value


def plans(seed: int, count: int = 400, topology: Topology = WHOLE, **fields: object) -> list[CasePlan]:
    return [plan_case(message(number, **fields), topology, UNITS, seed, NOW) for number in range(count)]


class Centres:
    """Case files of all centres in memory, and messages that arrive at once: the rules themselves judge a plan."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.files: dict[str, CaseFile] = {}
        self.events: list[Event] = []
        self._ids = iter(range(1, 10_000))

    def facts(self, centre: str, at: datetime) -> Facts:
        return Facts(at, self.topology.centre(centre), self.topology, UNITS, "王敏", UUID(int=next(self._ids)))

    def play(self, plan: CasePlan) -> None:
        self.play_steps(plan.centre, plan.register, plan.at, plan.steps)

    def play_steps(self, origin: str, command: RegisterCase, at: datetime, steps: Sequence[Step]) -> None:
        decision = register(command, 1, self.facts(origin, at))
        self.files[origin] = decision.file
        self.events += decision.events
        for step in steps:
            assert step.at is not None
            assert not isinstance(
                step.command, RegisterCase | IssueDirective | DirectiveCommand | MergeCase | UnmergeCase
            )
            done = decide(self.files[step.centre], step.command, tuple(self.events), self.facts(step.centre, step.at))
            shown = done.events[0]
            assert (shown.kind, shown.centre) == (step.kind, step.centre)
            assert step.details.items() <= shown.details.items()
            self.files[step.centre] = done.file
            self.events += done.events
            self.deliver([(step.centre, out.to, out.message) for out in done.outgoing], step.at)

    def deliver(self, waiting: list[tuple[str, str, CaseMessage]], at: datetime) -> None:
        known: dict[str, set[UUID]] = {}
        while waiting:
            sender, to, sent = waiting.pop(0)
            found = react(self.files.get(to), sent, sender, known.setdefault(to, set()), self.facts(to, at))
            known[to] |= {event.id for event in found.events}
            self.files[to] = found.file
            self.events += [event for event in found.events if event.centre == to]
            waiting += [(to, out.to, out.message) for out in found.outgoing]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_planned_way_is_one_that_the_rules_allow(seed: int) -> None:
    for plan in plans(seed):
        centres = Centres(WHOLE)
        centres.play(plan)
        resolved = any(step.kind is EventKind.RESOLVED for step in plan.steps)
        holders = [file for file in centres.files.values() if file.role == "holder"]
        assert len(holders) == 1
        assert (holders[0].case.state == "resolved") is resolved


def test_the_same_seed_gives_the_same_year_and_another_seed_another() -> None:
    assert plans(7, 50) == plans(7, 50)
    assert plans(7, 50) != plans(8, 50)


def test_a_plan_does_not_depend_on_the_other_messages() -> None:
    assert plans(7, 50)[30] == plan_case(message(30), WHOLE, UNITS, 7, NOW)


def test_everything_that_happens_in_a_city_happens_in_a_replay() -> None:
    found = plans(1)
    kinds = Counter(step.kind for plan in found for step in plan.steps)
    wanted = {
        EventKind.ASSIGNED, EventKind.NOTED, EventKind.OFFERED, EventKind.OFFER_ACCEPTED, EventKind.OFFER_REFUSED,
        EventKind.WITHDRAWAL_ASKED, EventKind.RESOLVED,
    }  # fmt: skip
    assert set(kinds) == wanted
    assert kinds[EventKind.RESOLVED] > 0.9 * len(found)
    offers = [step.command for plan in found for step in plan.steps if step.kind is EventKind.OFFERED]
    assert {getattr(offer, "direction", "") for offer in offers} == {"up", "down"}
    levels = Counter(WHOLE.centre(plan.centre).level for plan in found)
    assert levels[Level.TOWNSHIP] > levels[Level.COUNTY] > 0
    assert levels[Level.CITY] == sum(number % 4 == 0 for number in range(400))


def test_times_rise_from_the_report_to_the_reply() -> None:
    replied = BEGAN + timedelta(days=3)
    for plan in plans(1, 100, reply="已修复", replied_at=replied):
        times = [plan.at, *(step.at for step in plan.steps if step.at)]
        assert times == sorted(set(times))
        last = plan.steps[-1]
        assert (last.kind, last.at) == (EventKind.RESOLVED, replied)
        assert getattr(last.command, "result", "") == "已修复"


def test_what_lies_in_the_future_has_not_happened() -> None:
    until = BEGAN + timedelta(days=2)
    cut = [plan_case(message(number), WHOLE, UNITS, 1, until) for number in range(100)]
    for early, whole in zip(cut, plans(1, 100), strict=True):
        assert early.steps == tuple(step for step in whole.steps if step.at is not None and step.at <= until)
    assert any(len(early.steps) < len(whole.steps) for early, whole in zip(cut, plans(1, 100), strict=True))


def test_a_reply_longer_than_a_result_is_shortened() -> None:
    plan = plan_case(message(1, reply="长" * 5000, replied_at=BEGAN + timedelta(days=1)), WHOLE, UNITS, 1, NOW)
    assert len(getattr(plan.steps[-1].command, "result", "")) == 4000


def test_in_a_part_of_the_city_every_step_is_at_a_centre_that_runs() -> None:
    part = running_part(WHOLE, frozenset({CITY, "371401", "371401001", "371402002"}))
    assert tuple(part.centres) == (CITY, "371401", "371401001")
    for plan in plans(1, 200, part):
        assert {plan.centre, *(step.centre for step in plan.steps)} <= set(part.centres)


def test_without_its_city_nothing_of_a_topology_runs() -> None:
    with pytest.raises(Refusal) as refused:
        running_part(WHOLE, frozenset({"371401"}))
    assert refused.value.code == "centre_not_running"


def test_two_steps_of_a_case_never_look_the_same() -> None:
    for plan in plans(3):
        marks = [(step.centre, step.kind, tuple(step.details.items())) for step in plan.steps]
        assert len(marks) == len(set(marks))


def test_the_same_journey_written_twice_has_the_same_ids() -> None:
    first, second = Journey(UUID(int=1)), Journey(UUID(int=1))
    assert first.derived_id("offer") == second.derived_id("offer") != Journey(UUID(int=2)).derived_id("offer")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "messages.csv"
    rows = [
        "id,title,text,reported_at",
        "1,A1区,甲,2025-02-01",
        "2,A2区,,2025-01-01",
        "3,A3区,乙,",
        "4,A1区,丙,2025-01-01",
    ]
    path.write_text("\n".join([*rows, "1,A1区,甲,2025-02-01"]), "utf-8")
    return path


def test_a_replay_reads_in_the_order_of_times_and_names_what_it_rejects(table: Path) -> None:
    counts = ReplayCounts()
    with opened_table(table) as opened:
        reader = MessageReader(columns_for(opened.header, {}), WHOLE, NOW)
        found = plans_of(opened.rows, reader, WHOLE, UNITS, 1, counts)
    assert [plan.message.reference for plan in found] == ["4", "1"]
    assert [(rejected.line, rejected.violation.field) for rejected in counts.rejections] == [
        (3, "text"),
        (4, "reported_at"),
    ]
    assert (counts.read, counts.known, counts.reasons) == (5, 1, {"text_empty": 2})


def test_the_made_set_of_the_package_can_be_replayed_whole() -> None:
    counts = ReplayCounts()
    with opened_table(Path(str(files("fengqiao.entry") / "data" / "made_messages.csv"))) as opened:
        reader = MessageReader(columns_for(opened.header, {}), WHOLE, NOW)
        found = plans_of(opened.rows, reader, WHOLE, UNITS, 1, counts)
    assert (len(found), counts.rejections) == (120, [])
