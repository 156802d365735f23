"""PostgreSQL and Kafka together: started and stopped side by side, found again by later commands (issue 3, point 7)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from fengqiao.domain.errors import Refusal
from fengqiao.entry.local.folders import prepare_folder
from fengqiao.entry.local.kafka import EmbeddedKafka
from fengqiao.entry.local.ports import PortBook
from fengqiao.entry.local.postgres import EmbeddedPostgres

# Called with the part (`postgres`, `kafka`) and its step (`starting`, `libraries 3/46`, `ready` …).
Report = Callable[[str, str], None]


class LocalParts:
    """The embedded parts of one data folder, a context manager: entered they are ready, left they are stopped.

    Whoever starts and stops them holds the StackLock of the folder; looking at pids and addresses needs no lock.
    """

    def __init__(self, folder: Path, cache: Path, report: Report | None = None) -> None:
        self.folder = prepare_folder(folder)
        self._report = report or _silent
        self._book = PortBook(self.folder)
        ports = self._book.remembered()
        if not {"postgres", "kafka", "kafka_controller"} <= ports.keys():
            ports = self._book.allocate(("postgres", "kafka", "kafka_controller"))
        self._cache = cache
        self.postgres, self.kafka = self._made(ports)

    def start(self, deadline_seconds: float = 120.0) -> None:
        """Start both side by side and wait until both are ready; stops what runs again when one fails.

        Ports that were taken by something else meanwhile are chosen anew. Raises the refusals of EmbeddedPostgres.start
        and EmbeddedKafka.start.
        """
        self._choose_ports()
        with ThreadPoolExecutor(2) as pool:
            tasks = [
                pool.submit(self._start_postgres, deadline_seconds),
                pool.submit(self._start_kafka, deadline_seconds),
            ]
        failures = [failure for failure in (task.exception() for task in tasks) if failure is not None]
        if failures:
            with suppress(Refusal):
                self.stop()
            raise failures[0]

    def stop(self) -> None:
        """Stop both side by side; nothing happens to what is down. Nodes have to be stopped before."""
        with ThreadPoolExecutor(2) as pool:
            for task in [pool.submit(self._stop, "postgres"), pool.submit(self._stop, "kafka")]:
                task.result()

    def pids(self) -> dict[str, int | None]:
        """Give the process ids by part, None for what does not run."""
        return {"postgres": self.postgres.pid, "kafka": self.kafka.pid}

    def _choose_ports(self) -> None:
        running = [name for name, part in (("postgres", self.postgres), ("kafka", self.kafka)) if part.pid is not None]
        running += ["kafka_controller"] if "kafka" in running else []
        ports = self._book.allocate(("postgres", "kafka", "kafka_controller"), running=running)
        self.postgres, self.kafka = self._made(ports)

    def _made(self, ports: dict[str, int]) -> tuple[EmbeddedPostgres, EmbeddedKafka]:
        postgres = EmbeddedPostgres(self.folder / "postgres", ports["postgres"])
        kafka = EmbeddedKafka(self.folder / "kafka", ports["kafka"], ports["kafka_controller"], cache=self._cache)
        return postgres, kafka

    def _start_postgres(self, deadline_seconds: float) -> None:
        self._report("postgres", "starting")
        self.postgres.start(deadline_seconds)
        self._report("postgres", "ready")

    def _start_kafka(self, deadline_seconds: float) -> None:
        self._report("kafka", "starting")
        self.kafka.start(deadline_seconds, lambda _, done, total: self._report("kafka", f"libraries {done}/{total}"))
        self._report("kafka", "ready")

    def _stop(self, part: str) -> None:
        self._report(part, "stopping")
        (self.postgres if part == "postgres" else self.kafka).stop()
        self._report(part, "stopped")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _silent(part: str, step: str) -> None:
    """Report nothing; nobody watches."""
