"""The facts of a case's course beside its story: what was decided, by whom, and what waits (F09 to F15)."""

from collections.abc import Iterator

from fengqiao.domain.case import Case
from fengqiao.domain.words import Language
from fengqiao.web.desk.actions import Fact
from fengqiao.web.desk.times import moment
from fengqiao.web.desk.visit import Visit


def course_facts(case: Case, visit: Visit) -> Iterator[Fact]:
    """Give a line for each thing that was decided."""
    yield from _sorting(case, visit)
    yield from _waiting(case, visit)
    yield from _answer(case, visit)
    yield from _merging(case, visit)


def item_name(code: str, visit: Visit) -> str:
    """Give the name of an item; the code itself when a catalogue of another release had it."""
    found = visit.context.handbook.catalogue.known_item(code)
    if found is None:
        return code
    return f"{code} {found.name if visit.language is Language.ZH else found.name_en}"


def _sorting(case: Case, visit: Visit) -> Iterator[Fact]:
    course = case.course
    if course.item:
        lead = visit.context.handbook.catalogue.lead_name(course.item)
        version = visit.t("book.by_version", version=course.catalogue) if course.catalogue else ""
        more = " · ".join(filter(None, (lead, version)))
        yield Fact(visit.t("field.item"), item_name(course.item, visit), more)
    if course.grade is not None:
        yield Fact(visit.t("field.grade"), visit.word(f"grade.{course.grade}"))
    if course.co_handlers:
        names = "、".join(visit.unit_name(case.holder, code) for code in course.co_handlers)
        yield Fact(visit.t("field.units"), names)
    if course.accepted_at is not None:
        yield Fact(visit.t("fact.accepted"), at=moment(course.accepted_at, visit.now, visit.language))
    if course.referred_to:
        yield Fact(visit.t("field.referred_to"), course.referred_to, chinese=True)


def _waiting(case: Case, visit: Visit) -> Iterator[Fact]:
    course = case.course
    if (asked := course.application) is not None:
        days = visit.t("fact.days", days=asked.days) if asked.days else ""
        yield Fact(visit.word(f"application.{asked.kind}"), f"{asked.by}：{asked.reason}", days, chinese=True)
    if (stands := course.suspension) is not None:
        until = moment(stands.until, visit.now, visit.language)
        yield Fact(visit.t("fact.suspended_until"), more=visit.word(f"cause.{stands.cause}"), at=until)
    if (granted := course.extension) is not None:
        yield Fact(visit.t("fact.extended"), visit.t("fact.days", days=granted.days), granted.approved_by)
    if (question := course.arbitration) is not None:
        yield Fact(visit.t("fact.arbiter"), visit.name_of(question.to), question.reason, chinese=True)
    if course.unreasonable:
        yield Fact(visit.t("fact.claim"), visit.t("fact.unreasonable"))


def _answer(case: Case, visit: Visit) -> Iterator[Fact]:
    course = case.course
    if course.submission is not None and case.closing is None:
        more = f"{visit.word(f'closing.{course.submission.closing}')} · {course.submission.by}"
        yield Fact(visit.t("fact.submitted"), course.submission.result, more, chinese=True)
    if course.signed_off_by:
        yield Fact(visit.t("fact.signed_off"), course.signed_off_by, chinese=True)
    if course.reply:
        yield Fact(visit.t("fact.reply"), course.reply, chinese=True)
    if (judged := course.evaluation) is not None:
        solved = visit.t("fact.solved" if judged.solved else "fact.not_solved")
        satisfied = visit.t("fact.satisfied" if judged.satisfied else "fact.not_satisfied")
        yield Fact(visit.t("fact.evaluation"), f"{solved} · {satisfied}", judged.words)
    if course.reopened:
        yield Fact(visit.t("fact.reopened"), str(course.reopened))


def _merging(case: Case, visit: Visit) -> Iterator[Fact]:
    if case.course.merged_into is not None:
        href = visit.url("cases", case.course.merged_into)
        yield Fact(visit.t("fact.merged_into"), visit.t("fact.lead_case"), href=href)
    for one in case.course.merged:
        yield Fact(visit.t("fact.merged"), one.number, href=visit.url("cases", one.number))
    if case.course.merged:
        yield Fact(visit.t("fact.waiting_since"), at=moment(case.waiting_since, visit.now, visit.language))
