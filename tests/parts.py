"""A pytest plugin: real PostgreSQL and real Kafka for any tier, one of each per worker, started on first use.

They live in a folder of their own below the system's temporary folder, and not in pytest's, which is closed to the
account that PostgreSQL runs under when we are root.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fengqiao.entry.local.kafka import EmbeddedKafka
from fengqiao.entry.local.ports import PortBook
from fengqiao.entry.local.postgres import EmbeddedPostgres
from fengqiao.entry.local.prefetch import default_cache

PREFIX = "fengqiao-parts-"


def end_parts(folder: Path) -> None:
    """Kills whatever runs in a folder of parts and removes it; what is thrown away need not stop in order."""
    for depth in ("*", "*/*"):
        for pid_file in folder.glob(f"{depth}/postgres.pid"):
            EmbeddedPostgres(pid_file.parent, port=0).kill()
        for pid_file in folder.glob(f"{depth}/kafka.pid"):
            EmbeddedKafka(pid_file.parent, port=0, controller_port=0, cache=folder).kill()
    shutil.rmtree(folder, ignore_errors=True)


def end_forgotten_parts() -> None:
    """Ends the parts of test runs that were killed: their folder is named for a process that lives no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            end_parts(folder)


@pytest.fixture(scope="session")
def parts_folder() -> Iterator[Path]:
    """A folder for the servers of this worker, open to PostgreSQL's account."""
    end_forgotten_parts()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)
    yield folder
    end_parts(folder)


@pytest.fixture(scope="session")
def parts_cache() -> Path:
    """Where Kafka's libraries lie on this machine; fetched on first use."""
    return default_cache(os.environ)


@pytest.fixture(scope="session")
def postgres(parts_folder: Path) -> EmbeddedPostgres:
    """A running PostgreSQL, shared by all tests of this worker: take a database of your own, and leave it running."""
    server = EmbeddedPostgres(parts_folder / "postgres", PortBook(parts_folder).allocate(["postgres"])["postgres"])
    server.start()
    return server


@pytest.fixture(scope="session")
def kafka(parts_folder: Path, parts_cache: Path) -> EmbeddedKafka:
    """A running Kafka, shared by all tests of this worker: take topics of your own, and leave it running."""
    ports = PortBook(parts_folder).allocate(["kafka", "kafka_controller"])
    broker = EmbeddedKafka(parts_folder / "kafka", ports["kafka"], ports["kafka_controller"], cache=parts_cache)
    broker.start()
    return broker
