"""A pytest plugin: real PostgreSQL and real Kafka for any tier, one of each per worker, started on first use.

`postgres` and `kafka` run in containers where a Docker engine has their images, and otherwise as the embedded parts;
the tests are the same. Tests of the embedded parts themselves ask for `embedded_postgres` and `embedded_kafka`. These
live in a folder of their own below the system's temporary folder, and not in pytest's, which is closed to the account
that PostgreSQL runs under when we are root.
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
from tests.containers import (
    ContainerKafka,
    ContainerPostgres,
    Images,
    KafkaBroker,
    PostgresServer,
    end_forgotten,
    found_images,
)

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


def pytest_report_header() -> str:
    """Says which parts the tests run against, and why."""
    images, told = found_images()
    return f"parts: {'containers of' if images else 'embedded,'} {told}"


@pytest.fixture(scope="session")
def images() -> Images | None:
    """The images of the parts, None where they are embedded."""
    found, _ = found_images()
    if found:
        end_forgotten()
    return found


@pytest.fixture(scope="session")
def embedded_postgres(parts_folder: Path) -> EmbeddedPostgres:
    """A running PostgreSQL of the package, shared by all tests of this worker: leave it running."""
    server = EmbeddedPostgres(parts_folder / "postgres", PortBook(parts_folder).allocate(["postgres"])["postgres"])
    server.start()
    return server


@pytest.fixture(scope="session")
def embedded_kafka(parts_folder: Path, parts_cache: Path) -> EmbeddedKafka:
    """A running Kafka of the jars, shared by all tests of this worker: leave it running."""
    ports = PortBook(parts_folder).allocate(["kafka", "kafka_controller"])
    broker = EmbeddedKafka(parts_folder / "kafka", ports["kafka"], ports["kafka_controller"], cache=parts_cache)
    broker.start()
    return broker


@pytest.fixture(scope="session")
def postgres(images: Images | None, parts_folder: Path, request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A running PostgreSQL, shared by all tests of this worker: take a database of your own, and leave it running."""
    if images is None:
        yield request.getfixturevalue("embedded_postgres")
        return
    server = ContainerPostgres(images.postgres, PortBook(parts_folder).allocate(["in_container"])["in_container"])
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def kafka(images: Images | None, parts_folder: Path, request: pytest.FixtureRequest) -> Iterator[KafkaBroker]:
    """A running Kafka, shared by all tests of this worker: take topics of your own, and leave it running."""
    if images is None:
        yield request.getfixturevalue("embedded_kafka")
        return
    broker = ContainerKafka(images.kafka, PortBook(parts_folder).allocate(["broker"])["broker"])
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()
