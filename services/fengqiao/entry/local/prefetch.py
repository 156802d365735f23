"""Fetches what the local stack needs from the network, once, so that later starts work without it (`make setup`).

`python -m fengqiao.entry.local.prefetch [--cache DIR]` ends with 0, or with 1 and a sentence when it cannot be had.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from fengqiao.domain.errors import Refusal
from fengqiao.domain.words import Language
from fengqiao.entry.local.kafka_archive import archive_path, make_archive
from fengqiao.entry.local.kafka_jars import prefetch_kafka_jars


def default_cache(environment: Mapping[str, str]) -> Path:
    """Give the folder for downloaded libraries: FENGQIAO_CACHE, or `fengqiao` in the user's cache folder."""
    if named := environment.get("FENGQIAO_CACHE"):
        return Path(named).expanduser()
    home = environment.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "fengqiao"


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Fetch the libraries with progress on the standard error stream; gives the exit code."""
    parser = argparse.ArgumentParser(prog="fengqiao.entry.local.prefetch", description=__doc__)
    parser.add_argument("--cache", type=Path, default=default_cache(environment), help="where to keep them")
    options = parser.parse_args(arguments)

    def progress(name: str, done: int, total: int) -> None:
        line = f"kafka {done}/{total} {name}"
        sys.stderr.write(f"\r{line:<60}" if sys.stderr.isatty() else f"{line}\n" if done == total else "")

    try:
        prefetch_kafka_jars(options.cache, progress)
    except Refusal as refusal:
        _say(refusal)
        return 1
    try:
        if not archive_path(options.cache).exists():
            sys.stderr.write("\nkafka: start-up archive, once, about 20 s\n")
            make_archive(options.cache)
    except Refusal as refusal:
        # Without it Kafka only starts more slowly.
        _say(refusal)
    return 0


def _say(refusal: Refusal) -> None:
    sys.stderr.write(f"{refusal.sentence(Language.ZH)}\n{refusal.sentence(Language.EN)}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
