"""A federation at play: everything that people, the network and machines may do to it, as steps with three arguments.

What a step takes (which centre, which case, which packet) is a number folded onto what is there. So every step is
possible in every state, nearly every one does something, and any part of a play is a play.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import pytest

from fengqiao.domain.case import Channel, CommandName, Role
from fengqiao.domain.command import RegisterCase
from fengqiao.domain.directive import allowed_directive_commands
from fengqiao.domain.errors import Refusal
from fengqiao.domain.topology import Topology
from fengqiao.domain.transitions import FACTS, TRANSITIONS, allowed_commands
from tests.unit.protocol.clocks import paused
from tests.unit.protocol.commands import (
    CASE_COMMANDS,
    DIRECTIVE_COMMANDS,
    case_command,
    directive_command,
    is_proper,
    issue_command,
)
from tests.unit.protocol.course import COURSE, ENDING, actor_for, first_person
from tests.unit.protocol.invariants import Witness
from tests.unit.protocol.network import Network, Way
from tests.unit.protocol.node import Node

CASES_LIMIT = 2
DIRECTIVES_LIMIT = 2
CRASHES_LIMIT = 2
RUN_LENGTH = 8
# The straight way to the end of a case, the last step first.
ONWARD = (
    CommandName.CLOSE,
    CommandName.REVISIT,
    CommandName.REPLY,
    CommandName.SIGN_OFF,
    CommandName.SUBMIT,
    CommandName.APPROVE,
    CommandName.RESUME,
    CommandName.ASSIGN,
)
A_MONTH_AND_MORE_SECONDS = 31 * 86_400
PICKS = 24
"""Every number of a step is below this."""

# What ends a case is drawn least.
WORK = (*(CommandName.NOTE, CommandName.ASSIGN, CommandName.ATTACH) * 3, CommandName.RESOLVE)
# An offer goes wrong in more ways than others.
MISUSED = (*CASE_COMMANDS, *(CommandName.OFFER,) * 12)

Option = TypeVar("Option")


def picked(options: Sequence[Option], pick: int) -> Option:
    return options[pick % len(options)]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is done, and the numbers that choose where and how."""

    what: str
    where: int
    pick: int
    flag: bool

    def __str__(self) -> str:
        return f"{self.what}({self.where}, {self.pick}, {self.flag})"


