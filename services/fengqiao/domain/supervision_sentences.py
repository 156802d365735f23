"""The sentences about supervision: what is wrong with its table, and what may not be done now."""

from collections.abc import Mapping

SUPERVISION_SENTENCES: Mapping[str, tuple[str, str]] = {
    "supervision_broken": (
        "督办规则有 {count} 处错误，没有采用。",
        "The table of supervision has {count} error(s) and was not used.",
    ),
    "supervision_levels": ("督办应有五级，这里有 {count} 级。", "There have to be five levels; there are {count}."),
    "supervision_entry": (
        "“{value}”不能作为这一级的启动条件，可选：{allowed}。",
        "'{value}' cannot let an order into this level; choose from: {allowed}.",
    ),
    "supervision_no_end": (
        "结果中至少要有一种能够了结督办。",
        "At least one of the outcomes has to close the order.",
    ),
    "supervision_number": ("“{value}”应为 1 至 {limit} 的整数。", "'{value}' has to be a number from 1 to {limit}."),
    "points_rung_twice": (
        "同一时限的 {rung} 已由 {code} 扣分，不得重复。",
        "The rung {rung} of the same limit costs points by {code} already.",
    ),
    "points_rung_unknown": ("时限 {limit} 没有 {rung} 这一级。", "The limit {limit} has no rung {rung}."),
    "points_by_hand_and_rung": (
        "人工扣分的规则不写 rung 和 limits。",
        "A rule for entries by hand names neither rung nor limits.",
    ),
    "supervision_not_involved": (
        "本中心没有经手这件诉求，不能督办。",
        "This centre is not involved in the case and does not supervise it.",
    ),
    "supervision_unanswered": (
        "这件诉求正等待本中心受理，请先答复。",
        "The case is offered to this centre; answer the offer first.",
    ),
    "reminder_resolved": ("已经办结，无需催办。", "It is resolved; there is nothing to remind of."),
    "order_not_above": (
        "只有办理的中心或其上级可以发督办单；本件由{holder}办理，可以催办。",
        "Only the holder or a centre above it opens an order; {holder} holds the case, send a reminder instead.",
    ),
    "order_open_already": (
        "本中心对这件诉求已有督办单，请在原督办单上办理。",
        "This centre has an open order on the case; go on with that one.",
    ),
    "order_without_ground": (
        "还不具备启动条件：{allowed}。可以先催办。",
        "None of the grounds is given: {allowed}. Send a reminder instead.",
    ),
    "supervision_order_unknown": ("没有督办单 {order}。", "There is no supervision order {order}."),
    "order_not_ours": ("这张督办单由{centre}办理。", "This order is {centre}'s."),
    "order_stale": (
        "督办单已有变动，现为第 {level} 级，请核对后再办。",
        "The order has moved meanwhile and stands at level {level}; look again.",
    ),
    "order_concluded": ("这一级已有结果：{outcome}。", "This level has its outcome: {outcome}."),
    "order_at_the_top": ("已是最高一级，不能再升级。", "This is the highest level."),
    "order_not_yet": (
        "这一级还在期限内（至 {due_at}），记录“未整改”或到期后才能升级。",
        "This level runs until {due_at}; it goes up when its outcome is 'not remedied' or its limit has passed.",
    ),
    "order_body_inside": (
        "{body}是体系内机构，无需授权查阅。",
        "{body} is a body of the chain and needs no grant.",
    ),
    "order_file_needed": ("这一级须附佐证材料，请先添加附件。", "This level needs a file of the case as evidence."),
    "order_citizen_needed": (
        "这一级须有督办期间的回访或群众评价，请先回访。",
        "This level needs the citizen's word since it began; re-visit first.",
    ),
    "access_until_wrong": (
        "截止时间应晚于现在，并在 {days} 天之内。",
        "The end has to lie ahead, and at most {days} days from now.",
    ),
    "access_unknown": ("没有这项授权。", "There is no such grant."),
    "access_expired": (
        "授权已于 {until} 到期，如仍需查阅，请督办机构重新授权。",
        "The grant ended at {until}; ask for a new one if the case still has to be read.",
    ),
    "access_only": (
        "您的账号只能查阅授权的诉求件。",
        "Your account reads the cases that it was granted, and nothing else.",
    ),
    "points_rule_unknown": (
        "没有可人工扣分的规则“{value}”，可选：{allowed}。",
        "There is no rule '{value}' for entries by hand; choose one of: {allowed}.",
    ),
    "points_unknown": ("没有扣分记录 {entry}。", "There is no entry {entry}."),
    "points_not_ours": ("这条扣分记录由{centre}处理。", "This entry is {centre}'s."),
    "points_not_standing": ("这条记录{standing}，不能再申诉。", "This entry is {standing}; it cannot be appealed."),
    "points_appeal_late": (
        "申诉应在扣分后 {days} 天内提出。",
        "An appeal has to come within {days} days of the entry.",
    ),
    "points_not_appealed": ("这条记录{standing}，没有待处理的申诉。", "This entry is {standing}; no appeal waits."),
    "points_second_person": (
        "{person} 扣分或申诉，须由另一人裁决。",
        "{person} entered the points or appealed; another person has to decide.",
    ),
}
