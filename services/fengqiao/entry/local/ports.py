"""Ports on 127.0.0.1: chosen free once, remembered in the data folder, kept while they are free (issue 3, point 7)."""

import json
import random
import socket
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from fengqiao.entry.local.errors import port_taken
from fengqiao.entry.local.folders import write_whole

LOOPBACK = "127.0.0.1"
# Below the ports that systems draw for outgoing connections (32768 and up): 147 nodes open thousands of those, and one
# of them would sit on a remembered port at the next start.
FIRST_PORT, LAST_PORT = 20_000, 32_000


def node_port(centre: str) -> str:
    """Give the name under which the gRPC port of a centre's node is remembered."""
    return f"grpc.{centre}"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require_free(port: int) -> None:
    """Raise STATE port_taken unless a server could listen on the port now."""
    if not is_free(port):
        raise port_taken(port)


class PortBook:
    """The ports of one data folder, by name (`postgres`, `desk`, `grpc.371403001` ...), kept in `ports.json`."""

    def __init__(self, folder: Path, draw: random.Random | None = None) -> None:
        self._file = folder / "ports.json"
        self._draw = draw or random.SystemRandom()

    def remembered(self) -> dict[str, int]:
        """Give what was chosen earlier; empty when there is nothing, or nothing readable."""
        try:
            book = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(book, dict):
            return {}
        return {str(name): port for name, port in book.items() if isinstance(port, int)}

    def allocate(
        self, names: Iterable[str], wanted: Mapping[str, int] | None = None, running: Collection[str] = ()
    ) -> dict[str, int]:
        """Give each name a port of its own, and remember them all.

        A remembered port comes first, then the one in `wanted`, then any free one. Names in `running` keep the
        remembered port though it is taken: by themselves.
        """
        book = self.remembered()
        wishes = wanted or {}
        chosen: dict[str, int] = {}
        # Remembered ports of other names are left alone: a stack started with fewer centres gives none of them away.
        names = list(names)
        used = {port for name, port in book.items() if name not in names}
        for name in names:
            candidates = [port for port in (book.get(name), wishes.get(name)) if port is not None]
            if name in running and name in book:
                port = book[name]
            else:
                port = next((port for port in candidates if port not in used and is_free(port)), 0) or self._any(used)
            chosen[name] = port
            used.add(port)
        write_whole(self._file, json.dumps(book | chosen, indent=1, sort_keys=True) + "\n")
        return chosen

    def _any(self, used: Collection[int]) -> int:
        span = LAST_PORT - FIRST_PORT
        start = self._draw.randrange(span)
        for step in range(span):
            port = FIRST_PORT + (start + step) % span
            if port not in used and is_free(port):
                return port
        raise port_taken(FIRST_PORT)
