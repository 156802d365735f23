"""A small client that speaks to an application without a network: follows nothing, keeps cookies, reads forms."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp

ANSWER_SECONDS = 20.0
HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; of a header that came several times, all values."""

    status: int
    headers: Mapping[str, list[str]]
    text: str

    def header(self, name: str) -> str:
        """Give a header, empty when it is not there."""
        return ", ".join(self.headers.get(name, []))

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's forms; of a name that several forms have, the last."""
        return dict(HIDDEN.findall(self.text))


@dataclass
class Client:
    """A browser without a screen. Cookies are kept with the path that they were set for."""

    app: ASGIApp
    cookies: dict[tuple[str, str], str] = field(default_factory=dict)

    async def get(self, path: str) -> Answer:
        """Ask for a page."""
        return await self.ask("GET", path)

    async def post(self, path: str, **form: str) -> Answer:
        """Send a form."""
        return await self.ask("POST", path, urlencode(form).encode())

    async def send(self, page: str, path: str, **form: str) -> Answer:
        """Open a page, and send its form with the hidden fields that it has."""
        opened = await self.get(page)
        return await self.post(path, **{**opened.hidden, **form})

    async def ask(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Make one request and wait for the whole answer."""
        parts = urlsplit(target)
        sent: dict[str, Any] = {"status": 0, "headers": [], "body": b""}
        asked = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
        asked |= {"host": "desk.test", "content-length": str(len(body)), "cookie": self._cookies_for(parts.path)}

        bodies = iter([body])

        async def receive() -> dict[str, Any]:
            if next(bodies, None) is None:
                await asyncio.Event().wait()  # the client stays for as long as the answer takes
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                sent["status"], sent["headers"] = message["status"], message["headers"]
            else:
                sent["body"] += message.get("body", b"")

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in asked.items()],
            "server": ("desk.test", 80),
            "client": ("127.0.0.1", 1),
        }
        async with asyncio.timeout(ANSWER_SECONDS):
            await self.app(scope, receive, send)
        found: dict[str, list[str]] = {}
        for name, value in sent["headers"]:
            found.setdefault(name.decode().lower(), []).append(value.decode("latin-1"))
        self._keep(found.get("set-cookie", []))
        return Answer(sent["status"], found, sent["body"].decode("utf-8", "replace"))

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                key = (morsel["path"], name)
                if morsel["max-age"] == "0":
                    self.cookies.pop(key, None)
                else:
                    self.cookies[key] = morsel.value

    def _cookies_for(self, path: str) -> str:
        return "; ".join(f"{name}={value}" for (where, name), value in self.cookies.items() if path.startswith(where))
