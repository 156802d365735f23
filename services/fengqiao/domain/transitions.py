"""What may be done with a case, and the state that follows; docs/states.md draws this table (F09 to F15).

Beside the state, some things hold a case still: an open offer, an application that waits for a second person, a
suspension, a link to the case it was merged into. While they last, only what ends them and facts are possible.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from fengqiao.domain.case import Case, CaseFile, CaseState, CommandName, Role

_Moves = Mapping[CommandName, CaseState]
_C, _S = CommandName, CaseState
_FACTS = (_C.NOTE, _C.ATTACH)
_SORTING = (_C.CLASSIFY, _C.GRADE, _C.OFFER, _C.MERGE, _C.UNMERGE)
_APPLYING = (_C.SUSPEND, _C.EXTEND, _C.CHALLENGE, _C.APPROVE, _C.DENY, _C.RESUME)
_AFTER = (_C.EVALUATE, _C.REVISIT)


def _acts(
    state: CaseState, moves: Mapping[CommandName, CaseState], *stays: CommandName
) -> Mapping[CommandName, CaseState]:
    return MappingProxyType({**moves, **dict.fromkeys((*stays, *_FACTS), state)})


TRANSITIONS: Mapping[CaseState, Mapping[CommandName, CaseState]] = MappingProxyType(
    {
        _S.REGISTERED: _acts(
            _S.REGISTERED,
            {
                _C.ADMIT: _S.ACCEPTED,
                _C.DECLINE: _S.RESOLVED,
                _C.ASSIGN: _S.ASSIGNED,
                _C.RESOLVE: _S.RESOLVED,
                _C.RETRACT: _S.RESOLVED,
            },
            *_SORTING,
        ),
        _S.ACCEPTED: _acts(
            _S.ACCEPTED,
            {_C.ASSIGN: _S.ASSIGNED, _C.RESOLVE: _S.RESOLVED, _C.RETRACT: _S.RESOLVED},
            *_SORTING,
        ),
        _S.ASSIGNED: _acts(
            _S.ASSIGNED,
            {
                _C.SUBMIT: _S.SUBMITTED,
                _C.RETURN: _S.ACCEPTED,
                _C.OBJECT: _S.DISPUTED,
                _C.RESOLVE: _S.RESOLVED,
                _C.RETRACT: _S.RESOLVED,
            },
            _C.ASSIGN,
            _C.TRANSFER,
            _C.INVOLVE,
            *_APPLYING,
            *_SORTING,
        ),
        _S.DISPUTED: _acts(_S.DISPUTED, {_C.ARBITRATE: _S.ASSIGNED}),
        _S.SUBMITTED: _acts(
            _S.SUBMITTED, {_C.SIGN_OFF: _S.SIGNED_OFF, _C.SEND_BACK: _S.ASSIGNED, _C.RETRACT: _S.RESOLVED}
        ),
        _S.SIGNED_OFF: _acts(_S.SIGNED_OFF, {_C.REPLY: _S.REPLIED, _C.RETRACT: _S.RESOLVED}),
        _S.REPLIED: _acts(_S.REPLIED, {_C.CLOSE: _S.RESOLVED, _C.REOPEN: _S.ACCEPTED}, *_AFTER),
        _S.RESOLVED: _acts(_S.RESOLVED, {_C.REOPEN: _S.ACCEPTED}, *_AFTER, _C.UNMERGE),
    }
)

FACTS = frozenset(_FACTS)
"""Facts may be added by whoever follows the case, and also while something holds it still."""

_WHILE_APPLIED = frozenset({_C.APPROVE, _C.DENY, *_FACTS})
_WHILE_SUSPENDED = frozenset({_C.RESUME, _C.RETRACT, *_FACTS})
_WHILE_MERGED = frozenset({_C.UNMERGE, *_AFTER, *_FACTS})


def allowed_commands(file: CaseFile) -> tuple[CommandName, ...]:
    """Give the commands that this centre may give on the case now, in the order in which they are usually wanted."""
    case = file.case
    match file.role:
        case Role.CANDIDATE:
            # Whoever followed the case before may add facts as before; a newcomer first answers.
            return (_C.ACCEPT, _C.REFUSE, *(_FACTS if file.audience else ()))
        case Role.HOLDER if case.offer is None:
            return tuple(name for name in TRANSITIONS[case.state] if _is_open(case, name))
        case Role.HOLDER if case.offer is not None:
            return (*(() if case.offer.withdrawing else (_C.WITHDRAW,)), *_FACTS)
        case Role.ARBITER:
            return (_C.ARBITRATE, *_FACTS)
        case Role.FOLLOWER:
            return _FACTS
        case _:
            return ()


def _is_open(case: Case, name: CommandName) -> bool:
    """Tell whether what was decided so far leaves a command of the state open."""
    course = case.course
    if course.merged_into is not None:
        return name in _WHILE_MERGED and (name is not _C.EVALUATE or course.evaluation is None)
    if course.application is not None:
        return name in _WHILE_APPLIED
    if course.suspension is not None:
        return name in _WHILE_SUSPENDED
    rule = _OPEN_WHEN.get(name)
    return rule is None or rule(case)


def _may_return(case: Case, *, again: bool) -> bool:
    course = case.course
    return course.arbitrated != case.holder and course.has_returns_at(case.holder) is again


def _is_ours_to_arbitrate(case: Case) -> bool:
    asked = case.course.arbitration
    return asked is not None and asked.to == case.holder


def _never(_: Case) -> bool:
    return False


_OPEN_WHEN: Mapping[CommandName, Callable[[Case], bool]] = MappingProxyType(
    {
        **dict.fromkeys((_C.APPROVE, _C.DENY, _C.RESUME, _C.UNMERGE), _never),
        _C.RETURN: lambda case: _may_return(case, again=False),
        _C.OBJECT: lambda case: _may_return(case, again=True),
        _C.ARBITRATE: _is_ours_to_arbitrate,
        _C.EXTEND: lambda case: case.course.extension is None,
        _C.CHALLENGE: lambda case: not case.course.unreasonable,
        _C.EVALUATE: lambda case: case.course.evaluation is None,
        _C.MERGE: lambda case: not case.course.merged and not case.course.unreasonable,
        # What one reporter is told or takes back must not end the matter of the others.
        _C.DECLINE: lambda case: not case.course.merged,
        _C.RETRACT: lambda case: not case.course.merged,
    }
)
