"""Probes and metrics: live, ready and cut off are three different things."""

import json
from datetime import UTC, datetime

from fengqiao.domain.errors import unavailable
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.web.ops import NodeStatus, OpsNode, PartStatus, build_ops
from tests.node.web_client import Client

SINCE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
UP, DOWN = PartStatus(up=True, since=SINCE), PartStatus(up=False, since=SINCE)


def node(status: NodeStatus | None, stalled: tuple[str, ...] = ()) -> OpsNode:
    metrics = NodeMetrics("371401001")
    metrics.set("fengqiao_offers_waiting", 3)

    async def asked() -> NodeStatus:
        if status is None:
            raise unavailable("database_away")
        return status

    async def exposition() -> bytes:
        return metrics.text()

    return OpsNode(asked, lambda: stalled, exposition)


async def host() -> bytes:
    return b"# of the whole process\n"


def client(**nodes: OpsNode) -> Client:
    return Client(build_ops({name.removeprefix("c"): one for name, one in nodes.items()}, host))


async def test_a_node_that_is_cut_off_is_ready_and_says_since_when() -> None:
    ops = client(c371401001=node(NodeStatus(UP, DOWN, DOWN)), c371400=node(NodeStatus(UP, UP, None)))
    found = await ops.get("/ready")
    told = json.loads(found.text)
    assert (found.status, told["ready"]) == (200, True)
    assert told["centres"]["371401001"]["parent"] == {"up": False, "since": "2026-11-23T01:00:00+00:00"}
    assert told["centres"]["371401001"]["kafka"]["up"] is False
    assert told["centres"]["371400"]["parent"] is None


async def test_without_postgresql_a_node_is_alive_and_not_ready() -> None:
    for status in (NodeStatus(DOWN, UP, UP), None):
        ops = client(c371401001=node(status), c371401=node(NodeStatus(UP, UP, UP)))
        assert (await ops.get("/ready")).status == 503
        assert (await ops.get("/371401001/ready")).status == 503
        assert (await ops.get("/371401/ready")).status == 200
        assert (await ops.get("/live")).status == 200


async def test_what_no_longer_moves_has_to_be_restarted() -> None:
    ops = client(c371401001=node(NodeStatus(UP, UP, UP), stalled=("relay",)))
    found = await ops.get("/live")
    assert found.status == 503
    assert json.loads(found.text) == {"live": False, "stalled": {"371401001": ["relay"]}}


async def test_metrics_are_told_by_centre_and_for_the_process() -> None:
    ops = client(c371401001=node(NodeStatus(UP, UP, UP)))
    own = await ops.get("/371401001/metrics")
    assert 'fengqiao_offers_waiting{centre="371401001"} 3.0' in own.text
    assert own.header("content-type").startswith("text/plain; version=0.0.4")
    assert (await ops.get("/metrics")).text == "# of the whole process\n"
    assert (await ops.get("/999/metrics")).status == 404


async def test_a_process_that_hosts_nothing_is_not_ready() -> None:
    assert (await client().get("/ready")).status == 503
