"""分类时限: which matters pass their limits, where, and what comes of it: for who runs the classes."""

from collections.abc import Sequence

from tools.dashboards import link, objective, palette, variable
from tools.dashboards.board import Board, Row
from tools.dashboards.naming import Lists, outcomes, rungs, words_of
from tools.dashboards.panel import (
    COUNT,
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
)
from tools.dashboards.query import CLASS, COUNTIES, COUNTY, Ask, or_nought, placed
from tools.dashboards.table import Column, Key, matrix, rows

UID = "fengqiao-limits"
OF_CLASS = COUNTY.narrowed('class=~"$class"')
"""What is of a class and of no limit: steps, evaluations, causes."""
SOLVED = 'class=~"$class", code="article-solve"'


def board(lists: Lists, desk: str) -> Board:
    """Make the board of limits by class."""
    return Board(
        UID,
        "枫桥 · 分类时限",
        "哪一类事项在哪里超期，警示有没有及时发出，群众怎么说。 "
        "Which class passes its limits where, and what citizens say.",
        "now-30d",
        "5m",
        [
            variable.datasource(),
            variable.job(),
            variable.county(many=True),
            variable.matter_class(),
            variable.limit(),
            variable.desk(desk),
        ],
        [link.boards(), link.desk_page("工作台", "", "各中心的工作台 Desks of all centres")],
        [
            Row("此刻 · Now", _now()),
            Row("类别 · Classes", _classes(lists)),
            Row("走势 · Trends", _trends(lists)),
            Row("目标与余量 · Objective and budget", objective.burn()),
            Row("原因与评价 · Causes and words", _causes(lists)),
        ],
    )


def _now() -> Sequence[Panel]:
    return (
        figure(
            Text("超期时限", "所选类别与时限中到期未完成的。", "Overdue clocks of the chosen classes and limits."),
            Ask(or_nought(CLASS.total("fengqiao_limits_overdue"))),
            unit=COUNT,
            colours=palette.overdue(),
        ),
        figure(
            Text("计时中", "正在计时的时限，含中止的。", "Clocks that run, suspended ones too."),
            Ask(or_nought(CLASS.total("fengqiao_limits_running"))),
            unit=COUNT,
            colours=palette.plain(),
        ),
        figure(
            Text("最近到期", "距下一个时限到期还有多久。", "Time left to the next due clock."),
            Ask(CLASS.least("fengqiao_limit_next_due_seconds")),
            unit=SECONDS,
            colours=palette.times_left(),
            trend=False,
        ),
        figure(
            Text(
                "按期率（近七日到期）",
                "所选范围合计，分母在右。",
                "Of the chosen classes and limits; the denominator stands beside.",
            ),
            Ask(CLASS.on_time()),
            unit=SHARE,
            colours=palette.kept(),
        ),
        figure(
            Text("到期数（近七日）", "左侧按期率的分母。", "The denominator of the rate on the left."),
            Ask(CLASS.due()),
            unit=COUNT,
            colours=palette.plain(),
        ),
        figure(
            Text(
                "迟发的警示",
                "所选时间内晚于规定时间一秒以上的警示。停机恢复后属正常。",
                "Warnings given more than a second late; after an outage this is the backlog.",
            ),
            Ask(or_nought(COUNTY.grown("fengqiao_limit_firings_late_total"))),
            unit=COUNT,
            colours=palette.faults(),
            trend=False,
        ),
    )


def _classes(lists: Lists) -> Sequence[Panel]:
    return (
        rows(
            Text(
                "各类一览",
                "每类计时中、超期、近七日到期的结果与按期率。分母小的比率不宜比较。",
                "By class: running, overdue, what became of what was due. Small denominators are no ground to compare.",
            ),
            (Key("class", "类别", lists.classes),),
            (
                Column("超期", CLASS.total("fengqiao_limits_overdue", by="class"), COUNT, palette.overdue()),
                Column("计时中", CLASS.total("fengqiao_limits_running", by="class"), COUNT),
                Column("按期率", CLASS.on_time(by="class"), SHARE, palette.kept()),
                Column("到期数", CLASS.due(by="class"), COUNT),
                Column("按期完成", CLASS.became("met", by="class"), COUNT),
                Column("超期完成", CLASS.became("breached", by="class"), COUNT),
                Column("仍在超期", CLASS.became("open", by="class"), COUNT),
            ),
            size=Size(24, 11),
            worst="超期",
        ),
        matrix(
            Text(
                "超期热力图（县 × 类）",
                "哪个县的哪一类有超期；红色即有。",
                "Overdue clocks by county and class; red where there are any.",
            ),
            Key("place", "县区"),
            Key("class", "类别", lists.classes),
            f"max by (place, class) ({placed(CLASS.total('fengqiao_limits_overdue', by=f'{COUNTIES}, class'))})",
            unit=COUNT,
            colours=palette.overdue(),
        ),
        bars(
            Text("按期率（按时限）", "所选范围近七日到期，按时限。", "Share met in time, by limit."),
            Ask(CLASS.on_time(by="code"), "{{code}}"),
            unit=SHARE,
            colours=palette.kept(),
            top=1,
            overrides=renamed(lists.limits),
        ),
        bars(
            Text("到期数（按时限）", "左侧按期率的分母。", "The denominators of the rates on the left."),
            Ask(CLASS.due(by="code"), "{{code}}"),
            unit=COUNT,
            colours=palette.plain(),
            overrides=renamed(lists.limits),
        ),
        bars(
            Text(
                "结束的时限",
                "所选时间内停止计时的时限：按期、超期、终止（不予受理、撤回等）。",
                "Clocks that stopped within the chosen time: met, breached, ended without a judgement.",
            ),
            Ask(or_nought(CLASS.grown("fengqiao_limits_ended_total", by="outcome"), "outcome"), "{{outcome}}"),
            unit=COUNT,
            colours=palette.plain(),
            overrides=renamed(outcomes()),
        ),
    )


