"""Intake: durable, through gRPC to a node in a process of its own, beside pgbench with the same statements.

The clients run in a third process and send bytes that are ready made: their CPU is not part of any figure, though it
shares the cores of the machine.
"""

import asyncio
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson

from fengqiao.domain import intake
from fengqiao.domain.command import RegisterCase
from fengqiao.domain.decision import Facts
from fengqiao.domain.limit_course import clock_times, with_limits
from fengqiao.entry.limits import load_limit_rules
from fengqiao.entry.lists import load_units
from fengqiao.entry.local.process import bare_environment
from fengqiao.store.changes import Changes
from fengqiao.store.limit_rows import ClockRow
from fengqiao.store.named_sql import read_statements
from tests.bench.figures import Goal, Record
from tests.bench.ground import Branch, Ground, NodeProcess, cpu_seconds
from tests.stack import ROOT, command_environment

CLIENTS = 16
_SQL = read_statements("work")
_ID = UUID("00000000-0000-7000-8000-000000000000")
_EVENT = UUID("11111111-1111-7111-8111-111111111111")


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Measure rate and CPU of intakes, each run beside its floor."""
    seconds = 4 if quick else 10
    branch = ground.branch()
    script = _pgbench_script(ground, branch)
    rates, floors, cpus = list[float](), list[float](), list[float]()
    with ground.node_process(branch, branch.codes) as node:
        await _clients(node, branch.township, 2)
        for _ in range(runs):
            before = _cpu(ground, node)
            told = await _clients(node, branch.township, seconds)
            latencies, took = told["latencies_ms"], told["seconds"]
            cpus.append((_cpu(ground, node) - before) / len(latencies) * 1000)
            rates.append(len(latencies) / took)
            record.keep("intake_latency_ms", latencies)
            floors.append(await asyncio.to_thread(_pgbench, ground, branch, script, seconds))
    record.put("intake_rate", rates, "1/s", floors=floors, goal=Goal(0.5, of_ratio=True, least=True))
    record.put("intake_cpu", cpus, "ms", goal=Goal(3.0))
    print(f"  with {CLIENTS} clients in a closed loop, ms: {record.spread('intake_latency_ms')}")


def _cpu(ground: Ground, node: NodeProcess) -> float:
    return cpu_seconds([node.pid, ground.parts.postgres.pid or 0])


async def _clients(node: NodeProcess, township: str, seconds: float) -> Any:
    command = [sys.executable, "-m", "tests.bench.intake_client", node.grpc[township], str(CLIENTS), str(seconds)]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=command_environment(), stdout=subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), seconds + 60)
    return json.loads(out)


def _pgbench(ground: Ground, branch: Branch, script: Path, seconds: int) -> float:
    postgres = ground.parts.postgres
    command = [
        str(postgres.program("pgbench")), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds),
        "-f", str(script), "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "postgres", f"floor_{branch.city}",
    ]  # fmt: skip
    done = subprocess.run(
        command, env=bare_environment(), capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if found is None or "failed transactions: 0 " not in done.stdout:
        raise AssertionError(f"pgbench failed: {done.stdout}{done.stderr}")
    return float(found[1])


def _pgbench_script(ground: Ground, branch: Branch) -> Path:
    """The two statements of an intake with one case, its event and its clocks as literals; pgbench draws the ids."""
    ground.database(f"floor_{branch.city}")
    now = datetime.now(UTC)
    topology = branch.topology
    units = load_units("")
    facts = Facts(now, topology.centre(branch.township), topology, units, "王敏", _EVENT)
    rules = load_limit_rules(ground.settings(), topology, units)
    decision = with_limits(intake.register(a_case(_ID), 10_000, facts), None, rules, topology)
    changes = Changes(now)
    changes.put_case(decision.file, decision.events, new=True)
    for times in clock_times(decision.file, None, rules.calendar):
        changes.clocks[times.limit.id] = ClockRow(_ID, times, None, rules.calendar.horizon)
    text = _SQL["save"].text
    for name, rows in changes.rows().items():
        # With a space behind each colon: pgbench would take `:1` for a variable of its own.
        plain = json.dumps(orjson.loads(orjson.dumps(rows)), ensure_ascii=False)
        for order, limit in enumerate(changes.clocks):
            # Each clock has an id of its own, which changes with the case.
            plain = plain.replace(str(limit), f"{order:08}{str(_ID)[8:]}")
        literal = "'" + plain.replace("'", "''") + "'"
        for placeholder, drawn in ((str(_ID), ":a"), (str(_EVENT), ":b"), ("-10000", ":a")):
            mark = placeholder[-12:] if len(placeholder) > 12 else placeholder
            if mark in literal:
                literal = f"replace({literal}, '{mark}', {_twelve(drawn, mark)})"
        text = text.replace(f"%({name})s", f"({literal})::json")
    serials = _SQL["serials"].text.replace("%(day)s", f"'{now:%Y-%m-%d}'::date").replace("%(count)s", "1")
    script = ground.folder / "intake.sql"
    draws = "\n".join(f"\\set {name} random(1, 281474976710655)" for name in "ab")
    script.write_text(f"{draws}\n{_one_line(serials)};\n{_one_line(text)};\n", "utf-8")
    return script


def _twelve(drawn: str, mark: str) -> str:
    hexadecimal = f"lpad(to_hex({drawn}::bigint), 12, '0')"
    return f"'-' || {hexadecimal}" if mark.startswith("-") else hexadecimal


def _one_line(statement: str) -> str:
    return " ".join(line.strip() for line in statement.splitlines())


def a_case(case_id: UUID | None = None, **values: str) -> RegisterCase:
    """A case of usual length."""
    base = {
        "title": "铁轨横卧路中，行人常被绊倒",
        "text": "新河路一段废弃铁轨长期横在路中间，夜里没有灯，已有三位老人被绊倒，请有关部门拆除或者平整。" * 2,
        "place": "新河路",
    }
    return RegisterCase(case_id or uuid4(), **(base | values))  # type: ignore[arg-type]  # texts of the benchmark
