"""What systemd is told: alive as long as nothing has stalled, and nothing at all when nobody asked."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fengqiao.entry.supervisor import ALIVE, READY, Supervisor


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    """The supervisor's end: a socket that has what was said."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def said(listening: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(listening.recv(100).decode())
        except BlockingIOError:
            return found


def test_a_notice_reaches_the_socket_that_the_environment_names(heard: socket.socket) -> None:
    Supervisor({"NOTIFY_SOCKET": heard.getsockname()}).tell(READY)
    Supervisor({}).tell(READY)
    Supervisor({"NOTIFY_SOCKET": heard.getsockname() + ".gone"}).tell(READY)
    assert said(heard) == [READY]


async def test_who_has_stalled_is_not_said_to_be_alive(heard: socket.socket) -> None:
    stalled = False
    watched = Supervisor({"NOTIFY_SOCKET": heard.getsockname(), "WATCHDOG_USEC": "60000"})
    telling = asyncio.create_task(watched.keep_told(lambda: stalled))
    await asyncio.sleep(0.1)
    assert set(said(heard)) == {ALIVE}
    stalled = True
    await asyncio.sleep(0.05)
    said(heard)
    await asyncio.sleep(0.1)
    assert said(heard) == []
    telling.cancel()


async def test_no_watch_is_kept_for_another_process(heard: socket.socket) -> None:
    other = {"NOTIFY_SOCKET": heard.getsockname(), "WATCHDOG_USEC": "60000", "WATCHDOG_PID": str(os.getpid() + 1)}
    await asyncio.wait_for(Supervisor(other).keep_told(lambda: False), 1)
    assert said(heard) == []
