"""What a case is about and how big it is (F10): an item of the catalogue, and the tier that ought to settle it."""

from dataclasses import replace

from fengqiao.domain.case import CaseFile, CommandName
from fengqiao.domain.course_command import ClassifyCase, GradeCase
from fengqiao.domain.custody import CaseDecision, check_may, own_event, state_changed
from fengqiao.domain.decision import Facts
from fengqiao.domain.event import EventKind


def classify(file: CaseFile, command: ClassifyCase, facts: Facts) -> CaseDecision:
    """Choose an item of the catalogue; its class has exactly one lead department."""
    check_may(file, CommandName.CLASSIFY, facts, command.seen_version)
    item = facts.handbook.catalogue.item(command.item).code
    version = facts.handbook.catalogue.version
    details = {"item": item, "catalogue": version}
    changed = replace(file.case, course=replace(file.case.course, item=item, catalogue=version))
    return state_changed(file, changed, own_event(file, EventKind.CLASSIFIED, facts, details), facts)


def grade(file: CaseFile, command: GradeCase, facts: Facts) -> CaseDecision:
    """Grade the case small, middle or big."""
    check_may(file, CommandName.GRADE, facts, command.seen_version)
    changed = replace(file.case, course=replace(file.case.course, grade=command.grade))
    event = own_event(file, EventKind.GRADED, facts, {"grade": command.grade.value})
    return state_changed(file, changed, event, facts)
