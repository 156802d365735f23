"""Kafka's Java libraries: a locked list, fetched once into a cache, then used without the network (DESIGN section 7).

`kafka_jars.lock` names every jar with its size and SHA-256, so that a start never resolves anything and a changed file
on a mirror is refused. `python -m fengqiao.entry.local.kafka_jars` prints a new list for another release.
"""

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from fengqiao.entry.local.errors import jars_unavailable, part_missing
from fengqiao.entry.local.folders import prepare_folder

ENDPOINT = "org.apache.kafka:kafka_2.13:4.3.1+org.slf4j:slf4j-simple:1.7.36"
PARALLEL = 8
REQUEST_SECONDS = 30

# Called with the file name, how many are there, and how many there will be.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked library: Maven coordinates, size in bytes, SHA-256 in hexadecimal."""

    group: str
    artifact: str
    version: str
    size_bytes: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The name of its file in the cache."""
        return f"{self.artifact}-{self.version}.jar"


def locked_jars() -> tuple[Jar, ...]:
    """Read the locked list, in the order of the class path."""
    lines = Path(__file__).with_name("kafka_jars.lock").read_text("utf-8").splitlines()
    return tuple(_jar(line) for line in lines if line and not line.startswith("#"))


def kafka_class_path(cache: Path) -> tuple[Path, ...]:
    """Give the jars in the cache, all of them in full size; raises UNAVAILABLE jars_unavailable."""
    folder = _folder(cache)
    lacking = [jar.file_name for jar in locked_jars() if not _is_there(folder / jar.file_name, jar)]
    if lacking:
        raise jars_unavailable(f"{len(lacking)}: {lacking[0]}")
    return tuple(folder / jar.file_name for jar in locked_jars())


def prefetch_kafka_jars(
    cache: Path, progress: Progress | None = None, repositories: Mapping[str, str] | None = None
) -> tuple[Path, ...]:
    """Bring every locked jar into the cache and give their paths; those that are there are not fetched again.

    A jar in the machine's Maven repository is copied. `repositories` (name to URL) are asked before Maven Central, as
    are those of jgo's own settings: a mirror. Raises folder_not_writable, disk_nearly_full, part_missing (jgo) or
    jars_unavailable.
    """
    folder = _folder(cache)
    jars = locked_jars()
    lacking = [jar for jar in jars if not _is_there(folder / jar.file_name, jar)]
    if lacking:
        prepare_folder(folder)
        # Downloads go to a folder of this process: two that fetch at once never see each other's half files.
        with tempfile.TemporaryDirectory(dir=folder, prefix="downloads-") as downloads:
            fetcher = _Fetcher(folder, Path(downloads), repositories or {})
            _fetch_all(fetcher, lacking, len(jars), progress)
    return kafka_class_path(cache)


def _fetch_all(fetcher: "_Fetcher", lacking: list[Jar], total: int, progress: Progress | None) -> None:
    pool = ThreadPoolExecutor(PARALLEL)
    try:
        tasks = [pool.submit(fetcher.fetch, jar) for jar in lacking]
        for done, task in enumerate(as_completed(tasks), start=total - len(lacking) + 1):
            name = task.result()
            if progress is not None:
                progress(name, done, total)
    finally:
        pool.shutdown(cancel_futures=True)


class _Fetcher:
    """Finds a jar in the machine's Maven repository or a remote one, checks it and puts it in its place."""

    def __init__(self, folder: Path, downloads: Path, repositories: Mapping[str, str]) -> None:
        try:
            import jgo.config
            import jgo.constants
            import jgo.maven
        except ImportError as error:
            raise part_missing("Kafka (jgo)") from error
        configured = jgo.config.GlobalSettings.load()
        remotes = {**repositories, **configured.repositories, "central": jgo.constants.MAVEN_CENTRAL_URL}
        local = configured.repo_cache
        self._folder = folder
        self._sources = [
            jgo.maven.MavenContext(repo_cache=local, offline=True),
            jgo.maven.MavenContext(repo_cache=downloads, remote_repos=remotes, timeout=REQUEST_SECONDS),
        ]

    def fetch(self, jar: Jar) -> str:
        """Bring one jar into the folder and give its file name; raises UNAVAILABLE jars_unavailable."""
        detail = ""
        for wait_seconds, source in zip((0.0, 0.0, 1.0, 3.0), (*self._sources, *self._sources[1:] * 2), strict=True):
            time.sleep(wait_seconds)
            artifact = source.project(jar.group, jar.artifact).at_version(jar.version).artifact()
            try:
                found = artifact.resolve()
            # jgo and requests raise many kinds (connection, status, name service); all mean "not to be had there now".
            except (OSError, RuntimeError) as error:
                detail = type(error).__name__
                continue
            if _place(found, self._folder / jar.file_name, jar):
                return jar.file_name
            detail = f"sha256 != {jar.sha256[:12]}…"
            if found.is_relative_to(self._folder):
                found.unlink()
        raise jars_unavailable(f"{jar.file_name}: {detail}"[:300])


def _place(found: Path, target: Path, jar: Jar) -> bool:
    if hashlib.sha256(found.read_bytes()).hexdigest() != jar.sha256:
        return False
    draft = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    shutil.copyfile(found, draft)
    draft.replace(target)
    return True


def _is_there(path: Path, jar: Jar) -> bool:
    return path.exists() and path.stat().st_size == jar.size_bytes


def _folder(cache: Path) -> Path:
    release = ENDPOINT.partition("+")[0].rpartition(":")[2]
    return cache.expanduser().resolve() / f"kafka-{release}"


def _jar(line: str) -> Jar:
    group, artifact, release, size, digest = line.split()
    return Jar(group, artifact, release, int(size), digest)


def _new_lock() -> Iterator[str]:
    import jgo

    yield f"# {ENDPOINT}"
    yield "# group artifact version bytes sha256; made by: python -m fengqiao.entry.local.kafka_jars"
    for artifact in jgo.resolve(ENDPOINT):
        content = artifact.resolve().read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        yield f"{artifact.groupId} {artifact.artifactId} {artifact.version} {len(content)} {digest}"


if __name__ == "__main__":
    sys.stdout.write("\n".join([*_new_lock(), ""]))
