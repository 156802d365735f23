"""One row of a table as a message of a citizen: read, cleaned, and every fault of it named (issue 3, point 9)."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from fengqiao.domain.case import CaseKind, Channel, Contact, RequestType
from fengqiao.domain.errors import Refusal, Violation
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.text import NAME_LENGTH, TEXT_LENGTH, TITLE_LENGTH, clean, text_violations
from fengqiao.domain.topology import Topology
from fengqiao.domain.words import WORDS, Language, word
from fengqiao.entry.importing_columns import Columns
from fengqiao.entry.importing_table import TableRow

Choice = TypeVar("Choice", bound=StrEnum)
YES = frozenset({"1", "true", "yes", "y", "是", "紧急", "加急", "特急"})
_CHINESE_TIME = re.compile(r"[年月]")


@dataclass(frozen=True, slots=True)
class Message:
    """What a citizen reported, as a table had it. `reported_at` and `replied_at` carry a zone, or are not known."""

    line: int
    reference: str
    title: str
    text: str
    reported_at: datetime | None = None
    place: str = ""
    kind: CaseKind = CaseKind.REQUEST
    request_type: RequestType | None = None
    channel: Channel | None = None
    urgent: bool = False
    contact: Contact | None = None
    centre: str = ""
    reply: str = ""
    replied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that does not go in: its line, its number as far as it can be told, and what is wrong."""

    line: int
    reference: str
    violation: Violation


@dataclass(slots=True)
class MessageReader:
    """Reads rows as messages; remembers numbers, so that one number is not used for two matters."""

    columns: Columns
    topology: Topology
    now: datetime
    _seen: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def read(self, row: TableRow) -> Message | Rejection:
        """Give the message of a row, or the first thing that is wrong with it."""
        reference = clean(self.columns.value(row, "reference"))
        faults = [row.fault] if row.fault is not None else list(self._faults(row))
        if not faults:
            message = self._message(row, reference)
            repeated = self._repeats(message)
            if repeated is None:
                return message
            faults = [repeated]
        return Rejection(row.line, reference, faults[0])

    def _faults(self, row: TableRow) -> Iterator[Violation]:
        yield from self._text(row, "title", TITLE_LENGTH)
        yield from self._text(row, "text", TEXT_LENGTH)
        yield from self._text(row, "place", TITLE_LENGTH, required=False)
        yield from self._text(row, "reference", TITLE_LENGTH, required=False)
        yield from self._text(row, "contact_name", NAME_LENGTH, required=False)
        yield from self._text(row, "contact_phone", NAME_LENGTH, required=False)
        for name in ("reported_at", "replied_at"):
            yield from self._time_faults(row, name)
        for name, choices in CHOICES.items():
            value = clean(self.columns.value(row, name))
            if value and _choice(choices, name, value) is None:
                allowed = ", ".join(
                    f"{choice.value} {word(f'{name}.{choice.value}', Language.ZH)}" for choice in choices
                )
                yield Violation(self.columns.label(name), "enum_unknown", {"value": value, "allowed": allowed})
        centre = clean(self.columns.value(row, "centre"))
        if centre and centre not in self.topology.centres:
            yield Violation(self.columns.label("centre"), "centre_unknown", {"centre": centre})
        yield from self._reply_faults(row)

    def _text(self, row: TableRow, name: str, limit: int, *, required: bool = True) -> tuple[Violation, ...]:
        text = clean(self.columns.value(row, name))
        return text_violations(self.columns.label(name), text, limit, required=required)

    def _time_faults(self, row: TableRow, name: str) -> Iterator[Violation]:
        value = clean(self.columns.value(row, name))
        if not value:
            return
        at = time_of(value)
        if at is None:
            yield Violation(self.columns.label(name), "date_malformed", {"value": value})
        elif name == "reported_at" and at > self.now:
            yield Violation(self.columns.label(name), "time_future", {"value": value})

    def _reply_faults(self, row: TableRow) -> Iterator[Violation]:
        reported, replied = self._time(row, "reported_at"), self._time(row, "replied_at")
        if reported is not None and replied is not None and replied < reported:
            yield Violation(self.columns.label("replied_at"), "reply_early", {"value": replied.isoformat()})

    def _time(self, row: TableRow, name: str) -> datetime | None:
        return time_of(clean(self.columns.value(row, name)))

    def _message(self, row: TableRow, reference: str) -> Message:
        def text(name: str) -> str:
            return clean(self.columns.value(row, name))

        name, phone = text("contact_name"), text("contact_phone")
        return Message(
            line=row.line,
            reference=reference or _digest(text("title"), text("text"), text("reported_at")).hex()[:32],
            title=text("title"),
            text=text("text"),
            reported_at=self._time(row, "reported_at"),
            place=text("place"),
            kind=_choice(CaseKind, "kind", text("kind")) or CaseKind.REQUEST,
            request_type=_choice(RequestType, "request_type", text("request_type")),
            channel=_choice(Channel, "channel", text("channel")),
            urgent=text("urgent").lower() in YES,
            contact=Contact(name, phone) if name or phone else None,
            centre=text("centre"),
            reply=text("reply"),
            replied_at=self._time(row, "replied_at"),
        )

    def _repeats(self, message: Message) -> Violation | None:
        digest = _digest(message.title, message.text)
        line, before = self._seen.setdefault(message.reference, (message.line, digest))
        if before == digest:
            return None
        params = {"value": message.reference, "line": str(line)}
        return Violation(self.columns.label("reference"), "row_repeats", params)


CHOICES: Mapping[str, type[CaseKind] | type[RequestType] | type[Channel]] = MappingProxyType(
    {"kind": CaseKind, "request_type": RequestType, "channel": Channel}
)


def rejections_of(line: int, reference: str, refusal: Refusal) -> Rejection:
    """Turn what a centre refused about a row into its rejection."""
    violation = next(iter(refusal.violations), None) or Violation("row", refusal.code, refusal.params)
    return Rejection(line, reference, violation)


def time_of(value: str) -> datetime | None:
    """Read a date or time as tables have it: ISO, with slashes, or with 年月日; without a zone it is the city's.

    None when it is none.
    """
    text = (
        _CHINESE_TIME.sub("-", value.strip()).replace("日", " ").replace("/", "-").replace("时", ":").replace("分", ":")
    )
    text = re.sub(r"(?<![\d.])(\d)(?!\d)", r"0\1", text.rstrip(" :秒"))
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(re.sub(r"\s+", " ", text.strip()))
        zoned = at if at.tzinfo is not None else at.replace(tzinfo=CITY_ZONE)
        # Beyond these years a time cannot be moved into another zone.
        return zoned if 1900 <= zoned.year <= 9000 else None
    return None


def _choice(choices: type[Choice], name: str, value: str) -> Choice | None:
    for choice in choices:
        if value.lower() == choice.value or value in WORDS[f"{name}.{choice.value}"]:
            return choice
    return None


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
