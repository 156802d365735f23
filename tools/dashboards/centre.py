"""中心: what the clerk in charge of one centre wants: what burns, what waits for us, and how long things take here."""

from collections.abc import Sequence

from tools.dashboards import link, palette, variable
from tools.dashboards.board import Board, Row
from tools.dashboards.naming import ROUTED, Lists, outcomes, rungs, words_of
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
    spread,
)
from tools.dashboards.query import CENTRE, Ask, or_nought
from tools.dashboards.table import Column, Key, rows

UID = "fengqiao-centre"


def board(lists: Lists, desk: str) -> Board:
    """Make the board of one centre."""
    return Board(
        UID,
        "枫桥 · 中心",
        "一个中心此刻什么最急、什么在等我们、各环节花多少时间。 "
        "What burns at one centre, what waits for it, where its time goes.",
        "now-7d",
        "1m",
        [variable.datasource(), variable.job(), variable.county(), variable.centre(), variable.desk(desk)],
        [
            link.boards(),
            link.desk_page("待办", "${centre}/work", "本中心的待办 Queues of the centre"),
            link.desk_page("督办", "${centre}/supervision", "本中心的督办单 Supervision orders of the centre"),
            link.desk_page("死信", "${centre}/dead-letters", "本中心无法处理的消息 Messages it could not handle"),
        ],
        [
            Row("此刻 · Now", _now()),
            Row("时限 · Limits", _limits(lists)),
            Row("时间花在哪里 · Where the time goes", _time()),
            Row("结果 · Results", _results(lists)),
        ],
    )


def _now() -> Sequence[Panel]:
    held = ("fengqiao_cases", 'role="holder"')
    return (
        figure(
            Text("超期时限", "本中心到期未完成的时限。", "Overdue clocks of this centre."),
            Ask(or_nought(CENTRE.total("fengqiao_limits_overdue"))),
            unit=COUNT,
            colours=palette.overdue(),
        ),
        figure(
            Text("最近到期", "距下一个时限到期还有多久。", "Time left to the next due clock."),
            Ask(CENTRE.least("fengqiao_limit_next_due_seconds")),
            unit=SECONDS,
            colours=palette.times_left(),
            trend=False,
        ),
        figure(
            Text("在办事项", "本中心办理、未办结的事项。", "Cases that this centre holds and that are not resolved."),
            Ask(or_nought(CENTRE.total(*held, 'state!="resolved"'))),
            unit=COUNT,
            colours=palette.plain(),
        ),
        figure(
            Text("待交办", "已登记、还没有交给承办单位的事项。", "Registered cases that no unit has yet."),
            Ask(or_nought(CENTRE.total(*held, 'state=~"registered|accepted"'))),
            unit=COUNT,
            colours=palette.waiting(1, 20),
        ),
        figure(
            Text("等我们受理", "别的中心移交来、等我们答复的事项。", "Offers to this centre that wait for its answer."),
            Ask(CENTRE.total("fengqiao_offers_waiting")),
            unit=COUNT,
            colours=palette.waiting(1, 20),
        ),
        figure(
            Text("等对方受理", "我们移交出去、对方尚未答复的事项。", "Offers of this centre that nobody has answered."),
            Ask(CENTRE.total("fengqiao_offers_open")),
            unit=COUNT,
            colours=palette.plain(),
        ),
        bars(
            Text("在办事项所处环节", "在办事项停在哪一步。", "Where the open cases stand."),
            Ask(CENTRE.total(*held, 'state!="resolved"', by="state"), "{{state}}"),
            unit=COUNT,
            colours=palette.plain(),
            size=HALF,
            overrides=renamed(words_of("state")),
        ),
        lines(
            Text("登记与办结", "每小时登记、办结的事项。", "Cases registered and closed an hour."),
            Ask(or_nought(CENTRE.hourly("fengqiao_case_steps_total", 'step="registered"')), "登记"),
            Ask(or_nought(CENTRE.hourly("fengqiao_cases_closed_total")), "办结"),
            unit=COUNT,
            axis="件/时",
        ),
    )


def _limits(lists: Lists) -> Sequence[Panel]:
    code = Key("code", "时限", lists.limits)
    return (
        rows(
            Text(
                "各时限",
                "正在计时、已超期、最近到期；近七日到期的按期率及其分母。",
                "Clocks that run, that are overdue, and the next one; the rate of seven days with its denominator.",
            ),
            (code,),
            (
                Column("超期", CENTRE.total("fengqiao_limits_overdue", by="code"), COUNT, palette.overdue()),
                Column(
                    "最近到期",
                    CENTRE.least("fengqiao_limit_next_due_seconds", by="code"),
                    SECONDS,
                    palette.times_left(),
                ),
                Column("计时中", CENTRE.total("fengqiao_limits_running", by="code"), COUNT),
                Column(
                    "按期率", 'max by (code) (fengqiao:limits_on_time:ratio{centre=~"$centre"})', SHARE, palette.kept()
                ),
                Column("办结率", 'max by (code) (fengqiao:limits_met:ratio{centre=~"$centre"})', SHARE),
                Column("到期数", 'max by (code) (fengqiao:limits_due:of{centre=~"$centre"})', COUNT),
            ),
            size=Size(16, 9),
            worst="超期",
        ),
        bars(
            Text(
                "近七日到期的结果",
                "到期时限的结果：按期完成、超期完成、仍在超期。",
                "What became of what was due in seven days.",
            ),
            Ask(CENTRE.due(by="outcome"), "{{outcome}}"),
            unit=COUNT,
            colours=palette.plain(),
            size=Size(8, 9),
            overrides=renamed(outcomes()),
        ),
        lines(
            Text("超期走势（按时限）", "超期时限数，按时限。", "Overdue clocks, by limit."),
            Ask(or_nought(CENTRE.total("fengqiao_limits_overdue", by="code"), "code"), "{{code}}"),
            unit=COUNT,
            axis="个",
            stacked=True,
            overrides=renamed(lists.limits),
        ),
        lines(
            Text("警示走势", "每小时发出的警示，按阶梯。", "Warnings an hour, by step of the ladder."),
            Ask(or_nought(CENTRE.hourly("fengqiao_limit_firings_total", by="rung"), "rung"), "{{rung}}"),
            unit=COUNT,
            axis="次/时",
            overrides=renamed(rungs()),
        ),
    )


