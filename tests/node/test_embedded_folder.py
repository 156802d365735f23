"""The data folder of the embedded parts: ports, lock, libraries, and the sentences when something is in the way."""

import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.words import Language
from fengqiao.entry.local import folders, kafka_jars
from fengqiao.entry.local.kafka_jars import kafka_class_path, locked_jars, prefetch_kafka_jars
from fengqiao.entry.local.lock import StackLock
from fengqiao.entry.local.parts import LocalParts
from fengqiao.entry.local.ports import LOOPBACK, PortBook, is_free
from fengqiao.entry.local.prefetch import default_cache, main


@pytest.fixture
def squatter() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server


def test_ports_are_remembered_and_never_given_twice(tmp_path: Path) -> None:
    names = [f"grpc.{number}" for number in range(50)]
    first = PortBook(tmp_path, random.Random(1)).allocate(names)
    assert len(set(first.values())) == 50
    assert PortBook(tmp_path, random.Random(2)).allocate(names) == first
    assert json.loads((tmp_path / "ports.json").read_text("utf-8")) == first


def test_a_smaller_stack_gives_no_remembered_port_away(tmp_path: Path) -> None:
    book = PortBook(tmp_path)
    first = book.allocate(["a", "b"])
    assert book.allocate(["c"], wanted={"c": first["a"]})["c"] not in first.values()
    assert book.remembered()["a"] == first["a"]


def test_a_port_that_was_taken_meanwhile_is_chosen_anew(tmp_path: Path, squatter: socket.socket) -> None:
    taken = squatter.getsockname()[1]
    (tmp_path / "ports.json").write_text(json.dumps({"desk": taken}))
    assert not is_free(taken)
    assert PortBook(tmp_path).allocate(["desk"])["desk"] != taken


def test_a_running_part_keeps_its_port(tmp_path: Path, squatter: socket.socket) -> None:
    taken = squatter.getsockname()[1]
    (tmp_path / "ports.json").write_text(json.dumps({"postgres": taken}))
    assert PortBook(tmp_path).allocate(["postgres"], running=["postgres"]) == {"postgres": taken}


def test_a_wanted_port_is_given_when_it_is_free(tmp_path: Path) -> None:
    free = PortBook(tmp_path).allocate(["probe"])["probe"]
    other = tmp_path / "other"
    other.mkdir()
    assert PortBook(other).allocate(["desk"], wanted={"desk": free})["desk"] == free


def test_an_unreadable_port_book_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{half")
    assert PortBook(tmp_path).allocate(["desk"]).keys() == {"desk"}


HOLD = """
import sys, pathlib
from fengqiao.entry.local.lock import StackLock
StackLock(pathlib.Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_two_stacks_on_one_folder_are_refused_with_the_holders_pid_and_a_killed_holder_leaves_no_lock(
    tmp_path: Path,
) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert StackLock(tmp_path).holder() == holder.pid
        with pytest.raises(Refusal, match=f"in use by process {holder.pid}") as refused:
            StackLock(tmp_path).acquire()
        assert refused.value.kind is Kind.STATE
        holder.kill()
        holder.wait(10)
    assert StackLock(tmp_path).holder() is None
    with StackLock(tmp_path) as lock:
        assert lock.holder() is not None


def test_a_folder_that_cannot_be_written_is_named_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refusal) as refused:
        folders.prepare_folder(tmp_path / "file" / "data")
    assert str(tmp_path / "file" / "data") in refused.value.sentence(Language.ZH)
    assert "is not writable" in refused.value.sentence(Language.EN)


def test_a_nearly_full_disk_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="MiB of disk are left"):
        folders.prepare_folder(tmp_path, needed_mib=10**9)
    assert list(tmp_path.iterdir()) == []


def test_a_large_log_is_set_aside_at_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    log.write_bytes(b"x" * (folders.LOG_LIMIT_BYTES + 1))
    folders.rotate_log(log)
    assert [path.name for path in tmp_path.iterdir()] == ["kafka.1.log"]


def test_libraries_are_all_there_and_are_what_was_locked(parts_cache: Path) -> None:
    paths = prefetch_kafka_jars(parts_cache)
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] == [jar.sha256 for jar in locked_jars()]


def test_libraries_in_the_cache_need_neither_network_nor_jgo(
    parts_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefetch_kafka_jars(parts_cache)
    monkeypatch.setitem(sys.modules, "jgo.config", None)
    assert prefetch_kafka_jars(parts_cache) == kafka_class_path(parts_cache)


def test_without_the_extra_the_refusal_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jgo.config", None)
    with pytest.raises(Refusal, match="is missing; run make setup") as refused:
        prefetch_kafka_jars(tmp_path)
    assert refused.value.code == "part_missing"


def test_a_changed_library_in_a_repository_is_never_taken(
    tmp_path: Path, parts_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = locked_jars()[1]
    good = next(path for path in prefetch_kafka_jars(parts_cache) if path.name == jar.file_name)
    repository = tmp_path / "mirror"
    there = repository / jar.group.replace(".", "/") / jar.artifact / jar.version
    there.mkdir(parents=True)
    (there / jar.file_name).write_bytes(good.read_bytes() + b"!")
    monkeypatch.setattr(kafka_jars, "locked_jars", lambda: (jar,))
    monkeypatch.setenv("M2_REPO", str(repository))
    monkeypatch.setattr("jgo.constants.MAVEN_CENTRAL_URL", "http://127.0.0.1:9")
    with pytest.raises(Refusal) as refused:
        prefetch_kafka_jars(tmp_path / "cache")
    assert refused.value.code == "jars_unavailable"
    assert not list((tmp_path / "cache").rglob("*.jar"))
    shutil.copy(good, there / jar.file_name)
    assert [path.read_bytes() for path in prefetch_kafka_jars(tmp_path / "cache")] == [good.read_bytes()]


def test_make_setup_says_in_a_sentence_why_it_could_not_fetch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["--cache", str(tmp_path / "file")], {}) == 1
    assert "不能写入" in capsys.readouterr().err


def test_the_cache_folder_follows_the_users_settings() -> None:
    assert default_cache({"FENGQIAO_CACHE": "/somewhere"}) == Path("/somewhere")
    assert default_cache({"XDG_CACHE_HOME": "/caches"}) == Path("/caches/fengqiao")
    assert default_cache({}) == Path.home() / ".cache" / "fengqiao"


def test_both_parts_start_side_by_side_and_are_found_again_and_stopped(parts_folder: Path, parts_cache: Path) -> None:
    steps: list[tuple[str, str]] = []
    with LocalParts(parts_folder / "both", parts_cache, lambda part, step: steps.append((part, step))) as parts:
        assert parts.postgres.ready
        assert parts.kafka.ready
        again = LocalParts(parts_folder / "both", parts_cache)
        assert again.pids() == parts.pids()
        assert again.postgres.dsn("x") == parts.postgres.dsn("x")
    assert parts.pids() == {"postgres": None, "kafka": None}
    assert {("postgres", "ready"), ("kafka", "ready"), ("postgres", "stopped"), ("kafka", "stopped")} <= set(steps)
