"""县区: what a county's supervisor wants: which of the townships needs help today, and why."""

from collections.abc import Sequence

from tools.dashboards import link, palette, variable
from tools.dashboards.board import Board, Row
from tools.dashboards.centre import UID as CENTRE_UID
from tools.dashboards.naming import LADDER, Lists, rungs, words_of
from tools.dashboards.panel import (
    COUNT,
    HALF,
    SECONDS,
    SHARE,
    THIRD,
    Panel,
    Size,
    Text,
    bars,
    figure,
    lines,
    renamed,
    stretches,
)
from tools.dashboards.query import CENTRE_LEGEND, CENTRES, COUNTY, Ask, or_nought
from tools.dashboards.table import Column, placed, rows

UID = "fengqiao-county"
STANDING = {0: ("断线", palette.ORANGE), 1: ("连线", palette.GREEN)}


def board(lists: Lists, desk: str) -> Board:
    """Make the board of one county and its townships."""
    return Board(
        UID,
        "枫桥 · 县区",
        "本县哪个乡镇今天需要帮助，原因何在。 Which township of the county needs help today, and why.",
        "now-7d",
        "1m",
        [variable.datasource(), variable.job(), variable.county(), variable.desk(desk)],
        [
            link.boards(),
            link.desk_page("县级工作台", "${county}/work", "本县中心的待办 Queues of the county's centre"),
            link.desk_page("督办", "${county}/supervision", "本县督办单 Supervision orders of the county"),
        ],
        [
            Row("此刻 · Now", _now()),
            Row("各中心 · Centres", _centres()),
            Row("走势 · Trends", _trends()),
            Row("督办与协调 · Supervision", _supervision(lists)),
        ],
    )


def _now() -> Sequence[Panel]:
    return (
        figure(
            Text("超期时限", "本县各中心到期未完成的时限。", "Overdue clocks of all centres of the county."),
            Ask(or_nought(COUNTY.total("fengqiao_limits_overdue"))),
            unit=COUNT,
            colours=palette.overdue(),
        ),
        figure(
            Text("最近到期", "距下一个时限到期还有多久。", "Time left to the next due clock."),
            Ask(COUNTY.least("fengqiao_limit_next_due_seconds")),
            unit=SECONDS,
            colours=palette.times_left(),
            trend=False,
        ),
        figure(
            Text("在办事项", "本县各中心在办、未办结的事项。", "Cases held in the county and not resolved."),
            Ask(or_nought(COUNTY.total("fengqiao_cases", 'role="holder"', 'state!="resolved"'))),
            unit=COUNT,
            colours=palette.plain(),
        ),
        figure(
            Text("待受理移交", "等本县各中心答复的移交。", "Offers that centres of the county have not answered."),
            Ask(COUNTY.total("fengqiao_offers_waiting")),
            unit=COUNT,
            colours=palette.plain(),
        ),
        figure(
            Text(
                "按期率（近七日到期）",
                "全部时限合计；分母见下表。",
                "All limits together; denominators stand in the table.",
            ),
            Ask(COUNTY.on_time()),
            unit=SHARE,
            colours=palette.kept(),
        ),
        figure(
            Text("待决申诉", "对扣分的申诉，尚无人决定。", "Appeals against points that nobody has decided."),
            Ask(COUNTY.total("fengqiao_appeals_waiting")),
            unit=COUNT,
            colours=palette.waiting(1, 10),
        ),
    )


def _centres() -> Sequence[Panel]:
    def links(centre: str) -> tuple[link.Link, ...]:
        board = link.to_board("打开中心看板", CENTRE_UID, county="${county}", centre=centre)
        return board, link.to_desk("打开工作台", centre, "work")

    return (
        rows(
            Text(
                "各中心一览",
                "按超期数排列；“最近到期”越短越急。点中心名进入其看板或工作台。",
                "Ordered by overdue clocks. Click a centre to go on to its board or its desk.",
            ),
            placed("centre", "中心", links),
            (
                Column("超期", COUNTY.total("fengqiao_limits_overdue", by=CENTRES), COUNT, palette.overdue()),
                Column(
                    "最近到期",
                    COUNTY.least("fengqiao_limit_next_due_seconds", by=CENTRES),
                    SECONDS,
                    palette.times_left(),
                ),
                Column("在办", COUNTY.total("fengqiao_cases", 'role="holder"', 'state!="resolved"', by=CENTRES), COUNT),
                Column(
                    "待交办",
                    COUNTY.total("fengqiao_cases", 'role="holder"', 'state=~"registered|accepted"', by=CENTRES),
                    COUNT,
                ),
                Column("待受理", COUNTY.total("fengqiao_offers_waiting", by=CENTRES), COUNT),
                Column("按期率", COUNTY.on_time(by=CENTRES), SHARE, palette.kept()),
                Column("到期数", COUNTY.due(by=CENTRES), COUNT),
                Column(
                    "消息最久等待",
                    COUNTY.most("fengqiao_outbox_oldest_age_seconds", by=CENTRES),
                    SECONDS,
                    palette.waiting(60, 300),
                ),
                Column("死信", COUNTY.total("fengqiao_dead_letters", by=CENTRES), COUNT, palette.faults()),
            ),
            size=Size(24, 11),
            worst="超期",
        ),
        stretches(
            Text(
                "县级中心的直连",
                "县级中心与各乡镇、与市级之间的直连何时通、何时断。断开期间照常办理，恢复后自动补齐。",
                "When the Links of the county's own centre stood. Work goes on without; what waited follows by itself.",
            ),
            Ask(COUNTY.narrowed('centre=~"$county"').most("fengqiao_link_up", by="neighbour"), "{{neighbour}}"),
            words=STANDING,
        ),
    )


