"""`python -m tests.bench.run [--only NAME,…] [--quick] [--json FILE]`: all benchmarks, one table, one JSON file."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import FrameType

from fengqiao.observe.logging import configure_logging
from tests.bench import alone, backlog, board, city, desk, hop, intake, sweep, tax, trace
from tests.bench.figures import HEADING, Record, line
from tests.bench.ground import Ground, started_ground

RUNS = 5
Measure = Callable[..., Awaitable[None]]
MEASUREMENTS: dict[str, Measure] = {
    "intake": intake.measure,
    "hop": hop.measure,
    "backlog": backlog.measure,
    "tax": tax.measure,
    "alone": alone.measure,
    "trace": trace.measure,
    "sweep": sweep.measure,
    "desk": desk.measure,
    "board": board.measure,
    "city": city.measure,
}


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for; gives 0, also when a goal is not met: the table says so."""
    parser = argparse.ArgumentParser(prog="tests.bench.run", description=__doc__)
    parser.add_argument("--only", default="", help=f"some of: {', '.join(MEASUREMENTS)}")
    parser.add_argument("--quick", action="store_true", help="one short run of each, to see that it works")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the figures go")
    options = parser.parse_args(arguments)
    chosen = options.only.split(",") if options.only else list(MEASUREMENTS)
    if unknown := set(chosen) - set(MEASUREMENTS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, _ended)
    configure_logging(json=False, level="ERROR")
    logging.disable(logging.WARNING)
    record = Record()
    with started_ground() as ground:
        ground.start()
        print(HEADING, flush=True)
        try:
            asyncio.run(_measure(ground, record, chosen, quick=options.quick))
        finally:
            record.write(options.json)
    print(f"\n{HEADING}")
    for name, figure in record.figures.items():
        print(line(name, figure))
    return 0


async def _measure(ground: Ground, record: Record, chosen: Sequence[str], *, quick: bool) -> None:
    for name in chosen:
        print(f"-- {name}", flush=True)
        await MEASUREMENTS[name](ground, record, 1 if quick else RUNS, quick=quick)


def _ended(_signal: int, _frame: FrameType | None) -> None:
    # As an exception, so that everything that was started is stopped.
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
