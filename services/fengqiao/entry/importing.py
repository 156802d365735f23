"""The import of messages: every row that can be registered is, once, where it belongs (issue 3, point 9).

A row that goes in twice is known the second time by its number at the centre that took it in, so a broken import is
simply run again.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fengqiao.domain.case import Channel, RequestType
from fengqiao.domain.command import RegisterCase
from fengqiao.domain.errors import Refusal
from fengqiao.domain.topology import Topology
from fengqiao.entry.federation_client import Federation
from fengqiao.entry.importing_message import Message, MessageReader, Rejection, rejections_of
from fengqiao.entry.importing_table import TableRow
from fengqiao.entry.patience import AWAY, steadily
from fengqiao.entry.placing import place_of

AT_ONCE = 32
DEADLINE_SECONDS = 60.0
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class ImportReport:
    """What became of the rows: `known` were registered by an earlier import; every rejected one is named."""

    read: int = 0
    registered: int = 0
    known: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """How many rows did not go in."""
        return len(self.rejections)


@dataclass(frozen=True, slots=True)
class Import:
    """One import: into which federation, by whom, and to which centre when not each row decides."""

    federation: Federation
    reader: MessageReader
    actor: str
    centre: str = ""

    async def run(self, rows: Iterable[TableRow], progress: Progress, report: ImportReport) -> None:
        """Register the rows, some at a time; `report` is kept up to date, so that it holds when this raises.

        Raises the refusal of a centre that stays away for a minute; what is registered by then stays.
        """
        gate = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                for row in rows:
                    report.read += 1
                    read = self.reader.read(row)
                    if isinstance(read, Rejection):
                        report.rejections.append(read)
                        continue
                    await gate.acquire()
                    group.create_task(self._register(read, report, gate, progress))
        except* Refusal as away:
            raise _first(away) from None
        finally:
            report.rejections.sort(key=lambda rejection: rejection.line)
            progress("import", report.read, report.read)

    async def _register(
        self, message: Message, report: ImportReport, gate: asyncio.Semaphore, progress: Progress
    ) -> None:
        centre = self.centre or origin_of(message, self.federation.whole)
        try:
            command = registration(message, case_id_of(centre, message.reference, message.reported_at))
            registered = await steadily(
                self.federation,
                centre,
                lambda client: client.register(command, self.actor, message.reported_at),
                DEADLINE_SECONDS,
            )
        except Refusal as refusal:
            if refusal.kind in AWAY and refusal.code != "centre_not_running":
                raise
            report.rejections.append(rejections_of(message.line, message.reference, refusal))
        else:
            report.registered += registered.new
            report.known += not registered.new
        finally:
            gate.release()
            # The end is not known before the file is read, so there is always one more to come.
            progress("import", report.registered + report.known + report.rejected, report.read + 1)


def origin_of(message: Message, topology: Topology) -> str:
    """Give the centre that takes a message in: the one its row names, else by the district that it names."""
    return message.centre or place_of(message.title, message.text, topology)


def registration(message: Message, case_id: UUID) -> RegisterCase:
    """Give the command that takes a message in; what a table does not say came by the hotline and asks for help."""
    return RegisterCase(
        case_id=case_id,
        title=message.title,
        text=message.text,
        kind=message.kind,
        request_type=message.request_type or RequestType.HELP,
        channel=message.channel or Channel.HOTLINE,
        place=message.place,
        urgent=message.urgent,
        contact=message.contact,
        reference=message.reference,
    )


def case_id_of(centre: str, reference: str, at: datetime | None = None, salt: str = "") -> UUID:
    """Give the id of an imported case, a UUIDv7 that is the same whenever the same row comes in.

    `at` gives the time by which ids are sorted; without it they stand before all others.
    """
    drawn = int.from_bytes(hashlib.sha256(f"{centre}\0{reference}\0{salt}".encode()).digest()[:10])
    milliseconds = int(at.timestamp() * 1000) if at is not None and at.timestamp() > 0 else 0
    number = (milliseconds << 80) | drawn
    # The bits that say that it is version 7 of the common variant.
    return UUID(int=(number & ~(0xF << 76) & ~(0x3 << 62)) | (0x7 << 76) | (0x2 << 62))


def _first(group: BaseExceptionGroup[Refusal]) -> Refusal:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    if not isinstance(found, Refusal):
        raise found
    return found
