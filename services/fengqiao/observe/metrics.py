"""Every metric of a node: name, meaning and what to do about it in one table; a registry per node (F36).

Names begin with `fengqiao_` and end with their unit; labels are bounded by the code and the topology, never by input.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.observe.feed_metrics import FEED_METRICS
from fengqiao.observe.limit_metrics import LIMIT_METRICS
from fengqiao.observe.metric import Metric, MetricKind
from fengqiao.observe.supervision_metrics import SUPERVISION_METRICS

TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_HOUR, _DAY = 3600.0, 86_400.0
STEP_BUCKETS = (
    *(900.0, _HOUR, 3 * _HOUR, 8 * _HOUR),
    *(days * _DAY for days in (1, 2, 3, 5, 7, 10, 15, 30, 60, 90)),
)
"""The limits that a city sets itself, from the 15 minutes of F03 to the 60 and 90 days of the petition rules."""

UNCLASSIFIED = "none"
"""The label `class` of what has no item yet."""


METRICS: tuple[Metric, ...] = (
    *SUPERVISION_METRICS,
    *FEED_METRICS,
    *LIMIT_METRICS,
    Metric(
        "fengqiao_release",
        MetricKind.GAUGE,
        ("version",),
        "Always 1; the label says which release this centre runs.",
        "More than two at once: take the oldest centres to the next release first, see docs/upgrading.md.",
    ),
    Metric(
        "fengqiao_cases",
        MetricKind.GAUGE,
        ("role", "state"),
        "Cases known to this centre by its role and their state.",
        "Many registered ones with role holder: nobody assigns.",
    ),
    Metric(
        "fengqiao_offers_waiting",
        MetricKind.GAUGE,
        (),
        "Cases offered to this centre that it has not answered.",
        "Somebody at this centre has to accept or refuse.",
    ),
    Metric(
        "fengqiao_offers_open",
        MetricKind.GAUGE,
        (),
        "Cases this centre has offered and that are not answered.",
        "Look at the link to the neighbour, then call the other centre.",
    ),
    Metric(
        "fengqiao_outbox_unpublished",
        MetricKind.GAUGE,
        ("neighbour",),
        "Messages to a neighbour that it has not acknowledged.",
        "Grows while Kafka and the Link are away; drains by itself when one is back.",
    ),
    Metric(
        "fengqiao_outbox_oldest_age_seconds",
        MetricKind.GAUGE,
        ("neighbour",),
        "Age of the oldest message that a neighbour has not acknowledged.",
        "Above a minute: is the neighbour up, is Kafka up?",
    ),
    Metric(
        "fengqiao_inbox_gaps",
        MetricKind.GAUGE,
        ("neighbour",),
        "Messages held beyond a gap in the numbers of a neighbour.",
        "Closes by the next resend; when it stays, the neighbour's outbox was lost.",
    ),
    Metric(
        "fengqiao_inbox_held",
        MetricKind.GAUGE,
        ("state",),
        "Messages that wait for another try, or are parked.",
        "Parked ones: fengqiao dead-letters list.",
    ),
    Metric(
        "fengqiao_dead_letters",
        MetricKind.GAUGE,
        (),
        "Messages that this centre could not handle and has parked.",
        "fengqiao dead-letters show ID, then replay or drop.",
    ),
    Metric(
        "fengqiao_link_up",
        MetricKind.GAUGE,
        ("neighbour", "direction"),
        "1 when the Link to a neighbour stands, 0 when not; up is the parent, whom this centre dials, down a child.",
        "0 to the parent: network or parent down; work goes on and catches up.",
    ),
    Metric(
        "fengqiao_postgresql_connected",
        MetricKind.GAUGE,
        (),
        "1 when the centre's database answers.",
        "0: the centre can't work, and its other gauges stand as they were; look at PostgreSQL.",
    ),
    Metric(
        "fengqiao_kafka_connected",
        MetricKind.GAUGE,
        (),
        "1 when the broker answers.",
        "0: messages pass over the Link; look at the broker.",
    ),
    Metric(
        "fengqiao_kafka_lag_records",
        MetricKind.GAUGE,
        (),
        "Records in this centre's topics that it has not taken in; absent when nobody can tell.",
        "Rising while connected: the consumer has stalled; liveness restarts the node.",
    ),
    Metric(
        "fengqiao_messages_total",
        MetricKind.COUNTER,
        ("type", "verdict", "carrier"),
        "Messages taken in, by verdict (done, later, never, crash, duplicate, ahead, too_far).",
        "never or crash: look at the dead letters.",
    ),
    Metric(
        "fengqiao_messages_sent_total",
        MetricKind.COUNTER,
        ("carrier",),
        "Envelopes handed to a carrier.",
        "Much higher than the neighbour's messages: something is sent again and again.",
    ),
    Metric(
        "fengqiao_messages_refused_total",
        MetricKind.COUNTER,
        ("carrier",),
        "Envelopes that a carrier will never take, too large or not allowed.",
        "Any: look for 'refuses a message' in the log; topics sync, and the access list of Kafka.",
    ),
    Metric(
        "fengqiao_resends_total",
        MetricKind.COUNTER,
        ("neighbour",),
        "How often everything unacknowledged was sent again to a neighbour.",
        "Frequent: receipts do not come back; is the neighbour up?",
    ),
    Metric(
        "fengqiao_handler_duration_seconds",
        MetricKind.HISTOGRAM,
        ("handler", "outcome"),
        "How long commands take from door to commit, by outcome.",
        "Slow: look at fengqiao_sql_duration_seconds.",
    ),
    Metric(
        "fengqiao_sql_duration_seconds",
        MetricKind.HISTOGRAM,
        ("statement",),
        "How long each named statement takes.",
        "Slow save: disk; slow list: an index is missing.",
    ),
    Metric(
        "fengqiao_rpc_duration_seconds",
        MetricKind.HISTOGRAM,
        ("method", "code"),
        "How long gRPC calls take, by status code.",
        "INTERNAL: search the log for the trace id.",
    ),
    Metric(
        "fengqiao_loop_turns_total",
        MetricKind.COUNTER,
        ("loop", "outcome"),
        "Turns of the background loops (relay, receipts, retry, link).",
        "No turns: the loop is dead, restart the node; failures: search the log.",
    ),
    Metric(
        "fengqiao_case_steps_total",
        MetricKind.COUNTER,
        ("step", "class", "level"),
        "Steps of cases taken at this centre: registered, assigned, returned, arbitrated, reopened and so on.",
        "Many returned ones: routing is wrong; many reopened ones: closed and not solved.",
    ),
    Metric(
        "fengqiao_case_step_seconds",
        MetricKind.HISTOGRAM,
        ("step", "level"),
        "Time from the registration of a case to a step of it.",
        "The step at which the time is lost is where somebody is missing.",
        STEP_BUCKETS,
    ),
    Metric(
        "fengqiao_cases_closed_total",
        MetricKind.COUNTER,
        ("closing", "direct", "class", "level"),
        "Cases closed at this centre by closing kind, and whether they were answered without a unit.",
        "Explained, referred and withdrawn are not solved: never add them up into a rate.",
    ),
    Metric(
        "fengqiao_evaluations_total",
        MetricKind.COUNTER,
        ("solved", "satisfied", "reasonable", "class", "level"),
        "What citizens said of cases held by this centre: solved or not, satisfied or not.",
        "Not solved: the case can be reopened on the citizen's word.",
    ),
    Metric(
        "fengqiao_edition_number",
        MetricKind.GAUGE,
        ("book",),
        "The number of the catalogue and of the routing rules in force; 1 is what the handbook file says.",
        "A centre behind the city's number: its link and its dead letters; it catches up by itself.",
    ),
    Metric(
        "fengqiao_route_suggestions_total",
        MetricKind.COUNTER,
        ("action", "outcome"),
        "Decisions on where a case goes, by what the routing rules said (followed, other, none).",
        "Many other: try the rules against past cases and mend them; many none: rules are missing.",
    ),
)


def exposition_of(registry: CollectorRegistry) -> bytes:
    """Write a registry in Prometheus' text format."""
    text: bytes = generate_latest(registry)
    return text


