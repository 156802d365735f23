"""CatalogueService over a real server, and the command line over real databases: books read and changed by programs."""

import asyncio
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import grpc
import pytest
from typer.testing import CliRunner

from fengqiao.domain.command import AssignCase, RegisterCase
from fengqiao.domain.course_command import ClassifyCase
from fengqiao.domain.edition import (
    FIRST,
    YES,
    Book,
    DropDraft,
    EditionState,
    PublishDraft,
    PutRow,
    RemoveRow,
    Sheet,
    SheetField,
    sheet_row,
)
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.entry.cli.main import build_app
from fengqiao.entry.edition_lookup import DRAFT, IN_FORCE, edition_at, handbook_lines, trial_at
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.verify import Federation
from fengqiao.handlers import case as cases
from fengqiao.proto.v1 import catalogue_pb2, catalogue_service_pb2_grpc
from fengqiao.proto.v1 import catalogue_service_pb2 as pb
from tests.containers import PostgresServer
from tests.node.edition_acts import published, renamed, routed, routing_published
from tests.node.rig import CITY, CLERK, TOWNSHIP, Bench, bench, new_id
from tests.node.rpc_rig import served

ROAD = next(row for row in load_handbook("").catalogue.rows if row.key == (Sheet.ITEM, "0102"))
RENAMED = replace(ROAD, values={**ROAD.values, SheetField.NAME: "道路与桥梁"})