def _trends() -> Sequence[Panel]:
    return (
        lines(
            Text("超期走势（按中心）", "各中心超期时限数。", "Overdue clocks of each centre."),
            Ask(COUNTY.total("fengqiao_limits_overdue", by=CENTRES), CENTRE_LEGEND),
            unit=COUNT,
            axis="个",
            stacked=True,
        ),
        lines(
            Text("登记与办结", "每小时登记、办结的事项。", "Cases registered and closed an hour."),
            Ask(COUNTY.hourly("fengqiao_case_steps_total", 'step="registered"'), "登记"),
            Ask(or_nought(COUNTY.hourly("fengqiao_cases_closed_total")), "办结"),
            unit=COUNT,
            axis="件/时",
        ),
        lines(
            Text(
                "受理的移交（按中心）",
                "每小时各中心受理的移交：县级为乡镇上送，乡镇为县级下派。",
                "Hand-overs accepted an hour: at the county those from below and above, "
                "at townships those dispatched to them.",
            ),
            Ask(
                or_nought(COUNTY.hourly("fengqiao_case_steps_total", 'step="offer_accepted"', by=CENTRES), "centre"),
                CENTRE_LEGEND,
            ),
            unit=COUNT,
            axis="件/时",
        ),
        lines(
            Text("警示走势", "每小时发出的警示，按阶梯。", "Warnings an hour, by step of the ladder."),
            Ask(or_nought(COUNTY.hourly("fengqiao_limit_firings_total", by="rung"), "rung"), "{{rung}}"),
            unit=COUNT,
            axis="次/时",
            overrides=renamed(rungs()),
        ),
    )


def _supervision(lists: Lists) -> Sequence[Panel]:
    trouble = 'step=~"returned|objected|arbitrated|sent_back|reopened|offer_refused"'
    return (
        bars(
            Text("在督事项（五级督办）", "未办结的督办单，按级别。", "Open supervision orders by level of the ladder."),
            Ask(COUNTY.total("fengqiao_supervision_orders_open", by="level"), "{{level}}"),
            unit=COUNT,
            colours=palette.plain(),
            overrides=renamed(LADDER),
        ),
        bars(
            Text(
                "返工与异议",
                "所选时间内的回退、异议、裁定、把关退回、重办、退回移交。回退多，说明派单不准。",
                "Returns, objections, arbitrations, results sent back, reopened cases, offers refused. "
                "Many returns: routing is wrong.",
            ),
            Ask(or_nought(COUNTY.grown("fengqiao_case_steps_total", trouble, by="step"), "step"), "{{step}}"),
            unit=COUNT,
            colours=palette.plain(),
            overrides=renamed(words_of("event")),
        ),
        bars(
            Text("成因（按类别）", "所选时间内记录的成因。", "Root causes recorded within the chosen time, by class."),
            Ask(or_nought(COUNTY.grown("fengqiao_causes_total", by="class"), "class"), "{{class}}"),
            unit=COUNT,
            colours=palette.plain(),
            size=THIRD,
            overrides=renamed(lists.classes),
        ),
        lines(
            Text("催办", "每小时本县各中心发出的催办。", "Reminders sent an hour by centres of the county."),
            Ask(or_nought(COUNTY.hourly("fengqiao_reminders_total", by=CENTRES), "centre"), CENTRE_LEGEND),
            unit=COUNT,
            axis="次/时",
            size=HALF,
        ),
        lines(
            Text(
                "扣分与撤销",
                "每小时积分台账的记录。",
                "Entries of the ledger of points an hour: deductions and reversals.",
            ),
            Ask(or_nought(COUNTY.hourly("fengqiao_points_entries_total", by="kind"), "kind"), "{{kind}}"),
            unit=COUNT,
            axis="条/时",
            size=HALF,
            overrides=renamed({"deduction": "扣分", "reversal": "撤销"}),
        ),
    )
