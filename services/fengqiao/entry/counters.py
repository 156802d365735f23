"""Counters that stand at 0 from the start of a node, so that the first thing they count is seen to rise (F36).

Prometheus takes a series that appears with 1 for one that always was 1. A small centre counts so little that between
two restarts much of it would be such first counts.
"""

from fengqiao.handlers.context import Context
from fengqiao.observe.limit_metrics import KEPT, MISSED

TURNING_LOOPS = ("relay", "upkeep", "sweeper", "overseer", "dead_letters")
"""The loops of which a turn is due every minute at least; a standing Link turns only when it ends."""


def begin_counters(context: Context) -> None:
    """Begin the counters that alerts ask for a rise, or for the lack of one."""
    metrics, level = context.metrics, context.centre.level
    for loop in TURNING_LOOPS:
        metrics.begin("fengqiao_loop_turns_total", loop, "done")
    metrics.begin("fengqiao_messages_refused_total", "kafka")
    metrics.begin("fengqiao_limit_firings_late_total")
    policies = context.limits.policies
    switched_on = {override.limit for override in policies.overrides if override.on}
    for code, policy in policies.by_code.items():
        if (policy.on or code in switched_on) and (not policy.levels or level in policy.levels):
            for verdict in (KEPT, MISSED):
                metrics.begin("fengqiao_limits_judged_total", code, level.value, verdict)
