"""Long plays from a seed: deeper than Hypothesis goes in the same time, and cut down to few steps when one fails."""

import random
from collections import Counter
from collections.abc import Sequence

from fengqiao.domain.topology import Topology
from tests.unit.protocol.play import EVERYTHING, PICKS, Play, Step


def steps_from(seed: int, length: int) -> list[Step]:
    """Draw a play; it begins with a case, since little happens before."""
    chance = random.Random(seed)
    names = ["register", *(chance.choice(EVERYTHING).__name__ for _ in range(length))]
    return [Step(name, chance.randrange(PICKS), chance.randrange(PICKS), chance.random() < 0.3) for name in names]


def fault_of(topology: Topology, steps: Sequence[Step], seen: Counter[str]) -> str:
    """Play; give what went wrong, empty when nothing did."""
    play = Play(topology, seen)
    try:
        for step in steps:
            play.do(step)
            play.check()
        play.finish()
    except Exception as fault:  # broad: whatever goes wrong in a play is the finding
        return f"{type(fault).__name__}: {fault}"
    return ""


def shortest(topology: Topology, steps: Sequence[Step]) -> list[Step]:
    """Leave out steps of a failing play as long as it still fails."""
    kept, chunk = list(steps), len(steps) // 2
    while chunk:
        at = 0
        while at < len(kept):
            without = kept[:at] + kept[at + chunk :]
            if fault_of(topology, without, Counter()):
                kept = without
            else:
                at += chunk
        chunk //= 2
    return kept


def report(topology: Topology, seed: int, length: int, seen: Counter[str]) -> str:
    """Play from a seed; give the fault with the shortest play that shows one, empty when nothing went wrong."""
    steps = steps_from(seed, length)
    if not fault_of(topology, steps, seen):
        return ""
    short = shortest(topology, steps)
    lines = "\n".join(f"  {step}" for step in short)
    return f"seed {seed}, cut to {len(short)} steps:\n{lines}\n{fault_of(topology, short, Counter())}"
