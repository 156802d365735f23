"""What a case waits for at one centre: the queue of the desk that it stands in (F29, ui.md).

The database derives the same from the stored row (`0006_desk.sql`); a test holds both together.
"""

from enum import StrEnum

from fengqiao.domain.case import CaseFile, CaseState, Role


class Stage(StrEnum):
    """The queues; a case stands in exactly one."""

    OFFERED = "offered"  # Another centre offers it: accept or refuse.
    ARBITRATION = "arbitration"  # This centre decides finally which unit takes it.
    UNASSIGNED = "unassigned"  # No unit has it yet: assign.
    IN_HAND = "in_hand"  # A unit works on it.
    APPLIED = "applied"  # A second person approves a suspension, an extension, or that the claim is unreasonable.
    SIGN_OFF = "sign_off"  # A second person signs the result off.
    REPLY = "reply"  # The citizen has to be told.
    REVISIT = "revisit"  # The citizen is asked, evaluates, and the case is closed.
    SUSPENDED = "suspended"  # It stands still for a reason of the closed list.
    DISPUTED = "disputed"  # The tier above decides which unit takes it.
    OFFERED_OUT = "offered_out"  # It is offered to another centre, which has not answered.
    MERGED = "merged"  # It follows the case that it was merged into.
    FOLLOWING = "following"  # Another centre holds it.
    CLOSED = "closed"  # It is resolved.
    ASIDE = "aside"  # It was offered once and not taken.


ACTING = (
    Stage.OFFERED,
    Stage.ARBITRATION,
    Stage.UNASSIGNED,
    Stage.IN_HAND,
    Stage.APPLIED,
    Stage.SIGN_OFF,
    Stage.REPLY,
    Stage.REVISIT,
)
"""The queues in which people of this centre are the next to act, in the order of a case's course."""

WAITING = (Stage.SUSPENDED, Stage.DISPUTED, Stage.OFFERED_OUT, Stage.MERGED)
"""The queues in which a case of this centre waits for something else."""

HELD = (*(stage for stage in ACTING if stage is not Stage.OFFERED), *WAITING)
"""The queues of what this centre holds (or decides about) and is not closed."""

ACTIVE = (Stage.OFFERED, *HELD, Stage.FOLLOWING)
"""The queues of what is not closed anywhere."""

_OF_STATE = {
    CaseState.REGISTERED: Stage.UNASSIGNED,
    CaseState.ACCEPTED: Stage.UNASSIGNED,
    CaseState.ASSIGNED: Stage.IN_HAND,
    CaseState.SUBMITTED: Stage.SIGN_OFF,
    CaseState.SIGNED_OFF: Stage.REPLY,
    CaseState.REPLIED: Stage.REVISIT,
}
_OF_ROLE = {Role.BYSTANDER: Stage.ASIDE, Role.CANDIDATE: Stage.OFFERED, Role.ARBITER: Stage.ARBITRATION}


def stage_of(file: CaseFile) -> Stage:
    """Give the queue that a case stands in at this centre."""
    if file.role in _OF_ROLE:
        return _OF_ROLE[file.role]
    if file.case.state is CaseState.RESOLVED:
        return Stage.CLOSED
    return Stage.FOLLOWING if file.role is Role.FOLLOWER else _held(file)


def _held(file: CaseFile) -> Stage:
    case, course = file.case, file.case.course
    holding_still = {
        Stage.MERGED: course.merged_into is not None,
        Stage.OFFERED_OUT: case.offer is not None,
        Stage.APPLIED: course.application is not None,
        Stage.SUSPENDED: course.suspension is not None,
    }
    if still := next((stage for stage, is_so in holding_still.items() if is_so), None):
        return still
    if case.state in _OF_STATE:
        return _OF_STATE[case.state]
    asked = course.arbitration
    return Stage.ARBITRATION if asked is not None and asked.to == case.holder else Stage.DISPUTED
