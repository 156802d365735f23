"""What has to hold for the clocks of a case in every state of the federation."""

import itertools
from datetime import datetime, timedelta
from uuid import UUID

from fengqiao.domain.case import Case, CaseFile, Role
from fengqiao.domain.course import SuspensionReason
from fengqiao.domain.limit import Extension, Limit, Scope, Suspension, extend, resume, suspend
from tests.unit.limits import CALENDAR, PACKAGED


def paused(limits: tuple[Limit, ...], pick: int, now: datetime) -> tuple[Limit, ...]:
    """Suspend, resume or extend, by the pick; raises Refusal."""
    if pick % 3 == 0:
        asked = Suspension(now, now + timedelta(seconds=30 * (pick + 1)), SuspensionReason.APPRAISAL, "李科长")
        return suspend(limits, asked, CALENDAR)
    if pick % 3 == 1:
        return resume(limits, now)
    running = [limit for limit in limits if limit.running and PACKAGED.by_code[limit.code].extension is not None]
    code = running[pick % len(running)].code if running else "none"
    cap = PACKAGED.by_code[code].extension if running else None
    budget = running[pick % len(running)].budget if running else limits[0].budget
    asked_for = Extension(type(budget)(budget.counting, 1), now, "张伟", "李局长", "情况复杂")
    return extend(limits, code, asked_for, cap, CALENDAR)


class ClockWitness:
    """Remembers every clock it has seen: nothing may reset one, make it disappear, or pause a legal one."""

    def __init__(self) -> None:
        self._seen: dict[UUID, dict[UUID, Limit]] = {}

    def check(self, files: dict[str, CaseFile]) -> None:
        """Check the clocks of one case as its holder has them."""
        latest = max((file for file in files.values() if file.role is Role.HOLDER), key=lambda file: file.case.epoch)
        case, seen = latest.case, self._seen.setdefault(latest.case.id, {})
        now = {limit.id: limit for limit in case.limits}
        assert seen.keys() <= now.keys(), "a clock has disappeared"
        running = [limit.code for limit in case.limits if limit.running]
        assert len(running) == len(set(running)), f"two clocks of one rule run: {running}"
        for limit in case.limits:
            if seen.get(limit.id) != limit or limit.scope is Scope.HOLDER:
                self._check_limit(limit, seen.get(limit.id), latest)
        seen.update(now)
        _check_starts(case)

    def _check_limit(self, limit: Limit, before: Limit | None, file: CaseFile) -> None:
        assert not (limit.legal and limit.suspensions), "a legal clock was paused"
        if limit.scope is Scope.HOLDER and limit.running:
            assert limit.epoch == file.case.epoch, "a holder's clock went on after the hand-over"
        if before is None:
            return
        assert (limit.starts_at, limit.budget, limit.epoch) == (before.starts_at, before.budget, before.epoch), "reset"
        assert limit.due_at(CALENDAR) >= before.due_at(CALENDAR) or limit.suspensions != before.suspensions, "shortened"
        if (limit.suspensions, limit.extensions) == (before.suspensions, before.extensions):
            assert limit.due_at(CALENDAR) == before.due_at(CALENDAR), "an edit moved a clock"
        if not before.running:
            assert limit == before, "a clock that was over has moved"


def _check_starts(case: Case) -> None:
    """A clock of the citizen starts at the registration; once more at each reopening, after the one before was over."""
    for code in {limit.code for limit in case.limits if limit.scope is Scope.CITIZEN and "assigned" in limit.met_by}:
        rounds = sorted((limit for limit in case.limits if limit.code == code), key=lambda limit: limit.starts_at)
        assert rounds[0].starts_at == case.registered_at, "a clock started late"
        assert len(rounds) <= 1 + case.course.reopened, "a clock started again though nothing was reopened"
        for earlier, later in itertools.pairwise(rounds):
            assert earlier.ended_at is not None, "a clock started beside another one of its rule"
            assert earlier.ended_at <= later.starts_at, "a clock started before the one of its rule was over"
