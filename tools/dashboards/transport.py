"""联邦传输: whether cases and directives travel: links, Kafka, what waits, what could not be handled."""

from collections.abc import Sequence

from tools.dashboards import link, palette, variable
from tools.dashboards.board import Board, Row
from tools.dashboards.centre import UID as CENTRE_UID
from tools.dashboards.county import STANDING
from tools.dashboards.naming import CARRIERS, HELD, VERDICTS, Lists
from tools.dashboards.panel import (
    COUNT,
    HALF,
    PER_SECOND,
    SECONDS,
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
from tools.dashboards.query import (
    CENTRE_LEGEND,
    CENTRES,
    COUNTIES,
    COUNTY,
    COUNTY_LEGEND,
    TO_PARENT,
    Ask,
    most_of,
    or_nought,
)
from tools.dashboards.table import Column, Key, placed, rows

UID = "fengqiao-transport"
OUTBOX, AGE = "fengqiao_outbox_unpublished", "fengqiao_outbox_oldest_age_seconds"
EDGE = f"{CENTRES}, neighbour"


def board(lists: Lists, desk: str) -> Board:
    """Make the board of the edges between centres."""
    del lists  # centres are named by their series, and classes do not stand here
    return Board(
        UID,
        "枫桥 · 联邦传输",
        "消息是否上得去、下得来：断在哪里、积了多少、有没有处理不了的。 "
        "Whether messages travel: where it is cut, what waits.",
        "now-6h",
        "30s",
        [variable.datasource(), variable.job(), variable.county(many=True), variable.desk(desk)],
        [link.boards(), link.desk_page("工作台", "", "各中心的工作台 Desks of all centres")],
        [
            Row("此刻 · Now", _now()),
            Row("上下级之间 · Edges", _edges()),
            Row("流量 · Traffic", _traffic()),
            Row("异常 · Trouble", _trouble()),
        ],
    )


def _now() -> Sequence[Panel]:
    return (
        figure(
            Text(
                "直连断线",
                "与上级没有直连的中心数；Kafka 在时消息照走。",
                "Centres without a Link to their parent; Kafka may still carry.",
            ),
            Ask(or_nought(f"count({COUNTY.narrowed(TO_PARENT).most('fengqiao_link_up', by=EDGE)} == 0)")),
            unit=COUNT,
            colours=palette.faults(),
        ),
        figure(
            Text(
                "Kafka 断开的中心",
                "连不上 Kafka 的中心；消息改走直连。",
                "Centres without Kafka; messages pass over the Link.",
            ),
            Ask(or_nought(f"count({COUNTY.most('fengqiao_kafka_connected', by='centre')} == 0)")),
            unit=COUNT,
            colours=palette.faults(),
        ),
        figure(
            Text("未确认消息", "对方尚未确认收妥的消息。", "Messages that a neighbour has not acknowledged."),
            Ask(COUNTY.total(OUTBOX)),
            unit=COUNT,
            colours=palette.waiting(1_000, 100_000),
        ),
        figure(
            Text("最久等待", "未确认消息中最早一条的等待时间。", "Age of the oldest unacknowledged message."),
            Ask(COUNTY.most(AGE)),
            unit=SECONDS,
            colours=palette.waiting(60, 300),
        ),
        figure(
            Text(
                "序号缺口",
                "等前面一条先到的消息。应自行补上。",
                "Messages held beyond a gap; the next resend closes it.",
            ),
            Ask(COUNTY.total("fengqiao_inbox_gaps")),
            unit=COUNT,
            colours=palette.faults(),
        ),
        figure(
            Text("死信", "无法处理、等人查看的消息。", "Messages that could not be handled and wait for somebody."),
            Ask(COUNTY.total("fengqiao_dead_letters")),
            unit=COUNT,
            colours=palette.faults(),
        ),
    )


def _edges() -> Sequence[Panel]:
    def links(centre: str) -> tuple[link.Link, ...]:
        board = link.to_board("打开中心看板", CENTRE_UID, centre=centre)
        return board, link.to_desk("打开死信", centre, "dead-letters")

    return (
        rows(
            Text(
                "等待最久的方向",
                "未确认消息等得最久的二十个方向：谁发给谁、积了多少。对方中心停机时会增长，恢复后自动补齐。",
                "The twenty directions with the oldest unacknowledged message. Grows while the neighbour is away.",
            ),
            (*placed("centre", "中心", links), Key("neighbour", "发往")),
            (
                Column("最久等待", most_of(20, COUNTY.most(AGE, by=EDGE)), SECONDS, palette.waiting(60, 300)),
                Column("未确认", most_of(20, COUNTY.most(OUTBOX, by=EDGE)), COUNT),
                Column("缺口", most_of(20, COUNTY.most("fengqiao_inbox_gaps", by=EDGE)), COUNT, palette.faults()),
            ),
            worst="最久等待",
        ),
        stretches(
            Text(
                "直连何时通断",
                "县级与市级中心所见的每条直连；选一个县只看该县。",
                "Each Link as counties and the city see it; choose a county to see its own.",
            ),
            Ask(
                COUNTY.narrowed('centre=~"$county"').most("fengqiao_link_up", by=EDGE),
                f"{CENTRE_LEGEND} ↔ {{{{neighbour}}}}",
            ),
            words=STANDING,
            size=Size(24, 12),
        ),
    )


def _traffic() -> Sequence[Panel]:
    taken, sent = "fengqiao_messages_total", "fengqiao_messages_sent_total"
    return (
        lines(
            Text("收到的消息（按结果）", "每秒收到的消息，按处理结果。", "Messages taken in a second, by verdict."),
            Ask(or_nought(COUNTY.pace(taken, by="verdict"), "verdict"), "{{verdict}}"),
            unit=PER_SECOND,
            overrides=renamed(VERDICTS),
        ),
        lines(
            Text(
                "收到的消息（按通道）",
                "每秒收到的消息，经 Kafka 或直连。直连升高，说明 Kafka 有问题或急件多。",
                "Messages taken in a second, by carrier. More over the Link: Kafka is away, or many are urgent.",
            ),
            Ask(or_nought(COUNTY.pace(taken, by="carrier"), "carrier"), "{{carrier}}"),
            unit=PER_SECOND,
            overrides=renamed(CARRIERS),
        ),
        lines(
            Text(
                "发出与收到",
                "每秒交给通道的与收到的。发出长期远高于收到，是在反复重发。",
                "Handed to a carrier and taken in. Far more sent than taken in: something is sent again and again.",
            ),
            Ask(or_nought(COUNTY.pace(sent)), "发出"),
            Ask(or_nought(COUNTY.pace(taken)), "收到"),
            unit=PER_SECOND,
        ),
        lines(
            Text("未确认消息（按县）", "未确认消息随时间的变化。", "Unacknowledged messages over time, by county."),
            Ask(COUNTY.total(OUTBOX, by=COUNTIES), COUNTY_LEGEND),
            unit=COUNT,
            axis="条",
        ),
    )


def _trouble() -> Sequence[Panel]:
    return (
        lines(
            Text(
                "整批重发",
                "每小时向邻居整批重发的次数。频繁说明回执回不来。",
                "Resends an hour, by neighbour; many: receipts do not come back.",
            ),
            Ask(or_nought(COUNTY.hourly("fengqiao_resends_total", by="neighbour"), "neighbour"), "{{neighbour}}"),
            unit=COUNT,
            axis="次/时",
        ),
        lines(
            Text(
                "被通道拒收",
                "每小时通道永远不收的消息：太大或无权。任何一条都要查。",
                "Envelopes an hour that a carrier will never take, too large or not allowed; look at any.",
            ),
            Ask(or_nought(COUNTY.hourly("fengqiao_messages_refused_total", by="carrier"), "carrier"), "{{carrier}}"),
            unit=COUNT,
            axis="条/时",
            overrides=renamed(CARRIERS),
        ),
        lines(
            Text(
                "收件箱滞留", "等待重试、等待前序与死信。", "Held messages: to be tried again, ahead of a gap, parked."
            ),
            Ask(COUNTY.total("fengqiao_inbox_held", by="state"), "{{state}}"),
            unit=COUNT,
            axis="条",
            size=THIRD,
            overrides=renamed(HELD),
        ),
        lines(
            Text(
                "Kafka 积压（最多的十个中心）",
                "本中心主题里尚未取走的记录。连着却一直涨，消费者已停。",
                "Records not taken in yet. Rising while connected: the consumer has stalled.",
            ),
            Ask(most_of(10, COUNTY.most("fengqiao_kafka_lag_records", by=CENTRES)), CENTRE_LEGEND),
            unit=COUNT,
            axis="条",
            size=THIRD,
        ),
        bars(
            Text("死信最多的中心", "死信最多的十个中心。", "The ten centres with most dead letters."),
            Ask(most_of(10, COUNTY.total("fengqiao_dead_letters", by=CENTRES)), CENTRE_LEGEND),
            unit=COUNT,
            colours=palette.faults(),
            size=THIRD,
        ),
        lines(
            Text(
                "未处理的消息（按类型）",
                "每小时判为无法处理或出错的消息，按类型。",
                "Messages judged never or crash an hour, by type.",
            ),
            Ask(
                or_nought(COUNTY.hourly("fengqiao_messages_total", 'verdict=~"never|crash"', by="type"), "type"),
                "{{type}}",
            ),
            unit=COUNT,
            axis="条/时",
            size=HALF,
        ),
        lines(
            Text(
                "重复与超前",
                "每秒重复、超前的消息：网络切换后短时升高属正常。",
                "Duplicates and messages ahead; a short rise after a cut is normal.",
            ),
            Ask(
                or_nought(
                    COUNTY.pace("fengqiao_messages_total", 'verdict=~"duplicate|ahead|too_far"', by="verdict"),
                    "verdict",
                ),
                "{{verdict}}",
            ),
            unit=PER_SECOND,
            size=HALF,
            overrides=renamed(VERDICTS),
        ),
    )
