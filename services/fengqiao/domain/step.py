"""The steps of a case that a city counts and times (F13, F36): which events they are, and what a figure keeps of each.

A step is counted by the centre that took it, once. Its time runs from the citizen's act, the registration, and not from
the step before: a transfer must not look like speed.
"""

from dataclasses import dataclass
from datetime import timedelta

from fengqiao.domain.case import Case
from fengqiao.domain.event import Event, EventKind

TIMED = frozenset(
    {
        EventKind.ADMITTED,
        EventKind.ASSIGNED,
        EventKind.SUBMITTED,
        EventKind.SIGNED_OFF,
        EventKind.REPLIED,
        EventKind.EVALUATED,
        EventKind.CLOSED,
        EventKind.RESOLVED,
    }
)

COUNTED = TIMED | {
    EventKind.REGISTERED,
    EventKind.DECLINED,
    EventKind.OFFER_ACCEPTED,
    EventKind.OFFER_REFUSED,
    EventKind.RETURNED,
    EventKind.OBJECTED,
    EventKind.ARBITRATED,
    EventKind.TRANSFERRED,
    EventKind.SUSPENDED,
    EventKind.EXTENDED,
    EventKind.CHALLENGE_CONFIRMED,
    EventKind.SENT_BACK,
    EventKind.REOPENED,
    EventKind.RETRACTED,
    EventKind.MERGED,
}

CLOSING = frozenset({EventKind.CLOSED, EventKind.RESOLVED, EventKind.DECLINED, EventKind.RETRACTED})


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the event, the class of the matter (two digits, empty while unclassified), the time since registration.

    `closing` is given for a step that closes the case, `direct` when no unit ever had it; the citizen's words for one
    that is an evaluation.
    """

    kind: EventKind
    matter_class: str
    since_registration: timedelta
    closing: str = ""
    direct: bool = False
    solved: bool | None = None
    satisfied: bool | None = None
    reasonable: bool = True

    @property
    def timed(self) -> bool:
        """Whether its time is one that a city looks at."""
        return self.kind in TIMED


def step_of(event: Event, case: Case) -> Step | None:
    """Give the step that an event is, with the case as the event left it; None for all others."""
    if event.kind not in COUNTED:
        return None
    evaluation = case.course.evaluation if event.kind is EventKind.EVALUATED else None
    closed = event.kind in CLOSING and case.closing is not None
    return Step(
        kind=event.kind,
        matter_class=case.course.item[:2],
        since_registration=event.at - case.registered_at,
        closing=case.closing.value if closed and case.closing is not None else "",
        direct=closed and not case.first_receiver.fixed,
        solved=evaluation.solved if evaluation is not None else None,
        satisfied=evaluation.satisfied if evaluation is not None else None,
        reasonable=not case.course.unreasonable,
    )
