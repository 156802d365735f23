"""The metrics of the feed, what a centre tells those above and is told by those below; a part of the one table."""

from fengqiao.observe.metric import Metric, MetricKind

FEED_METRICS: tuple[Metric, ...] = (
    Metric(
        "fengqiao_facts_told_total",
        MetricKind.COUNTER,
        (),
        "Facts about cases of this centre that were told to those above.",
        "None while cases change: look at the loop feed_teller and at Kafka.",
    ),
    Metric(
        "fengqiao_facts_total",
        MetricKind.COUNTER,
        ("verdict",),
        "Facts of the centres below, by verdict: newer, repeated, summarised, unreadable, misplaced, newer_release.",
        "Unreadable or misplaced ones: whoever writes into that topic is not the centre that it belongs to.",
    ),
    Metric(
        "fengqiao_feed_lag_records",
        MetricKind.GAUGE,
        (),
        "Records of feeds that this centre has not taken in.",
        "Growing: the database is slow, or a new reading has begun.",
    ),
    Metric(
        "fengqiao_feed_oldest_seconds",
        MetricKind.GAUGE,
        (),
        "How long ago the centre that was heard of longest ago has told its facts.",
        "Over two minutes: a centre is away, its figures above are as old as that.",
    ),
)