async def refused(awaitable: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await awaitable  # type: ignore[misc]  # the coroutine of any client method
    return caught.value


async def test_a_program_drafts_compares_and_publishes_a_catalogue(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        city, book = nodes[CITY], Book.CATALOGUE
        assert (await city.edition(book)).number == FIRST
        draft = await city.carry_out_edition(PutRow(RENAMED, book, ROAD.mark), "王敏")
        assert (draft.state, await city.edition(book, draft=True)) == (EditionState.DRAFT, draft)
        said = await city.differences(book, draft=True)
        assert [one.chinese for one in said.differences] == [
            "事项 0102“道路与桥梁”的名称由“市政与道路”改为“道路与桥梁”。"
        ]
        assert not said.faults
        own = await refused(city.carry_out_edition(PublishDraft(book), "王敏"))
        assert (own.kind, own.code) == (Kind.FORBIDDEN, "edition_second_person")
        done = await city.carry_out_edition(PublishDraft(book, draft.revision), "赵刚")
        assert [one.number for one in await city.editions(book)] == [done.number, FIRST]
        await nodes.rig.settle()
        assert await nodes[TOWNSHIP].edition(book) == done
        unknown = await refused(city.edition(book, 99))
        assert (unknown.kind, unknown.code) == (Kind.NOT_FOUND, "edition_unknown")


async def test_what_a_program_gets_wrong_is_named_by_field(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        below = await refused(nodes[TOWNSHIP].carry_out_edition(PutRow(RENAMED, Book.CATALOGUE, ROAD.mark), "王敏"))
        assert below.code == "edition_city_only"
        assert (await refused(nodes[CITY].edition(Book.CATALOGUE, draft=True))).code == "edition_no_draft"
        channel = grpc.aio.insecure_channel(nodes.doors[CITY].target)
        stub = catalogue_service_pb2_grpc.CatalogueServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.PutRow(
                pb.PutRowRequest(
                    actor="王敏",
                    book=catalogue_pb2.BOOK_CATALOGUE,
                    row=catalogue_pb2.SheetRow(sheet=catalogue_pb2.SHEET_ITEM, code="0102", values={"colour": "red"}),
                )
            )
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        with pytest.raises(grpc.aio.AioRpcError):
            await stub.GetEdition(pb.GetEditionRequest())
        await channel.close()


async def test_a_program_drops_a_draft_and_takes_rows_out(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        here, book = nodes[TOWNSHIP], Book.ROUTING
        rule = sheet_row(Sheet.ROUTE, "r1", {"name": "规则", "order": "1", "unit": "police", "items": "02"})
        await here.carry_out_edition(PutRow(rule, book), "王敏")
        await here.carry_out_edition(PutRow(replace(rule, code="r2"), book), "王敏")
        said = await here.differences(book, draft=True)
        assert [one.english for one in said.faults] == [
            "The rule r2 can never match: r1 before it takes every case that it speaks of."
        ]
        left = await here.carry_out_edition(RemoveRow(book, Sheet.ROUTE, "r2", rule.mark), "王敏")
        assert [row.code for row in left.rows] == ["r1"]
        dropped = await here.carry_out_edition(DropDraft(book, left.revision), "赵刚")
        assert dropped.id == left.id
        assert (await refused(here.edition(book, draft=True))).code == "edition_no_draft"


async def with_past_cases(rig: Bench) -> None:
    here = rig[TOWNSHIP]
    for item, unit in (("0201", "police"), ("0202", "justice"), ("0101", "justice")):
        command = RegisterCase(new_id(), f"事项 {item}", "正文")
        await cases.register(here, command, CLERK)
        await cases.carry_out(here, ClassifyCase(command.case_id, item), CLERK)
        await cases.carry_out(here, AssignCase(command.case_id, unit), CLERK)


async def test_a_program_tries_a_draft_against_past_cases(postgres: PostgresServer) -> None:
    async with served(postgres) as nodes:
        await with_past_cases(nodes.rig)
        await routed(nodes.rig[TOWNSHIP], "r1", 1, items="02", unit="police")
        found = await nodes[TOWNSHIP].routing_trial(draft=True)
        assert (found.looked_at, found.same) == (3, 1)
        assert [(one.suggested_unit, one.done_unit, one.route) for one in found.other] == [("police", "justice", "r1")]
        assert len(found.unmatched) == 1
        assert [(one.code, one.matched, one.same) for one in found.routes] == [("r1", 2, 1)]
        in_force = await nodes[TOWNSHIP].routing_trial(1)
        assert (in_force.looked_at, len(in_force.routes)) == (1, 0)
        assert (await refused(nodes[TOWNSHIP].routing_trial(10**6))).violations[0].field == "cases"


def federation(rig: Bench) -> Federation:
    return Federation(rig.topology, {code: context.database.dsn for code, context in rig.contexts.items()}, "")


async def test_a_catalogue_that_is_exported_is_a_handbook_that_says_the_same(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    async with bench(postgres) as rig:
        handbook = load_handbook("")
        done = await published(rig[CITY], "0102", "道路“与”桥梁\\")
        view = await edition_at(federation(rig), CITY, Book.CATALOGUE, IN_FORCE, handbook)
        assert view.edition == done
        retired = tuple(
            replace(row, values={**row.values, SheetField.RETIRED: YES}) if row.code == "0402" else row
            for row in done.rows
        )
        path = tmp_path / "handbook.toml"
        path.write_text("\n".join(handbook_lines(replace(done, rows=retired), handbook)), encoding="utf-8")
        assert tomllib.loads(path.read_text("utf-8"))["version"] == done.version
        again = load_handbook(str(path))
        assert {row.key: row.values for row in again.catalogue.rows} == {row.key: row.values for row in retired}
        assert (again.reopen_days, again.catalogue.version) == (handbook.reopen_days, done.version)
        first = await edition_at(federation(rig), CITY, Book.CATALOGUE, str(FIRST), handbook)
        assert (first.edition.rows, first.before) == (handbook.catalogue.rows, None)
        nothing = await refused(edition_at(federation(rig), CITY, Book.CATALOGUE, DRAFT, handbook))
        misspelt = await refused(edition_at(federation(rig), CITY, Book.CATALOGUE, "in_force", handbook))
        assert misspelt.violations[0].code == "edition_malformed"
        assert nothing.code == "edition_no_draft"


def told(rig: Bench, *words: str) -> str:
    """What a command prints; it reads the databases of the rig."""
    with (
        patch("fengqiao.entry.cli.catalogue.federation_of", lambda *_: federation(rig)),
        patch("fengqiao.entry.cli.routing.federation_of", lambda *_: federation(rig)),
        patch("fengqiao.entry.cli.catalogue.load_topology", lambda *_: rig.topology),
        patch("fengqiao.entry.cli.routing.load_topology", lambda *_: rig.topology),
    ):
        done = CliRunner(env={"FENGQIAO_LANG": "zh"}).invoke(build_app(), list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


async def test_the_command_line_shows_compares_and_tries(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await published(rig[CITY], "0102", "道路与桥梁")
        await renamed(rig[CITY], "0103", "征收")
        await rig.settle()
        await with_past_cases(rig)
        await routing_published(rig[TOWNSHIP], {"items": "02", "unit": "police"})
        await routed(rig[TOWNSHIP], "late", 9, items="0201", unit="justice")

        async def run(*words: str) -> str:
            return await asyncio.to_thread(told, rig, *words)

        assert "0102  道路与桥梁" in await run("catalogue", "show", "--sheet", "item")
        rows = json.loads(await run("catalogue", "show", "--centre", TOWNSHIP, "--json"))["rows"]
        assert {"sheet": "item", "code": "0102"}.items() <= next(r for r in rows if r["code"] == "0102").items()
        assert "由“市政与道路”改为“道路与桥梁”" in await run("catalogue", "diff")
        drafted = json.loads(await run("catalogue", "diff", "--edition", "draft", "--json"))
        assert [one["after"] for one in drafted["differences"]] == ["征收"]
        assert 'name = "道路与桥梁"' in await run("catalogue", "export")
        listed = await run("routing", "list", "--centre", TOWNSHIP, "--edition", "draft")
        assert "late" in listed
        assert "用不到：r1" in listed
        tried = json.loads(await run("routing", "try", "--centre", TOWNSHIP, "--json"))
        assert (tried["looked_at"], tried["same"], tried["compared"]) == (3, 1, 2)
        assert [one["never_reached_for"] for one in tried["routes"]] == [[], ["r1"]]
        assert "与实际相同 1/2" in await run("routing", "try", "--centre", TOWNSHIP, "--published")
        trial = await trial_at(federation(rig), TOWNSHIP, IN_FORCE, 2, load_handbook(""))
        assert trial.looked_at == 2
