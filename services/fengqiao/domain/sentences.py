"""The sentences of refusals, in Chinese and English: what happened, and what to do.

A sentence may name parameters in braces; a test holds that both languages name the same ones and that every code
raised in the code stands here.
"""

from collections.abc import Mapping

from fengqiao.domain.desk_sentences import DESK_SENTENCES
from fengqiao.domain.edition_sentences import EDITION_SENTENCES
from fengqiao.domain.fact_sentences import FACT_SENTENCES
from fengqiao.domain.limit_sentences import LIMIT_SENTENCES
from fengqiao.domain.supervision_sentences import SUPERVISION_SENTENCES
from fengqiao.domain.words import WORDS, Language, word

SENTENCES: Mapping[str, tuple[str, str]] = {
    **EDITION_SENTENCES,
    # Input.
    "input_invalid": (
        "有 {count} 处填写有误，请按提示更正后重新提交。",
        "{count} field(s) are wrong; correct them and send again.",
    ),
    "text_empty": ("内容为空，请填写。", "This is empty; fill it in."),
    "choice_empty": ("还没有选择，请选一项。", "Nothing is chosen; choose one."),
    "text_too_long": (
        "内容有 {length} 字，最多 {limit} 字，请精简。",
        "This has {length} characters, at most {limit} are allowed; shorten it.",
    ),
    "too_many": ("有 {length} 项，最多 {limit} 项。", "There are {length}, at most {limit} are allowed."),
    "enum_unknown": ("没有“{value}”这个选项，可选：{allowed}。", "There is no '{value}'; choose one of: {allowed}."),
    "id_malformed": ("“{value}”不是有效的标识。", "'{value}' is not a valid id."),
    "time_malformed": (
        "“{value}”不是带时区的时间，例如 2026-11-23T09:00:00+08:00。",
        "'{value}' is not a time with a zone, such as 2026-11-23T09:00:00+08:00.",
    ),
    "time_future": ("时间 {value} 晚于现在，请更正。", "The time {value} lies in the future; correct it."),
    "number_malformed": ("“{value}”不是有效的数字。", "'{value}' is not a number."),
    "order_unknown": ("不能按“{value}”排序，可选：{allowed}。", "Cannot order by '{value}'; choose one of: {allowed}."),
    "page_token_wrong": (
        "翻页标记无效，请从第一页重新查询。",
        "The page token is not valid; start again from the first page.",
    ),
    "page_size_wrong": (
        "每页 {value} 条超出范围，应为 1 至 {limit}。",
        "A page of {value} is out of range; ask for 1 to {limit}.",
    ),
    "hash_wrong": ("文件内容与其校验值不符，请重新上传。", "The content does not match its hash; upload it again."),
    "media_type_refused": ("不接受“{value}”类型的文件。", "Files of the type '{value}' are not accepted."),
    "attachment_too_large": (
        "文件有 {length} 字节，最多 {limit} 字节。",
        "The file has {length} bytes, at most {limit} are allowed.",
    ),
    "unit_same": (
        "“{unit}”已经是承办单位，请选其他单位。",
        "'{unit}' is the handling unit already; choose another.",
    ),
    "item_unknown": (
        "事项目录（{version}）里没有“{item}”，请从目录中选择。",
        "The catalogue ({version}) has no item '{item}'; choose one from it.",
    ),
    "catalogue_broken": (
        "事项目录有 {count} 处错误，没有采用。",
        "The catalogue has {count} error(s) and was not used.",
    ),
    "catalogue_code_wrong": (
        "代码“{code}”无效：大类为两位数字，事项为大类代码加两位数字。",
        "The code '{code}' is not valid: a class has two digits, an item those and two more.",
    ),
    "catalogue_text_wrong": (
        "{code} 的“{field}”为空、过长，或含有控制字符。",
        "The {field} of {code} is empty, too long, or contains a control character.",
    ),
    "days_out_of_range": (
        "{days} 天超出范围，应为 1 至 {limit} 天。",
        "{days} days are out of range; ask for 1 to {limit}.",
    ),
    "closing_citizens": (
        "“已撤回”只能由当事人撤回诉求产生，请选其他办结方式。",
        "Only the citizen can take a case back; choose another kind of closing.",
    ),
    "closing_explained": (
        "已认定为不合理诉求，只能以“已解释”办结，并向当事人说明。",
        "The claim was confirmed as unreasonable; it can only be closed as explained.",
    ),
    "closing_differs": (
        "办结方式与把关通过的“{signed_off}”不一致。",
        "The kind of closing differs from the one that was signed off: {signed_off}.",
    ),
    "merge_itself": ("不能并入自身，请填另一件的编号。", "A case cannot be merged into itself; name another one."),
    "unit_unknown": (
        "{centre}没有“{unit}”这个单位，请从单位名单中选择。",
        "{centre} has no unit '{unit}'; choose one from the list of units.",
    ),
    **LIMIT_SENTENCES,
    **SUPERVISION_SENTENCES,
    **DESK_SENTENCES,
    **FACT_SENTENCES,
    # Topology.
    "facts_full": (
        "本件已有 {limit} 条记录，不能再补充；请办结本件，或者另行登记新件并注明本件编号。",
        "This case has {limit} entries, no more can be added; resolve it, or register a new case that names its number.",
    ),
    "day_malformed": (
        "“{value}”不是日期，例如 2026-11-23。",
        "'{value}' is not a date, such as 2026-11-23.",
    ),
    "topology_broken": (
        "机构名单有 {count} 处错误，没有采用。",
        "The list of centres has {count} error(s) and was not used.",
    ),
    "topology_column_missing": ("机构名单缺少“{column}”列。", "The list of centres has no column '{column}'."),
    "topology_empty": ("机构名单里没有中心。", "The list of centres names no centre."),
    "topology_no_city": ("机构名单里没有市级中心。", "The list of centres names no city centre."),
    "topology_two_cities": (
        "机构名单里有不止一个市级中心：{codes}。",
        "The list of centres names more than one city centre: {codes}.",
    ),
    "topology_duplicate": ("代码 {code} 重复出现。", "The code {code} stands there twice."),
    "topology_orphan": ("{code} 的上级 {parent} 不在名单里。", "The parent {parent} of {code} is not in the list."),
    "topology_level_unknown": (
        "“{value}”不是级别，应为 city、county 或 township。",
        "'{value}' is not a level; use city, county or township.",
    ),
    "topology_level_wrong": (
        "{code} 的级别是“{level}”，其上级不能是“{parent_level}”。",
        "{code} is of the level {level}; the level of its parent cannot be: {parent_level}.",
    ),
    "topology_code_wrong": (
        "代码“{code}”无效，只能用 4 至 12 位数字。",
        "The code '{code}' is not valid; use 4 to 12 digits.",
    ),
    "topology_name_wrong": (
        "{code} 的名称为空、过长，或含有逗号、控制字符。",
        "The name of {code} is empty, too long, or contains a comma or a control character.",
    ),
    "centre_unknown": (
        "没有代码为 {centre} 的中心，请核对机构名单。",
        "There is no centre {centre}; check the list of centres.",
    ),
    "centre_not_hosted": ("本服务不承载中心 {centre}。", "This server does not host the centre {centre}."),
    # Cases and custody.
    "case_key_unknown": (
        "“{case}”不是诉求件编号（例如 371403001-20261123-00012）；按内部编号查询时请用 --centre 指明中心。",
        "'{case}' is no number of a case, such as 371403001-20261123-00012; an id needs --centre as well.",
    ),
    "case_unknown": ("本中心没有诉求件 {case}，请核对编号。", "This centre has no case {case}; check the number."),
    "case_exists": (
        "诉求件 {case} 已经登记过，没有重复登记。",
        "The case {case} is registered already; nothing was doubled.",
    ),
    "case_stale": (
        "诉求件已被别人改动（您看到的是第 {seen} 版，现在是第 {current} 版），请刷新后再办。",
        "The case was changed meanwhile (you saw version {seen}, it is now {current}); read it again.",
    ),
    "case_not_holder": (
        "诉求件现由 {holder} 办理，本中心不能“{command}”；可以补充情况。",
        "The case is held by {holder}; this centre cannot {command}. A note can be added.",
    ),
    "case_offered": (
        "诉求件已移交给 {to}，等待对方受理，期间不能“{command}”；可以补充情况或撤回移交。",
        "The case is offered to {to} and waits for an answer; it cannot be changed by {command} now. Add a note, or withdraw the offer.",
    ),
    "case_unanswered": (
        "诉求件正等待本中心受理，请先受理或退回，再“{command}”。",
        "The case waits for the answer of this centre; accept or refuse it first, before this: {command}.",
    ),
    "case_state": (
        "诉求件处于“{state}”，不能“{command}”；现在可以：{allowed}。",
        "The case is {state}; {command} is not possible. Possible now: {allowed}.",
    ),
    "second_person_needed": (
        "“{command}”须由另一人办理，{person}已办过前一步。",
        "Another person has to {command}; {person} took the step before.",
    ),
    "arbitration_none": ("没有等待裁定的派单异议。", "There is no dispatch objection to decide."),
    "application_none": ("没有等待批准的申请。", "There is no application to decide."),
    "submission_none": ("还没有提交结果。", "No result has been submitted."),
    "revisit_owed": (
        "本件须先回访或由当事人评价，再结案。",
        "The citizen has to be re-visited or to evaluate before the case is closed.",
    ),
    "closing_disputed": (
        "当事人评价为“未解决”，不能以“已解决”结案；请重办。",
        "The citizen says that it is not solved; it cannot be closed as solved. Reopen it.",
    ),
    "reopen_late": (
        "办结已超过 {days} 天，不能重办；请登记新件。",
        "It was closed more than {days} days ago and cannot be reopened; register a new case.",
    ),
    "lead_unfit": (
        "{lead} 不能作为主办件：须由本中心办理、未办结、未移交、未并案。",
        "{lead} cannot lead: it has to be held here, open, not on offer and not merged itself.",
    ),
    "case_not_involved": (
        "本中心没有经手诉求件，不能“{command}”。",
        "This centre has no part in the case and cannot {command}.",
    ),
    "offer_not_neighbour": (
        "{to} 不是本中心的上级或下级，不能直接移交。",
        "{to} is neither the parent nor a child of this centre; the case cannot be offered to it.",
    ),
    "offer_no_parent": ("本中心没有上级，不能提级。", "This centre has no parent; the case cannot be escalated."),
    "offer_none": ("没有等待受理的移交。", "There is no offer waiting for an answer."),
    "offer_not_ours": ("这件移交不是给本中心的。", "The offer is not made to this centre."),
    "offer_withdrawing": (
        "已经要求撤回，正在等对方确认。",
        "The withdrawal was asked for already and waits for the other side.",
    ),
    # Directives.
    "directive_unknown": ("本中心没有交办单 {directive}。", "This centre has no directive {directive}."),
    "directive_exists": ("交办单 {directive} 已经下发过。", "The directive {directive} was issued already."),
    "directive_state": (
        "交办单处于“{state}”，不能“{command}”；现在可以：{allowed}。",
        "The directive is {state}; {command} is not possible. Possible now: {allowed}.",
    ),
    "directive_stale": (
        "交办单已被别人改动（您看到的是第 {seen} 版，现在是第 {current} 版），请刷新后再办。",
        "The directive was changed meanwhile (you saw version {seen}, it is now {current}); read it again.",
    ),
    "directive_not_issuer": (
        "交办单由 {issuer} 下发，本中心不能“{command}”。",
        "The directive was issued by {issuer}; this centre cannot {command}.",
    ),
    "directive_not_recipient": (
        "交办单交给 {recipient} 办理，本中心不能“{command}”。",
        "The directive is for {recipient}; this centre cannot {command}.",
    ),
    "directive_not_child": (
        "{recipient} 不是本中心的下级，不能向它下发交办单。",
        "{recipient} is not a child of this centre; a directive cannot be issued to it.",
    ),
    "due_in_past": ("期限 {value} 已经过去，请另定。", "The date due {value} has passed; set a later one."),
    # Messages between centres.
    "message_sender": (
        "消息来自 {sender}，它不是相邻的中心。",
        "The message comes from {sender}, which is not a neighbour.",
    ),
    "message_unreadable": ("消息无法解读：{detail}。", "The message cannot be read: {detail}."),
    "message_unknown_type": (
        "本版本还不认识“{type}”消息，升级后自动处理。",
        "This release does not know messages of the type '{type}' yet; it waits for the upgrade.",
    ),
    "message_misplaced": (
        "“{type}”消息与本中心的记录不符：{detail}。",
        "The message {type} does not fit what this centre knows: {detail}.",
    ),
    "message_held": ("同一诉求件前面的消息还未处理完。", "An earlier message about the same matter is not done yet."),
    "message_crashed": ("处理时出错（{detail}），已停放。", "Handling it failed ({detail}); it is parked."),
    "dead_letter_unknown": ("没有编号为 {id} 的停放消息。", "There is no dead letter {id}."),
    "attachment_unknown": ("没有校验值为 {sha256} 的附件。", "There is no attachment {sha256}."),
    # Parts and deadlines.
    "deadline_passed": (
        "没有在限定时间内办完，未作任何改动，请重试。",
        "It was not done in the time given and nothing was changed; try again.",
    ),
    "database_away": (
        "数据库暂时连不上，未作任何改动，请稍后再试。",
        "The database cannot be reached and nothing was changed; try again shortly.",
    ),
    "broker_away": (
        "消息通道暂时连不上；工作照常进行，消息恢复后自动送达。",
        "The broker cannot be reached; work goes on, and messages follow when it is back.",
    ),
    "broker_refused": (
        "消息服务器拒绝了对主题 {topic} 的操作：{detail}。",
        "The broker refused what was asked of the topic {topic}: {detail}.",
    ),
    "neighbour_away": ("{centre} 暂时连不上，请稍后再试。", "{centre} cannot be reached; try again shortly."),
    "too_busy": ("正在处理的请求太多，请稍后再试。", "Too many requests are under way; try again shortly."),
    # Sign-in and pages.
    "sign_in_wrong": ("账号或密码不对，请重新输入。", "The account or the password is wrong; try again."),
    "sign_in_needed": ("请先登录。", "Sign in first."),
    "form_expired": ("页面放得太久，已失效；请刷新后重新提交。", "The page is too old; reload it and send again."),
    "page_unknown": ("没有这个页面。", "There is no such page."),
    "page_failed": (
        "系统出错，没有改动任何内容；请稍后再试，并把编号 {trace} 告诉管理员。",
        "Something failed and nothing was changed; try again, and give the number {trace} to the operator.",
    ),
    # Import.
    "file_missing": ("找不到文件 {path}。", "There is no file {path}."),
    "file_unreadable": ("文件 {path} 无法读取：{detail}。", "The file {path} cannot be read: {detail}."),
    "file_unwritable": ("文件 {path} 无法写入：{detail}。", "The file {path} cannot be written: {detail}."),
    "file_type_unknown": (
        "不认识 {path} 的格式，请用 .csv、.csv.gz 或 .xlsx。",
        "The format of {path} is unknown; use .csv, .csv.gz or .xlsx.",
    ),
    "column_missing": (
        "文件缺少“{column}”列；请核对表头或用 --mapping 指定。",
        "The file has no column '{column}'; check the header or give --mapping.",
    ),
    "file_too_large": (
        "文件 {path} 太大：最多 {limit_mib} MiB（解压后）、{limit_rows} 行；请拆成几个文件。",
        "The file {path} is too large: at most {limit_mib} MiB unpacked and {limit_rows} rows; split it.",
    ),
    "row_columns": (
        "这一行有 {found} 列，表头有 {wanted} 列；请检查逗号和引号。",
        "This row has {found} columns, the header has {wanted}; check commas and quotation marks.",
    ),
    "row_malformed": ("这一行不是有效的 CSV：{detail}。", "This row is not valid CSV: {detail}."),
    "row_repeats": (
        "编号“{value}”在第 {line} 行已用于内容不同的另一件。",
        "The number '{value}' stands in line {line} already, for another matter.",
    ),
    "date_malformed": (
        "“{value}”不是日期或时间，例如 2026-11-23 09:00。",
        "'{value}' is not a date or time, such as 2026-11-23 09:00.",
    ),
    "reply_early": (
        "答复时间 {value} 早于来件时间。",
        "The time of the reply, {value}, lies before the time of the report.",
    ),
    "mapping_broken": ("列对应表 {path} 有误：{detail}。", "The mapping {path} is wrong: {detail}."),
    # The schema.
    "schema_changed": (
        "数据库结构步骤 {name} 与本版本不一致，没有继续；请核对安装的版本。",
        "The schema step {name} differs from this release and nothing was done; check the installed release.",
    ),
    # The local stack and settings.
    "settings_wrong": ("设置“{name}”有误：{detail}。", "The setting '{name}' is wrong: {detail}."),
    "stack_locked": (
        "数据目录 {path} 正被另一个进程（{pid}）使用；请先停止它，或用 --data 另选目录。",
        "The data folder {path} is in use by process {pid}; stop it first, or choose another with --data.",
    ),
    "stack_not_running": (
        "没有正在运行的本地系统；请先运行 fengqiao local up。",
        "No local stack is running; start it with: fengqiao local up.",
    ),
    "centre_not_running": (
        "{name}（{centre}）没有在运行，或不知道它的地址。",
        "{name} ({centre}) is not running, or its address is not known.",
    ),
    "branch_not_running": (
        "需要市、县、乡镇各有一个相连的中心在运行；请启动后再试。",
        "A city, a county and a township that belong together have to run; start them and try again.",
    ),
    "story_event_differs": (
        "{name}没有看到{author}的“{event}”，或所见不同。",
        "{name} has not seen this of {author}, or sees it differently: {event}.",
    ),
    "story_state_differs": (
        "{name}所见的“{field}”与{other}不一致。",
        "{name} and {other} see different values of '{field}'.",
    ),
    "step_late": (
        "等了 {seconds} 秒，“{command}”仍未能在{name}完成：{reason}",
        "After {seconds} s, {command} was still not possible at {name}: {reason}",
    ),
    "port_taken": (
        "端口 {port} 已被占用；请空出它，或另选端口。",
        "The port {port} is taken; free it or choose another.",
    ),
    "part_missing": (
        "缺少 {part}；请运行 make setup，或安装 fengqiao[local]。",
        "{part} is missing; run make setup, or install fengqiao[local].",
    ),
    "part_failed": ("{part} 没有启动：{detail}；详见 {log}。", "{part} did not start: {detail}; see {log}."),
    "folder_not_writable": (
        "目录 {path} 不能写入；请换一个目录或改权限。",
        "The folder {path} is not writable; choose another or change its permissions.",
    ),
    "folder_other_version": (
        "目录 {path} 是 PostgreSQL {found} 建的，这里是 {wanted}；请另选目录。",
        "The folder {path} was made by PostgreSQL {found}, this is {wanted}; choose another folder.",
    ),
    "folder_not_ours": (
        "目录 {path} 不是本系统建的，没有删除。",
        "The folder {path} was not made by this stack; nothing was deleted.",
    ),
    "disk_nearly_full": (
        "磁盘只剩 {free_mib} MiB，至少需要 {needed_mib} MiB。",
        "Only {free_mib} MiB of disk are left; at least {needed_mib} MiB are needed.",
    ),
    "jars_unavailable": (
        "取不到 Kafka 的程序库（{detail}）；请联网后运行 make setup。",
        "Kafka's libraries cannot be had ({detail}); connect to the network and run make setup.",
    ),
    "account_unavailable": (
        "以 root 运行时需要普通账号 {account}，但没有建成：{detail}；请换普通用户运行。",
        "Running as root needs the ordinary account {account}, which could not be made: {detail}; run as an ordinary user.",
    ),
}


def sentence_for(code: str, language: Language, params: Mapping[str, str]) -> str:
    """Give the sentence for a code; an unknown code or a missing parameter is a programming error (KeyError)."""
    chinese, english = SENTENCES[code]
    worded = {name: _worded(value, language) for name, value in params.items()}
    return (chinese if language is Language.ZH else english).format_map(worded)


def _worded(value: str, language: Language) -> str:
    # A parameter may name words of the domain ("word:state.assigned"), several of them set apart by spaces. What a
    # person typed may look like that and name none; it is shown as it is.
    keys = [part.removeprefix("word:") for part in value.split()]
    if not value.startswith("word:") or any(key not in WORDS for key in keys):
        return value
    words = [word(key, language) for key in keys]
    return ("、" if language is Language.ZH else ", ").join(words)
