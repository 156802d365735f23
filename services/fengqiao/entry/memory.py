"""What Python's garbage collector is told in a process that runs nodes for months."""

import gc

YOUNG_OBJECTS = 10_000
"""How many new objects bring a collection: with the usual 700, a third of the time of an intake went there."""


def settle_memory() -> None:
    """Take what stands now, modules, topology and nodes, out of every later collection, and collect less often.

    Called once, when everything has started. Nearly all objects of a command are freed by counting references; only
    cycles wait for the collector, and few of ours are.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
