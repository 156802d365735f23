"""The sentences about limits: what is wrong with their table, and what may not be done to a clock."""

from collections.abc import Mapping

LIMIT_SENTENCES: Mapping[str, tuple[str, str]] = {
    "limits_broken": (
        "时限表有 {count} 处错误，没有采用。",
        "The table of limits has {count} error(s) and was not used.",
    ),
    "limit_key_missing": ("缺少“{key}”。", "'{key}' is missing."),
    "limit_key_unknown": ("没有“{key}”这一项。", "There is no '{key}'."),
    "limit_not_rows": ("“{key}”应为列表。", "'{key}' has to be a list."),
    "limit_duplicate": ("代码 {code} 重复。", "The code {code} stands there twice."),
    "limit_code_wrong": (
        "“{value}”不是有效的代码：小写字母、数字和连字符，不得重复。",
        "'{value}' is not a valid code: small letters, digits and hyphens, each only once.",
    ),
    "limit_budget_wrong": (
        "“{value}”不是有效的期限，例如 3 hours、5 working_days。",
        "'{value}' is not a length of time, such as 3 hours or 5 working_days.",
    ),
    "limit_trigger_unknown": (
        "没有“{value}”这种事件，可选：{allowed}。",
        "There is no event '{value}'; choose one of: {allowed}.",
    ),
    "limit_trigger_fact": (
        "“{value}”不改变办理状态，不能用来计时。",
        "'{value}' changes no state, so it moves no clock.",
    ),
    "limit_meets_itself": ("{value} 不能既开始又完成同一时限。", "{value} cannot both start and meet a limit."),
    "limit_choice_unknown": (
        "没有“{value}”这个选项，可选：{allowed}。",
        "There is no '{value}'; choose one of: {allowed}.",
    ),
    "limit_unconfirmed": (
        "{code} 的依据尚未核实，确认后填写 confirmed_by 方可启用。",
        "The source of {code} is not confirmed; name who confirmed it in confirmed_by, then switch it on.",
    ),
    "limit_warning_too_early": (
        "预警 {value} 不在期限之内，或计算方式不同。",
        "The warning or budget {value} leaves no time before the warning, or is counted otherwise.",
    ),
    "limit_ladder_order": (
        "“{value}”应晚于上一级，并用同样的计算方式。",
        "'{value}' has to come later than the step before it, counted in the same way.",
    ),
    "limit_override_whose": (
        "请写明 county 或 unit，二者选一。",
        "Name a county or a unit, one of them.",
    ),
    "limit_unknown": ("没有代码为“{code}”的时限。", "There is no limit with the code '{code}'."),
    "limit_override_legal": (
        "{code} 是法定时限，只能缩短，不能延长、停用或改变计算方式。",
        "{code} is set by law: it may be made shorter, not longer, not switched off, not counted otherwise.",
    ),
    "calendar_broken": (
        "放假安排文件 {path} 有误：{detail}。",
        "The calendar file {path} is wrong: {detail}.",
    ),
    "limit_until_wrong": ("中止的截止时间应晚于开始时间。", "The end of a suspension has to be after its beginning."),
    "limit_none_to_suspend": (
        "没有可以中止的时限：法定时限不因内部规定中止，其余的已中止、超期或结束。",
        "No clock can be stopped: those set by law go on, the others are suspended, overdue or over.",
    ),
    "limit_not_suspended": ("没有处于中止状态的时限。", "No clock is suspended."),
    "limit_not_running": ("时限 {limit} 没有在计时。", "The limit {limit} is not running."),
    "limit_overdue": (
        "时限 {limit} 已超期，不能再延期。",
        "The limit {limit} is overdue and cannot be extended any more.",
    ),
    "limit_extension_cap": (
        "时限 {limit} 累计延期不得超过 {days}，请缩短延期。",
        "The limit {limit} may be extended by {days} in all; ask for less.",
    ),
    "limit_not_approved": ("延期须由他人批准。", "An extension has to be approved by somebody else."),
    "limit_extension_counting": (
        "延期须与时限 {limit} 用同样的计算方式，且大于零。",
        "An extension is counted as its limit {limit} is, and is more than nothing.",
    ),
}
