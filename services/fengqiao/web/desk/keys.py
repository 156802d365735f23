"""All keys of the desk, as a page; the script shows the same page over the one that is open."""

from starlette.responses import Response

from fengqiao.web.desk.visit import Visit

KEYS = ("?", "/", "n", "j", "k", "Enter", "]", *"eudraxwcfsovtilgpymbhqz", "Esc")


async def keys_page(visit: Visit) -> Response:
    """Show all keys."""
    return visit.page("keys.html", keys=[(key, visit.t(f"key.{key}")) for key in KEYS])
