"""Shows a centre's dead letters on its topic `fengqiao.dead.<centre>`, where operators see all of them in one place."""

import asyncio
from contextlib import suppress

from fengqiao.bus.carrier import Carrier, CarrierAway, Parcel, ParcelsRefused
from fengqiao.bus.topics import dead_topic
from fengqiao.domain.errors import Refusal
from fengqiao.handlers.context import Context
from fengqiao.observe.logging import logger
from fengqiao.store.dead_letters import UnpublishedLetter, letters_published, unpublished_letters

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
        except Exception:  # a fault of ours must not end the loop: nothing parked would ever be shown again
            outcome = "failed"
            _log.exception("dead letters are not shown", centre=context.centre.code)
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
    parcels = [_parcel(topic, letter) for letter in letters]
    try:
        await carrier.send(parcels)
    except ParcelsRefused as trouble:
        # They stay in the database, where the desk and the command line show them; the others must not wait for them.
        _log.warning("the topic refuses dead letters", centre=context.centre.code, reason=str(trouble))
    await letters_published(context.database, [letter.id for letter in letters], context.clock())
    return len(letters)


def _parcel(topic: str, letter: UnpublishedLetter) -> Parcel:
    headers = {
        "fengqiao_letter": str(letter.id).encode(),
        "fengqiao_sender": letter.neighbour.encode(),
        "fengqiao_seq": str(letter.seq).encode(),
        "fengqiao_type": letter.type.encode(),
        "fengqiao_reason": letter.code.encode(),
    }
    return Parcel(topic, str(letter.id).encode(), letter.payload, headers)
