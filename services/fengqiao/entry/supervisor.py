"""What the supervisor of the process is told: ready, alive, stopping (systemd's `sd_notify`, one datagram each).

Without a supervisor that asks (`NOTIFY_SOCKET`), nothing is sent. Alive is said only as long as no part of a node has
stalled, by the same judgement as `/live`: a process that merely runs does not deserve it.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

READY = "READY=1"
ALIVE = "WATCHDOG=1"
STOPPING = "STOPPING=1"


class Supervisor:
    """The supervisor as the environment of the process names it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._watched_seconds = _seconds(environment)

    @classmethod
    def of_this_process(cls) -> "Supervisor":
        """Give the one that started us."""
        return cls(os.environ)

    def tell(self, notice: str) -> None:
        """Send one notice; a supervisor that does not listen is no reason to fail."""
        if not self._address:
            return
        # An address in the abstract namespace is written with a @ and begins with a zero byte.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.setblocking(False)
            sending.sendto(notice.encode(), address)

    async def keep_told(self, stalled: Callable[[], bool]) -> None:
        """Say three times within the time allowed that we are alive, while nothing has stalled; ends when cancelled."""
        while self._watched_seconds:
            if not stalled():
                self.tell(ALIVE)
            await asyncio.sleep(self._watched_seconds / 3)


def _seconds(environment: Mapping[str, str]) -> float:
    """Give the time within which a notice has to come, 0 when none is wanted or it is wanted of another process."""
    wanted = environment.get("WATCHDOG_USEC", "")
    ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(wanted) / 1_000_000 if wanted.isdigit() and ours else 0.0
