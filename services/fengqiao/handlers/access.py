"""Reading under a grant: each reading is written down before anything is shown (F20, levels 3 to 5)."""

from uuid import UUID

from fengqiao.domain.access import Grant, check_grant
from fengqiao.handlers.context import Context
from fengqiao.store.access import grant_by_id, log_reading


async def read_granted(context: Context, grant_id: UUID, body: str, login: str, name: str) -> Grant:
    """Write down that a person of a body reads under a grant, and give it; one statement.

    Raises NOT_FOUND access_unknown when it is not this body's, FORBIDDEN access_expired when it is over; then nothing
    was written and nothing is shown.
    """
    with context.metrics.handling("ReadGranted"):
        now = context.clock()
        found = await log_reading(context.database, grant_id, body, login, name, now)
        if found is None:
            found = check_grant(await grant_by_id(context.database, grant_id), body, now)
        return found
