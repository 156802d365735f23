"""A whole city on one small server: what its nodes may hold together is less than what the server has."""

import pytest

from fengqiao.entry.local.postgres import SETTINGS
from fengqiao.entry.local.stack import pool_size
from fengqiao.entry.settings import Settings

FOR_TOOLS = 100
WANTED = Settings().database_connections


@pytest.mark.parametrize("centres", [1, 6, 75, 76, 147, 200])
def test_the_nodes_of_a_stack_leave_connections_to_tools(centres: int) -> None:
    size = pool_size(WANTED, centres)
    assert 2 <= size <= WANTED
    assert size * centres <= int(SETTINGS["max_connections"]) - FOR_TOOLS


def test_a_small_stack_has_the_pools_that_were_asked_for() -> None:
    assert pool_size(WANTED, 6) == WANTED
