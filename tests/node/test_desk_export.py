"""Exports: what the filters show, columns that stay, no formula gets through, and memory with a bound (pain 14)."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote

import openpyxl
import psutil
import psycopg
import pytest

from fengqiao.domain.command import AssignCase, RegisterCase, ResolveCase
from fengqiao.handlers import case as cases
from fengqiao.web.desk.export import EXPORT_COLUMNS, guarded
from tests.containers import PostgresServer
from tests.node.rig import CLERK, TOWNSHIP, new_id
from tests.node.web_client import Client
from tests.node.web_stand import WebStand, web_stand

ROWS = 100_000
MEMORY_BYTES = 64 * 1024 * 1024
COPIES = """
INSERT INTO case_file (case_id, number, origin, first_receiver_centre, first_receiver_unit, first_receiver_fixed,
    holder, epoch, version, state, kind, request_type, channel, title, text, place, urgent, unit, result, registered_at,
    updated_at, reference, role, audience, journal_length, journal_hash, limits, course)
SELECT gen_random_uuid(), number || '-' || n, origin, first_receiver_centre, first_receiver_unit,
    first_receiver_fixed, holder, epoch, version, state, kind, request_type, channel, title, left(text, 60), place,
    urgent, unit, result, registered_at - n * interval '1 second', updated_at, reference, role, audience,
    journal_length, journal_hash, limits, course
FROM case_file CROSS JOIN generate_series(1, %(many)s) n
"""


async def registered(desk: WebStand, title: str, text: str = "来访人反映。") -> RegisterCase:
    command = RegisterCase(new_id(), title, text)
    await cases.register(desk.rig[TOWNSHIP], command, CLERK)
    return command


async def rows_of(client: Client, address: str) -> list[list[str]]:
    answer = await client.get(f"/{TOWNSHIP}/cases/export.csv?{address}")
    assert answer.status == 200
    assert answer.header("content-disposition").startswith('attachment; filename="371401001-')
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


async def test_an_export_has_what_the_list_shows_in_its_order(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        made = [await registered(desk, title) for title in ("路灯不亮", "小区停车难", "楼下烧烤")]
        await cases.carry_out(desk.rig[TOWNSHIP], AssignCase(made[0].case_id, "police"), CLERK)
        await cases.carry_out(desk.rig[TOWNSHIP], ResolveCase(made[2].case_id, "已劝离"), CLERK)
        client = await desk.signed_in(TOWNSHIP)
        for address, expected in (
            ("view=holder&order=title", ["小区停车难", "路灯不亮"]),
            ("view=holder&unit=police", ["路灯不亮"]),
            ("view=resolved", ["楼下烧烤"]),
            (f"view=all&q={quote('停车')}", ["小区停车难"]),
            ("view=all&order=number", ["路灯不亮", "小区停车难", "楼下烧烤"]),
        ):
            assert [row[1] for row in (await rows_of(client, address))[1:]] == expected, address
        assert (await client.get(f"/{TOWNSHIP}/cases/export.csv?state=no-such")).status == 422
        assert (await client.get(f"/{TOWNSHIP}/cases/export.pdf")).status == 404


async def test_the_columns_of_an_export_stay_in_both_languages(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        await registered(desk, "路灯不亮")
        client = await desk.signed_in(TOWNSHIP)
        heads = (await rows_of(client, "view=all"))[0]
        assert EXPORT_COLUMNS == (
            "number", "title", "state", "closing", "kind", "request_type", "channel", "urgent", "item", "grade",
            "place", "origin", "holder", "first_centre", "first_unit", "unit", "registered", "due", "updated",
            "closed", "solved", "satisfied", "reopened",
        )  # fmt: skip
        assert heads[:3] == ["编号", "标题", "状态"]
        assert len((await rows_of(client, "view=all&lang=en"))[0]) == len(heads) == len(EXPORT_COLUMNS)


@pytest.mark.parametrize("cell", ["=1+2", "+86139", "-1", "@SUM(A1)", "\tx", "\r=1", '=HYPERLINK("http://x")'])
def test_no_cell_begins_as_a_formula(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    assert guarded(f"字{cell}") == f"字{cell}"


async def test_what_people_type_is_text_in_a_sheet_and_guarded_in_csv(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        await registered(desk, "=cmd|' /C calc'!A0")
        client = await desk.signed_in(TOWNSHIP)
        assert (await rows_of(client, "view=all"))[1][1] == "'=cmd|' /C calc'!A0"
        sheet = openpyxl.load_workbook(io.BytesIO(await body(client, "xlsx", "view=all"))).active
        assert sheet is not None
        cell = sheet.cell(2, 2)
        assert (cell.value, cell.data_type) == ("=cmd|' /C calc'!A0", "s")
        assert [one.value for one in sheet[1]][:2] == ["编号", "标题"]


async def body(client: Client, kind: str, address: str) -> bytes:
    return b"".join([chunk async for chunk in chunks(client, f"/{TOWNSHIP}/cases/export.{kind}?{address}")])


async def chunks(client: Client, target: str) -> AsyncIterator[bytes]:
    """Give an answer piece by piece, as a browser reads it; nothing is kept."""
    path, _, query = target.partition("?")
    pieces: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
            return
        await pieces.put(bytes(message.get("body", b"")))  # type: ignore[call-overload]  # bytes by the rules of ASGI
        if not message.get("more_body", False):
            await pieces.put(None)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"desk.test"), (b"cookie", client._cookies_for(path).encode())],
        "server": ("desk.test", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    serving: asyncio.Task[None] = asyncio.create_task(client.app(scope, receive, send))  # type: ignore[arg-type]  # plain functions of ASGI
    serving.add_done_callback(lambda _: pieces.put_nowait(None) if pieces.empty() else None)
    while (piece := await pieces.get()) is not None:
        yield piece
    await serving


async def highest_memory() -> int:
    """Watch how much memory the process has until told to stop; gives the highest, in bytes."""
    highest = 0
    with suppress(asyncio.CancelledError):
        while True:
            highest = max(highest, psutil.Process().memory_info().rss)
            await asyncio.sleep(0.02)
    return highest


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_hundred_thousand_rows_stream_in_bounded_memory(postgres: PostgresServer, kind: str) -> None:
    async with web_stand(postgres) as desk:
        await registered(desk, "路灯不亮", "长" * 4000)
        with psycopg.connect(desk.rig[TOWNSHIP].database.dsn, autocommit=True) as connection:
            connection.execute(COPIES.encode(), {"many": ROWS - 1})
            connection.execute(b"VACUUM ANALYZE case_file")
        client, began = await desk.signed_in(TOWNSHIP), datetime.now(UTC)
        size = lines = 0
        before, watched = psutil.Process().memory_info().rss, asyncio.create_task(highest_memory())
        async for chunk in chunks(client, f"/{TOWNSHIP}/cases/export.{kind}?view=all"):
            size, lines = size + len(chunk), lines + chunk.count(b"\r\n")
        watched.cancel()
        grown = await watched - before
        assert grown < MEMORY_BYTES, f"{grown:,} bytes more for {ROWS:,} rows in {datetime.now(UTC) - began}"
        assert size > ROWS * 10
        assert lines == (ROWS + 1 if kind == "csv" else lines)