def _time() -> Sequence[Panel]:
    steps, words = "fengqiao_case_step_seconds", words_of("event")
    return (
        bars(
            Text(
                "到各环节的时间（中位数）",
                "从登记到各环节，一半事项在此时间内；所选时间内。时间断在哪一步，就缺人在哪一步。",
                "From registration to each step, half of the cases within this time. "
                "Where it jumps, somebody is missing.",
            ),
            Ask(CENTRE.slowest(0.5, steps, by="step", over="$__range"), "{{step}}"),
            unit=SECONDS,
            colours=palette.plain(),
            overrides=renamed(words),
        ),
        bars(
            Text(
                "到各环节的时间（九成）",
                "从登记到各环节，九成事项在此时间内。",
                "From registration to each step, nine cases of ten within this time.",
            ),
            Ask(CENTRE.slowest(0.9, steps, by="step", over="$__range"), "{{step}}"),
            unit=SECONDS,
            colours=palette.plain(),
            overrides=renamed(words),
        ),
        spread(
            Text(
                "登记到办结的时间分布",
                "办结的事项用了多久：颜色越深，件数越多。",
                "How long closed cases took since registration; the darker, the more.",
            ),
            Ask(CENTRE.spread(steps, 'step=~"closed|resolved"'), "{{le}}"),
            size=THIRD,
        ),
    )


def _results(lists: Lists) -> Sequence[Panel]:
    said = "fengqiao_evaluations_total"
    reasonable, satisfied = 'reasonable="yes"', 'satisfied="yes"'
    all_said = CENTRE.grown(said, reasonable)
    share = f"({CENTRE.grown(said, reasonable, satisfied)} or 0 * {all_said}) / ({all_said} > 0)"
    return (
        figure(
            Text(
                "合理诉求满意率",
                "所选时间内评价为满意的比例，只算合理诉求；分母在右。没有评价时显示 0。",
                "Share of satisfied answers among reasonable demands; its denominator stands beside. "
                "0 while nobody has answered.",
            ),
            Ask(or_nought(share)),
            unit=SHARE,
            colours=palette.plain(),
            trend=False,
        ),
        figure(
            Text("评价数", "左侧比率的分母。", "The denominator of the rate on the left."),
            Ask(or_nought(all_said)),
            unit=COUNT,
            colours=palette.plain(),
            trend=False,
        ),
        figure(
            Text("死信", "无法处理、等人查看的消息。", "Messages that could not be handled and wait for somebody."),
            Ask(CENTRE.total("fengqiao_dead_letters")),
            unit=COUNT,
            colours=palette.faults(),
        ),
        figure(
            Text("待决申诉", "对扣分的申诉，尚无人决定。", "Appeals against points that nobody has decided."),
            Ask(CENTRE.total("fengqiao_appeals_waiting")),
            unit=COUNT,
            colours=palette.waiting(1, 10),
        ),
        figure(
            Text(
                "与上级直连",
                "1 为连线；断线时照常办理。城市中心显示与各县。",
                "1 while the Link stands; work goes on without.",
            ),
            Ask(CENTRE.least("fengqiao_link_up")),
            unit="bool_on_off",
            colours=palette.steps(palette.ORANGE, (1, palette.GREEN)),
        ),
        figure(
            Text(
                "事项目录版本",
                "本中心在用的目录版本号，应与市级一致。",
                "The edition of the catalogue in force; the city has the newest.",
            ),
            Ask(CENTRE.most("fengqiao_edition_number", 'book="catalogue"')),
            unit=COUNT,
            colours=palette.plain(),
            trend=False,
        ),
        bars(
            Text(
                "办结方式",
                "所选时间内办结的事项。已解释、已引导、已撤回都不等于已解决。",
                "How cases were closed. Explained, referred and withdrawn are not solved.",
            ),
            Ask(or_nought(CENTRE.grown("fengqiao_cases_closed_total", by="closing"), "closing"), "{{closing}}"),
            unit=COUNT,
            colours=palette.plain(),
            overrides=renamed(words_of("closing")),
        ),
        bars(
            Text("登记的类别", "所选时间内登记的事项，按类别。", "Cases registered within the chosen time, by class."),
            Ask(
                or_nought(CENTRE.grown("fengqiao_case_steps_total", 'step="registered"', by="class"), "class"),
                "{{class}}",
            ),
            unit=COUNT,
            colours=palette.plain(),
            overrides=renamed(lists.classes),
        ),
        bars(
            Text(
                "分流建议的采用",
                "派单、移交与分流规则的建议是否一致。多数另行指定，说明规则该改。",
                "Whether people follow what the routing rules suggest. Many others: mend the rules.",
            ),
            Ask(or_nought(CENTRE.grown("fengqiao_route_suggestions_total", by="outcome"), "outcome"), "{{outcome}}"),
            unit=COUNT,
            colours=palette.plain(),
            overrides=renamed(ROUTED),
        ),
    )
