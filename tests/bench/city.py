"""The whole city in one process, as `fengqiao local up --detach` starts it, beside its bare parts in one process.

Measured is a second start: databases and topics are there. Both starts include PostgreSQL and Kafka.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from fengqiao.domain.errors import Refusal
from fengqiao.entry.local.parts import LocalParts
from fengqiao.entry.local.running import read_status
from tests.bench.alone import MIB, idle_cores
from tests.bench.figures import Goal, Record
from tests.bench.ground import Ground
from tests.stack import ROOT, command_environment

UP_SECONDS = 400.0


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Start the city, watch it idle, stop it; then the same for the bare parts, on the same databases."""
    settle, watch = (10, 10) if quick else (30, 30)
    data = ground.folder / "city"
    found: dict[str, list[float]] = {name: [] for name in ("up", "idle", "rss", "bare_up", "bare_idle", "bare_rss")}
    try:
        await asyncio.to_thread(_up, data)
        codes = [centre["code"] for centre in read_status(data)["centres"]]
        await asyncio.to_thread(_command, "down", data)
        for _ in range(1 if quick else min(runs, 3)):
            found["up"].append(await asyncio.to_thread(_up, data))
            pid = read_status(data)["pids"]["nodes"][0]
            await _watch(pid, found, "", settle, watch)
            await asyncio.to_thread(_command, "down", data)
            began = time.perf_counter()
            with LocalParts(data, ground.cache) as parts, _bare(parts, codes, data) as bare:
                found["bare_up"].append(await asyncio.to_thread(_ready, bare, began))
                await _watch(bare.pid, found, "bare_", settle, watch)
    finally:
        await asyncio.to_thread(_end, data)
    record.put("city_up", found["up"], "s", floors=found["bare_up"], goal=Goal(60))
    record.put("city_idle", found["idle"], "cores", floors=found["bare_idle"], goal=Goal(0.35))
    record.put("city_rss", found["rss"], "MiB", floors=found["bare_rss"], goal=Goal(400))
    print(f"  {len(codes)} centres")


async def _watch(pid: int, found: dict[str, list[float]], kind: str, settle: float, watch: float) -> None:
    await asyncio.sleep(settle)
    found[f"{kind}idle"].append(await idle_cores(pid, watch))
    found[f"{kind}rss"].append(psutil.Process(pid).memory_info().rss / MIB)


def _up(data: Path) -> float:
    began = time.perf_counter()
    _command("up", data, "--detach")
    return time.perf_counter() - began


def _command(name: str, data: Path, *options: str) -> None:
    command = [sys.executable, "-m", "fengqiao", "local", name, "--data", str(data), *options]
    done = subprocess.run(
        command, env=command_environment(), cwd=ROOT, capture_output=True, text=True, timeout=UP_SECONDS, check=False
    )
    if done.returncode != 0:
        raise AssertionError(f"local {name}: {done.stdout[-1000:]}{done.stderr[-2000:]}")


@contextmanager
def _bare(parts: LocalParts, codes: list[str], data: Path) -> Iterator["subprocess.Popen[str]"]:
    told = json.dumps({"dsn": parts.postgres.dsn("fengqiao_{centre}"), "kafka": parts.kafka.bootstrap, "codes": codes})
    with (data / "bare.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bare_city", told],
            env=command_environment(), cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


def _ready(bare: "subprocess.Popen[str]", began: float) -> float:
    line = bare.stdout.readline() if bare.stdout is not None else ""
    if line.strip() != "ready":
        raise AssertionError(f"the bare parts did not start: {line}")
    return time.perf_counter() - began


def _end(data: Path) -> None:
    """Whatever went wrong, no node is left; the parts are ended with the ground."""
    try:
        for pid in read_status(data)["pids"]["nodes"]:
            os.kill(pid, signal.SIGKILL)
    except (Refusal, ProcessLookupError):
        return
