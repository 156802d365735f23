"""The sentences about editions: what is wrong with a row, and what may not be done to a book."""

from collections.abc import Mapping

EDITION_SENTENCES: Mapping[str, tuple[str, str]] = {
    "item_retired": (
        "事项“{item}”已停用（目录 {version}），请选其他事项。",
        "The item '{item}' is retired (catalogue {version}); choose another.",
    ),
    "row_code_wrong": (
        "代码“{code}”无效：大类两位数字，事项四位数字，其余为小写字母、数字和连字符，最多 30 个。",
        "The code '{code}' is wrong: two digits for a class, four for an item, else small letters, digits, hyphens.",
    ),
    "row_duplicate": ("代码 {code} 重复。", "The code {code} stands there twice."),
    "row_two_leads": (
        "{code} 写了多个牵头部门（{leads}），只能有一个。",
        "{code} names more than one lead department ({leads}); exactly one may lead.",
    ),
    "row_lead_unknown": (
        "{code} 的牵头部门“{lead}”不在部门表中。",
        "The lead department '{lead}' of {code} is not among the departments.",
    ),
    "row_item_unknown": (
        "{code} 引用的事项“{item}”不在目录中。",
        "{code} speaks of the item '{item}', which the catalogue does not have.",
    ),
    "row_without_class": (
        "事项 {code} 没有对应的大类 {class}。",
        "The item {code} belongs to the class {class}, which is not there.",
    ),
    "row_class_empty": ("大类 {code} 下没有事项。", "The class {code} has no item."),
    "row_unit_unknown": (
        "“{unit}”不是承办单位，请用单位表中的代码。",
        "'{unit}' is no handling unit; use a code of the list of units.",
    ),
    "row_gone": (
        "{code} 已有诉求件使用，不能删除，请改为停用。",
        "{code} was published and cases may use it: it can be retired, not removed.",
    ),
    "row_unknown": ("没有代码为“{row}”的行。", "There is no row with the code '{row}'."),
    "row_changed": (
        "{code} 已被 {person} 改动，下面是现在的内容，请核对后再提交。",
        "{code} was changed by {person} meanwhile; what it says now stands below, check it and send again.",
    ),
    "route_order_wrong": (
        "顺序“{value}”应为 1 至 9999 的整数。",
        "The order '{value}' has to be a number from 1 to 9999.",
    ),
    "route_target": ("请在建议单位和建议移交中选且只选一项。", "Name a unit or a hand-over, exactly one of them."),
    "route_to_unknown": (
        "不能移交到“{to}”：只能提级（up）或派往本中心的下级。",
        "A case cannot go to '{to}': only up, or to a centre below this one.",
    ),
    "route_origin_unknown": (
        "“{origin}”不是本中心或其下级中心。",
        "'{origin}' is neither this centre nor one below it.",
    ),
    "route_item_unknown": (
        "规则 {code} 引用的“{item}”不在事项目录中。",
        "The rule {code} speaks of '{item}', which the catalogue does not have.",
    ),
    "route_item_retired": (
        "规则 {code} 引用的事项“{item}”已停用。",
        "The rule {code} speaks of the item '{item}', which is retired.",
    ),
    "route_never": (
        "规则 {code} 永远不会用到：排在前面的 {earlier} 已包含它的全部情形。",
        "The rule {code} can never match: {earlier} before it takes every case that it speaks of.",
    ),
    "edition_city_only": (
        "事项目录由市级中心统一维护，本中心只能查看。",
        "The catalogue is kept by the city's centre; here it can only be read.",
    ),
    "edition_second_person": (
        "草稿由 {person} 最后修改，须由另一人发布。",
        "{person} changed the draft last; another person has to publish it.",
    ),
    "edition_no_draft": ("没有草稿，请先修改内容。", "There is no draft; change something first."),
    "edition_unchanged": ("草稿与现行版本相同，无须发布。", "The draft says the same as the edition in force."),
    "edition_stale": (
        "草稿在您查看之后又有改动，请看最新的差异后再操作。",
        "The draft was changed after you read it; look at the differences as they are now.",
    ),
    "edition_broken": (
        "有 {count} 处错误，改正后才能发布。",
        "There are {count} error(s); correct them, then publish.",
    ),
    "edition_malformed": (
        "“{value}”不是版次；请写数字、draft 或 in-force。",
        "'{value}' names no edition; write a number, draft or in-force.",
    ),
    "edition_unknown": ("没有第 {number} 版。", "There is no edition {number}."),
    "edition_wrong_book": ("“{sheet}”不属于这里。", "'{sheet}' does not belong here."),
}
