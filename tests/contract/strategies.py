"""Any value that may cross an edge, for property tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import strategies as st

from fengqiao.domain.case import (
    Case,
    CaseFile,
    CaseKind,
    CaseState,
    Channel,
    Contact,
    Direction,
    FirstReceiver,
    Offer,
    RequestType,
    Role,
)
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    ApproveDirective,
    AssignCase,
    IssueDirective,
    OfferCase,
    ReceiveDirective,
    RefuseOffer,
    RegisterCase,
    ReportDirective,
    ResolveCase,
    SendBackDirective,
    WithdrawOffer,
)
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
from fengqiao.domain.course_command import (
    AdmitCase,
    ApproveApplication,
    ArbitrateCase,
    ChallengeCase,
    ClassifyCase,
    CloseCase,
    CourseCommand,
    DeclineCase,
    DenyApplication,
    EvaluateCase,
    ExtendCase,
    GradeCase,
    InvolveUnits,
    MergeCase,
    ObjectToDispatch,
    ReopenCase,
    ReplyToCitizen,
    ResumeCase,
    RetractCase,
    ReturnCase,
    RevisitCitizen,
    SendBackResult,
    SignOffResult,
    SubmitResult,
    SuspendCase,
    TransferCase,
    UnmergeCase,
)
from fengqiao.domain.directive import Directive, DirectiveFile, DirectiveIssued, DirectiveProgress, DirectiveState
from fengqiao.domain.edition import (
    FIELDS,
    Book,
    CataloguePublished,
    DropDraft,
    Edition,
    EditionState,
    PublishDraft,
    PutRow,
    RemoveRow,
    Sheet,
    sheet_row,
)
from fengqiao.domain.errors import Kind, Refusal, Violation
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

# Lone surrogates are no text: the domain drops them from what people type, and protobuf takes none.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
filled = texts.filter(bool)
ids = st.uuids(version=4) | st.integers(0, 2**128 - 1).map(lambda number: UUID(int=number))
codes = st.from_regex(r"[0-9]{4,12}", fullmatch=True)
counts = st.integers(0, 2**32 - 1)
zones = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30))])
instants = st.datetimes(datetime(1900, 1, 1), datetime(9998, 12, 31), timezones=zones)  # noqa: DTZ001 - the zone follows
details = st.dictionaries(texts, texts, max_size=4)
hashes = st.binary(min_size=32, max_size=32)

events = st.builds(Event, ids, ids, st.sampled_from(EventKind), codes, texts, instants, counts, details)
stories = st.lists(events, max_size=3).map(tuple)
offers = st.builds(Offer, ids, codes, st.sampled_from(Direction), counts, texts, instants, st.booleans())
closings = st.sampled_from(ClosingKind)
applications = st.builds(
    Application,
    st.sampled_from(ApplicationKind),
    texts,
    texts,
    instants,
    counts,
    st.none() | st.sampled_from(SuspensionReason),
)
courses = st.builds(
    Course,
    accepted_at=st.none() | instants,
    item=texts,
    grade=st.none() | st.sampled_from(Grade),
    co_handlers=st.lists(texts, max_size=3).map(tuple),
    returned=st.lists(texts, max_size=3).map(tuple),
    arbitration=st.none() | st.builds(Arbitration, ids, codes, texts, texts, texts, instants),
    arbitrated=texts,
    application=st.none() | applications,
    suspension=st.none() | st.builds(Suspension, st.sampled_from(SuspensionReason), counts, texts, texts, instants),
    extension=st.none() | st.builds(Extension, counts, texts, texts, instants),
    unreasonable=st.booleans(),
    submission=st.none()
    | st.builds(Submission, texts, closings, st.lists(texts, max_size=3).map(tuple), texts, texts, instants),
    signed_off_by=texts,
    reply=texts,
    replied_at=st.none() | instants,
    referred_to=texts,
    revisit=st.none() | st.builds(Revisit, st.booleans(), texts, texts, instants),
    evaluation=st.none() | st.builds(Evaluation, st.booleans(), st.booleans(), texts, instants),
    reopened=counts,
    merged_into=st.none() | ids,
    merged=st.lists(st.builds(Merged, ids, texts, instants), max_size=2).map(tuple),
    catalogue=st.sampled_from(["", "2026-11-23.2"]),
)
cases = st.builds(
    Case,
    id=ids,
    number=texts,
    origin=codes,
    first_receiver=st.builds(FirstReceiver, codes, texts, st.booleans()),
    holder=codes,
    epoch=counts,
    version=counts,
    state=st.sampled_from(CaseState),
    kind=st.sampled_from(CaseKind),
    request_type=st.sampled_from(RequestType),
    channel=st.sampled_from(Channel),
    title=texts,
    text=texts,
    place=texts,
    urgent=st.booleans(),
    unit=texts,
    offer=st.none() | offers,
    closing=st.none() | st.sampled_from(ClosingKind),
    result=texts,
    registered_at=instants,
    updated_at=instants,
    resolved_at=st.none() | instants,
    reference=texts,
    course=st.just(Course()) | courses,
)
case_files = st.builds(CaseFile, cases, st.sampled_from(Role), st.frozensets(codes, max_size=4), counts, hashes)
directives = st.builds(
    Directive,
    id=ids,
    number=texts,
    issuer=codes,
    recipient=codes,
    unit=texts,
    title=texts,
    text=texts,
    cases=st.lists(ids, max_size=4).map(tuple),
    urgent=st.booleans(),
    state=st.sampled_from(DirectiveState),
    version=counts,
    report=texts,
    issued_at=instants,
    due_at=instants,
    updated_at=instants,
)
directive_files = st.builds(DirectiveFile, directives, counts, hashes)

sheet_rows = st.sampled_from(Sheet).flatmap(
    lambda sheet: st.builds(
        sheet_row,
        st.just(sheet),
        texts,
        st.dictionaries(st.sampled_from([field.value for field in FIELDS[sheet]]), filled, max_size=4),
    )
)
editions = st.builds(
    Edition,
    id=ids,
    book=st.sampled_from(Book),
    number=counts,
    version=texts,
    state=st.sampled_from(EditionState),
    revision=counts,
    rows=st.lists(sheet_rows, max_size=4).map(tuple),
    centre=codes,
    drafted_by=texts,
    drafted_at=instants,
    published_by=texts,
    published_at=st.none() | instants,
)
catalogues = editions.map(
    lambda edition: replace(edition, book=Book.CATALOGUE, state=EditionState.PUBLISHED, number=max(edition.number, 2))
)

messages = st.one_of(
    st.builds(OfferMade, cases, stories),
    st.builds(OfferAccepted, cases, ids, stories),
    st.builds(OfferRefused, ids, ids, stories),
    st.builds(WithdrawalAsked, ids, ids, stories),
    st.builds(OfferWithdrawn, ids, ids, stories),
    st.builds(CaseProgress, cases, stories),
    st.builds(ArbitrationAsked, cases, stories),
    st.builds(ArbitrationGiven, ids, ids, texts, stories),
    st.builds(DirectiveIssued, directives, stories),
    st.builds(DirectiveProgress, directives, stories),
    st.builds(CataloguePublished, catalogues),
)

violations = st.builds(Violation, filled, st.just("text_empty"), details)
refusals = st.builds(
    Refusal, st.sampled_from(Kind), st.just("database_away"), details, st.lists(violations, max_size=3).map(tuple)
)

contacts = st.none() | st.builds(Contact, filled, texts)
registrations = st.builds(
    RegisterCase,
    ids,
    texts,
    texts,
    st.sampled_from(CaseKind),
    st.sampled_from(RequestType),
    st.sampled_from(Channel),
    texts,
    st.booleans(),
    texts,
    contacts,
    texts,
)
seen = st.none() | counts
units = st.lists(texts, max_size=3).map(tuple)
course_commands: st.SearchStrategy[CourseCommand] = st.one_of(
    *(st.builds(kind, ids, seen) for kind in (AdmitCase, ApproveApplication, ResumeCase, SignOffResult)),
    *(
        st.builds(kind, ids, texts, seen)
        for kind in (
            ReturnCase,
            ChallengeCase,
            DenyApplication,
            SendBackResult,
            ReplyToCitizen,
            ReopenCase,
            RetractCase,
            UnmergeCase,
            ClassifyCase,
        )
    ),
    *(st.builds(kind, ids, texts, texts, seen) for kind in (DeclineCase, TransferCase, ArbitrateCase)),
    st.builds(GradeCase, ids, st.sampled_from(Grade), seen),
    st.builds(InvolveUnits, ids, units, seen),
    st.builds(ObjectToDispatch, ids, ids, texts, seen),
    st.builds(SuspendCase, ids, st.sampled_from(SuspensionReason), counts, texts, seen),
    st.builds(ExtendCase, ids, counts, texts, seen),
    st.builds(SubmitResult, ids, texts, closings, units, texts, seen),
    st.builds(RevisitCitizen, ids, st.booleans(), texts, seen),
    st.builds(EvaluateCase, ids, st.booleans(), st.booleans(), texts, seen),
    st.builds(CloseCase, ids, closings, seen),
    st.builds(MergeCase, ids, ids, seen),
)
case_commands = course_commands | st.one_of(
    st.builds(AssignCase, ids, texts, seen),
    st.builds(AddNote, ids, texts),
    st.builds(OfferCase, ids, ids, st.sampled_from(Direction), texts, texts, seen),
    st.builds(WithdrawOffer, ids, seen),
    st.builds(AcceptOffer, ids, seen),
    st.builds(RefuseOffer, ids, texts, seen),
    st.builds(ResolveCase, ids, texts, st.sampled_from(ClosingKind), seen),
)
issues = st.builds(
    IssueDirective, ids, texts, texts, texts, texts, instants, st.lists(ids, max_size=3).map(tuple), st.booleans()
)
directive_commands = st.one_of(
    st.builds(ReceiveDirective, ids, seen),
    st.builds(ReportDirective, ids, texts, seen),
    st.builds(ApproveDirective, ids, seen),
    st.builds(SendBackDirective, ids, texts, seen),
)
books = st.sampled_from(Book)
marks = st.none() | texts
edition_commands = st.one_of(
    st.builds(PutRow, sheet_rows, books, marks),
    st.builds(RemoveRow, books, st.sampled_from(Sheet), texts, marks),
    st.builds(DropDraft, books, seen),
    st.builds(PublishDraft, books, seen),
)
