"""The field's words for supervision; a part of the words of the domain."""

from collections.abc import Mapping

SUPERVISION_WORDS: Mapping[str, tuple[str, str]] = {
    "ground.red_warning": ("红色警示", "a red warning"),
    "ground.unsatisfied": ("群众不满意或认为未解决", "the citizen is not satisfied"),
    "ground.repeated_return": ("反复回退", "returned again and again"),
    "ground.reopened": ("重办", "reopened"),
    "ground.not_remedied": ("上一级未整改", "not remedied at the level below"),
    "ground.limit_passed": ("上一级逾期没有结果", "the limit of the level below has passed"),
    "outcome.remedied": ("已整改", "remedied"),
    "outcome.explained": ("已查明并解释", "looked into and explained"),
    "outcome.not_remedied": ("未整改", "not remedied"),
    "outcome.transferred": ("移送处理", "transferred"),
    "evidence.citizen": ("督办期间的回访或评价", "the citizen's word since the level began"),
    "evidence.file": ("佐证附件", "a file of the case"),
    "standing.standing": ("有效", "standing"),
    "standing.appealed": ("申诉中", "under appeal"),
    "standing.reversed": ("已撤销", "reversed"),
    "standing.confirmed": ("维持", "confirmed"),
    "event.reminded": ("催办", "reminded"),
    "event.supervision_opened": ("发出督办单", "supervision order opened"),
    "event.supervision_raised": ("督办升级", "supervision raised a level"),
    "event.supervision_concluded": ("督办结果", "supervision outcome"),
    "event.access_granted": ("授权查阅", "access granted"),
    "event.points_deducted": ("扣分", "points deducted"),
    "event.points_appealed": ("扣分申诉", "points appealed against"),
    "event.points_reversed": ("撤销扣分", "points reversed"),
    "event.appeal_dismissed": ("驳回申诉", "appeal dismissed"),
}
