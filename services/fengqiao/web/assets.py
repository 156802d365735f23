"""Static files of all listeners, with addresses that name their version."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).resolve().parent / "static"
KEEP_SECONDS = 365 * 24 * 3600


def asset_versions() -> Mapping[str, str]:
    """Give a short hash of each static file, so that browsers may keep them until they change."""
    files = (path for path in STATIC.rglob("*") if path.is_file())
    return {path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files}


class StaticAssets(StaticFiles):
    """Static files; an address that names its version may be kept for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file."""
        response = await super().get_response(path, scope)
        if b"v=" in scope["query_string"] and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={KEEP_SECONDS}, immutable"
        return response
