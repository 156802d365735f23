"""Commands as the walks give them: valid texts, and the choices that a walk makes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from fengqiao.domain.case import CommandName, Direction
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    ApproveDirective,
    AssignCase,
    AttachFile,
    CaseCommand,
    DirectiveCommand,
    IssueDirective,
    OfferCase,
    ReceiveDirective,
    RefuseOffer,
    ReportDirective,
    ResolveCase,
    SendBackDirective,
    WithdrawOffer,
)
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.directive import DirectiveCommandName
from fengqiao.domain.transitions import allowed_commands
from tests.unit.protocol.course import COURSE, first_person, is_timely
from tests.unit.protocol.node import Node
from tests.unit.samples import UNITS

CASE_COMMANDS = tuple(name for name in CommandName if name is not CommandName.REGISTER)
DIRECTIVE_COMMANDS = tuple(name for name in DirectiveCommandName if name is not DirectiveCommandName.ISSUE)


def case_command(
    name: CommandName, node: Node, case_id: UUID, pick: int, new_id: UUID, *, stale: bool = False, astray: bool = False
) -> CaseCommand:
    """Build a command; `astray` lets an offer go anywhere, `stale` lets it come from an older version."""
    seen = node.files[case_id].case.version - 1 if stale else None
    if name in COURSE:
        return COURSE[name](node, case_id, pick, new_id, seen)
    if name is CommandName.ATTACH:
        return AttachFile(case_id, f"{pick:064x}", 1024, "image/jpeg", "现场.jpg")
    return _on_custody(name, node, case_id, pick, new_id, seen, astray=astray)


def _on_custody(
    name: CommandName, node: Node, case_id: UUID, pick: int, new_id: UUID, seen: int | None, *, astray: bool
) -> CaseCommand:
    match name:
        case CommandName.ASSIGN:
            units = UNITS.units(node.centre)
            return AssignCase(case_id, units[pick % len(units)].code, seen)
        case CommandName.NOTE:
            return AddNote(case_id, f"第{pick}次查看。")
        case CommandName.OFFER:
            return _offer(node, case_id, pick, new_id, seen, astray=astray)
        case CommandName.ACCEPT:
            return AcceptOffer(case_id, seen)
        case CommandName.REFUSE:
            return RefuseOffer(case_id, "不属于本辖区。", seen)
        case CommandName.RESOLVE:
            return _resolve(node, case_id, seen)
        case _:
            return WithdrawOffer(case_id, seen)


def _resolve(node: Node, case_id: UUID, seen: int | None) -> ResolveCase:
    unreasonable = node.files[case_id].case.course.unreasonable
    closing = ClosingKind.EXPLAINED if unreasonable else ClosingKind.SOLVED
    return ResolveCase(case_id, "已修复。", closing, seen_version=seen)


def _offer(node: Node, case_id: UUID, pick: int, new_id: UUID, seen: int | None, *, astray: bool) -> OfferCase:
    code = node.centre.code
    others = tuple(node.topology.centres) if astray else node.topology.neighbours(code)
    to = others[pick % len(others)]
    up = pick % 3 == 0 if astray else to == node.topology.parent(code)
    return OfferCase(case_id, new_id, Direction.UP if up else Direction.DOWN, "超出权限。", to, seen)


def is_proper(name: CommandName, command: CaseCommand, node: Node, actor: str, now: datetime) -> bool:
    """Tell whether a person of a centre may give the command now."""
    file = node.files[command.case_id]
    if name not in allowed_commands(file) or not is_timely(file, name, command, node, now):
        return False
    if first_person(file.case.course, name) == actor:
        return False
    if not isinstance(command, OfferCase):
        return True
    if command.direction is Direction.UP:
        return node.centre.parent is not None
    return node.topology.parent(command.to) == node.centre.code


def issue_command(new_id: UUID, recipient: str, now: datetime, cases: Sequence[UUID]) -> IssueDirective:
    return IssueDirective(
        new_id, recipient, "window", "修复路灯", "三日内修复。", now + timedelta(days=3), tuple(cases)
    )


def directive_command(name: DirectiveCommandName, key: UUID, seen: int | None) -> DirectiveCommand:
    match name:
        case DirectiveCommandName.RECEIVE:
            return ReceiveDirective(key, seen)
        case DirectiveCommandName.REPORT:
            return ReportDirective(key, "已修复。", seen)
        case DirectiveCommandName.APPROVE:
            return ApproveDirective(key, seen)
        case _:
            return SendBackDirective(key, "照片不清。", seen)