class NodeMetrics:
    """The metrics of one node, in a registry of its own."""

    def __init__(self, centre: str) -> None:
        self.registry = CollectorRegistry()
        self._centre = centre
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for metric in METRICS:
            labels = ("centre", *metric.labels)
            if metric.kind is MetricKind.COUNTER:
                self._counters[metric.name] = Counter(metric.name, metric.meaning, labels, registry=self.registry)
            elif metric.kind is MetricKind.GAUGE:
                self._gauges[metric.name] = Gauge(metric.name, metric.meaning, labels, registry=self.registry)
            else:
                self._histograms[metric.name] = Histogram(
                    metric.name, metric.meaning, labels, registry=self.registry, buckets=metric.buckets
                )

    def count(self, name: str, *labels: str, by: int = 1) -> None:
        """Raise a counter; labels in the order of the table."""
        self._counters[name].labels(self._centre, *labels).inc(by)

    def begin(self, name: str, *labels: str) -> None:
        """Let a counter stand at 0 before anything was counted, or Prometheus would not see the first rise."""
        self._counters[name].labels(self._centre, *labels)

    def set(self, name: str, value: float, *labels: str) -> None:
        """Set a gauge; labels in the order of the table."""
        self._gauges[name].labels(self._centre, *labels).set(value)

    def clear(self, name: str) -> None:
        """Forget all label values of a gauge before it is set anew."""
        self._gauges[name].clear()

    def observe(self, name: str, seconds: float, *labels: str, times: int = 1) -> None:
        """Put a duration into a histogram, once or several times; labels in the order of the table."""
        histogram = self._histograms[name].labels(self._centre, *labels)
        for _ in range(times):
            histogram.observe(seconds)

    def statement(self, name: str, seconds: float) -> None:
        """Observe one SQL statement; this is the observer that the database is given."""
        self.observe("fengqiao_sql_duration_seconds", seconds, name)

    @contextmanager
    def handling(self, handler: str) -> Iterator[None]:
        """Time a handler and tell how it ended: done, the kind of its refusal, or failed."""
        started, outcome = time.perf_counter(), "failed"
        try:
            yield
            outcome = "done"
        except Refusal as refusal:
            outcome = refusal.kind.value
            raise
        finally:
            self.observe("fengqiao_handler_duration_seconds", time.perf_counter() - started, handler, outcome)

    def text(self) -> bytes:
        """Give the exposition in Prometheus' text format."""
        return exposition_of(self.registry)


def merged_text(nodes: Iterable[NodeMetrics]) -> bytes:
    """Give the exposition of several nodes of one process: each metric once, with the samples of all."""
    families: dict[str, Family] = {}
    for node in nodes:
        for family in node.registry.collect():
            if family.name in families:
                families[family.name].samples.extend(family.samples)
            else:
                families[family.name] = family
    registry = CollectorRegistry()
    registry.register(_Collected(tuple(families.values())))
    return exposition_of(registry)


class _Collected(Collector):
    def __init__(self, families: tuple[Family, ...]) -> None:
        self._families = families

    def collect(self) -> Iterable[Family]:
        return self._families


OUTCOMES = ("done", "failed", *(kind.value for kind in Kind))
"""Every value of the label `outcome` of handlers."""
