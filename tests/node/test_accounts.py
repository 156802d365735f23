"""Accounts as the command line writes them: a new password counts at once."""

from argon2 import PasswordHasher

from fengqiao.entry.local.postgres import EmbeddedPostgres
from fengqiao.store.accounts import Account, accounts, put_account
from tests.node.rig import TOWNSHIP
from tests.node.web_stand import LOGIN, PASSWORD, web_stand


async def test_a_changed_password_counts_at_once_and_ends_the_sessions_before_it(postgres: EmbeddedPostgres) -> None:
    async with web_stand(postgres) as desk:
        client, path = await desk.signed_in(TOWNSHIP), f"/{TOWNSHIP}/sign-in"
        assert (await client.get(f"/{TOWNSHIP}/cases")).status == 200
        database = desk.rig[TOWNSHIP].database
        changed = Account(LOGIN, "王敏敏", "dispatcher", PasswordHasher().hash("another password"))
        await put_account(database, changed)
        assert await accounts(database) == (changed,)
        assert (await client.get(f"/{TOWNSHIP}/cases")).status == 303
        assert (await client.send(path, path, login=LOGIN, password=PASSWORD)).status != 303
        assert (await client.send(path, path, login=LOGIN, password="another password")).status == 303
