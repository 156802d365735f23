"""全市总览: what a city operator looks at first, at three in the morning and on Monday before the meeting.

At night: is anything overdue, is anything cut off. On Monday: which county keeps its limits, of how many.
"""

from collections.abc import Sequence

from tools.dashboards import link, palette, variable
from tools.dashboards.board import Board, Row
from tools.dashboards.county import UID as COUNTY_UID
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
    painted,
    renamed,
)
from tools.dashboards.query import (
    CENTRE_LEGEND,
    CENTRES,
    CITY,
    COUNTIES,
    COUNTY_LEGEND,
    TO_PARENT,
    Ask,
    most_of,
    or_nought,
)
from tools.dashboards.table import Column, placed, rows

UID = "fengqiao-city"
MONTHLY = {
    "direct": ("直接答复率", "registered"),
    "returned": ("回退率", "dispatched"),
    "arbitrated": ("裁定率", "dispatched"),
    "extended": ("延期率", "registered"),
    "reopened": ("重办率", "closed"),
    "satisfied_reasonable": ("合理诉求满意率", "evaluated_reasonable"),
}
"""The published rates of the last 30 days: recorded name, word, and the recorded name of its denominator."""


def board(lists: Lists, desk: str) -> Board:
    """Make the board of the whole city."""
    return Board(
        UID,
        "枫桥 · 全市总览",
        "全市此刻有没有超期、有没有断线，各县按期率如何。 "
        "What is overdue, what is cut off, and which county keeps its limits.",
        "now-7d",
        "1m",
        [variable.datasource(), variable.job(), variable.desk(desk)],
        [link.boards(), link.desk_page("工作台", "", "各中心的工作台 Desks of all centres")],
        [
            Row("此刻 · Now", _now()),
            Row("各县 · Counties", _counties()),
            Row("时限 · Limits", _limits(lists)),
            Row("事项 · Cases", _cases(lists)),
            Row("公布口径（近 30 日） · Published figures", _published(lists)),
        ],
    )


def _now() -> Sequence[Panel]:
    told = CITY.of("fengqiao_kafka_connected")
    silent = f"count(max by (centre) (last_over_time({told}[1d])) unless max by (centre) ({told}))"
    return (
        figure(
            Text("超期时限", "到期未完成、仍在计时的时限数。", "Clocks that run on past their due time, all centres."),
            Ask(or_nought(CITY.total("fengqiao_limits_overdue"))),
            unit=COUNT,
            colours=palette.overdue(),
        ),
        figure(
            Text(
                "在办事项", "各中心作为办理方、尚未办结的事项。", "Cases that a centre holds and that are not resolved."
            ),
            Ask(or_nought(CITY.total("fengqiao_cases", 'role="holder"', 'state!="resolved"'))),
            unit=COUNT,
            colours=palette.plain(),
        ),
        figure(
            Text("待受理移交", "已移交、对方尚未答复的事项。", "Cases offered to a centre that it has not answered."),
            Ask(CITY.total("fengqiao_offers_waiting")),
            unit=COUNT,
            colours=palette.plain(),
        ),
        figure(
            Text(
                "失联中心",
                "一天内有指标、现在没有的中心：节点或采集中断。",
                "Centres that told metrics within a day and tell none now: node or scrape is down.",
            ),
            Ask(or_nought(silent)),
            unit=COUNT,
            colours=palette.faults(),
            trend=False,
        ),
        figure(
            Text(
                "直连断线",
                "与上级没有直连的中心数；Kafka 在时消息照走。",
                "Centres without a Link to their parent; Kafka may still carry.",
            ),
            Ask(or_nought(f"count({CITY.narrowed(TO_PARENT).most('fengqiao_link_up', by='centre')} == 0)")),
            unit=COUNT,
            colours=palette.faults(),
        ),
        figure(
            Text("死信", "无法处理、等人查看的消息。", "Messages that could not be handled and wait for somebody."),
            Ask(CITY.total("fengqiao_dead_letters")),
            unit=COUNT,
            colours=palette.faults(),
        ),
    )