def _trends(lists: Lists) -> Sequence[Panel]:
    return (
        lines(
            Text("超期走势（按类）", "超期时限数，按类别堆叠。", "Overdue clocks, by class."),
            Ask(CLASS.total("fengqiao_limits_overdue", by="class"), "{{class}}"),
            unit=COUNT,
            axis="个",
            stacked=True,
            overrides=renamed(lists.classes),
        ),
        lines(
            Text(
                "全市按期率走势（按类，三日办结）",
                "全市各类“三日办结”的按期率；不随县区选择变化。",
                "The city's rate of 'solved within 3 days' by class; it does not follow the choice of county.",
            ),
            Ask(f"max by (class) (fengqiao:limits_on_time_by_class:ratio{{{SOLVED}}})", "{{class}}"),
            unit=SHARE,
            overrides=renamed(lists.classes),
        ),
        lines(
            Text(
                "其分母（全市，按类，三日办结）",
                "左侧按期率的分母：近七日到期数。",
                "The denominators of the rates beside: what was due in seven days.",
            ),
            Ask(f"max by (class) (fengqiao:limits_due_by_class:of{{{SOLVED}}})", "{{class}}"),
            unit=COUNT,
            axis="个",
            overrides=renamed(lists.classes),
        ),
        lines(
            Text(
                "警示走势",
                "每小时发出的警示，按阶梯（全部类别）。",
                "Warnings an hour, by step of the ladder, of all classes.",
            ),
            Ask(
                or_nought(COUNTY.hourly("fengqiao_limit_firings_total", 'code=~"$limit"', by="rung"), "rung"),
                "{{rung}}",
            ),
            unit=COUNT,
            axis="次/时",
            overrides=renamed(rungs()),
        ),
    )


def _causes(lists: Lists) -> Sequence[Panel]:
    said = "fengqiao_evaluations_total"
    all_said = OF_CLASS.grown(said, 'reasonable="yes"', by="class")
    satisfied = OF_CLASS.grown(said, 'reasonable="yes"', 'satisfied="yes"', by="class")
    share = f"({satisfied} or 0 * {all_said}) / ({all_said} > 0)"
    return (
        bars(
            Text("登记数", "所选时间内登记的事项，按类别。", "Cases registered within the chosen time, by class."),
            Ask(
                or_nought(OF_CLASS.grown("fengqiao_case_steps_total", 'step="registered"', by="class"), "class"),
                "{{class}}",
            ),
            unit=COUNT,
            colours=palette.plain(),
            overrides=renamed(lists.classes),
        ),
        bars(
            Text(
                "回退与异议",
                "所选时间内的回退、异议、裁定，按类别。多的类别，职责规定该理清。",
                "Returns, objections and arbitrations by class. Where there are many, duties are unclear.",
            ),
            Ask(
                or_nought(
                    OF_CLASS.grown("fengqiao_case_steps_total", 'step=~"returned|objected|arbitrated"', by="class"),
                    "class",
                ),
                "{{class}}",
            ),
            unit=COUNT,
            colours=palette.plain(),
            overrides=renamed(lists.classes),
        ),
        bars(
            Text(
                "合理诉求满意率（按类）",
                "所选时间内评价为满意的比例；没有评价的类别不显示。",
                "Share of satisfied answers among reasonable demands; classes without answers are left out.",
            ),
            Ask(or_nought(share, "class"), "{{class}}"),
            unit=SHARE,
            colours=palette.plain(),
            top=1,
            overrides=renamed(lists.classes),
        ),
        bars(
            Text("评价数（按类）", "左侧满意率的分母。", "The denominators of the rates on the left."),
            Ask(or_nought(all_said, "class"), "{{class}}"),
            unit=COUNT,
            colours=palette.plain(),
            size=THIRD,
            overrides=renamed(lists.classes),
        ),
        bars(
            Text("成因", "所选时间内记录的成因，全部类别合计。", "Root causes recorded within the chosen time."),
            Ask(or_nought(OF_CLASS.grown("fengqiao_causes_total", by="root_cause"), "root_cause"), "{{root_cause}}"),
            unit=COUNT,
            colours=palette.plain(),
            size=THIRD,
            overrides=renamed(words_of("root_cause")),
        ),
        bars(
            Text(
                "办结方式",
                "所选时间内办结的事项，按方式。已解释、已引导、已撤回都不等于已解决。",
                "How cases were closed. Explained, referred and withdrawn are not solved.",
            ),
            Ask(or_nought(OF_CLASS.grown("fengqiao_cases_closed_total", by="closing"), "closing"), "{{closing}}"),
            unit=COUNT,
            colours=palette.plain(),
            size=THIRD,
            overrides=renamed(words_of("closing")),
        ),
    )
