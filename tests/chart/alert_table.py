"""When each alert speaks and when it keeps silent: one row an alert, samples a minute in promtool's notation.

`1x30` is the value 1 for 30 minutes, `0+2x60` a counter that rises by 2 a minute. A centre's own labels (PLACE) stand
on every series; a row names only what is particular to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Samples = Mapping[str, str]

PLACE = {
    "centre": "371403001",
    "centre_name": "安德街道",
    "county": "371403",
    "level": "township",
}
COUNTY = {"county": "371403", "county_name": "陵城区"}
UP, DOWN = 'neighbour="371403",direction="up"', 'neighbour="371403001",direction="down"'
TO_PARENT = 'neighbour="371403"'
KEPT, MISSED = ('code="article-assign",verdict="kept"', 'code="article-assign",verdict="missed"')


@dataclass(frozen=True, slots=True)
class Row:
    """One alert: its severity, the minute it is looked at, samples at which it speaks, and those at which it does not.

    `labels` are what it carries beside PLACE, or all of them when `place` is false; `step` is minutes between samples
    and evaluations.
    """

    alert: str
    severity: str
    minute: int
    speaks: Samples
    silent: tuple[Samples, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    place: bool = True
    step: int = 1


def judged(kept: str, missed: str) -> Samples:
    """Samples of clocks that were kept and missed."""
    return {
        f"fengqiao_limits_judged_total{{{KEPT}}}": kept,
        f"fengqiao_limits_judged_total{{{MISSED}}}": missed,
    }


def turns(loop: str, values: str, outcome: str = "done") -> Samples:
    """Samples of the turns of a loop."""
    return {f'fengqiao_loop_turns_total{{loop="{loop}",outcome="{outcome}"}}': values}


def edition(ours: str, city: str) -> Samples:
    """Samples of the edition of the catalogue in force here and at the city."""
    return {
        'fengqiao_edition_number{book="catalogue"}': ours,
        'fengqiao_edition_number{book="catalogue",centre="371400",centre_name="德州市",level="city"}': city,
    }


BURN = {**COUNTY, "code": "article-assign"}
TABLE: tuple[Row, ...] = (
    # Objective 95 %: a fifth of a twentieth is one burn rate. 14.4 of them are 72 %, 6 are 30 %, 1 is 5 %.
    Row(
        "FengqiaoLimitsBurnFast",
        "critical",
        120,
        judged("0+1x120", "0+3x120"),
        (
            judged("0+3x120", "0+7x120"),  # 70 %
            judged("0x120", "0x115 9x5"),  # nine clocks say nothing
            judged("0x90 0+9x30", "0+9x90 810x30"),  # over for half an hour
        ),
        BURN,
        place=False,
    ),
    Row(
        "FengqiaoLimitsBurnSteadily",
        "critical",
        420,
        judged("0+6x420", "0+4x420"),
        (
            judged("0+75x420", "0+25x420"),  # 25 %
            judged("0x420", "0x395 9x25"),
            judged("0x300 0+4x120", "0+4x300 1200x120"),  # over for two hours
        ),
        BURN,
        place=False,
    ),
    Row(
        "FengqiaoLimitsBurnSlowly",
        "warning",
        4500,
        judged("0+90x900", "0+10x900"),
        (
            judged("0+96x900", "0+4x900"),
            judged("0x900", "0x840 9x60"),
            judged("0x700 0+9x200", "0+9x700 6300x200"),  # over for 16 hours
        ),
        BURN,
        place=False,
        step=5,
    ),
    Row(
        "FengqiaoSweeperStandsStill",
        "critical",
        30,
        turns("sweeper", "0+3x10 30x30"),
        (turns("sweeper", "0+3x60"), turns("sweeper", "0+3x20 60x20")),
    ),
    Row(
        "FengqiaoWarningsLate",
        "warning",
        30,
        {"fengqiao_limit_firings_late_total": "0x15 4x30"},
        ({"fengqiao_limit_firings_late_total": "0x60"}, {"fengqiao_limit_firings_late_total": "4x60"}),
    ),
    Row(
        "FengqiaoCalendarEndsSoon",
        "warning",
        75,
        {"fengqiao_calendar_horizon_days": "89x90"},
        ({"fengqiao_calendar_horizon_days": "90x90"},),
        {"audience": "city"},
    ),
    Row(
        "FengqiaoDueTimesProvisional",
        "warning",
        75,
        {'fengqiao_limits_provisional{code="hotline-handle",class="01"}': "2x90"},
        ({'fengqiao_limits_provisional{code="hotline-handle",class="01"}': "0x90"},),
        {"audience": "city"},
    ),
    Row(
        "FengqiaoLinkDown",
        "warning",
        10,
        {f"fengqiao_link_up{{{UP}}}": "0x20"},
        (
            {f"fengqiao_link_up{{{UP}}}": "1x20"},
            {f"fengqiao_link_up{{{UP}}}": "0x3 1x20"},  # shaken off
            {f"fengqiao_link_up{{{DOWN}}}": "0x20"},  # the child says it itself
        ),
        {"neighbour": "371403"},
    ),
    Row(
        "FengqiaoMessagesWait",
        "warning",
        12,
        {f"fengqiao_outbox_oldest_age_seconds{{{TO_PARENT}}}": "0+60x20"},
        (
            {f"fengqiao_outbox_oldest_age_seconds{{{TO_PARENT}}}": "300x20"},
            {f"fengqiao_outbox_oldest_age_seconds{{{TO_PARENT}}}": "0+60x10 0x20"},
        ),
        {"neighbour": "371403"},
    ),
    Row(
        "FengqiaoMessagesStuck",
        "critical",
        70,
        {f"fengqiao_outbox_oldest_age_seconds{{{TO_PARENT}}}": "0+60x90"},
        ({f"fengqiao_outbox_oldest_age_seconds{{{TO_PARENT}}}": "3600x90"},),
        {"neighbour": "371403"},
    ),
    Row(
        "FengqiaoInboxGap",
        "warning",
        20,
        {f"fengqiao_inbox_gaps{{{TO_PARENT}}}": "3x30"},
        ({f"fengqiao_inbox_gaps{{{TO_PARENT}}}": "0x30"}, {f"fengqiao_inbox_gaps{{{TO_PARENT}}}": "3x10 0x20"}),
        {"neighbour": "371403"},
    ),
    Row(
        "FengqiaoMessagesHeld",
        "warning",
        40,
        {'fengqiao_inbox_held{state="waiting"}': "2x60"},
        (
            {'fengqiao_inbox_held{state="waiting"}': "2x20 0x40"},
            {'fengqiao_inbox_held{state="ahead"}': "2x60"},  # that is a gap
            {'fengqiao_inbox_held{state="parked"}': "2x60"},  # those are dead letters
        ),
    ),
    Row(
        "FengqiaoDeadLetters",
        "warning",
        15,
        {"fengqiao_dead_letters": "1x30"},
        ({"fengqiao_dead_letters": "0x30"}, {"fengqiao_dead_letters": "1x6 0x30"}),
    ),
    Row(
        "FengqiaoMessagesRefused",
        "warning",
        20,
        {'fengqiao_messages_refused_total{carrier="kafka"}': "0x15 1x20"},
        ({'fengqiao_messages_refused_total{carrier="kafka"}': "5x40"},),
    ),
    Row(
        "FengqiaoKafkaAway",
        "warning",
        10,
        {"fengqiao_kafka_connected": "0x20"},
        ({"fengqiao_kafka_connected": "1x20"}, {"fengqiao_kafka_connected": "0x3 1x20"}),
        {"audience": "city"},
    ),
    Row(
        "FengqiaoConsumerStalled",
        "critical",
        30,
        {
            "fengqiao_kafka_lag_records": "40x40",
            'fengqiao_messages_total{type="OfferMade",verdict="done",carrier="kafka"}': "0+5x10 50x30",
        },
        (
            {
                "fengqiao_kafka_lag_records": "40x40",
                'fengqiao_messages_total{type="OfferMade",verdict="done",carrier="kafka"}': "0+5x40",
            },
            {"fengqiao_kafka_lag_records": "40x20 0x1 40x20"},
        ),
    ),
    Row(
        "FengqiaoNodeAway",
        "critical",
        10,
        {'up{job="fengqiao"}': "1x5 0x20"},
        (
            {'up{job="fengqiao"}': "1x20"},
            {'up{job="fengqiao"}': "1x5 0x1 1x20"},
            {
                'up{job="fengqiao",instance="a"}': "0x20",
                'up{job="fengqiao",instance="b"}': "1x20",
            },  # a replica is there
        ),
        {"neighbour": "371403001"},
    ),
    Row(
        "FengqiaoDatabaseAway",
        "critical",
        10,
        {"fengqiao_postgresql_connected": "1x5 0x20"},
        ({"fengqiao_postgresql_connected": "1x20"},),
    ),
    Row(
        "FengqiaoLoopStandsStill",
        "critical",
        30,
        {**turns("relay", "0+30x10 300x30"), **turns("relay", "0+1x40", "failed")},
        (turns("relay", "0+30x60"), turns("link", "1x60")),  # a standing Link turns only when it ends
        {"loop": "relay"},
    ),
    Row(
        "FengqiaoCatalogueBehind",
        "warning",
        75,
        edition("3x90", "4x90"),
        (edition("4x90", "4x90"), edition("3x20 4x70", "4x90")),
    ),
    Row(
        "FengqiaoExporterAway",
        "warning",
        10,
        {'up{job="postgresql",instance="pg-371403:9187"}': "0x20"},
        (
            {'up{job="postgresql",instance="pg-371403:9187"}': "1x20"},
            {
                'up{job="postgresql",instance="pg-371403:9187"}': "1x20",
                'pg_up{job="postgresql",instance="pg-371403:9187"}': "1x20",
            },
            {'up{job="fengqiao",instance="node:9400"}': "0x20"},
        ),
        {"audience": "city", "job": "postgresql", "instance": "pg-371403:9187"},
        place=False,
    ),
    Row(
        "FengqiaoNothingScraped",
        "critical",
        10,
        {'up{job="kafka"}': "1x20"},
        ({'up{job="fengqiao"}': "1x20"},),
        {"audience": "city", "job": "fengqiao"},
        place=False,
    ),
)
