"""The field's words for the values of the domain, in Chinese and English (domain-facts, Words).

Sentences and pages take the words from here: `word("state.assigned", Language.ZH)`.
"""

from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """The two languages that every sentence has; Chinese comes first."""

    ZH = "zh"
    EN = "en"


WORDS: Mapping[str, tuple[str, str]] = {
    "nothing": ("无", "nothing"),
    "level.city": ("市", "city"),
    "level.county": ("县（市、区）", "county"),
    "level.township": ("乡镇（街道）", "township"),
    "kind.request": ("诉求", "request"),
    "kind.dispute": ("矛盾纠纷", "dispute"),
    "kind.field_event": ("网格事件", "field event"),
    "kind.opinion": ("意见建议", "opinion"),
    "request_type.consultation": ("咨询", "consultation"),
    "request_type.help": ("求助", "help"),
    "request_type.complaint": ("投诉", "complaint"),
    "request_type.report": ("举报", "report"),
    "request_type.proposal": ("建议", "proposal"),
    "channel.hotline": ("热线", "hotline"),
    "channel.window": ("信访窗口", "petition window"),
    "channel.desk": ("来访", "walk-in desk"),
    "channel.qr": ("扫码", "QR page"),
    "channel.grid": ("网格巡查", "grid patrol"),
    "channel.letter": ("来信", "letter"),
    "state.registered": ("待交办", "to be assigned"),
    "state.assigned": ("办理中", "in progress"),
    "state.resolved": ("已办结", "resolved"),
    "closing.solved": ("已解决", "solved"),
    "closing.explained": ("已解释", "explained"),
    "closing.referred": ("已引导至其他渠道", "referred"),
    "closing.withdrawn": ("已撤回", "withdrawn"),
    "direction.up": ("提级", "escalation"),
    "direction.down": ("派单", "dispatch"),
    "role.holder": ("办理", "holder"),
    "role.candidate": ("待受理", "offered to us"),
    "role.follower": ("跟踪", "follower"),
    "role.bystander": ("未经手", "not involved"),
    "command.register": ("登记", "register"),
    "command.assign": ("交办", "assign"),
    "command.note": ("补充情况", "add a note"),
    "command.attach": ("添加附件", "attach a file"),
    "command.offer": ("移交", "offer"),
    "command.withdraw": ("撤回移交", "withdraw the offer"),
    "command.accept": ("受理", "accept"),
    "command.refuse": ("退回", "refuse"),
    "command.resolve": ("办结", "resolve"),
    "directive_state.issued": ("已下发", "issued"),
    "directive_state.received": ("已签收", "received"),
    "directive_state.done": ("已办理待审核", "done, to be approved"),
    "directive_state.approved": ("已通过", "approved"),
    "directive_state.sent_back": ("已退回重办", "sent back"),
    "directive_command.issue": ("下发", "issue"),
    "directive_command.receive": ("签收", "receive"),
    "directive_command.report": ("报告办理结果", "report"),
    "directive_command.approve": ("审核通过", "approve"),
    "directive_command.send_back": ("退回重办", "send back"),
    "counting.wall_clock": ("自然时间", "wall clock"),
    "counting.calendar_days": ("自然日", "calendar days"),
    "counting.working_days": ("工作日", "working days"),
    "day.weekday": ("平日", "weekday"),
    "day.weekend": ("周末", "weekend"),
    "day.holiday": ("法定节假日", "public holiday"),
    "day.make_up_day": ("调休上班日", "make-up workday"),
    "limit_state.running": ("计时中", "running"),
    "limit_state.suspended": ("已中止", "suspended"),
    "limit_state.overdue": ("已超期", "overdue"),
    "limit_state.met": ("按期完成", "met"),
    "limit_state.breached": ("超期完成", "met late"),
    "limit_state.ended": ("已终止", "ended"),
    "limit_scope.citizen": ("群众计时", "the citizen's time"),
    "limit_scope.holder": ("本中心计时", "this holder's time"),
    "suspension.citizen_material": ("等待群众补充材料", "waiting for the citizen's material"),
    "suspension.appraisal": ("鉴定、检测、评估", "appraisal or test"),
    "suspension.hearing": ("听证", "hearing"),
    "suspension.court": ("等待司法、仲裁结果", "waiting for a court or an arbitration"),
    "suspension.force_majeure": ("不可抗力", "force majeure"),
    "event.registered": ("登记", "registered"),
    "event.assigned": ("交办", "assigned"),
    "event.noted": ("补充情况", "note added"),
    "event.attached": ("添加附件", "file attached"),
    "event.offered": ("提出移交", "offered"),
    "event.offer_accepted": ("受理移交", "offer accepted"),
    "event.offer_refused": ("退回移交", "offer refused"),
    "event.withdrawal_asked": ("要求撤回移交", "withdrawal asked"),
    "event.offer_withdrawn": ("移交已撤回", "offer withdrawn"),
    "event.resolved": ("办结", "resolved"),
    "event.limit_warned": ("黄牌预警", "yellow warning"),
    "event.limit_breached": ("红色警示", "red warning"),
    "event.limit_reprojected": ("时限按新公布的放假安排重新推算", "due time re-projected"),
    "event.directive_issued": ("下发交办单", "directive issued"),
    "event.directive_received": ("签收交办单", "directive received"),
    "event.directive_done": ("报告办理结果", "directive carried out"),
    "event.directive_approved": ("审核通过", "report approved"),
    "event.directive_sent_back": ("退回重办", "report sent back"),
}


def word(key: str, language: Language) -> str:
    """Give the word for a value, such as `state.assigned`; an unknown key is a programming error (KeyError)."""
    chinese, english = WORDS[key]
    return chinese if language is Language.ZH else english
