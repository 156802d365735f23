"""The rules of DESIGN sections 3 and 4 hold in every play: one holder, no event twice, and every edge drains.

FENGQIAO_HYPOTHESIS=long plays far more and from fresh seeds; a failure prints the play that leads to it.
"""

import os
import random
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from fengqiao.domain import edge
from fengqiao.domain.case import CommandName
from fengqiao.domain.directive import DirectiveCommandName, DirectiveMessage
from fengqiao.domain.message import CaseMessage
from fengqiao.domain.topology import Topology
from tests.unit.protocol.course import COURSE
from tests.unit.protocol.machine import Federation, ThreeLevels, TwoLevels
from tests.unit.protocol.walk import report
from tests.unit.samples import THREE_LEVELS, TWO_LEVELS

LONG = os.environ.get("FENGQIAO_HYPOTHESIS") == "long"
PLAYS = 3000 if LONG else 300
STEPS = 150
FIRST_SEED = random.SystemRandom().randrange(1_000_000) if LONG else 1

# Cutting a failing play short may take minutes, and its few steps are what a failure is for.
pytestmark = pytest.mark.timeout(7200 if LONG else 400)

CASE_COMMANDS = {f"command {name}" for name in CommandName}
DIRECTIVE_COMMANDS = {
    "command issue",
    *(f"command directive {name}" for name in DirectiveCommandName if name is not DirectiveCommandName.ISSUE),
}
CLOCKS = {"clocks suspended", "clocks resumed", "clocks extended"}
MESSAGES = {f"message {kind.__name__}" for kind in (*CaseMessage.__args__, *DirectiveMessage.__args__)}
CUSTODY_COMMANDS = CASE_COMMANDS - {f"command {name}" for name in COURSE}
CUSTODY_MESSAGES = {name for name in MESSAGES if "Arbitration" not in name}
REFUSALS = {
    f"refusal {code}"
    for code in (
        "case_not_holder",
        "case_not_involved",
        "case_offered",
        "case_stale",
        "case_state",
        "case_unanswered",
        "offer_none",
        "offer_not_ours",
        "offer_no_parent",
        "offer_not_neighbour",
        "offer_withdrawing",
        "second_person_needed",
        "revisit_owed",
        "closing_disputed",
        "reopen_late",
        "lead_unfit",
        "directive_not_child",
        "directive_not_issuer",
        "directive_not_recipient",
        "directive_stale",
        "directive_state",
    )
}
FAULTS = {
    "fault cut",
    "fault doubled",
    "fault dropped",
    "fault lost on a cut link",
    "fault reordered",
    "fault restarted",
    "crash",
    "resend",
    *(f"arrival {kind}" for kind in edge.Arrival),
}


@pytest.fixture(autouse=True)
def near_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message is too far beyond a gap after three, so that plays come upon it."""
    monkeypatch.setattr(edge, "AHEAD_LIMIT", 3)


@pytest.mark.parametrize("machine", [TwoLevels, ThreeLevels])
def test_every_play_of_hypothesis_keeps_the_protocol_and_reaches_every_command_and_message_of_custody(
    machine: type[Federation],
) -> None:
    machine.seen.clear()
    run_state_machine_as_test(machine, settings=settings())
    # Its plays are short: what lies deep in the course of a case is demanded of the long ones below.
    assert sorted((CUSTODY_COMMANDS | CUSTODY_MESSAGES) - set(+machine.seen)) == [], "the plays miss what they are for"


@pytest.mark.parametrize("topology", [TWO_LEVELS, THREE_LEVELS], ids=["two levels", "three levels"])
def test_long_plays_keep_the_protocol_and_reach_every_command_message_refusal_and_fault(topology: Topology) -> None:
    seen: Counter[str] = Counter()
    faults = (report(topology, seed, STEPS, seen) for seed in range(FIRST_SEED, FIRST_SEED + PLAYS))
    assert next(filter(None, faults), "") == ""
    wanted = CASE_COMMANDS | DIRECTIVE_COMMANDS | CLOCKS | MESSAGES | REFUSALS | FAULTS
    assert sorted(wanted - set(+seen)) == [], "the plays miss what they are for"
