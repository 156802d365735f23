"""The carrier by Faust: keeps one run going, and makes a new one whenever Faust, aiokafka or the broker fall over."""

import asyncio
import logging
import random
from collections.abc import Sequence

from fengqiao.bus.carrier import CarrierAway, CarrierHealth, Parcel, Receiver
from fengqiao.bus.delivery import Delivery, pause_seconds
from fengqiao.bus.faust_run import FaustRun
from fengqiao.bus.faust_settings import CarrierSettings

_log = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS = 0.25
_CAP_PAUSE_SECONDS = 2.0
_LISTEN_SECONDS = 2.0
_CONNECT_SECONDS = 30.0
_STEADY_SECONDS = 10.0
_MISSING_TOPICS_SECONDS = 1.5
_PROBE_DEADLINE_SECONDS = 5.0


class FaustCarrier:
    """Implements `fengqiao.bus.carrier.Carrier` for one centre.

    Everything happens in the event loop that calls `start`; 147 of these share one loop.
    """

    def __init__(self, settings: CarrierSettings, topics: Sequence[str], receiver: Receiver) -> None:
        if not topics:
            raise ValueError("a carrier reads at least one topic")
        self._settings = settings
        self._topics = tuple(topics)
        self._delivery = Delivery(receiver)
        self._run: FaustRun | None = None
        self._supervising: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._stopping = asyncio.Event()
        self._lag: int | None = None
        self._calm_at = 0.0
        self._sent_total = 0
        self._runs_total = 0

    async def start(self, deadline_seconds: float) -> None:
        """See `Carrier.start`; may be called once."""
        if self._supervising is not None:
            raise RuntimeError("a carrier is started once")
        self._calm_at = _now()
        self._supervising = asyncio.create_task(self._supervise(), name=f"carrier {self._settings.centre}")
        await _wait_for(self._connected, deadline_seconds)

    async def stop(self) -> None:
        """See `Carrier.stop`; more calls do no harm."""
        self._stopping.set()
        if self._supervising is not None:
            await asyncio.wait((self._supervising,))

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """See `Carrier.send`; without a connection it raises at once."""
        run = self._run
        if run is None:
            raise CarrierAway("no connection to the broker")
        try:
            async with asyncio.timeout(self._settings.send_deadline_seconds):
                await run.send(parcels)
        except TimeoutError as error:
            raise CarrierAway(f"no acknowledgement in {self._settings.send_deadline_seconds:.0f} s") from error
        self._sent_total += len(parcels)

    def health(self) -> CarrierHealth:
        """See `Carrier.health`."""
        run = self._run
        return CarrierHealth(
            connected=run is not None,
            assigned=run is not None and run.assigned(),
            lag=self._lag if run is not None else None,
            seconds_since_progress=_now() - max(self._calm_at, self._delivery.delivered_at),
            receiver_failures=self._delivery.failures,
            delivered_total=self._delivery.delivered_total,
            sent_total=self._sent_total,
            restarts_total=max(0, self._runs_total - 1),
        )

    async def _supervise(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = _now()
            try:
                await self._live()
            except Exception:  # whatever Faust raises, the next run may do better; the log has it
                _log.exception("centre %s: the carrier's run failed", self._settings.centre)
            failures = 1 if _now() - began > _STEADY_SECONDS else failures + 1
            pause = pause_seconds(failures, first_seconds=_FIRST_PAUSE_SECONDS, cap_seconds=_CAP_PAUSE_SECONDS)
            await _wait_for(self._stopping, pause)

    async def _live(self) -> None:
        """One run from beginning to end; returns without one while no broker listens, which costs next to nothing."""
        if not await self._broker_listens():
            return
        run = FaustRun(self._settings, self._topics, self._delivery)
        try:
            if await self._started(run):
                self._run = run
                self._calm_at = _now()
                self._runs_total += 1
                self._connected.set()
                await self._watch(run)
        finally:
            self._run, self._lag = None, None
            await run.stop(self._settings.stop_deadline_seconds)

    async def _broker_listens(self) -> bool:
        servers = self._settings.bootstrap_servers
        for server in servers:
            host, _, port = server.rpartition(":")
            try:
                async with asyncio.timeout(_LISTEN_SECONDS / len(servers)):
                    _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
                    writer.close()
                    await writer.wait_closed()
            except OSError:
                continue
            return True
        return False

    async def _started(self, run: FaustRun) -> bool:
        starting = asyncio.create_task(run.start())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait(
            (starting, stopping, run.ended), timeout=_CONNECT_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        stopping.cancel()
        if starting.done() and not starting.cancelled() and starting.exception() is None:
            return True
        reason = starting.exception() if starting.done() else "no answer"
        starting.cancel()
        await asyncio.wait((starting,), timeout=1.0)
        _log.warning("centre %s: no connection to Kafka: %r", self._settings.centre, reason)
        run.end(str(reason))
        return False

    async def _watch(self, run: FaustRun) -> None:
        """Looks after a run until it ends: asks for missing topics, measures the lag, ends it when it stands still."""
        stopping = asyncio.create_task(self._stopping.wait())
        pause = random.uniform(0.2, 1.0) * self._settings.probe_seconds  # noqa: S311 - spreads load, guards nothing
        try:
            while not run.ended.done() and not self._stopping.is_set():
                await asyncio.wait(
                    (run.ended, stopping),
                    timeout=pause if run.assigned() else _MISSING_TOPICS_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if not run.ended.done() and not self._stopping.is_set():
                    await self._probe(run)
                pause = self._settings.probe_seconds
        finally:
            stopping.cancel()
        if run.ended.done():
            _log.warning("centre %s: connection to Kafka given up: %s", self._settings.centre, run.ended.result())

    async def _probe(self, run: FaustRun) -> None:
        try:
            async with asyncio.timeout(_PROBE_DEADLINE_SECONDS):
                if not run.assigned():
                    await run.look_for_topics()
                self._lag = await run.lag()
        except Exception as error:  # a broker that can't answer has no lag; the run's end is decided below
            _log.info("centre %s: lag unknown: %r", self._settings.centre, error)
            self._lag = None
        if self._lag == 0:
            self._calm_at = _now()
        if self.health().stalled(self._settings.stall_seconds):
            run.end(f"{self._lag} records wait and none was taken for {self._settings.stall_seconds:.0f} s")


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _wait_for(event: asyncio.Event, timeout_seconds: float) -> None:
    try:
        async with asyncio.timeout(timeout_seconds):
            await event.wait()
    except TimeoutError:
        return
