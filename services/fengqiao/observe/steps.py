"""How a step of a case becomes figures: counted, timed, and by its closing kind or the citizen's word (F36)."""

from fengqiao.domain.step import Step
from fengqiao.observe.metrics import UNCLASSIFIED, NodeMetrics


def count_step(metrics: NodeMetrics, step: Step, level: str) -> None:
    """Count a step that a centre of a level has taken; called after its commit."""
    matter_class, kind = step.matter_class or UNCLASSIFIED, step.kind.value
    metrics.count("fengqiao_case_steps_total", kind, matter_class, level)
    if step.timed:
        metrics.observe("fengqiao_case_step_seconds", step.since_registration.total_seconds(), kind, level)
    if step.closing:
        metrics.count("fengqiao_cases_closed_total", step.closing, _word(said=step.direct), matter_class, level)
    if step.solved is not None and step.satisfied is not None:
        words = _word(said=step.solved), _word(said=step.satisfied), _word(said=step.reasonable)
        metrics.count("fengqiao_evaluations_total", *words, matter_class, level)


def _word(*, said: bool) -> str:
    return "yes" if said else "no"
