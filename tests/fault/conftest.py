"""Seeds and the city of the fault tests.

`FENGQIAO_FAULT_SEED=7` repeats one run, `FENGQIAO_FAULT_SEEDS=1..10` plays several; without either a seed is drawn.
The seed stands in the name of each test and in its output.
"""

import os
import random
from collections.abc import Iterator

import pytest

from tests.fault.rig import Ground
from tests.stack import small_branch, started_stack, whole_topology


def chosen_seeds() -> list[int]:
    """The seeds of this run."""
    if one := os.environ.get("FENGQIAO_FAULT_SEED"):
        return [int(one)]
    if many := os.environ.get("FENGQIAO_FAULT_SEEDS"):
        first, _, last = many.partition("..")
        return list(range(int(first), int(last or first) + 1))
    return [random.SystemRandom().randrange(1, 100_000)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", SEEDS, ids=[f"seed {seed}" for seed in SEEDS])


SEEDS = chosen_seeds()


@pytest.fixture(scope="session")
def whole_ground() -> Iterator[Ground]:
    """One city for the session; each test mends it before it breaks it."""
    with started_stack(small_branch(whole_topology())) as stack:
        yield Ground(stack)


@pytest.fixture
def ground(whole_ground: Ground, seed: int) -> Ground:
    """The city with everything running."""
    print(f"seed {seed}: FENGQIAO_FAULT_SEED={seed} repeats it; data in {whole_ground.stack.data}")
    whole_ground.mend()
    return whole_ground
