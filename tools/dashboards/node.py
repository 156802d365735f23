"""节点内部: what a DevOps engineer opens when a node is slow or still: doors, handlers, SQL, loops, the calendar."""

from collections.abc import Sequence

from tools.dashboards import link, palette, variable
from tools.dashboards.board import Board, Row
from tools.dashboards.naming import HELD, LOOPS, Lists, words_of
from tools.dashboards.panel import (
    COUNT,
    DAYS,
    PER_MINUTE,
    PER_SECOND,
    SECONDS,
    Panel,
    Text,
    figure,
    lines,
    renamed,
    spread,
    stretches,
)
from tools.dashboards.query import CENTRE, CENTRE_LEGEND, CENTRES, CITY, Ask, most_of, or_nought

UID = "fengqiao-node"
SQL, RPC, HANDLER = (
    "fengqiao_sql_duration_seconds",
    "fengqiao_rpc_duration_seconds",
    "fengqiao_handler_duration_seconds",
)
TURNS = "fengqiao_loop_turns_total"
EDITION = "fengqiao_edition_number"
FAILED = 'outcome="failed"'


def board(lists: Lists, desk: str) -> Board:
    """Make the board of the insides of nodes."""
    del lists  # what stands here is code, not a city's list
    return Board(
        UID,
        "枫桥 · 节点内部",
        "节点慢了还是停了：接口、命令、SQL、后台循环、日历。 "
        "Whether a node is slow or still: doors, commands, SQL, loops, calendar.",
        "now-3h",
        "30s",
        [
            variable.datasource(),
            variable.job(),
            variable.county(many=True),
            variable.centre(many=True),
            variable.desk(desk),
        ],
        [link.boards(), link.desk_page("工作台", "", "各中心的工作台 Desks of all centres")],
        [
            Row("此刻 · Now", _now()),
            Row("后台循环与警示 · Loops and warnings", _loops()),
            Row("命令与接口 · Commands and doors", _doors()),
            Row("数据库 · Database", _database()),
        ],
    )


def _now() -> Sequence[Panel]:
    # The newest edition is the city's, whichever centres are chosen.
    newest = f"max by (book) ({CITY.of(EDITION)})"
    behind = f"sum({CENTRE.told(EDITION)} < bool on (book) group_left () {newest})"
    return (
        figure(
            Text("有指标的中心", "此刻能采到指标的中心数。", "Centres that tell metrics now."),
            Ask(f"count({CENTRE.most('fengqiao_kafka_connected', by='centre')})"),
            unit=COUNT,
            colours=palette.plain(),
        ),
        figure(
            Text("Kafka 断开", "连不上 Kafka 的节点进程。", "Processes of nodes without Kafka."),
            Ask(or_nought(f"count({CENTRE.of('fengqiao_kafka_connected')} == 0)")),
            unit=COUNT,
            colours=palette.faults(),
        ),
        figure(
            Text("数据库断开", "连不上 PostgreSQL 的中心，窗口无法登记。", "Centres whose PostgreSQL does not answer."),
            Ask(or_nought(f"count({CENTRE.most('fengqiao_postgresql_connected', by='centre')} == 0)")),
            unit=COUNT,
            colours=palette.faults(),
        ),
        figure(
            Text("循环失败", "每分钟失败的后台循环轮次。", "Failed turns of background loops a minute."),
            Ask(or_nought(CENTRE.a_minute(TURNS, FAILED))),
            unit=PER_MINUTE,
            colours=palette.faults(0.1),
        ),
        figure(
            Text(
                "迟发的警示",
                "所选时间内晚一秒以上的警示。",
                "Warnings given more than a second late within the chosen time.",
            ),
            Ask(or_nought(CENTRE.grown("fengqiao_limit_firings_late_total"))),
            unit=COUNT,
            colours=palette.faults(),
            trend=False,
        ),
        figure(
            Text(
                "日历还剩",
                "国务院放假通知已知的天数，取最少的中心；低于 90 天要补下一年的通知。",
                "Days for which notices on holidays are known, at the centre that knows least; "
                "below 90 lay over the next one.",
            ),
            Ask(CENTRE.least("fengqiao_calendar_horizon_days")),
            unit=DAYS,
            colours=palette.left(30, 90),
            trend=False,
        ),
        figure(
            Text(
                "版本落后",
                "目录或规则版本落后的中心，两本合计。",
                "Centres whose catalogue or routing rules are behind, both books.",
            ),
            Ask(behind),
            unit=COUNT,
            colours=palette.faults(),
        ),
    )


