"""A real Prometheus and a real Alertmanager for a test, and a small server that answers what they ask."""

import json
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

START_SECONDS = 60.0
STOP_SECONDS = 10.0
Found = TypeVar("Found")
Answers = Mapping[str, Callable[[], bytes]]


class Heard:
    """What an Alertmanager (host:port) has sent, by receiver: the last part of the path it was posted to."""

    def __init__(self) -> None:
        self.manager = ""
        self._messages: dict[str, list[dict[str, Any]]] = {}

    @property
    def receivers(self) -> tuple[str, ...]:
        """Everybody who has heard something."""
        return tuple(self._messages)

    def note(self, path: str, body: bytes) -> None:
        """Keep a message."""
        self._messages.setdefault(path.removeprefix("/"), []).extend(json.loads(body)["alerts"])

    def alerts(self, receiver: str) -> list[dict[str, Any]]:
        """The alerts that a receiver was told of, in their order."""
        return self._messages.get(receiver, [])

    def names(self, receiver: str) -> set[str]:
        """The names of the alerts that a receiver was told of."""
        return {alert["labels"]["alertname"] for alert in self.alerts(receiver)}


@contextmanager
def serving(answers: Answers, heard: Heard | None = None) -> Iterator[str]:
    """A server that answers paths with texts, every other one with 503; keeps what is posted. Gives its host:port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path)
            body = found() if found else b""
            self.send_response(200 if found else 503)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if heard is not None:
                heard.note(self.path, body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature is the library's
            """Say nothing: the report of a test is no place for an access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(STOP_SECONDS)


def asked(address: str, body: object = None) -> Any:
    """What an address answers, read as JSON; with a body it is posted to."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})  # noqa: S310 - ours, loopback
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        text = answer.read()
    return json.loads(text) if text else None


def text_of(address: str) -> str:
    """What an address answers as text; nothing while nobody does."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - ours, loopback
            text: str = answer.read().decode()
    except OSError:
        return ""
    return text


def awaited(question: Callable[[], Found | None], what: str, seconds: float = START_SECONDS) -> Found:
    """Ask until there is an answer; raises AssertionError after so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = question()
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


@contextmanager
def running(command: Sequence[str], port: int, folder: Path) -> Iterator[str]:
    """A program that says on `/-/ready` when it is; gives its address, and ends it."""
    log = folder / f"{command[0]}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
    address = f"http://127.0.0.1:{port}"

    def ready() -> bool | None:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(f"{address}/-/ready", timeout=2):  # noqa: S310 - ours, loopback
                return True
        except OSError:
            return None

    try:
        awaited(ready, f"{command[0]} is ready")
        yield address
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)


@contextmanager
def prometheus(config: Path) -> Iterator[str]:
    """A Prometheus on a configuration; gives its address."""
    port, folder = free_port(), config.parent
    command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    with running([*command, f"--web.listen-address=127.0.0.1:{port}"], port, folder) as address:
        yield address


@contextmanager
def alertmanager(config: Path) -> Iterator[str]:
    """An Alertmanager on a configuration, alone; gives its address."""
    port, folder = free_port(), config.parent
    command = ["prometheus-alertmanager", f"--config.file={config}", f"--storage.path={folder / 'silences'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    with running(command, port, folder) as address:
        yield address


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
