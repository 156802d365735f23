"""Whether a centre that was put up works: its doors, its schema, its topics; what is wrong is a sentence.

`fengqiao node check` asks from outside, as neighbours and probes do, and changes nothing. `helm test` runs it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from fengqiao.bus.topics import topics_for
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.topology import Topology
from fengqiao.entry.settings import CENTRE_MARK, Settings
from fengqiao.store.migrate import pending_migrations

ASK_SECONDS = 10.0
AT_ONCE = 16
SHOWN = 3


class Part(StrEnum):
    """What is asked of a centre."""

    DOORS = "doors"
    SCHEMA = "schema"
    TOPICS = "topics"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a centre, in both languages."""

    centre: str
    part: Part
    chinese: str
    english: str


def check_centres(
    centres: Sequence[str], parts: Sequence[Part], topology: Topology, settings: Settings, host: str
) -> tuple[Fault, ...]:
    """Ask centres for their parts; `host` is where their doors are, with {centre}. Gives what is wrong."""
    checks: Mapping[Part, Callable[[str], Iterator[Fault]]] = {
        Part.DOORS: lambda centre: _doors(centre, host.replace(CENTRE_MARK, centre), settings),
        Part.SCHEMA: lambda centre: _schema(centre, settings.database_of(centre)),
    }
    asked = [(checks[part], centre) for part in parts if part in checks for centre in centres]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = [fault for faults in pool.map(lambda one: list(one[0](one[1])), asked) for fault in faults]
    # One look at the brokers tells of all centres.
    return (*found, *(_topics(centres, topology, settings) if Part.TOPICS in parts else ()))


def _doors(centre: str, host: str, settings: Settings) -> Iterator[Fault]:
    at_ops, at_grpc = f"{host}:{settings.ops_port}", f"{host}:{settings.grpc_port}"
    status, away = _readiness(host, settings.ops_port, centre)
    if status is None:
        yield Fault(centre, Part.DOORS, f"探针 {at_ops} 没有应答。", f"The probes at {at_ops} do not answer.")
    elif status == HTTPStatus.NOT_FOUND:
        yield Fault(centre, Part.DOORS, f"{at_ops} 上运行的是别的中心。", f"Another centre is hosted at {at_ops}.")
    elif status != HTTPStatus.OK:
        what = "、".join(away) or str(status), ", ".join(away) or str(status)
        yield Fault(centre, Part.DOORS, f"还不能工作：{what[0]} 不在。", f"It is not ready: {what[1]} is away.")
    if not _serves(at_grpc):
        yield Fault(
            centre,
            Part.DOORS,
            f"gRPC {at_grpc} 不在服务，邻居联系不上。",
            f"gRPC at {at_grpc} does not serve: no neighbour can reach it.",
        )


def _readiness(host: str, port: int, centre: str) -> tuple[int | None, tuple[str, ...]]:
    """The status of `/CODE/ready` and, when it is not ready, the parts that are away; None while nobody answers."""
    connection = HTTPConnection(host, port, timeout=ASK_SECONDS)
    try:
        connection.request("GET", f"/{centre}/ready")
        answer = connection.getresponse()
        told = json.loads(answer.read() or b"{}").get("centres", {}).get(centre, {})
    except (OSError, HTTPException, ValueError, AttributeError):
        # Nobody there, or some other program.
        return None, ()
    finally:
        connection.close()
    # Without Kafka or its parent a centre works on, so only PostgreSQL is a reason.
    return answer.status, tuple(name for name in ("postgresql",) if not told.get(name, {}).get("up", True))


def _serves(target: str) -> bool:
    with grpc.insecure_channel(target) as channel:
        try:
            said = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=ASK_SECONDS)
        except grpc.RpcError:
            return False
    return bool(said.status == health_pb2.HealthCheckResponse.SERVING)


def _schema(centre: str, dsn: str) -> Iterator[Fault]:
    try:
        lacking = pending_migrations(dsn)
    except Refusal as refusal:
        if refusal.kind is Kind.UNAVAILABLE:
            yield Fault(centre, Part.SCHEMA, "数据库没有应答。", "The database does not answer.")
        else:
            yield Fault(
                centre,
                Part.SCHEMA,
                "数据库结构与本版本的迁移不符。",
                "A migration that the database has taken reads otherwise in this release.",
            )
        return
    if lacking:
        yield Fault(
            centre,
            Part.SCHEMA,
            f"数据库还差 {len(lacking)} 步（到 {lacking[-1]}）：请执行 fengqiao migrate --centre {centre}。",
            f"The database lacks {len(lacking)} steps up to {lacking[-1]}: run fengqiao migrate --centre {centre}.",
        )


def _topics(centres: Sequence[str], topology: Topology, settings: Settings) -> Iterator[Fault]:
    # Kafka's tools take 7 MiB, which a node that runs has no use for: its command is in the same module as this one.
    from fengqiao.bus.topic_sync import missing_topics

    table = topics_for(topology)
    security = settings.kafka_access().admin_options()
    try:
        missing = set(missing_topics(",".join(settings.kafka), (topic.name for topic in table), security))
    except Refusal:
        brokers = ", ".join(settings.kafka)
        for centre in centres:
            yield Fault(centre, Part.TOPICS, f"Kafka {brokers} 没有应答。", f"Kafka at {brokers} does not answer.")
        return
    for centre in centres:
        lacking = [topic.name for topic in table if centre in {topic.writer, *topic.readers} and topic.name in missing]
        if lacking:
            some = ", ".join(lacking[:SHOWN]) + (" …" if len(lacking) > SHOWN else "")
            yield Fault(
                centre,
                Part.TOPICS,
                f"缺少 {len(lacking)} 个主题（{some}），或无权查看：请执行 fengqiao topics sync。",
                f"{len(lacking)} topics are missing or may not be seen ({some}): run fengqiao topics sync.",
            )
