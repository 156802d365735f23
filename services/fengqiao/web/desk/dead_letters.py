"""Parked messages at the desk: why each could not be handled, and the ways on: replay or drop (DESIGN section 4)."""

from dataclasses import dataclass

from starlette.responses import Response

from fengqiao.domain.errors import not_found
from fengqiao.domain.sentences import sentence_for
from fengqiao.handlers import dead_letters as letters
from fengqiao.store.dead_letters import DeadLetter
from fengqiao.web.desk.timeline import size_words
from fengqiao.web.desk.times import Moment, moment
from fengqiao.web.desk.visit import Visit

ROWS = 200


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One row of the list."""

    id: int
    parked_at: Moment
    neighbour: str
    type: str
    reason: str
    origin: str


async def letter_list(visit: Visit) -> Response:
    """Show what is parked, newest first."""
    found = await letters.list_letters(visit.context, limit=ROWS)
    return visit.page("dead_letters.html", rows=[letter_row(letter, visit) for letter in found])


async def close_letter(visit: Visit) -> Response:
    """Replay or drop one; a replayed one that fails again is in the list again."""
    identity, action = visit.request.path_params["letter"], visit.request.path_params["action"]
    if action == "replay":
        await letters.replay_letter(visit.context, identity)
        return visit.go(visit.url("dead-letters"), "replayed")
    if action == "drop":
        await letters.drop_letter(visit.context, identity)
        return visit.go(visit.url("dead-letters"), "dropped")
    raise not_found("page_unknown")


def letter_row(letter: DeadLetter, visit: Visit) -> LetterRow:
    """Make a row; the reason is the sentence of the refusal that parked it."""
    place = f"{letter.topic}/{letter.partition}@{letter.offset}" if letter.topic else letter.carrier
    return LetterRow(
        id=letter.id,
        parked_at=moment(letter.parked_at, visit.now, visit.language),
        neighbour=visit.name_of(letter.neighbour),
        type=letter.type,
        reason=sentence_for(letter.code, visit.language, letter.params),
        origin=f"{place} · {size_words(letter.payload_bytes)}",
    )
