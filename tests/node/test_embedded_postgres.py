"""The embedded PostgreSQL: what it promises about letters, durability and coming back."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from fengqiao.domain.errors import Refusal
from fengqiao.entry.local.ports import PortBook, is_free
from fengqiao.entry.local.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def own(parts_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server of our own, because these tests stop and kill it."""
    port = PortBook(parts_folder).allocate(["own"])["own"]
    server = EmbeddedPostgres(parts_folder / "own", port, settings={"log_connections": "on"})
    server.start()
    yield server
    server.stop()


def answer(server: EmbeddedPostgres, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.dsn(), autocommit=True, connect_timeout=5) as connection:
        return connection.execute(query.encode()).fetchall()


def run(server: EmbeddedPostgres, statement: str) -> None:
    with psycopg.connect(server.dsn(), autocommit=True, connect_timeout=5) as connection:
        connection.execute(statement.encode())


def test_chinese_has_trigrams(embedded_postgres: EmbeddedPostgres) -> None:
    run(embedded_postgres, "CREATE EXTENSION IF NOT EXISTS pg_trgm")
    trigrams = answer(
        embedded_postgres, "SELECT cardinality(show_trgm('小区停车')), similarity('小区停车难', '小区停车')"
    )
    assert trigrams == [(5, pytest.approx(0.57, abs=0.1))]


def test_the_locale_is_built_in_and_the_same_on_every_machine(embedded_postgres: EmbeddedPostgres) -> None:
    query = "SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding) FROM pg_database"
    assert answer(embedded_postgres, f"{query} WHERE datname = 'template1'") == [("b", "C.UTF-8", "UTF8")]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("max_connections", "600"),
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
    ],
)
def test_the_server_runs_with_what_we_promise(embedded_postgres: EmbeddedPostgres, setting: str, value: str) -> None:
    assert answer(embedded_postgres, f"SHOW {setting}") == [(value,)]


def test_it_listens_on_loopback_only(embedded_postgres: EmbeddedPostgres) -> None:
    assert embedded_postgres.pid is not None
    listening = [
        c.laddr.ip for c in psutil.Process(embedded_postgres.pid).net_connections() if c.status == psutil.CONN_LISTEN
    ]
    assert listening == ["127.0.0.1"]


def test_it_has_a_session_of_its_own_so_that_ctrl_c_does_not_reach_it(embedded_postgres: EmbeddedPostgres) -> None:
    assert embedded_postgres.pid is not None
    assert os.getsid(embedded_postgres.pid) == embedded_postgres.pid != os.getsid(0)


def test_it_does_not_run_as_root(embedded_postgres: EmbeddedPostgres) -> None:
    assert psutil.Process(embedded_postgres.pid).uids().effective != 0


def test_a_setting_given_takes_its_place(own: EmbeddedPostgres) -> None:
    assert answer(own, "SHOW log_connections") == [("on",)]


def test_data_are_there_after_a_restart(own: EmbeddedPostgres) -> None:
    run(own, "CREATE TABLE kept AS SELECT 7 AS number")
    before = own.pid
    own.restart()
    assert own.pid != before
    assert answer(own, "SELECT number FROM kept") == [(7,)]


def test_what_was_committed_survives_sigkill(own: EmbeddedPostgres) -> None:
    run(own, "CREATE TABLE survived (number int)")
    open_transaction = psycopg.connect(own.dsn())
    open_transaction.execute("INSERT INTO survived VALUES (1)")
    run(own, "INSERT INTO survived VALUES (2)")
    own.kill()
    open_transaction.close()
    assert own.pid is None
    assert not own.ready
    own.start()
    assert answer(own, "SELECT number FROM survived") == [(2,)]
    assert "was not properly shut down; automatic recovery in progress" in own.log.read_text("utf-8")


def test_a_second_object_finds_the_running_server_and_keeps_it(own: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(own.folder, own.port, settings={"log_connections": "on"})
    other.start()
    assert other.pid == own.pid


def test_it_can_be_stopped_by_another_object_and_stopped_twice(own: EmbeddedPostgres) -> None:
    EmbeddedPostgres(own.folder, own.port).stop()
    own.stop()
    assert own.pid is None
    assert is_free(own.port)
    own.start()


def test_a_taken_port_is_a_refusal_with_its_number(embedded_postgres: EmbeddedPostgres, parts_folder: Path) -> None:
    server = EmbeddedPostgres(parts_folder / "late", embedded_postgres.port)
    with pytest.raises(Refusal, match=f"port {embedded_postgres.port} is taken"):
        server.start()


def test_a_folder_of_another_major_version_is_refused_and_left_alone(parts_folder: Path) -> None:
    server = EmbeddedPostgres(parts_folder / "old", PortBook(parts_folder).allocate(["old"])["old"])
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(Refusal, match="made by PostgreSQL 15, this is 18"):
        server.start()
    assert [path.name for path in server.data.iterdir()] == ["PG_VERSION"]


def test_an_interrupted_first_start_is_no_obstacle(parts_folder: Path) -> None:
    server = EmbeddedPostgres(parts_folder / "cut", PortBook(parts_folder).allocate(["cut"])["cut"])
    (server.folder / "data.new" / "base").mkdir(parents=True)
    server.start()
    try:
        assert answer(server, "SELECT 1") == [(1,)]
    finally:
        server.kill()
        shutil.rmtree(server.folder)


def test_a_broken_setting_is_a_refusal_that_says_why(parts_folder: Path) -> None:
    port = PortBook(parts_folder).allocate(["broken"])["broken"]
    server = EmbeddedPostgres(parts_folder / "broken", port, settings={"shared_buffers": "plenty"})
    began = time.monotonic()
    with pytest.raises(Refusal, match=r"did not start: .*FATAL.*see .*postgres\.log") as refused:
        server.start()
    assert refused.value.code == "part_failed"
    assert time.monotonic() - began < 30
    assert server.pid is None


def test_it_starts_again_though_nobody_has_reaped_the_killed_one(parts_folder: Path) -> None:
    folder = parts_folder / "unreaped"
    port = PortBook(parts_folder).allocate(["unreaped"])["unreaped"]
    starter = f"""
import sys, time, pathlib
from fengqiao.entry.local.postgres import EmbeddedPostgres
EmbeddedPostgres(pathlib.Path({str(folder)!r}), {port}).start()
print("up", flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        server = EmbeddedPostgres(folder, port)
        try:
            killed = server.pid
            assert killed is not None
            server.kill()
            assert psutil.Process(killed).status() == psutil.STATUS_ZOMBIE
            server.start(30)
            assert server.ready
        finally:
            server.kill()
            parent.kill()
