"""Every panel and every variable of the boards has data from real nodes under a replay, scraped by a real Prometheus.

The replay brings the past, a table of the last days what is open, due and overdue now, and two cases that go the whole
way to the citizen's word what a replay does not do.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from fengqiao.domain.command import AssignCase, RegisterCase
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.course_command import (
    AdmitCase,
    ClassifyCase,
    CloseCase,
    EvaluateCase,
    ReplyToCitizen,
    RevisitCitizen,
    SignOffResult,
    SubmitResult,
)
from tests.boards import asked, queries, without_choices, without_data
from tests.prometheus import RATE_INTERVAL, SCRAPE_SECONDS, Target, running_prometheus, until
from tests.stack import ROOT, Stack, run_command, whole_topology
from tests.tidy.tree import report

MADE = ROOT / "services" / "fengqiao" / "entry" / "data" / "made_messages.csv"
DAYS_AGO = (0, 1, 4, 5, 6)
"""When the open cases were registered: three days later their nearest limit is due."""
SETTLE_SECONDS = 90.0
HEALTHY = {"死信", "序号缺口", "直连断线", "失联中心", "Kafka 断开的中心", "数据库断开", "循环失败", "版本落后"}
"""Panels of faults, which show 0 and not "no data" where all is well."""


def targets(stack: Stack) -> list[Target]:
    """The nodes of a stack with the labels that the scrape configuration adds; the city is a county of its own."""
    topology, found = whole_topology(), []
    for one in stack.status()["centres"]:
        parent = topology.parent(one["code"])
        county = parent if parent not in {None, topology.city.code} else one["code"]
        address = urlsplit(one["metrics"])
        names = {"centre_name": one["name"], "county_name": topology.centre(str(county)).name}
        found.append(Target(address.netloc, address.path, {"county": str(county), "level": one["level"], **names}))
    return found


def recent_cases(folder: Path) -> Path:
    """A table of cases of the last days, which nobody has dealt with."""
    path, now, mark = folder / "recent.csv", datetime.now(UTC), uuid4().hex[:8]
    rows = [
        f"{mark}-{days},第{days}件路灯坏了,无人修理,{now - timedelta(days=days, minutes=5):%Y-%m-%d %H:%M}"
        for days in DAYS_AGO
    ]
    path.write_text("编号,标题,内容,时间\n" + "\n".join(rows), "utf-8")
    return path


def work_of_some_weeks(stack: Stack, folder: Path) -> None:
    """Recent cases at each kind of centre, then a replay of the made set with numbers of its own."""
    data = ("--data", str(stack.data), "--json")
    city, county, _, township = stack.centres[:4]
    for centre in (city, county, township):
        done = run_command("import", str(recent_cases(folder)), "--centre", centre, *data)
        assert done.returncode == 0, done.stdout + done.stderr
    table = folder / "messages.csv"
    table.write_text(MADE.read_text("utf-8").replace("\nM", f"\n{uuid4().hex[:8]}-"), "utf-8")
    done = run_command("replay", str(table), "--seed", "5", *data)
    assert done.returncode == 0, done.stdout + done.stderr


async def whole_course(stack: Stack, centre: str) -> None:
    """A case from the counter to the citizen's word and the end, at one centre."""
    case, clerk, officer, deputy = uuid4(), "王敏", "孙丽", "周伟"
    async with stack.client(centre) as client:
        await client.register(RegisterCase(case, "铁轨横卧路中", "新河路一段废弃铁轨，行人常被绊倒。"), clerk)
        for command, actor in (
            (AdmitCase(case), clerk),
            (ClassifyCase(case, "0102"), clerk),
            (AssignCase(case, "justice"), clerk),
            (SubmitResult(case, "已修复。", proof="现场看过"), officer),
            (SignOffResult(case), deputy),
            (ReplyToCitizen(case, "铁轨已移走。"), clerk),
            (RevisitCitizen(case, reached=True, words="好了"), clerk),
            (EvaluateCase(case, solved=True, satisfied=True, words="快"), clerk),
            (CloseCase(case, ClosingKind.SOLVED), clerk),
        ):
            await client.carry_out(command, actor)


def test_every_panel_has_data_from_real_nodes_under_a_replay(running_stack: Stack, tmp_path: Path) -> None:
    chosen = {
        "job": ".+",
        "county": running_stack.centres[1],
        "centre": running_stack.centres[3],
        "class": ".*",
        "limit": ".*",
        "__rate_interval": RATE_INTERVAL,
        "__range": "10m",
    }
    nodes = targets(running_stack)
    with running_prometheus(tmp_path, nodes) as server:
        scraped = f"count(count_over_time(fengqiao_kafka_connected[1m]) >= 2) == {len(nodes)}"
        until(lambda: server.now(scraped), 60 * SCRAPE_SECONDS, "the nodes were not scraped")
        # A rise is seen from one scrape to a later one.
        asyncio.run(whole_course(running_stack, chosen["centre"]))
        work_of_some_weeks(running_stack, tmp_path)
        asyncio.run(whole_course(running_stack, chosen["centre"]))
        # What was done has to be scraped and recorded first; what is still without data then never gets any.
        end = time.monotonic() + SETTLE_SECONDS
        while findings := [*without_data(server, chosen), *without_choices(server, chosen)]:
            assert time.monotonic() < end, report(findings)
            time.sleep(1)
        faults = {query.panel: asked(server, query, chosen)[-1] for query in queries() if query.panel in HEALTHY}
        assert faults == dict.fromkeys(HEALTHY, 0.0)
