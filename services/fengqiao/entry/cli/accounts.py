"""`fengqiao accounts set|list`: who may sign in at a centre, until the city signs people in (issue 6)."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, TypeVar

import typer
from argon2 import PasswordHasher

from fengqiao.domain.text import NAME_LENGTH, filled
from fengqiao.entry.cli.centres import chosen_centres
from fengqiao.entry.cli.speech import EXIT_USAGE, note, refusals_told, said, tell
from fengqiao.entry.settings import load_settings
from fengqiao.store.accounts import Account, accounts, put_account
from fengqiao.store.database import Database

FEWEST_CHARACTERS = 10
OPEN_SECONDS = 10.0

Result = TypeVar("Result")
app = typer.Typer(help=said("登录账号。", "Accounts of the desk."), no_args_is_help=True)
Centre = Annotated[str, typer.Option("--centre", help=said("中心代码。", "The code of the centre."))]


class StaffRole(StrEnum):
    """What a member of a centre's own staff may do at its desk."""

    DESK_OFFICER = "desk_officer"
    DISPATCHER = "dispatcher"
    HANDLING_OFFICER = "handling_officer"
    DEPUTY_HEAD = "deputy_head"
    SUPERVISOR = "supervisor"


def add_to(main: typer.Typer) -> None:
    """Add the group to the main command."""
    main.add_typer(app, name="accounts")


@app.command("set", help=said("新建账号，或改其姓名、角色和密码。", "Create or change an account and its password."))
def set_account(
    centre: Centre,
    login: Annotated[str, typer.Option("--login", help=said("登录名。", "What is typed to sign in."))],
    name: Annotated[str, typer.Option("--name", help=said("姓名。", "The name of the person."))],
    role: Annotated[StaffRole, typer.Option("--role", help=said("角色。", "The role."))],
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=said("从标准输入读密码。", "Read the password from the input."))
    ] = False,
) -> None:
    """Create or change one account; whoever was signed in with it has to sign in again."""
    with refusals_told():
        login, name = filled("--login", login, NAME_LENGTH), filled("--name", name, NAME_LENGTH)
        # Nobody types a password for a centre that is not there.
        database = _database_of(centre)
        # Never an option: it would stand in the list of processes and in the history of the shell.
        asked = said("密码", "Password")
        password = sys.stdin.readline().rstrip("\n") if from_stdin else typer.prompt(asked, hide_input=True)
        if len(password) < FEWEST_CHARACTERS:
            least = FEWEST_CHARACTERS
            note(said(f"密码至少 {least} 个字符。", f"A password has at least {least} characters."))
            raise typer.Exit(EXIT_USAGE)
        account = Account(login, name, role.value, PasswordHasher().hash(password))
        _at(database, lambda opened: put_account(opened, account))
        tell(f"{login} {name} {role.value}")


@app.command("list", help=said("列出账号。", "List the accounts."))
def list_accounts(centre: Centre) -> None:
    """List who may sign in."""
    with refusals_told():
        for found in _at(_database_of(centre), accounts):
            tell(f"{found.login} {found.name} {found.role}")


def _database_of(centre: str) -> str:
    settings = load_settings()
    (code,) = chosen_centres(settings, [centre], every=False)
    return settings.database_of(code)


def _at(dsn: str, action: Callable[[Database], Awaitable[Result]]) -> Result:
    async def act() -> Result:
        database = Database(dsn, connections=2)
        await database.open(OPEN_SECONDS)
        try:
            return await action(database)
        finally:
            await database.close()

    return asyncio.run(act())
