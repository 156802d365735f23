"""What each metric means and what to do about it, in Chinese, for docs/reference/metrics.md; English is in the table.

A test holds that every metric of `observe/metrics.py` stands here, and nothing else.
"""

from collections.abc import Mapping

CHINESE: Mapping[str, tuple[str, str]] = {
    "fengqiao_release": (
        "恒为 1；标签写明本中心运行的版本。",
        "同时多于两个版本：先把最旧的中心升上来，见 docs/upgrading.md。",
    ),
    "fengqiao_reminders_total": ("本中心发出的催办。", "对同一办理中心催办多次：改发督办单。"),
    "fengqiao_causes_total": ("本中心记录的成因，按大类分。", "某一类里同一成因增多：从源头改进，不要逐件应付。"),
    "fengqiao_supervision_orders_open": (
        "本中心在办的督办单，按五级督办的级别（1 至 5）。",
        "高级别的增多：下面几级的期限被拖过了。",
    ),
    "fengqiao_points_entries_total": (
        "扣分台账的记录，按规则，分扣分与撤销。",
        "某条规则撤销得多：规则或其时限定得不对。",
    ),
    "fengqiao_appeals_waiting": ("还没有裁决的扣分申诉。", "须由既不是扣分人、也不是申诉人的人裁决。"),
    "fengqiao_facts_told_total": (
        "本中心已上报的统计事实。",
        "诉求件有变化而它不涨：查后台任务 feed_teller 和 Kafka。",
    ),
    "fengqiao_facts_total": (
        (
            "收到的下级统计事实，按结论：newer 更新、repeated 重复、summarised 已汇总、unreadable 无法解读、"
            "misplaced 放错主题、newer_release 来自更新的版本。"
        ),
        "有 unreadable 或 misplaced：往那个主题里写的不是主题所属的中心。",
    ),
    "fengqiao_feed_lag_records": ("本中心还没有读入的上报流记录。", "一直涨：数据库慢，或刚开始重新读取。"),
    "fengqiao_feed_oldest_seconds": (
        "下级中心里最久没有上报的一个，距今多少秒。",
        "超过两分钟：有中心失联，上面看到的它的数字就有这么旧。",
    ),
    "fengqiao_limits_running": ("本中心所办诉求件上正在走的时限，含已中止的。", "涨得比办结快：看超期的那些。"),
    "fengqiao_limits_overdue": ("到期仍未完成的时限。", "用 fengqiao limits list --overdue 列出是哪些件。"),
    "fengqiao_limit_next_due_seconds": (
        "离最近一个到期还有多少秒；前面没有时限时不出现。",
        "接近 0 而在走的很多：现在就要有人办。",
    ),
    "fengqiao_limits_ended_total": (
        "停止了的时限，按结果：met 按期、breached 超期、ended 不再计。",
        "ended 多：不予受理或撤回的多。比率看 fengqiao_limits_due_last_week。",
    ),
    "fengqiao_limits_due_last_week": (
        "近七天到期的时限，按结果：met 按期、breached 超期完成、open 仍未完成。",
        "met 除以三者之和就是到期时限的按期率；open 的现在就是超期。",
    ),
    "fengqiao_limits_judged_total": (
        "本中心判定过的时限：按期完成记 kept，到期未成的那一刻记 missed。",
        "missed 的比例消耗时限目标的余量，见 docs/monitoring.md。",
    ),
    "fengqiao_limits_provisional": (
        "到期时间还是暂定的时限，因为放假安排没有公布到那一天。",
        "把下一年的放假安排加进设置 calendar_files，然后重启。",
    ),
    "fengqiao_limit_firings_total": (
        "发出的警示：到期前黄牌、到期时红色警示，之后是各级阶梯。",
        "红的多而黄的少：预警来得太晚，帮不上忙。",
    ),
    "fengqiao_limit_firings_late_total": (
        "晚于应发时间一秒以上的警示。",
        "停机之后属于补发；运行中出现，说明数据库或进程过载。",
    ),
    "fengqiao_limit_firing_lateness_seconds": ("警示晚了多久才发出。", "同 fengqiao_limit_firings_late_total。"),
    "fengqiao_calendar_horizon_days": (
        "从今天起，国务院放假安排还覆盖多少天。",
        "低于 90：把下一年的放假安排加进设置 calendar_files。",
    ),
    "fengqiao_cases": (
        "本中心知道的诉求件，按本中心的角色和件的状态。",
        "角色 holder、状态 registered 的多：没有人交办。",
    ),
    "fengqiao_offers_waiting": ("移交给本中心、还没有答复的件。", "须有人受理或退回。"),
    "fengqiao_offers_open": ("本中心移交出去、对方还没有答复的件。", "先看到邻居的直连，再打电话给对方中心。"),
    "fengqiao_outbox_unpublished": (
        "发给某个邻居、对方还没有确认的消息。",
        "Kafka 和直连都断时会涨；恢复一条就自动送完。",
    ),
    "fengqiao_outbox_oldest_age_seconds": (
        "某个邻居最久没有确认的消息，已经多少秒。",
        "超过一分钟：看邻居是否在运行、Kafka 是否在运行。",
    ),
    "fengqiao_inbox_gaps": (
        "邻居的编号缺了一段，后面的消息先存着，共多少条。",
        "对方重发就补上；一直在，说明邻居的发件箱丢了。",
    ),
    "fengqiao_inbox_held": ("等待再试或已停放的消息。", "停放的：fengqiao dead-letters list。"),
    "fengqiao_dead_letters": (
        "本中心无法处理、已停放的消息。",
        "fengqiao dead-letters show 看原因，再 replay 或 drop。",
    ),
    "fengqiao_link_up": (
        "到邻居的直连：1 连着，0 断开；up 是本中心拨的上级，down 是下级。",
        "到上级为 0：网络断了或上级停了；工作照常，恢复后自动补上。",
    ),
    "fengqiao_postgresql_connected": (
        "本中心数据库有应答为 1。",
        "0：本中心不能办件，其他数值停在原处；查 PostgreSQL。",
    ),
    "fengqiao_kafka_connected": ("Kafka 有应答为 1。", "0：消息改走直连；查 Kafka。"),
    "fengqiao_kafka_lag_records": (
        "本中心主题里还没有读入的记录；问不到时不出现。",
        "连着却一直涨：消费者停住了，存活探针会重启节点。",
    ),
    "fengqiao_messages_total": (
        (
            "读入的消息，按结论：done 办了、later 以后再办、never 办不了、crash 出错、duplicate 重复、"
            "ahead 超前、too_far 超前太多。"
        ),
        "有 never 或 crash：看停放的消息。",
    ),
    "fengqiao_messages_sent_total": ("交给某种通道的信封。", "远多于邻居收到的：有消息在反复重发。"),
    "fengqiao_messages_refused_total": (
        "通道永远不收的信封：太大，或没有权限。",
        "只要有：在日志里找 refuses a message；运行 topics sync，查 Kafka 的权限。",
    ),
    "fengqiao_resends_total": ("把未确认的全部重发给某个邻居的次数。", "频繁：回执回不来；看邻居是否在运行。"),
    "fengqiao_handler_duration_seconds": (
        "一个命令从进门到提交用了多久，按结果。",
        "慢：看 fengqiao_sql_duration_seconds。",
    ),
    "fengqiao_sql_duration_seconds": ("每条命名语句用了多久。", "保存慢：查磁盘；列表慢：缺索引。"),
    "fengqiao_rpc_duration_seconds": (
        "gRPC 调用用了多久，按状态码。",
        "INTERNAL：按 trace id 在日志里找。",
    ),
    "fengqiao_loop_turns_total": (
        "后台任务（转发、回执、重试、直连等）转了多少圈。",
        "不动：任务死了，重启节点；failed：查日志。",
    ),
    "fengqiao_case_steps_total": (
        "诉求件在本中心走过的步骤：登记、交办、回退、裁定、重办等。",
        "回退多：分流不对；重办多：结了案没有解决。",
    ),
    "fengqiao_case_step_seconds": ("从登记到某一步用了多久。", "时间耗在哪一步，哪一步就缺人。"),
    "fengqiao_cases_closed_total": (
        "本中心办结的件，按办结方式，以及是否未交单位直接答复。",
        "已解释、已引导、已撤回都不是已解决，不得加进比率。",
    ),
    "fengqiao_evaluations_total": (
        "群众对本中心所办件的评价：是否解决、是否满意。",
        "未解决：按群众的话可以重办。",
    ),
    "fengqiao_edition_number": (
        "现行事项目录和分流规则的版本号；1 是手册文件的内容。",
        "落后于市里的：看它的直连和停放的消息；会自己追上。",
    ),
    "fengqiao_route_suggestions_total": (
        "派到哪里的决定，与分流规则相比：followed 照办、other 另派、none 没有建议。",
        "other 多：拿过去的件试算，修改规则；none 多：缺规则。",
    ),
}
