"""The words of cases that are new here, stored for searching behind the intake's back: nobody waits for them (F32)."""

from fengqiao.handlers.context import Context
from fengqiao.store.case_lines import store_words

BATCH = 500


async def index_words(context: Context, batch: int = BATCH) -> int:
    """Store the words of some new cases; gives how many. Several processes share the work; a search misses none."""
    return await store_words(context.database, batch)