def _counties() -> Sequence[Panel]:
    def links(county: str) -> tuple[link.Link, ...]:
        return link.to_board("打开县区看板", COUNTY_UID, county=county), link.to_desk("打开工作台", county)

    return (
        rows(
            Text(
                "各县一览",
                "按超期数排列。按期率为近七日到期时限中按期完成的比例，右侧即其分母：分母小的比率不宜排名。点县名进入县区看板。",
                "Ordered by overdue clocks. The rate is of what was due in seven days; its denominator stands beside, "
                "and small ones are no ground for a ranking. Click a county to go on.",
            ),
            placed("county", "县区", links),
            (
                Column("超期", CITY.total("fengqiao_limits_overdue", by=COUNTIES), COUNT, palette.overdue()),
                Column("在办", CITY.total("fengqiao_cases", 'role="holder"', 'state!="resolved"', by=COUNTIES), COUNT),
                Column("按期率", CITY.on_time(by=COUNTIES), SHARE, palette.kept()),
                Column("到期数", CITY.due(by=COUNTIES), COUNT),
                Column("待受理", CITY.total("fengqiao_offers_waiting", by=COUNTIES), COUNT),
                Column(
                    "消息最久等待",
                    CITY.most("fengqiao_outbox_oldest_age_seconds", by=COUNTIES),
                    SECONDS,
                    palette.waiting(60, 300),
                ),
                Column("死信", CITY.total("fengqiao_dead_letters", by=COUNTIES), COUNT, palette.faults()),
            ),
            size=Size(24, 11),
            worst="超期",
        ),
        lines(
            Text("超期走势（按县）", "各县超期时限数随时间的变化。", "Overdue clocks of each county over time."),
            Ask(CITY.total("fengqiao_limits_overdue", by=COUNTIES), COUNTY_LEGEND),
            unit=COUNT,
            axis="个",
        ),
        lines(
            Text(
                "登记走势（按县）",
                "每小时登记的事项数。一县突然升高，可能是突发事件或重复来件。",
                "Cases registered an hour. A sudden rise in one county may be one event seen by many.",
            ),
            Ask(CITY.hourly("fengqiao_case_steps_total", 'step="registered"', by=COUNTIES), COUNTY_LEGEND),
            unit=COUNT,
            axis="件/时",
        ),
    )


def _limits(lists: Lists) -> Sequence[Panel]:
    return (
        bars(
            Text(
                "按期率（近七日到期）",
                "各时限按期完成的比例。",
                "Share met in time of what was due in seven days, by limit.",
            ),
            Ask("fengqiao:limits_on_time_in_city:ratio", "{{code}}"),
            unit=SHARE,
            colours=palette.kept(),
            top=1,
            overrides=renamed(lists.limits),
        ),
        bars(
            Text("到期数（近七日）", "左侧按期率的分母。", "The denominators of the rates on the left."),
            Ask("fengqiao:limits_due_in_city:of", "{{code}}"),
            unit=COUNT,
            colours=palette.plain(),
            overrides=renamed(lists.limits),
        ),
        bars(
            Text("超期最多的中心", "超期时限最多的十个中心。", "The ten centres with most overdue clocks."),
            Ask(most_of(10, CITY.total("fengqiao_limits_overdue", by=CENTRES)), CENTRE_LEGEND),
            unit=COUNT,
            colours=palette.overdue(),
        ),
        lines(
            Text("按期率走势", "近七日按期率随时间的变化。", "The rate of the last seven days, over time."),
            Ask("fengqiao:limits_on_time_in_city:ratio", "{{code}}"),
            unit=SHARE,
            overrides=renamed(lists.limits),
        ),
        lines(
            Text("警示走势", "每小时发出的预警、红色警示、催办与督办。", "Warnings an hour, by step of the ladder."),
            Ask(or_nought(CITY.hourly("fengqiao_limit_firings_total", by="rung"), "rung"), "{{rung}}"),
            unit=COUNT,
            axis="次/时",
            overrides=[
                *renamed(rungs()),
                painted(rungs()["yellow"], palette.YELLOW),
                painted(rungs()["red"], palette.RED),
            ],
        ),
    )


