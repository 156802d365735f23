"""The metrics of supervision; a part of the one table in `metrics`."""

from fengqiao.observe.metric import Metric, MetricKind

SUPERVISION_METRICS: tuple[Metric, ...] = (
    Metric(
        "fengqiao_reminders_total",
        MetricKind.COUNTER,
        ("level",),
        "Reminders sent by this centre.",
        "Many to one holder: open a supervision order instead.",
    ),
    Metric(
        "fengqiao_causes_total",
        MetricKind.COUNTER,
        ("root_cause", "class", "level"),
        "Root causes recorded at this centre, by class of the matter.",
        "One cause growing in one class: improve there, not case by case.",
    ),
    Metric(
        "fengqiao_supervision_orders_open",
        MetricKind.GAUGE,
        ("level",),
        "Open supervision orders of this centre by level of the ladder, 1 to 5.",
        "Growing at the upper levels: the lower bodies let their limits pass.",
    ),
    Metric(
        "fengqiao_points_entries_total",
        MetricKind.COUNTER,
        ("rule", "kind"),
        "Entries of the ledger of points by rule: deduction or reversal.",
        "Many reversals of one rule: the rule is wrong, or its limit.",
    ),
    Metric(
        "fengqiao_appeals_waiting",
        MetricKind.GAUGE,
        (),
        "Appeals against points that nobody has decided.",
        "Somebody who neither entered the points nor appealed has to decide.",
    ),
)
