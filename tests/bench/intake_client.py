"""The clients of the intake benchmark: `python -m tests.bench.intake_client HOST:PORT CLIENTS SECONDS` prints JSON.

Each of the tasks sends the next case when the last was answered; requests are serialised by hand from one template.
"""

import asyncio
import json
import sys
import time
from uuid import uuid4

import grpc

from fengqiao.wire.case_command import register_to_wire
from tests.bench.intake import a_case

METHOD = "/fengqiao.proto.v1.CaseService/RegisterCase"


async def run(target: str, clients: int, seconds: float) -> dict[str, object]:
    """Send for so many seconds; gives the count, the time it took, and the latency of every call in ms."""
    latencies: list[float] = []
    started = time.perf_counter()
    async with grpc.aio.insecure_channel(target) as channel:
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(METHOD)

        async def client() -> None:
            template = a_case()
            marked = register_to_wire(template, "王敏", None).SerializeToString()
            mark = str(template.case_id).encode()
            while time.perf_counter() - started < seconds:
                request = marked.replace(mark, str(uuid4()).encode())
                sent = time.perf_counter()
                await call(request, timeout=20)
                latencies.append((time.perf_counter() - sent) * 1000)

        await asyncio.gather(*(client() for _ in range(clients)))
    return {"count": len(latencies), "seconds": time.perf_counter() - started, "latencies_ms": latencies}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))))