def _loops() -> Sequence[Panel]:
    return (
        lines(
            Text(
                "完成的循环",
                "每分钟完成的轮次，按循环。某条线归零，该循环已停，应重启节点。",
                "Turns done a minute, by loop. A line at nought: the loop is dead, restart the node.",
            ),
            Ask(CENTRE.a_minute(TURNS, 'outcome="done"', by="loop"), "{{loop}}"),
            unit=PER_MINUTE,
            overrides=renamed(LOOPS),
        ),
        lines(
            Text("失败的循环", "每分钟失败的轮次，按循环。", "Failed turns a minute, by loop; search the log."),
            Ask(or_nought(CENTRE.a_minute(TURNS, FAILED, by="loop"), "loop"), "{{loop}}"),
            unit=PER_MINUTE,
            overrides=renamed(LOOPS),
        ),
        spread(
            Text(
                "警示的迟延分布",
                "警示晚于规定时间多少；颜色越深，次数越多。",
                "How long after its time a warning came; the darker, the more.",
            ),
            Ask(CENTRE.spread("fengqiao_limit_firing_lateness_seconds"), "{{le}}"),
        ),
        lines(
            Text(
                "收件箱滞留", "等待重试、等待前序与死信。", "Held messages: to be tried again, ahead of a gap, parked."
            ),
            Ask(CENTRE.total("fengqiao_inbox_held", by="state"), "{{state}}"),
            unit=COUNT,
            axis="条",
            overrides=renamed(HELD),
        ),
        lines(
            Text(
                "版本号",
                "各中心在用的目录与规则版本：最高与最低应相同。",
                "Editions in force: highest and lowest should be the same.",
            ),
            Ask(CENTRE.most(EDITION, by="book"), "{{book}} 最高"),
            Ask(CENTRE.least(EDITION, by="book"), "{{book}} 最低"),
            unit=COUNT,
            overrides=renamed(
                {f"{code} {end}": f"{word}{end}" for code, word in words_of("book").items() for end in ("最高", "最低")}
            ),
        ),
        lines(
            Text(
                "Kafka 积压",
                "尚未取走的记录，积压最多的十个中心。",
                "Records not taken in yet, the ten centres with most.",
            ),
            Ask(most_of(10, CENTRE.most("fengqiao_kafka_lag_records", by=CENTRES)), CENTRE_LEGEND),
            unit=COUNT,
            axis="条",
        ),
    )


def _doors() -> Sequence[Panel]:
    return (
        lines(
            Text(
                "命令耗时（九五分位）",
                "各命令从进门到提交，最慢的十种。",
                "From door to commit, 95 of 100 within; the ten slowest commands.",
            ),
            Ask(most_of(10, CENTRE.slowest(0.95, HANDLER, by="handler")), "{{handler}}"),
            unit=SECONDS,
        ),
        spread(
            Text(
                "命令耗时分布", "全部命令的耗时；颜色越深，次数越多。", "How long commands took; the darker, the more."
            ),
            Ask(CENTRE.spread(HANDLER), "{{le}}"),
        ),
        lines(
            Text(
                "命令结果",
                "每秒的命令，按结果。failed 为程序出错，其余为正常拒绝。",
                "Commands a second, by outcome; 'failed' is an error of ours, the others are refusals.",
            ),
            Ask(CENTRE.pace(f"{HANDLER}_count", by="outcome"), "{{outcome}}"),
            unit=PER_SECOND,
        ),
        lines(
            Text("出错的命令", "每分钟出错的命令，按命令。", "Commands that failed a minute, by command."),
            Ask(or_nought(CENTRE.a_minute(f"{HANDLER}_count", FAILED, by="handler"), "handler"), "{{handler}}"),
            unit=PER_MINUTE,
        ),
        lines(
            Text("gRPC 耗时（九五分位）", "最慢的十个方法。", "95 of 100 calls within; the ten slowest methods."),
            Ask(most_of(10, CENTRE.slowest(0.95, RPC, by="method")), "{{method}}"),
            unit=SECONDS,
        ),
        lines(
            Text(
                "gRPC 结果",
                "每秒的调用，按状态码。INTERNAL：按追踪号查日志。",
                "Calls a second, by status; INTERNAL: search the log for the trace id.",
            ),
            Ask(CENTRE.pace(f"{RPC}_count", by="code"), "{{code}}"),
            unit=PER_SECOND,
        ),
    )


def _database() -> Sequence[Panel]:
    return (
        stretches(
            Text(
                "数据库的连接",
                "各中心的数据库何时应答、何时断开。断开期间不能登记和办理；恢复后不用重启节点。",
                "When each centre's database answered. While it does not, nobody can work; no node needs a restart.",
            ),
            Ask(CENTRE.most("fengqiao_postgresql_connected", by=CENTRES), CENTRE_LEGEND),
            words={0: ("断开", palette.ORANGE), 1: ("应答", palette.GREEN)},
        ),
        lines(
            Text(
                "SQL 耗时（九五分位）",
                "最慢的十条语句。保存慢看磁盘，列表慢看索引。",
                "95 of 100 within; the ten slowest statements. Slow save: disk; slow list: an index is missing.",
            ),
            Ask(most_of(10, CENTRE.slowest(0.95, SQL, by="statement")), "{{statement}}"),
            unit=SECONDS,
        ),
        spread(
            Text(
                "SQL 耗时分布",
                "全部语句的耗时；颜色越深，次数越多。",
                "How long statements took; the darker, the more.",
            ),
            Ask(CENTRE.spread(SQL), "{{le}}"),
        ),
        lines(
            Text(
                "SQL 次数", "每秒执行次数，最多的十条语句。", "Executions a second, the ten most frequent statements."
            ),
            Ask(most_of(10, CENTRE.pace(f"{SQL}_count", by="statement")), "{{statement}}"),
            unit=PER_SECOND,
        ),
        lines(
            Text(
                "SQL 占用",
                "每秒花在各语句上的秒数：1 即一个连接一直忙；最多的十条。",
                "Seconds a second spent in each statement; 1 is one connection always busy. The ten with most.",
            ),
            Ask(most_of(10, CENTRE.pace(f"{SQL}_sum", by="statement")), "{{statement}}"),
            unit="none",
            axis="连接",
        ),
    )
