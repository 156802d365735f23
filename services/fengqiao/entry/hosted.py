"""Where a hosted centre is reached, and how the start of many is told."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str, int, int], None]
"""Is told a step, how many nodes have done it, and how many there are."""


@dataclass(frozen=True, slots=True)
class Hosted:
    """Where a hosted centre is reached: gRPC as host:port, the others as addresses of pages.

    `citizen` is empty where the citizens' pages are not shown.
    """

    code: str
    grpc: str
    desk: str
    citizen: str
    metrics: str
