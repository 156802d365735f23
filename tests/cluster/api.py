"""Speaks to the API server as kubectl would, and reads the server's own record of who asked what of it."""

import http.client
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

Resource = dict[str, Any]
TIMEOUT_SECONDS = 60


class Refused(Exception):
    """The API server said no; `status` is the number of HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server gave, and what it warns of."""

    body: Resource
    warnings: Sequence[str]


class Api:
    """One connection to the API server; not for several threads."""

    def __init__(self, host: str, port: int, certificate: Path, token: str) -> None:
        self._token = token
        self._connection = http.client.HTTPSConnection(
            host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context(cafile=str(certificate))
        )

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def is_ready(self) -> bool:
        """Say whether the server answers and calls itself ready."""
        try:
            self._connection.request("GET", "/readyz", headers={"Authorization": f"Bearer {self._token}"})
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return False
        return answer.status == http.HTTPStatus.OK

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Ask the server; raises Refused for an answer that is an error."""
        try:
            return self._asked(method, path, body)
        except (http.client.RemoteDisconnected, ConnectionError):
            # The server hangs up when nobody has spoken for a while.
            self.close()
            return self._asked(method, path, body)

    def _asked(self, method: str, path: str, body: object) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise Refused(answer.status, text)
        return Answer(json.loads(text), answer.headers.get_all("Warning") or [])

    def get(self, path: str) -> Resource:
        """One resource, or a list of some."""
        return self.ask("GET", path).body

    def items(self, path: str) -> list[Resource]:
        """The resources of a list."""
        found: list[Resource] = self.get(path)["items"]
        return found

    def create(self, path: str, resource: Mapping[str, object]) -> Answer:
        """Make a resource."""
        return self.ask("POST", path, resource)


@dataclass(frozen=True, slots=True)
class Place:
    """Where resources of a kind are asked for."""

    group_version: str
    plural: str

    def path(self, namespace: str, name: str = "") -> str:
        """The path of all resources of the kind in a namespace, or of one."""
        root = f"/api/{self.group_version}" if self.group_version == "v1" else f"/apis/{self.group_version}"
        return f"{root}/namespaces/{namespace}/{self.plural}" + (f"/{quote(name)}" if name else "")


def places(api: Api) -> dict[tuple[str, str], Place]:
    """Every kind that can stand in a namespace and be listed, by (apiVersion, kind); one version of each group."""
    versions = [group["preferredVersion"]["groupVersion"] for group in api.get("/apis")["groups"]]
    # An operator's kinds may stand in an older version beside the preferred one.
    versions += [
        version["groupVersion"]
        for group in api.get("/apis")["groups"]
        for version in group["versions"]
        if "." in group["name"] and not group["name"].endswith(".k8s.io")
    ]
    found = {}
    for version in ["v1", *dict.fromkeys(versions)]:
        for kind in api.get("/api/v1" if version == "v1" else f"/apis/{version}")["resources"]:
            if kind["namespaced"] and "/" not in kind["name"] and "list" in kind["verbs"]:
                found[version, kind["kind"]] = Place(version, kind["name"])
    return found


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that was asked of the API server, from its audit log: `who` is helm, kwok, or a part of Kubernetes."""

    who: str
    verb: str
    what: str
    code: int
    sent: Resource

    def __str__(self) -> str:
        return f"{self.who} {self.verb} {self.what} {self.code}"


def calls(record: Path, namespace: str) -> list[Call]:
    """All that was written in a namespace, in the order of the answers."""
    found = []
    for line in record.read_text("utf-8").splitlines():
        event = json.loads(line)
        target = event.get("objectRef", {})
        if target.get("namespace") != namespace or "dryRun" in event.get("requestURI", ""):
            continue
        name = target.get("name") or event.get("requestObject", {}).get("metadata", {}).get("name", "")
        what = "/".join(part for part in (target["resource"], name, target.get("subresource", "")) if part)
        who = event.get("userAgent", "").partition("/")[0].lower()
        sent = event.get("requestObject") or {}
        found.append(Call(who, event["verb"], what, event["responseStatus"]["code"], sent))
    return found


def not_taken(steps: Sequence[str], found: Sequence[Call]) -> list[str]:
    """The steps that were not taken in this order, with what was done instead; other calls may stand between them."""
    done = [str(call) for call in found]
    rest = iter(done)
    for number, step in enumerate(steps):
        if step not in rest:
            return [*steps[number:], "-- instead of which:", *done]
    return []
