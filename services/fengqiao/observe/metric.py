"""What a metric is; the table of all of them stands in `metrics`."""

from dataclasses import dataclass
from enum import StrEnum

DURATION_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class MetricKind(StrEnum):
    """How a metric behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name, labels, what it says, and what to do when it looks wrong."""

    name: str
    kind: MetricKind
    labels: tuple[str, ...]
    meaning: str
    remedy: str
    buckets: tuple[float, ...] = DURATION_BUCKETS
