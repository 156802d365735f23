"""Carries steps out at running centres: waits for what is still on its way, and outlives a node that is killed.

There is no asking whether an offer has arrived: the command itself is tried, which costs the other centre one statement
until it can be done, and the first pause follows how long messages take at present.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from random import Random

from fengqiao.domain.command import DirectiveCommand, IssueDirective, RegisterCase
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.entry.federation_client import Federation
from fengqiao.entry.journey import Step
from fengqiao.entry.patience import AWAY, Pauses, steadily
from fengqiao.handlers.case import Registered
from fengqiao.rpc.client import NodeClient

STEP_SECONDS = 120.0
CALLS_AT_ONCE = 64
FASTEST_SECONDS = 0.02
SLOWEST_FIRST_SECONDS = 2.0
# The answers of a centre that has not heard of the latest yet; `case_state` is not among them: it is closed for good.
NOT_YET = frozenset({Kind.NOT_FOUND, Kind.STATE, Kind.FORBIDDEN, Kind.STALE})
CLOSED = "case_state"


@dataclass(slots=True)
class Pace:
    """How long messages take between centres at present, in seconds: a moving average, from which waits begin."""

    hop_seconds: float = 0.1

    def heard(self, seconds: float) -> None:
        """Learn from one step that had to wait for a message."""
        self.hop_seconds = min(SLOWEST_FIRST_SECONDS, max(FASTEST_SECONDS, 0.8 * self.hop_seconds + 0.2 * seconds))


class Conductor:
    """Carries out registrations and steps, a bounded number of calls at once, each step with a deadline."""

    def __init__(
        self, federation: Federation, step_seconds: float = STEP_SECONDS, calls_at_once: int = CALLS_AT_ONCE
    ) -> None:
        self._federation = federation
        self._step_seconds = step_seconds
        self._gate = asyncio.Semaphore(calls_at_once)
        self._pace = Pace()
        self._spread = Random()  # noqa: S311 - it spreads retries over time and guards nothing
        self.calls = 0
        """How many commands have been carried out."""

    async def register(self, centre: str, command: RegisterCase, actor: str, at: datetime | None) -> Registered:
        """Take a case in; safe to repeat, as the same id is registered once."""

        async def call(client: NodeClient) -> Registered:
            async with self._gate:
                return await client.register(command, actor, at)

        registered = await steadily(self._federation, centre, call, self._step_seconds)
        self.calls += registered.new
        return registered

    async def perform(self, step: Step, *, follows: str = "", unsure: bool = False) -> bool:
        """Carry a step out; False when it turns out to have been carried out before.

        `follows` is the centre of the step before: when it is another one, its message has to arrive first. `unsure`
        looks at the journal of the centre before anything is sent. Raises DEADLINE step_late, or what can't be mended.
        """
        began = time.monotonic()
        until = began + self._step_seconds
        waits = bool(follows) and follows != step.centre
        if waits:
            await asyncio.sleep(self._pace.hop_seconds * self._spread.uniform(0.8, 1.2))
        soon = Pauses(max(FASTEST_SECONDS, self._pace.hop_seconds / 2), 1.5, self._spread)
        later = Pauses(0.2, 3.0, self._spread)
        while True:
            try:
                if unsure and await self.is_done(step):
                    return False
                await self._send(step)
            except Refusal as refusal:
                away = refusal.kind in AWAY
                if not away and (refusal.kind not in NOT_YET or refusal.code == CLOSED):
                    raise
                if not await (later if away else soon).wait(until):
                    raise self._late(step, refusal) from refusal
                if away:
                    # It may have been carried out although the answer was lost.
                    unsure = True
                    self._federation.look_again()
            else:
                self.calls += 1
                if waits:
                    self._pace.heard(time.monotonic() - began)
                return True

    async def was_done(self, step: Step) -> bool:
        """Look whether a step was carried out by an earlier run; waits for a centre that is away."""
        return await steadily(self._federation, step.centre, lambda _client: self.is_done(step), self._step_seconds)

    async def is_done(self, step: Step) -> bool:
        """Look whether the journal of the step's centre shows that it was carried out."""
        client = self._federation.client(step.centre)
        key = str(step.subject)
        try:
            async with self._gate:
                if isinstance(step.command, IssueDirective | DirectiveCommand):
                    events = (await client.directive(key)).events
                else:
                    events = (await client.case(key)).events
        except Refusal as refusal:
            if refusal.kind is Kind.NOT_FOUND:
                return False
            raise
        return any(
            row.event.kind is step.kind
            and row.event.centre == step.centre
            and step.details.items() <= row.event.details.items()
            for row in events
        )

    async def _send(self, step: Step) -> None:
        client = self._federation.client(step.centre)
        async with self._gate:
            if isinstance(step.command, IssueDirective):
                await client.issue(step.command, step.actor, step.at)
            elif isinstance(step.command, DirectiveCommand):
                await client.carry_out_directive(step.command, step.actor, step.at)
            else:
                await client.carry_out(step.command, step.actor, step.at)

    def _late(self, step: Step, refusal: Refusal) -> Refusal:
        params = {
            "seconds": f"{self._step_seconds:.0f}",
            "command": f"word:event.{step.kind}",
            "name": self._federation.whole.centre(step.centre).name,
            "reason": refusal.code,
        }
        return Refusal(Kind.DEADLINE, "step_late", params)


def is_away(refusal: Refusal) -> bool:
    """Tell whether a step failed because its centre did not answer, and not because a message did not come."""
    cause = refusal.__cause__
    return refusal.kind in AWAY and (not isinstance(cause, Refusal) or cause.kind in AWAY)
