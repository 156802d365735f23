"""What the desk does not let in: too many sign-ins at once, and text that no database can hold."""

import asyncio
import threading

import pytest

from fengqiao.web.desk import session
from tests.containers import PostgresServer
from tests.node.rig import TOWNSHIP
from tests.node.web_client import Client
from tests.node.web_stand import LOGIN, PASSWORD, web_stand


async def test_passwords_are_checked_two_at_a_time_and_whoever_waits_too_long_is_told(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most, release = 0, 0, threading.Event()

    def checked(_hash: str, _password: str) -> bool:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        release.wait(20)
        inside -= 1
        return True

    async with web_stand(postgres) as desk:
        monkeypatch.setattr(session, "_matches", checked)
        monkeypatch.setattr(session, "SIGN_IN_SECONDS", 1.0)
        path = f"/{TOWNSHIP}/sign-in"
        try:
            asked = [Client(desk.app).send(path, path, login=LOGIN, password=PASSWORD) for _ in range(6)]
            answers = await asyncio.gather(*asked)
        finally:
            release.set()
        assert most == 2
        assert {one.status for one in answers} == {503}
        assert all("正在处理的请求太多" in one.text and f'value="{LOGIN}"' in one.text for one in answers)
        monkeypatch.setattr(session, "SIGN_IN_SECONDS", 10.0)
        assert (await Client(desk.app).send(path, path, login=LOGIN, password=PASSWORD)).status == 303


async def test_what_no_database_can_hold_is_not_found_and_no_crash(postgres: PostgresServer) -> None:
    async with web_stand(postgres) as desk:
        client = await desk.signed_in(TOWNSHIP)
        assert (await client.get(f"/{TOWNSHIP}/cases/%00")).status == 404
        assert (await client.get(f"/{TOWNSHIP}/directives/%00")).status == 404
        for query in ("q=%00x", "q=371%00", "unit=%00x"):
            assert (await client.get(f"/{TOWNSHIP}/cases?view=all&{query}")).status == 200
        path = f"/{TOWNSHIP}/sign-in"
        assert (await Client(desk.app).send(path, path, login="nobody\0", password="x")).status == 422
