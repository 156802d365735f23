"""How long Hypothesis looks: the same examples on every run, or many fresh ones with FENGQIAO_HYPOTHESIS=long."""

import os

from hypothesis import HealthCheck, Phase, settings

# Walks through a federation are slow to draw beside their size; that is no fault of a test.
SLOW_BY_NATURE = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile(
    "default",
    max_examples=150,
    stateful_step_count=80,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    # Explaining a failure takes longer than all the rest.
    phases=(Phase.explicit, Phase.generate, Phase.target, Phase.shrink),
    suppress_health_check=SLOW_BY_NATURE,
)
settings.register_profile(
    "long",
    parent=settings.get_profile("default"),
    max_examples=4000,
    stateful_step_count=120,
    derandomize=False,
)
settings.load_profile(os.environ.get("FENGQIAO_HYPOTHESIS", "default"))
