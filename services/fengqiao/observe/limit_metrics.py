"""The metrics of time limits and their calendar (F13, F36); a part of the one table in `metrics`."""

from fengqiao.observe.metric import Metric, MetricKind

KEPT, MISSED = "kept", "missed"
"""The verdicts on a clock: met in time, or run out before it was met."""

LIMIT_METRICS: tuple[Metric, ...] = (
    Metric(
        "fengqiao_limits_running",
        MetricKind.GAUGE,
        ("code", "class", "level"),
        "Clocks that run on cases held by this centre, suspended ones too.",
        "Grows faster than cases are closed: look at the overdue ones.",
    ),
    Metric(
        "fengqiao_limits_overdue",
        MetricKind.GAUGE,
        ("code", "class", "level"),
        "Running clocks whose due time has passed.",
        "fengqiao limits list --overdue names the cases.",
    ),
    Metric(
        "fengqiao_limit_next_due_seconds",
        MetricKind.GAUGE,
        ("code", "class", "level"),
        "Time left to the next due clock; absent when none is ahead.",
        "Near zero with many running: somebody has to act now.",
    ),
    Metric(
        "fengqiao_limits_ended_total",
        MetricKind.COUNTER,
        ("code", "class", "level", "outcome"),
        "Clocks that stopped, by outcome (met, breached, ended).",
        "Many ended ones: cases are declined or taken back. The rates are those of fengqiao_limits_due_last_week.",
    ),
    Metric(
        "fengqiao_limits_due_last_week",
        MetricKind.GAUGE,
        ("code", "class", "level", "outcome"),
        "Clocks that were due in the last seven days, by what became of them (met, breached, open).",
        "met of all three is the on-time rate of what was due; open ones are overdue now.",
    ),
    Metric(
        "fengqiao_limits_judged_total",
        MetricKind.COUNTER,
        ("code", "level", "verdict"),
        "Clocks judged at this centre: kept when they were met in time, missed at the moment they ran out.",
        "Its share of missed ones is what burns the objective: docs/monitoring.md.",
    ),
    Metric(
        "fengqiao_limits_provisional",
        MetricKind.GAUGE,
        ("code", "class", "level"),
        "Running clocks whose due time is provisional, for no notice on holidays reaches that far.",
        "Lay the notice of the next year over the calendar (calendar_files), and restart.",
    ),
    Metric(
        "fengqiao_limit_firings_total",
        MetricKind.COUNTER,
        ("code", "level", "rung"),
        "Warnings given: yellow before the due time, red at it, then the steps of the ladder.",
        "Many red ones without yellow: warnings come too late to help.",
    ),
    Metric(
        "fengqiao_limit_firings_late_total",
        MetricKind.COUNTER,
        (),
        "Warnings given more than a second after their time.",
        "After an outage this is the backlog; while running, the database or the process is overloaded.",
    ),
    Metric(
        "fengqiao_limit_firing_lateness_seconds",
        MetricKind.HISTOGRAM,
        (),
        "How long after its time a warning was given.",
        "As fengqiao_limit_firings_late_total.",
    ),
    Metric(
        "fengqiao_calendar_horizon_days",
        MetricKind.GAUGE,
        (),
        "Days for which the State Council's notices on holidays are known, from today.",
        "Below 90: lay the notice of the next year over the calendar (calendar_files).",
    ),
)
