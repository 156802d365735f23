"""Shows a centre's dead letters on its topic `fengqiao.dead.<centre>`, where operators see all of them in one place."""

import asyncio
from contextlib import suppress

from fengqiao.bus.carrier import Carrier, CarrierAway, Parcel
from fengqiao.bus.topics import dead_topic
from fengqiao.domain.errors import Refusal
from fengqiao.handlers.context import Context
from fengqiao.observe.logging import logger
from fengqiao.store.dead_letters import letters_published, unpublished_letters

LOOK_SECONDS = 15.0
BATCH = 50

_log = logger("bus.dead_letter_topic")


async def publish_letters(context: Context, carrier: Carrier, stopping: asyncio.Event) -> None:
    """Publish what the topic has not got yet, from time to time until told to stop."""
    while not stopping.is_set():
        outcome = "done"
        try:
            await publish_once(context, carrier)
        except (Refusal, CarrierAway) as trouble:
            outcome = "failed"
            _log.info("dead letters wait for their topic", centre=context.centre.code, reason=str(trouble))
        context.metrics.count("fengqiao_loop_turns_total", "dead_letters", outcome)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), LOOK_SECONDS)


async def publish_once(context: Context, carrier: Carrier) -> int:
    """Publish one batch and note it; gives how many. A letter may be shown twice, never be missing."""
    if not carrier.health().connected:
        return 0
    letters = await unpublished_letters(context.database, BATCH)
    if not letters:
        return 0
    topic = dead_topic(context.centre.code)
    await carrier.send(
        [
            Parcel(
                topic,
                str(letter.id).encode(),
                letter.payload,
                {
                    "fengqiao_letter": str(letter.id).encode(),
                    "fengqiao_sender": letter.neighbour.encode(),
                    "fengqiao_seq": str(letter.seq).encode(),
                    "fengqiao_type": letter.type.encode(),
                    "fengqiao_reason": letter.code.encode(),
                },
            )
            for letter in letters
        ]
    )
    await letters_published(context.database, [letter.id for letter in letters], context.clock())
    return len(letters)
