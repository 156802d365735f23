"""An HTTP listener inside the event loop of the nodes: uvicorn without its own signals, on a socket opened first."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from fengqiao.domain.errors import Kind, Refusal

BACKLOG = 512
STOP_SECONDS = 3


class _QuietServer(uvicorn.Server):
    """Leaves signals to the host, which stops everything in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class Listener:
    """One HTTP listener; the port is known before anything is served, so that it can be told."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise Refusal(Kind.UNAVAILABLE, "port_taken", {"port": str(port)}) from error
        self._socket.listen(BACKLOG)
        self.port: int = self._socket.getsockname()[1]
        self._server: _QuietServer | None = None
        self._serving: asyncio.Task[None] | None = None

    def serve(self, app: ASGIApp) -> None:
        """Begin to serve."""
        config = uvicorn.Config(
            app, log_config=None, lifespan="off", access_log=False, timeout_graceful_shutdown=STOP_SECONDS
        )
        self._server = _QuietServer(config)
        self._serving = asyncio.create_task(self._server.serve([self._socket]), name=f"listener {self.port}")

    async def stop(self) -> None:
        """Take no new requests, finish those under way, and close."""
        if self._server is None or self._serving is None:
            self._socket.close()
            return
        self._server.should_exit = True
        await asyncio.wait((self._serving,), timeout=STOP_SECONDS + 2)
