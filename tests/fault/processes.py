"""Nodes in processes of their own, as in production: `fengqiao node run`, and a wire to the parent that can be cut."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from fengqiao.store.template import database_name
from tests.fault.rig import Ground
from tests.stack import ROOT, command_environment

READY_SECONDS = 90.0


class NodeProcess:
    """`fengqiao node run` for some centres of the city; a centre run alone keeps its gRPC port."""

    def __init__(self, ground: Ground, centres: Sequence[str], parent: str = "") -> None:
        self._ground = ground
        self._centres = tuple(centres)
        self.log = ground.stack.data / f"run-{centres[0]}.log"
        port = ground.targets[centres[0]].rpartition(":")[2] if len(centres) == 1 else "0"
        self._environment = command_environment(
            **production_settings(ground),
            FENGQIAO_PARENT=parent or "127.0.0.1:9",
            FENGQIAO_GRPC_PORT=port,
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.targets: dict[str, str] = {}

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        options = [part for code in self._centres for part in ("--centre", code)]
        before = self.log.stat().st_size if self.log.exists() else 0
        self._process = self._begun(options)
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            text = self.log.read_bytes()[before:].decode("utf-8", "replace")
            told = [line.split() for line in text.splitlines() if " grpc " in line and " desk " in line]
            self.targets = {words[0]: words[2] for words in told}
            if self.targets.keys() >= set(self._centres):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(self.log.read_text("utf-8", errors="replace")[-3000:])

    def _begun(self, options: list[str]) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "fengqiao", "node", "run", *options],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    async def stop(self, seconds: float) -> tuple[int | None, float]:
        """SIGTERM; gives the exit code (None when it did not end in the time) and how long it took."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, seconds)
        return self._process.poll(), time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)


def production_settings(ground: Ground) -> dict[str, str]:
    """The variables that name the PostgreSQL and the Kafka of the city."""
    return {
        "FENGQIAO_DATABASE": ground.postgres.dsn(database_name("{centre}")),
        "FENGQIAO_KAFKA": ground.kafka.bootstrap,
    }


class Wire:
    """A TCP line to a target that can be cut: standing connections end, new ones are refused."""

    def __init__(self, target: str) -> None:
        self._host, _, self._port = target.rpartition(":")
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def join(self) -> None:
        """Let it through, from now on."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Let nothing through."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        other_writer: asyncio.StreamWriter | None = None
        try:
            other_reader, other_writer = await asyncio.open_connection(self._host, int(self._port))
            await asyncio.wait(
                [
                    asyncio.ensure_future(_pump(reader, other_writer)),
                    asyncio.ensure_future(_pump(other_reader, writer)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for one in (writer, other_writer):
                if one is not None:
                    one.transport.abort()
            self._tasks.discard(task)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