class Play:
    """One play. `seen` counts what happened, so that a test can ask whether the plays reached everything."""

    def __init__(self, topology: Topology, seen: Counter[str]) -> None:
        self.topology = topology
        self.seen = seen
        self.network = Network(topology)
        self.witness = Witness(self.network)
        self.codes = tuple(topology.centres)
        self.cases: list[UUID] = []
        self.directives: list[UUID] = []

    def do(self, step: Step) -> None:
        getattr(self, step.what)(step)

    # What people do with cases.

    def register(self, step: Step) -> None:
        if len(self.cases) == CASES_LIMIT:
            return
        node = self.network.nodes[picked(self.codes, -1 - step.where)]
        unit = "window" if step.pick % 3 == 0 else ""
        channel = picked((Channel.DESK, Channel.HOTLINE, Channel.WINDOW), step.where)
        command = RegisterCase(
            self.network.new_id(), "路灯不亮", "三天了。", channel=channel, urgent=step.flag, unit=unit
        )
        node.register(command, self.network.now)
        self.cases.append(command.case_id)
        self.seen["command register"] += 1

    def offer(self, step: Step) -> None:
        """A holder offers a case up or down."""
        self._act(CommandName.OFFER, step)

    def accept(self, step: Step) -> None:
        """A candidate accepts."""
        self._act(CommandName.ACCEPT, step)

    def take_back(self, step: Step) -> None:
        """A candidate refuses, or a holder asks for its offer back; whoever has asked already is told so."""
        asked = [
            (node, case_id)
            for node in self.network.nodes.values()
            for case_id, file in node.files.items()
            if file.role is Role.HOLDER and file.case.offer is not None and file.case.offer.withdrawing
        ]
        if asked and step.flag:
            node, case_id = picked(asked, step.where)
            again = case_command(CommandName.WITHDRAW, node, case_id, step.pick, self.network.new_id())
            self._refused(node, lambda: node.carry_out(again, self.network.now))
        else:
            self._act(CommandName.WITHDRAW if step.flag else CommandName.REFUSE, step)

    def work(self, step: Step) -> None:
        """A holder assigns or, more rarely, resolves; whoever follows adds facts."""
        self._act(picked(WORK, step.pick), step)

    def _act(self, name: CommandName, step: Step) -> None:
        turns = [
            (node, case_id)
            for node in self.network.nodes.values()
            for case_id, file in node.files.items()
            if name in allowed_commands(file)
        ]
        if turns:
            node, case_id = picked(turns, step.where)
            self._carry_out(name, node, case_id, step.pick)

    def handle(self, step: Step) -> None:
        """A step between acceptance and the citizen's last word, by whoever may take it."""
        turns = [
            (name, node, case_id)
            for node in self.network.nodes.values()
            for case_id, file in node.files.items()
            for name in allowed_commands(file)
            if name in COURSE and (name not in ENDING or step.flag)
        ]
        if turns:
            name, node, case_id = picked(turns, step.where * PICKS + step.pick)
            self._carry_out(name, node, case_id, step.pick)

    def pursue(self, step: Step) -> None:
        """A holder goes on with one case for several steps, which leads deep into its course."""
        held = [
            (node, case_id)
            for node in self.network.nodes.values()
            for case_id, file in node.files.items()
            if file.role is Role.HOLDER
        ]
        if not held:
            return
        node, case_id = picked(held, step.where)
        for turn in range(step.pick % RUN_LENGTH + 1):
            names = [
                name
                for name in allowed_commands(node.files[case_id])
                if name is CommandName.ASSIGN or (name in COURSE and name not in ENDING)
            ]
            straight = step.flag and step.pick % 3 == 0
            onward = [name for name in ONWARD if straight and self._is_next(name, node, case_id)]
            if names:
                name = onward[0] if onward else picked(names, step.where + turn * (step.pick + 1))
                self._carry_out(name, node, case_id, step.pick + turn)
                self.check()

    def _is_next(self, name: CommandName, node: Node, case_id: UUID) -> bool:
        if name not in allowed_commands(node.files[case_id]):
            return False
        command = case_command(name, node, case_id, 0, self.network.new_id())
        return is_proper(name, command, node, "", self.network.now)

    def overreach(self, step: Step) -> None:
        """A step that the state allows, by the wrong person, too late, or against the citizen: nothing changes."""
        wrong = []
        for node in self.network.nodes.values():
            for case_id, file in node.files.items():
                for name in (name for name in allowed_commands(file) if name in COURSE):
                    command = case_command(name, node, case_id, step.pick, self.network.new_id())
                    actor = first_person(file.case.course, name) or node.centre.code
                    if not is_proper(name, command, node, actor, self.network.now):
                        wrong.append((node, command, actor))
        if wrong:
            node, command, actor = picked(wrong, step.where)
            self._refused(node, lambda: node.carry_out(command, self.network.now, actor))

    def _carry_out(self, name: CommandName, node: Node, case_id: UUID, pick: int) -> None:
        before = node.files[case_id]
        command = case_command(name, node, case_id, pick, self.network.new_id())
        actor = actor_for(node, before.case.course, name)
        if not is_proper(name, command, node, actor, self.network.now):
            return
        node.carry_out(command, self.network.now, actor)
        self.seen[f"command {name}"] += 1
        if before.role is Role.HOLDER and name in TRANSITIONS[before.case.state]:
            after = node.files[case_id].case.state
            assert after is TRANSITIONS[before.case.state][name], f"{name} led to {after}"

    def pause(self, step: Step) -> None:
        """A holder suspends its clocks, lets them run again, or extends one."""
        turns = [
            (node, case_id)
            for node in self.network.nodes.values()
            for case_id, file in node.files.items()
            if CommandName.ASSIGN in allowed_commands(file)
        ]
        if not turns:
            return
        node, case_id = picked(turns, step.where)
        now, limits = self.network.now, node.files[case_id].case.limits
        with suppress(Refusal):
            node.move_clocks(case_id, paused(limits, step.pick, now), now)
            self.seen[f"clocks {picked(('suspended', 'resumed', 'extended'), step.pick)}"] += 1

    def misuse(self, step: Step) -> None:
        """A centre gives a command that it may not give, or that comes from an old version: nothing changes."""
        known = [(node, case_id) for node in self.network.nodes.values() for case_id in node.files]
        if not known:
            return
        node, case_id = picked(known, step.where)
        choice, place = divmod(step.pick * PICKS + step.where, len(MISUSED))
        name = MISUSED[place]
        stale = step.flag and name not in FACTS
        command = case_command(name, node, case_id, choice, self.network.new_id(), stale=stale, astray=True)
        actor = f"clerk {choice % 2 + 1} of {node.centre.code}"
        if stale or not is_proper(name, command, node, actor, self.network.now):
            self._refused(node, lambda: node.carry_out(command, self.network.now, actor))

    # What people do with directives.

    def issue(self, step: Step) -> None:
        """A centre issues a directive; one that does not go to a child is refused."""
        issuer, recipient = picked(self.network.ways, step.where)
        node = self.network.nodes[issuer]
        command = issue_command(self.network.new_id(), recipient, self.network.now, self.cases)
        if self.topology.parent(recipient) != issuer:
            self._refused(node, lambda: node.issue(command, self.network.now))
        elif len(self.directives) < DIRECTIVES_LIMIT:
            node.issue(command, self.network.now)
            self.directives.append(command.directive_id)
            self.seen["command issue"] += 1

    def direct(self, step: Step) -> None:
        """A side takes its turn with a directive."""
        turns = [
            (name, node, key)
            for node in self.network.nodes.values()
            for key, file in node.directives.items()
            for name in allowed_directive_commands(file.directive, node.centre.code)
        ]
        if turns:
            name, node, key = picked(turns, step.where)
            node.direct(directive_command(name, key, None), self.network.now)
            self.seen[f"command directive {name}"] += 1

    def misdirect(self, step: Step) -> None:
        """A side does what is not its turn, or what it saw is old: nothing changes."""
        known = [(node, key) for node in self.network.nodes.values() for key in node.directives]
        if not known:
            return
        node, key = picked(known, step.where)
        name = picked(DIRECTIVE_COMMANDS, step.pick)
        directive = node.directives[key].directive
        if step.flag or name not in allowed_directive_commands(directive, node.centre.code):
            command = directive_command(name, key, directive.version - 1 if step.flag else None)
            self._refused(node, lambda: node.direct(command, self.network.now))

    def _refused(self, node: Node, call: Callable[[], None]) -> None:
        before = node.durable()
        with pytest.raises(Refusal) as refusal:
            call()
        self.seen[f"refusal {refusal.value.code}"] += 1
        assert node.durable() == before, f"the refusal {refusal.value.code} changed something"

    # What the network and the machines do.

    def relay(self, step: Step) -> None:
        for code in self.codes if step.flag else (picked(self.codes, step.where),):
            self.network.relay(code, step.pick)

    def deliver(self, step: Step) -> None:
        """One packet arrives, perhaps before earlier ones."""
        if way := self._busy_way(step.where):
            self.network.deliver(way, step.pick % len(self.network.under_way[way]))

    def deliver_again(self, step: Step) -> None:
        """A packet arrives that arrived before."""
        used = [way for way in self.network.ways if self.network.delivered[way]]
        if used:
            way = picked(used, step.where)
            self.network.deliver_again(way, step.pick % len(self.network.delivered[way]))

    def calm(self, step: Step) -> None:
        """A good moment: everything that can pass passes."""
        for _ in range(step.pick % 3 + 1):
            self.network.calm_round()

    def wait(self, step: Step) -> None:
        self.network.pass_time(picked((1, 6, 90, 6, A_MONTH_AND_MORE_SECONDS), step.pick))
        for node in self.network.nodes.values():
            node.retry(self.network.now)

    def drop(self, step: Step) -> None:
        if way := self._busy_way(step.where):
            self.network.drop(way, step.pick % len(self.network.under_way[way]))

    def cut(self, step: Step) -> None:
        self.network.cut_link(picked(self.network.ways, step.where))

    def mend(self, step: Step) -> None:
        if step.flag:
            self.network.cut.clear()
        else:
            self.network.mend_link(picked(self.network.ways, step.where))

    def restart(self, step: Step) -> None:
        self.network.restart(picked(self.codes, step.where))

    def crash(self, step: Step) -> None:
        """The next message or two at a node crash their handler and are rolled back."""
        node = self.network.nodes[picked(self.codes, step.where)]
        node.crashes_to_come = min(node.crashes_to_come + 1, CRASHES_LIMIT)

    def receipt(self, step: Step) -> None:
        self.network.send_receipt(picked(self.network.ways, step.where))

    def _busy_way(self, where: int) -> Way | None:
        busy = [way for way in self.network.ways if self.network.under_way[way]]
        return picked(busy, where) if busy else None

    # What has to hold.

    def check(self) -> None:
        self.witness.check()

    def finish(self) -> None:
        """End all faults: every edge drains, and everybody who follows knows everything."""
        rounds = self.network.settle()
        self.witness.check()
        self.witness.check_drained()
        self.seen["drained"] += rounds > 0
        self.seen.update(self.network.seen)
        for node in self.network.nodes.values():
            self.seen.update(node.seen)


CUSTODY = (Play.offer, Play.accept, Play.offer, Play.accept, Play.take_back)
COURSE_WORK = (Play.pursue, Play.handle, Play.overreach, Play.pursue)
WORKING = (Play.work, Play.register, Play.pause, Play.work, Play.direct, Play.issue, Play.direct)
MISUSE = (Play.misuse, Play.misuse, Play.misdirect)
NETWORK = (Play.calm, Play.deliver, Play.relay, Play.calm, Play.deliver, Play.wait, Play.deliver_again)
FAULTS = (Play.mend, Play.mend, Play.drop, Play.cut, Play.restart, Play.crash, Play.receipt)
EVERYTHING = (*CUSTODY * 2, *WORKING * 2, *COURSE_WORK * 3, *MISUSE, *NETWORK * 2, *FAULTS)
"""What a step may be; what stands here more often is drawn more often."""
