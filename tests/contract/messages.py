"""One message of each type as a release sends it; the examples of a release are never changed, only added to.

`python -m tests.contract.messages` writes what is missing for the release at hand.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from google.protobuf.json_format import MessageToJson

from fengqiao import __version__
from fengqiao.domain.case import Case, CaseKind, CaseState, Channel, Direction, FirstReceiver, Offer, RequestType
from fengqiao.domain.course import (
    Application,
    ApplicationKind,
    Arbitration,
    ClosingKind,
    Course,
    Evaluation,
    Extension,
    Grade,
    Merged,
    Revisit,
    Submission,
    Suspension,
    SuspensionReason,
)
from fengqiao.domain.directive import Directive, DirectiveIssued, DirectiveProgress, DirectiveState
from fengqiao.domain.edition import Book, CataloguePublished, Edition, EditionState, Sheet, SheetRow
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.message import (
    ArbitrationAsked,
    ArbitrationGiven,
    CaseProgress,
    OfferAccepted,
    OfferMade,
    OfferRefused,
    OfferWithdrawn,
    WithdrawalAsked,
)
from fengqiao.proto.v1 import envelope_pb2
from fengqiao.wire.envelope import Message, body_bytes, envelope_bytes, message_type, receipt_bytes

EXAMPLES = Path(__file__).parent / "examples"
NOON = datetime(2026, 11, 23, 4, 0, 0, 123456, UTC)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def numbered(number: int) -> UUID:
    """Give an id that reads as a number, and is a UUIDv7 by its form."""
    return UUID(f"01976f1e-8a4c-7d3e-9b1a-{number:012d}")


CASE_ID, OFFER_ID, DIRECTIVE_ID, ARBITRATION_ID = numbered(1), numbered(50), numbered(2), numbered(60)
OFFER = Offer(OFFER_ID, "371403", Direction.UP, 2, "涉及铁路部门，超出镇级职权", NOON + timedelta(hours=2))
CASE = Case(
    id=CASE_ID,
    number="371403001-20261123-00012",
    origin="371403001",
    first_receiver=FirstReceiver("371403001", "police", fixed=True),
    holder="371403001",
    epoch=1,
    version=3,
    state=CaseState.ASSIGNED,
    kind=CaseKind.FIELD_EVENT,
    request_type=RequestType.REPORT,
    channel=Channel.GRID,
    title="铁轨横卧路中",
    text="新河路一段废弃铁轨，\n行人常被绊倒。",
    place="新河路与东风路口",
    urgent=True,
    unit="police",
    offer=OFFER,
    closing=None,
    result="",
    registered_at=NOON,
    updated_at=NOON + timedelta(hours=2),
    resolved_at=None,
    reference="热线-2026-7",
)
RESOLVED = Case(
    id=CASE_ID,
    number=CASE.number,
    origin=CASE.origin,
    first_receiver=CASE.first_receiver,
    holder="371403",
    epoch=2,
    version=6,
    state=CaseState.RESOLVED,
    kind=CASE.kind,
    request_type=CASE.request_type,
    channel=CASE.channel,
    title=CASE.title,
    text=CASE.text,
    place=CASE.place,
    urgent=True,
    unit="transport",
    offer=None,
    closing=ClosingKind.SOLVED,
    result="铁轨已拆除，路面已恢复。",
    registered_at=NOON,
    updated_at=NOON + timedelta(days=2),
    resolved_at=NOON + timedelta(days=2),
    reference=CASE.reference,
)
# Every part of a course at once, though no case ever has them all.
DISPUTED = replace(
    CASE,
    state=CaseState.DISPUTED,
    offer=None,
    course=Course(
        accepted_at=NOON,
        item="0102",
        grade=Grade.MIDDLE,
        co_handlers=("urban",),
        returned=("371403001/justice",),
        arbitration=Arbitration(ARBITRATION_ID, "371403", "police", "不属于派出所职责", "王敏", NOON),
        arbitrated="371403",
        application=Application(ApplicationKind.SUSPENSION, "等待鉴定", "王敏", NOON, 5, SuspensionReason.APPRAISAL),
        suspension=Suspension(SuspensionReason.HEARING, 3, "王敏", "赵刚", NOON),
        extension=Extension(10, "王敏", "赵刚", NOON),
        unreasonable=True,
        submission=Submission("已清理。", ClosingKind.EXPLAINED, ("ab" * 32,), "照片", "王敏", NOON),
        signed_off_by="赵刚",
        reply="已清理，请查看。",
        replied_at=NOON,
        referred_to="区人民法院",
        revisit=Revisit(reached=True, words="已清理", by="赵刚", at=NOON),
        evaluation=Evaluation(solved=True, satisfied=False, words="慢了些", at=NOON),
        reopened=1,
        merged_into=numbered(3),
        merged=(Merged(numbered(4), "371403001-20261122-00003", NOON - timedelta(days=1)),),
    ),
)
DIRECTIVE = Directive(
    id=DIRECTIVE_ID,
    number="D371403-20261123-00003",
    issuer="371403",
    recipient="371403001",
    unit="police",
    title="清理沿线铁轨",
    text="三日内清理并报告。",
    cases=(CASE_ID,),
    urgent=False,
    state=DirectiveState.ISSUED,
    version=1,
    report="",
    issued_at=NOON,
    due_at=NOON + timedelta(days=3),
    updated_at=NOON,
)
REPORTED = Directive(
    id=DIRECTIVE_ID,
    number=DIRECTIVE.number,
    issuer=DIRECTIVE.issuer,
    recipient=DIRECTIVE.recipient,
    unit=DIRECTIVE.unit,
    title=DIRECTIVE.title,
    text=DIRECTIVE.text,
    cases=DIRECTIVE.cases,
    urgent=False,
    state=DirectiveState.DONE,
    version=3,
    report="已清理，照片附后。",
    issued_at=NOON,
    due_at=DIRECTIVE.due_at,
    updated_at=NOON + timedelta(days=1),
)


def event(number: int, kind: EventKind, centre: str, epoch: int, details: Mapping[str, str]) -> Event:
    """Give an event of the case, or of the directive when it is a kind of those."""
    subject = DIRECTIVE_ID if kind.startswith("directive") else CASE_ID
    return Event(numbered(number), subject, kind, centre, "王敏", NOON + timedelta(minutes=number), epoch, details)


_OFFER = {"offer": str(OFFER_ID)}
_OFFERED = _OFFER | {"to": "371403", "direction": "up", "reason": OFFER.reason}
_REGISTERED = {"channel": "grid", "number": CASE.number, "unit": ""}
STORY = (
    event(100, EventKind.REGISTERED, "371403001", 1, _REGISTERED),
    event(101, EventKind.ASSIGNED, "371403001", 1, {"unit": "police"}),
    event(102, EventKind.OFFERED, "371403001", 1, _OFFERED),
)
ACCEPTED = event(103, EventKind.OFFER_ACCEPTED, "371403", 2, _OFFER | {"from": "371403001"})
REFUSED = event(104, EventKind.OFFER_REFUSED, "371403", 1, _OFFER | {"reason": "请先核实"})
ASKED = event(105, EventKind.WITHDRAWAL_ASKED, "371403001", 1, _OFFER | {"to": "371403"})
WITHDRAWN = event(106, EventKind.OFFER_WITHDRAWN, "371403", 1, _OFFER)
CLOSED = event(107, EventKind.RESOLVED, "371403", 2, {"closing": "solved", "result": RESOLVED.result})
ISSUED = event(108, EventKind.DIRECTIVE_ISSUED, "371403", 0, {"recipient": "371403001", "unit": "police"})
DONE = event(109, EventKind.DIRECTIVE_DONE, "371403001", 0, {"report": REPORTED.report})
OBJECTED = event(
    110,
    EventKind.OBJECTED,
    "371403001",
    1,
    {"arbitration": str(ARBITRATION_ID), "from": "police", "to": "371403", "reason": "不属于派出所职责"},
)
ARBITRATED = event(
    111,
    EventKind.ARBITRATED,
    "371403",
    1,
    {"arbitration": str(ARBITRATION_ID), "unit": "transport", "reason": "由交通所办理"},
)
CATALOGUE = Edition(
    id=numbered(100),
    book=Book.CATALOGUE,
    number=2,
    version="2026-11-23.2",
    state=EditionState.PUBLISHED,
    revision=4,
    rows=(
        SheetRow(Sheet.CLASS, "01", {"name": "城乡建设", "name_en": "Construction", "lead": "housing"}),
        SheetRow(Sheet.ITEM, "0102", {"name": "市政与道路", "name_en": "Roads", "retired": "yes"}),
        SheetRow(Sheet.DEPARTMENT, "housing", {"name": "市住房和城乡建设局", "name_en": "Housing", "form": "section"}),
    ),
    centre="371400",
    drafted_by="王敏",
    drafted_at=NOON,
    published_by="赵刚",
    published_at=NOON + timedelta(hours=1),
)
MESSAGES: tuple[Message, ...] = (
    OfferMade(CASE, STORY),
    OfferAccepted(RESOLVED, OFFER_ID, (ACCEPTED,)),
    OfferRefused(CASE_ID, OFFER_ID, (REFUSED,)),
    WithdrawalAsked(CASE_ID, OFFER_ID, (ASKED,)),
    OfferWithdrawn(CASE_ID, OFFER_ID, (WITHDRAWN,)),
    CaseProgress(RESOLVED, (CLOSED,)),
    DirectiveIssued(DIRECTIVE, (ISSUED,)),
    DirectiveProgress(REPORTED, (DONE,)),
    ArbitrationAsked(DISPUTED, (OBJECTED,)),
    ArbitrationGiven(CASE_ID, ARBITRATION_ID, "transport", (ARBITRATED,)),
    CataloguePublished(CATALOGUE),
)


def written(message: Message, seq: int) -> bytes:
    """Write a message as it would travel from the township to its county."""
    return envelope_bytes(
        body_bytes(message),
        id=numbered(1000 + seq),
        sender="371403001",
        receiver="371403",
        seq=seq,
        receipt=41,
        sent_at=NOON,
        urgent=True,
        traceparent=TRACEPARENT,
    )


def write_examples(folder: Path) -> None:
    """Write the examples that are missing; what stands there is kept as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    receipt = receipt_bytes(id=numbered(1000), sender="371403001", receiver="371403", receipt=41, sent_at=NOON)
    examples = {"receipt": receipt} | {message_type(one): written(one, seq) for seq, one in enumerate(MESSAGES, 1)}
    for name, envelope in examples.items():
        if not (folder / f"{name}.bin").exists():
            (folder / f"{name}.bin").write_bytes(envelope)
            read = envelope_pb2.Envelope.FromString(envelope)
            (folder / f"{name}.json").write_text(MessageToJson(read, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_examples(EXAMPLES / __version__)
