"""A stream of work over gRPC, drawn from a seed: what officers of six centres do, and what they were told was done.

Whatever a node answered with OK is written down here, and has to be found when the faults are over. A node that is away
is asked again, as an officer would press the button again.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import psycopg

from fengqiao.domain.case import CaseFile, CommandName, Direction
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    ApproveDirective,
    AssignCase,
    DirectiveCommand,
    IssueDirective,
    OfferCase,
    ReceiveDirective,
    RefuseOffer,
    RegisterCase,
    ReportDirective,
    ResolveCase,
    SendBackDirective,
    WithdrawOffer,
)
from fengqiao.domain.course_command import AdmitCase
from fengqiao.domain.directive import DirectiveCommandName, DirectiveFile, allowed_directive_commands
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.topology import Topology
from fengqiao.domain.transitions import allowed_commands
from fengqiao.insight.cases import CaseFilter
from fengqiao.rpc.client import NodeClient
from fengqiao.wire.case_command import PlainCommand

OFFICER = "王敏"
# One person gives them all, so what needs a second one is not among them.
GIVEN = frozenset(
    {
        CommandName.ACCEPT,
        CommandName.REFUSE,
        CommandName.WITHDRAW,
        CommandName.ASSIGN,
        CommandName.NOTE,
        CommandName.RESOLVE,
        CommandName.OFFER,
        CommandName.ADMIT,
    }
)
AGAIN_KINDS = {Kind.UNAVAILABLE, Kind.DEADLINE}
PATIENCE_SECONDS = 60.0
Answer = TypeVar("Answer")


@dataclass
class Told:
    """What the nodes said was done: cases by the centre that took them in, notes by centre, directives by issuer."""

    cases: dict[UUID, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    directives: dict[UUID, str] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    asked_again: int = 0

    async def missing(self, databases: Mapping[str, str]) -> list[str]:
        """Whatever a node said was done and its database does not know."""
        found: list[str] = []
        for centre, dsn in databases.items():
            cases = [case for case, origin in self.cases.items() if origin == centre]
            directives = [directive for directive, issuer in self.directives.items() if issuer == centre]
            notes = [text for text, where in self.notes.items() if where == centre]
            async with await psycopg.AsyncConnection.connect(dsn) as connection:
                known = await (await connection.execute("SELECT case_id FROM case_file")).fetchall()
                found += [f"case {case} at {centre}" for case in set(cases) - {row[0] for row in known}]
                known = await (await connection.execute("SELECT directive_id FROM directive")).fetchall()
                found += [f"directive {one} at {centre}" for one in set(directives) - {row[0] for row in known}]
                known = await (
                    await connection.execute("SELECT details->>'text' FROM event WHERE kind = 'noted'")
                ).fetchall()
                found += [f"note {text} at {centre}" for text in set(notes) - {row[0] for row in known}]
        return found


class Officers:
    """Some officers who work side by side, each with a seed of their own."""

    def __init__(self, topology: Topology, targets: Mapping[str, str], seed: str, told: Told) -> None:
        self.told = told
        self._topology = topology
        self._targets = targets
        self._centres = tuple(targets)
        self._seed = seed
        self._clients: dict[str, NodeClient] = {}
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def at_work(self, many: int = 3) -> AsyncIterator["Officers"]:
        """Work while the block runs; everything begun is finished, or given up by its officer, when it ends."""
        async with AsyncExitStack() as stack:
            for code, target in self._targets.items():
                client = NodeClient(target, timeout_seconds=5.0)
                self._clients[code] = await stack.enter_async_context(client)
            working = [asyncio.create_task(self._work(number)) for number in range(many)]
            try:
                yield self
            finally:
                self._stopping.set()
                done, late = await asyncio.wait(working, timeout=PATIENCE_SECONDS + 15)
                for task in late:
                    task.cancel()
                for task in done:
                    task.result()
                assert not late, "an officer did not come to an end"

    def end(self) -> None:
        """Have everybody stop after what they are doing."""
        self._stopping.set()

    async def _work(self, number: int) -> None:
        draw = random.Random(f"{self._seed}.{number}")
        while not self._stopping.is_set():
            centre = draw.choice(self._centres)
            await self._one_act(draw, centre)
            await asyncio.sleep(draw.uniform(0.0, 0.08))

    async def _one_act(self, draw: random.Random, centre: str) -> None:
        what = draw.choices(("register", "offered", "holder", "following", "directive", "issue"), (6, 4, 5, 2, 3, 1))[0]
        try:
            if what == "register":
                await self._register(draw, centre)
            elif what == "issue":
                await self._issue(draw, centre)
            elif what == "directive":
                await self._directive(draw, centre)
            else:
                await self._case(draw, centre, what)
        except Refusal as refusal:
            # Two officers wanted the same, or the answer to a first try got lost: they are told so, nothing is wrong.
            if refusal.kind not in {Kind.STATE, Kind.STALE, Kind.FORBIDDEN, *AGAIN_KINDS}:
                raise
            self.told.refused[refusal.code] += 1

    async def _register(self, draw: random.Random, centre: str) -> None:
        case_id = UUID(int=draw.getrandbits(128), version=4)
        command = RegisterCase(
            case_id,
            f"占道经营 {draw.randrange(999)}",
            "每天早晨占道，行人难走。",
            place="新河路",
            urgent=draw.random() < 0.3,
        )
        await self._until_answered(lambda: self._clients[centre].register(command, OFFICER))
        self.told.cases[case_id] = centre
        self.told.done["register"] += 1

    async def _case(self, draw: random.Random, centre: str, view: str) -> None:
        client = self._clients[centre]
        page = await self._until_answered(lambda: client.cases(CaseFilter(view=view), size=20))
        if not page.rows:
            return
        file = draw.choice(page.rows)
        names = [name for name in allowed_commands(file) if name in GIVEN]
        if not names:
            return
        name = draw.choice(names)
        command = self._command(draw, centre, file, name)
        if command is None:
            return
        await self._until_answered(lambda: client.carry_out(command, OFFICER))
        if isinstance(command, AddNote):
            self.told.notes[command.text] = centre
        self.told.done[name.value] += 1

    def _command(self, draw: random.Random, centre: str, file: CaseFile, name: CommandName) -> PlainCommand | None:
        case = file.case.id
        match name:
            case CommandName.ACCEPT:
                return AcceptOffer(case)
            case CommandName.REFUSE:
                return RefuseOffer(case, "请先核实") if draw.random() < 0.4 else AcceptOffer(case)
            case CommandName.WITHDRAW:
                return WithdrawOffer(case)
            case CommandName.ASSIGN:
                return AssignCase(case, draw.choice(("window", "police")))
            case CommandName.NOTE:
                return AddNote(case, f"补充情况 {draw.getrandbits(64):016x}")
            case CommandName.RESOLVE:
                return ResolveCase(case, "已办结") if draw.random() < 0.3 else None
            case CommandName.ADMIT:
                return AdmitCase(case)
            case _:
                return self._offer(draw, centre, case)

    def _offer(self, draw: random.Random, centre: str, case: UUID) -> OfferCase | None:
        neighbours = [code for code in self._topology.neighbours(centre) if code in self._centres]
        to = draw.choice(neighbours)
        offer = UUID(int=draw.getrandbits(128), version=4)
        if to == self._topology.parent(centre):
            return OfferCase(case, offer, Direction.UP, "超出职权")
        return OfferCase(case, offer, Direction.DOWN, "就近办理", to=to)

    async def _issue(self, draw: random.Random, centre: str) -> None:
        children = [code for code in self._topology.children(centre) if code in self._centres]
        if not children:
            return
        directive = UUID(int=draw.getrandbits(128), version=4)
        due = datetime.now(UTC) + timedelta(days=3)
        command = IssueDirective(
            directive, draw.choice(children), "", "排查", "排查辖区占道经营。", due, urgent=draw.random() < 0.5
        )
        await self._until_answered(lambda: self._clients[centre].issue(command, OFFICER))
        self.told.directives[directive] = centre
        self.told.done["issue"] += 1

    async def _directive(self, draw: random.Random, centre: str) -> None:
        client = self._clients[centre]
        page = await self._until_answered(lambda: client.directives(size=20))
        if not page.rows:
            return
        file: DirectiveFile = draw.choice(page.rows)
        names = allowed_directive_commands(file.directive, centre)
        if not names:
            return
        name, identity = draw.choice(names), file.directive.id
        commands: dict[DirectiveCommandName, DirectiveCommand] = {
            DirectiveCommandName.RECEIVE: ReceiveDirective(identity),
            DirectiveCommandName.REPORT: ReportDirective(identity, "已排查"),
            DirectiveCommandName.APPROVE: ApproveDirective(identity),
            DirectiveCommandName.SEND_BACK: SendBackDirective(identity, "请补照片"),
        }
        await self._until_answered(lambda: client.carry_out_directive(commands[name], OFFICER))
        self.told.done[name.value] += 1

    async def _until_answered(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                return await ask()
            except Refusal as refusal:
                over = self._stopping.is_set() or asyncio.get_running_loop().time() >= until
                if refusal.kind not in AGAIN_KINDS or over:
                    raise
                self.told.asked_again += 1
                await asyncio.sleep(0.2)
