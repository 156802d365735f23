"""A node in small, to be killed: takes records into a file and prints when.

    python -m tests.node.carrier_program BOOTSTRAP CENTRE TOPIC FILE [HANG_AT]

Each record taken is one line in FILE, written through to the disk, as a database commit would be. At the record whose
value is HANG_AT the receiver never comes back. SIGTERM stops it in order.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fengqiao.bus.carrier import Record
from fengqiao.bus.faust_carrier import FaustCarrier
from fengqiao.bus.faust_settings import CarrierSettings
from fengqiao.bus.log_limits import limit_transport_logging


class Ledger:
    """A receiver with a memory that outlives the process."""

    def __init__(self, file: Path, hang_at: str | None) -> None:
        self._file = file.open("a", encoding="ascii")
        self._hang_at = hang_at

    async def __call__(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.value.decode() == self._hang_at:
                self._write(f"in hand {record.offset}")
                await asyncio.Event().wait()
            self._write(f"taken {record.offset} {record.value.decode()}")
        os.fsync(self._file.fileno())

    def _write(self, line: str) -> None:
        self._file.write(f"{line}\n")
        self._file.flush()


async def run(bootstrap: str, centre: str, topic: str, file: Path, hang_at: str | None) -> None:
    """Carries until SIGTERM."""
    began = time.monotonic()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    ledger = Ledger(file, hang_at)
    first = asyncio.Event()

    async def receive(records: Sequence[Record]) -> None:
        if not first.is_set():
            first.set()
            tell(f"first {time.monotonic() - began:.3f}")
        await ledger(records)

    carrier = FaustCarrier(CarrierSettings(centre, (bootstrap,)), [topic], receive)
    await carrier.start(30)
    tell(f"started {time.monotonic() - began:.3f}")
    await stopped.wait()
    await carrier.stop()
    tell("stopped")


def tell(line: str) -> None:
    """Tells the test that watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    limit_transport_logging(20)
    bootstrap, centre, topic, file, *hang_at = sys.argv[1:]
    asyncio.run(run(bootstrap, centre, topic, Path(file), hang_at[0] if hang_at else None))
