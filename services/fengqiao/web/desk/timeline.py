"""The story of a case or a directive across centres: one line per event, by time, the newest last."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.limit_course import CLOCK
from fengqiao.domain.limit_words import due_words
from fengqiao.insight.limits import limit_name
from fengqiao.web.desk.course_facts import item_name
from fengqiao.web.desk.forms import ChangeLine
from fengqiao.web.desk.marks import EVENT_SHAPES
from fengqiao.web.desk.supervision_actions import level_words, rule_words
from fengqiao.web.desk.times import Moment, moment
from fengqiao.web.desk.visit import Visit

EXCERPT_LENGTH = 80
# Details that are words of the field, and what the citizen said.
WORDED = {
    "grade": "grade",
    "cause": "cause",
    "closing": "closing",
    "application": "application",
    "ground": "ground",
    "outcome": "outcome",
    "root_cause": "root_cause",
}
SAID = ("reached", "solved", "satisfied")
# Which detail of an event is its free text.
WORDS = ("text", "reason", "result", "report", "words")


class JournalEntry(Protocol):
    """An entry of a journal as the read models give it."""

    @property
    def position(self) -> int:
        """Its place in the journal, from 1 on."""

    @property
    def event(self) -> Event:
        """What happened."""


@dataclass(frozen=True, slots=True)
class FileLink:
    """An attached file: its name, its address here, and its size in words."""

    name: str
    href: str
    size: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    position: int
    centre: str
    verb: str
    object: str
    actor: str
    at: Moment
    words: str
    shape: str
    tone: str
    file: FileLink | None
    fresh: bool


def entries(
    journal: Iterable[JournalEntry], visit: Visit, seen: int = 0, file_href: Callable[[str], str] | None = None
) -> tuple[Entry, ...]:
    """Make the lines; those after the position `seen` are marked fresh, 0 marks none."""
    ordered = sorted(journal, key=lambda row: (row.event.at, row.position))
    return tuple(_entry(row, visit, seen, file_href) for row in ordered)


def changes_since(journal: Iterable[JournalEntry], seen: int, visit: Visit) -> tuple[ChangeLine, ...]:
    """Give what was journaled after a page was read, shortened, for the summary of a stale form."""
    lines = (row for row in entries(journal, visit) if row.position > seen)
    return tuple(
        ChangeLine(
            line.at,
            line.centre,
            line.actor,
            line.verb,
            " ".join(part for part in (line.object, _short(line.words)) if part),
        )
        for line in lines
    )


def _entry(row: JournalEntry, visit: Visit, seen: int, file_href: Callable[[str], str] | None) -> Entry:
    event = row.event
    shape, tone = EVENT_SHAPES[event.kind]
    return Entry(
        position=row.position,
        centre=visit.name_of(event.centre),
        verb=visit.word(f"event.{event.kind}"),
        object=_limit(event, visit) or _object(event, visit),
        actor=visit.t("points.clock") if event.actor == CLOCK else event.actor,
        at=moment(event.at, visit.now, visit.language),
        words=next((event.details[name] for name in WORDS if event.details.get(name)), ""),
        shape=shape,
        tone=tone,
        file=_file(event, file_href) if file_href else None,
        fresh=0 < seen < row.position,
    )


def _object(event: Event, visit: Visit) -> str:
    details = event.details
    match event.kind:
        case EventKind.REGISTERED:
            unit = visit.unit_name(event.centre, details["unit"]) if details.get("unit") else ""
            channel = visit.word(f"channel.{details['channel']}")
            return f"{channel} → {unit}" if unit else channel
        case EventKind.ASSIGNED:
            return f"→ {visit.unit_name(event.centre, details['unit'])}"
        case EventKind.OFFERED:
            direction = visit.word(f"direction.{details['direction']}")
            return f"{direction} → {visit.name_of(details['to'])}"
        case EventKind.WITHDRAWAL_ASKED:
            return f"← {visit.name_of(details['to'])}"
        case EventKind.OFFER_ACCEPTED:
            return f"← {visit.name_of(details['from'])}"
        case EventKind.DIRECTIVE_ISSUED:
            return f"→ {visit.name_of(details['recipient'])}"
        case _:
            return _course_object(event, visit)


def _course_object(event: Event, visit: Visit) -> str:
    details = event.details
    parts = [details["number"]] if details.get("number") else []
    parts += [level_words(int(details["level"]), visit)] if details.get("level") else []
    if details.get("points"):
        parts += [rule_words(details["rule"], visit), visit.t("points.worth", points=details["points"])]
    parts += [item_name(details["item"], visit)] if details.get("item") else []
    if details.get("unit"):
        parts.append(f"→ {_unit_below(event, visit)}")
    parts += [visit.unit_name(event.centre, code) for code in details.get("units", "").split()]
    parts += [visit.t("fact.days", days=details["days"])] if details.get("days") else []
    parts += [visit.word(f"{group}.{details[key]}") for key, group in WORDED.items() if details.get(key)]
    parts += [visit.t(f"said.{key}_{details[key]}") for key in SAID if details.get(key)]
    parts += [details["referred_to"]] if details.get("referred_to") else []
    return " · ".join(parts)


def _unit_below(event: Event, visit: Visit) -> str:
    # An arbitration names a unit of the centre that holds the case, which may be any child.
    unit, centres = event.details["unit"], (event.centre, *visit.context.topology.children(event.centre))
    names = (visit.unit_name(centre, unit) for centre in centres)
    return next((name for name in names if name != unit), unit)


def _limit(event: Event, visit: Visit) -> str:
    if event.kind not in (EventKind.LIMIT_WARNED, EventKind.LIMIT_BREACHED, EventKind.LIMIT_REPROJECTED):
        return ""
    name = limit_name(visit.context.limits.policies, event.details["limit"], visit.language)
    return f"{name} · {visit.t('clock.due')} {due_words(datetime.fromisoformat(event.details['due_at']))}"


def _file(event: Event, file_href: Callable[[str], str]) -> FileLink | None:
    if event.kind is not EventKind.ATTACHED:
        return None
    return FileLink(event.details["name"], file_href(event.details["sha256"]), size_words(int(event.details["size"])))


def size_words(size_bytes: int) -> str:
    """Say how large a file is."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    if size_bytes < 1024 * 1024:
        return f"{size_bytes / 1024:.0f} KiB"
    return f"{size_bytes / 1024 / 1024:.1f} MiB"


def _short(words: str) -> str:
    return words if len(words) <= EXCERPT_LENGTH else f"{words[:EXCERPT_LENGTH]}…"