def _cases(lists: Lists) -> Sequence[Panel]:
    return (
        lines(
            Text(
                "登记与办结",
                "每小时登记、办结的事项。登记长期高于办结，积压在增加。",
                "Cases registered and closed an hour. When more come than go for long, a backlog grows.",
            ),
            Ask(CITY.hourly("fengqiao_case_steps_total", 'step="registered"'), "登记"),
            Ask(or_nought(CITY.hourly("fengqiao_cases_closed_total")), "办结"),
            unit=COUNT,
            axis="件/时",
            size=HALF,
            overrides=[painted("登记", palette.BLUE), painted("办结", palette.GREEN)],
        ),
        lines(
            Text(
                "上下流转",
                "每小时被上级、下级受理的移交。乡镇不断上送，说明小事未能化解在基层。",
                "Hand-overs accepted an hour, by the level that took them: "
                "escalated to counties and city, dispatched down.",
            ),
            Ask(
                or_nought(
                    CITY.hourly("fengqiao_case_steps_total", 'step="offer_accepted"', by="level"),
                    "level",
                ),
                "{{level}}",
            ),
            unit=COUNT,
            axis="件/时",
            size=HALF,
            overrides=renamed({level: f"{word}受理" for level, word in words_of("level").items()}),
        ),
        bars(
            Text("各类登记数", "所选时间内登记的事项，按类别。", "Cases registered within the chosen time, by class."),
            Ask(CITY.grown("fengqiao_case_steps_total", 'step="registered"', by="class"), "{{class}}"),
            unit=COUNT,
            colours=palette.plain(),
            size=THIRD,
            overrides=renamed(lists.classes),
        ),
        bars(
            Text("在办事项所处环节", "在办事项停在哪一步。", "Where the open cases stand."),
            Ask(CITY.total("fengqiao_cases", 'role="holder"', 'state!="resolved"', by="state"), "{{state}}"),
            unit=COUNT,
            colours=palette.plain(),
            size=THIRD,
            overrides=renamed(words_of("state")),
        ),
        bars(
            Text("在督事项（五级督办）", "未办结的督办单，按级别。", "Open supervision orders by level of the ladder."),
            Ask(CITY.total("fengqiao_supervision_orders_open", by="level"), "{{level}}"),
            unit=COUNT,
            colours=palette.plain(),
            size=THIRD,
            overrides=renamed(LADDER),
        ),
    )


def _published(lists: Lists) -> Sequence[Panel]:
    rates = [Ask(f"fengqiao:{name}:ratio", word) for name, (word, _) in MONTHLY.items()]
    denominators = {of: f"fengqiao:{of}:of" for _, of in MONTHLY.values()}
    words = {
        "registered": "登记",
        "dispatched": "交办",
        "closed": "办结",
        "evaluated_reasonable": "合理诉求评价",
    }
    return (
        figure(
            Text(
                "公布比率",
                "近 30 日：直接答复、回退、裁定、延期、重办、合理诉求满意，各有自己的分母（右侧）。",
                "Rates of the last 30 days, each with a denominator of its own (beside).",
            ),
            *rates,
            unit=SHARE,
            colours=palette.plain(),
            size=Size(16, 5),
            trend=False,
        ),
        figure(
            Text(
                "公布分母",
                "左侧各比率的分母，近 30 日件数。",
                "The denominators of the rates on the left, cases of 30 days.",
            ),
            *(Ask(expr, words[of]) for of, expr in denominators.items()),
            unit=COUNT,
            colours=palette.plain(),
            size=Size(8, 5),
            trend=False,
        ),
        bars(
            Text(
                "交办按期率",
                "近 30 日按期完成的时限占交办事项的比例，按时限；分母为交办件数。",
                "Clocks met in time within 30 days, of the cases that were dispatched; the denominator stands above.",
            ),
            Ask("fengqiao:on_time_of_dispatched:ratio", "{{code}}"),
            unit=SHARE,
            colours=palette.plain(),
            size=Size(24, 6),
            top=1,
            overrides=renamed(lists.limits),
        ),
    )
