"""PostgreSQL and Kafka in containers, for the same tests as the embedded parts (issue of shipping, DESIGN section 7).

They stand in where a Docker engine answers and has the images; nothing is pulled, so a machine without a registry does
not wait for one. `make images-test` builds the images of Debian's packages and Kafka's jars; the usual ones serve too.
"""

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import docker
import psutil
import psycopg
from docker.errors import DockerException, ImageNotFound, NotFound
from docker.utils import parse_host
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from fengqiao.entry.local.kafka import SETTINGS as KAFKA_SETTINGS
from fengqiao.entry.local.ports import LOOPBACK
from fengqiao.entry.local.postgres import SETTINGS as POSTGRES_SETTINGS
from fengqiao.entry.local.postgres import SUPERUSER

POSTGRES_IMAGES = ("fengqiao-postgres:local", "postgres:18", "postgres:17")
KAFKA_IMAGES = ("fengqiao-kafka:local", "apache/kafka:4.3.1", "apache/kafka:4.1.0")
OWNER_LABEL = "fengqiao.tests.owner"
START_SECONDS = 90
# Taking the files of a few hundred databases away has lasted longer than the minute that Docker's client waits.
REMOVE_SECONDS = 300
# What the image itself decides: where it listens, and where its sockets lie.
OF_THE_IMAGE = frozenset({"listen_addresses", "unix_socket_directories", "recovery_init_sync_method"})

# Ryuk is an image of its own, which may not be had; `end_forgotten` does its work.
testcontainers_config.ryuk_disabled = True


class PostgresServer(Protocol):
    """What a test may ask of a shared PostgreSQL, wherever it runs; it is left running."""

    @property
    def port(self) -> int:
        """Its port on this machine."""
        ...

    def dsn(self, database: str = ...) -> str:
        """The connection string of one database, for the superuser."""
        ...


class KafkaBroker(Protocol):
    """What a test may ask of a shared Kafka, wherever it runs; it is left running."""

    @property
    def bootstrap(self) -> str:
        """Its address as host:port."""
        ...


@dataclass(frozen=True, slots=True)
class Images:
    """The images that this machine's engine has for the two parts."""

    postgres: str
    kafka: str


def found_images(environment: Mapping[str, str] = MappingProxyType(os.environ)) -> tuple[Images | None, str]:
    """The images of both parts, or None and why not. `FENGQIAO_TEST_PARTS=embedded` asks for none."""
    if environment.get("FENGQIAO_TEST_PARTS", "") == "embedded":
        return None, "embedded parts are asked for"
    if not _somebody_listens(environment.get("DOCKER_HOST", "")):
        return None, "no Docker engine listens"
    try:
        client = docker.from_env(timeout=5, environment=dict(environment))
    except DockerException:
        return None, "no Docker engine answers"
    try:
        postgres, kafka = (_first(client, names) for names in (POSTGRES_IMAGES, KAFKA_IMAGES))
    except DockerException as error:
        return None, f"the Docker engine refused: {error}"
    finally:
        client.close()
    if not (postgres and kafka):
        return None, "the Docker engine has no images of the parts; `make images-test` builds them"
    return Images(postgres, kafka), f"{postgres}, {kafka}"


def _somebody_listens(host: str) -> bool:
    """Asked before Docker's client is: where nobody listens at a Unix socket, that forgets to close its own."""
    scheme, _, path = str(parse_host(host)).partition("://")
    if scheme != "http+unix":
        return True
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        return probe.connect_ex(path) == 0


def _first(client: docker.DockerClient, names: tuple[str, ...]) -> str:
    for name in names:
        try:
            client.images.get(name)
        except ImageNotFound:
            continue
        return name
    return ""


def _container(image: str, port: int, inner_port: int) -> DockerContainer:
    container = DockerContainer(image, docker_client_kw={"timeout": REMOVE_SECONDS})
    # On the loopback only: it trusts everybody who gets that far.
    container.ports[f"{inner_port}/tcp"] = (LOOPBACK, port)  # type: ignore[assignment] # Docker takes the pair as it is
    return container.with_kwargs(labels={OWNER_LABEL: str(os.getpid())})


class ContainerPostgres:
    """PostgreSQL in a container, with the settings of the embedded one."""

    def __init__(self, image: str, port: int) -> None:
        self.port = port
        settings = {name: value for name, value in POSTGRES_SETTINGS.items() if name not in OF_THE_IMAGE}
        self._container = (
            _container(image, port, 5432)
            .with_envs(POSTGRES_HOST_AUTH_METHOD="trust", POSTGRES_PASSWORD="unused", LANG="C.UTF-8")
            .with_command([word for name, value in settings.items() for word in ("-c", f"{name}={value}")])
        )

    def dsn(self, database: str = SUPERUSER) -> str:
        """The connection string of one database, for the superuser."""
        return f"postgresql://{SUPERUSER}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> None:
        """Starts it and waits until it takes connections from outside."""
        self._container.start()
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.dsn(), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise AssertionError(f"PostgreSQL did not start: {self._container.get_logs()}") from error
                time.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        """Ends it and takes its data away."""
        self._container.stop()


class ContainerKafka:
    """Kafka in a container, with the settings of the embedded one; inside and outside it has the same port."""

    def __init__(self, image: str, port: int) -> None:
        self.bootstrap = f"{LOOPBACK}:{port}"
        settings = {
            **KAFKA_SETTINGS,
            "listeners": f"BROKER://:{port},CONTROLLER://:9093",
            "advertised.listeners": f"BROKER://{self.bootstrap}",
            "controller.quorum.voters": "1@localhost:9093",
            "log.dirs": "/var/lib/kafka/data",
        }
        variables = {f"KAFKA_{name.replace('.', '_').upper()}": value for name, value in settings.items()}
        self._container = (
            _container(image, port, port)
            .with_envs(**variables, KAFKA_HEAP_OPTS="-Xms128m -Xmx256m")
            .waiting_for(LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(START_SECONDS))
        )

    def start(self) -> None:
        """Starts it and waits until it serves."""
        self._container.start()

    def kill(self) -> None:
        """Ends it and takes its data away."""
        self._container.stop()


def end_forgotten() -> None:
    """Ends the containers of test runs that were killed: their owner is a process that lives no more."""
    client = docker.from_env(timeout=REMOVE_SECONDS)
    try:
        for container in client.containers.list(all=True, filters={"label": OWNER_LABEL}):
            if not psutil.pid_exists(int(container.labels[OWNER_LABEL])):
                try:
                    container.remove(force=True, v=True)
                except NotFound:
                    continue
    finally:
        client.close()
