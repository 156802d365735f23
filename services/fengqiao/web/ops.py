"""Probes and metrics on a listener of their own: live, ready, Prometheus (issue 3, points 6 and 11).

`/live` asks whether the process has to be restarted, `/ready` whether it can take work: a node without PostgreSQL is
not ready, and restarting it would not help. What Kafka and the parent's Link do is told, and changes neither: a centre
works when it is cut off (F37).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fengqiao.domain.errors import Refusal
from fengqiao.observe.metrics import TEXT_TYPE

PROBE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part of a node: whether it is there, and since when that is so (None: since the start)."""

    up: bool
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """What a node says of its parts; `parent` is None at the city, which has none."""

    postgresql: PartStatus
    kafka: PartStatus
    parent: PartStatus | None


@dataclass(frozen=True, slots=True)
class OpsNode:
    """One hosted centre for its probes.

    `status` asks the parts now; `stalled` names what no longer moves although it should (empty: alive); `metrics`
    gives the exposition of the node's registry, with its gauges brought up to date.
    """

    status: Callable[[], Awaitable[NodeStatus]]
    stalled: Callable[[], tuple[str, ...]]
    metrics: Callable[[], Awaitable[bytes]]


def build_ops(directory: Mapping[str, OpsNode], host_metrics: Callable[[], Awaitable[bytes]]) -> Starlette:
    """Make the application; `host_metrics` gives what `/metrics` shows for the whole process."""

    async def live(_: Request) -> Response:
        stalled = {code: list(node.stalled()) for code, node in directory.items()}
        dead = {code: parts for code, parts in stalled.items() if parts}
        return JSONResponse({"live": not dead, "stalled": dead}, 503 if dead else 200)

    async def ready(_: Request) -> Response:
        found = dict(zip(directory, await asyncio.gather(*map(_asked, directory.values())), strict=True))
        return _ready(found)

    async def ready_one(request: Request) -> Response:
        node = directory.get(request.path_params["centre"])
        if node is None:
            return _unknown(request)
        return _ready({request.path_params["centre"]: await _asked(node)})

    async def metrics(_: Request) -> Response:
        return Response(await host_metrics(), headers={"Content-Type": TEXT_TYPE})

    async def metrics_one(request: Request) -> Response:
        node = directory.get(request.path_params["centre"])
        if node is None:
            return _unknown(request)
        return Response(await node.metrics(), headers={"Content-Type": TEXT_TYPE})

    return Starlette(
        routes=[
            Route("/live", live),
            Route("/ready", ready),
            Route("/metrics", metrics),
            Route("/{centre}/ready", ready_one),
            Route("/{centre}/metrics", metrics_one),
        ]
    )


async def _asked(node: OpsNode) -> NodeStatus:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return await node.status()
    except (Refusal, TimeoutError):
        away = PartStatus(up=False)
        return NodeStatus(away, away, away)


def _ready(found: Mapping[str, NodeStatus]) -> Response:
    is_ready = bool(found) and all(status.postgresql.up for status in found.values())
    body = {"ready": is_ready, "centres": {code: _told(status) for code, status in found.items()}}
    return JSONResponse(body, 200 if is_ready else 503)


def _told(status: NodeStatus) -> dict[str, object]:
    return {
        "ready": status.postgresql.up,
        "postgresql": _part(status.postgresql),
        "kafka": _part(status.kafka),
        "parent": _part(status.parent) if status.parent else None,
    }


def _part(part: PartStatus) -> dict[str, object]:
    return {"up": part.up, "since": part.since.isoformat() if part.since else None}


def _unknown(request: Request) -> Response:
    return JSONResponse({"error": f"centre {request.path_params['centre']} is not hosted here"}, 404)
