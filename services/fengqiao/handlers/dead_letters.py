"""Parked messages: list, show, replay, drop (DESIGN section 4)."""

from fengqiao.handlers.context import Context
from fengqiao.handlers.inbox import Delivery, retry_held, take_in
from fengqiao.store import dead_letters as letters
from fengqiao.store.dead_letters import DeadLetter


async def list_letters(context: Context, *, closed_too: bool = False, limit: int = 100) -> tuple[DeadLetter, ...]:
    """List dead letters, newest first."""
    return await letters.dead_letters(context.database, closed_too=closed_too, limit=limit)


async def show_letter(context: Context, identity: int) -> DeadLetter:
    """Give one with its payload; raises NOT_FOUND dead_letter_unknown."""
    return await letters.dead_letter(context.database, identity)


async def replay_letter(context: Context, identity: int) -> DeadLetter:
    """Handle a parked message again, and then what waits behind it; it is parked anew when it fails again.

    Gives the letter as it is afterwards. Raises NOT_FOUND dead_letter_unknown.
    """
    letter = await letters.dead_letter(context.database, identity)
    await letters.close_letter(context.database, identity, "replayed", context.clock())
    if letter.seq is None:
        await take_in(context, [Delivery(letter.neighbour, letter.payload, "replay")])
    await retry_held(context)
    return await letters.dead_letter(context.database, identity)


async def drop_letter(context: Context, identity: int) -> DeadLetter:
    """Give a parked message up for good; what waits behind it goes on. Raises NOT_FOUND dead_letter_unknown."""
    await letters.close_letter(context.database, identity, "dropped", context.clock())
    await retry_held(context)
    return await letters.dead_letter(context.database, identity)
