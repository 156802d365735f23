"""The real postgres_exporter, scraped as deployed: its series find their centre, and it is told when it sees nothing.

kafka_exporter is in no registry of packages that a test could take it from; what it documents stands in test_scraping.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from fengqiao.entry.local.postgres import EmbeddedPostgres
from tests.chart.test_scraping import query
from tests.prometheus import DEPLOYED, hastened
from tests.watchers import STOP_SECONDS, asked, awaited, free_port, prometheus, text_of

CENTRES = ("371401", "371401001")
ROLE = "exporter"
MADE = (
    b"CREATE ROLE exporter LOGIN IN ROLE pg_monitor",
    b"CREATE DATABASE fengqiao_371401",
    b"CREATE DATABASE fengqiao_371401001",
    b"CREATE DATABASE fengqiao_template",
)
GONE = (
    b"DROP DATABASE fengqiao_371401 WITH (FORCE)",
    b"DROP DATABASE fengqiao_371401001 WITH (FORCE)",
    b"DROP DATABASE fengqiao_template WITH (FORCE)",
    b"DROP ROLE exporter",
)
"""What docs/monitoring.md has an operator do for the exporter: a role that may look and nothing else."""


@contextmanager
def exporting(dsn: str, folder: Path) -> Iterator[str]:
    """A postgres_exporter on a server; gives its host:port."""
    address = f"127.0.0.1:{free_port()}"
    log = folder / f"exporter-{address.rpartition(':')[2]}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["prometheus-postgres-exporter", f"--web.listen-address={address}"],
            env={**os.environ, "DATA_SOURCE_NAME": dsn},
            stdout=out,
            stderr=out,
        )
    try:
        awaited(lambda: text_of(f"http://{address}/metrics") or None, f"the exporter answers ({log})")
        yield address
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


@pytest.fixture(scope="module")
def source(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A server with the databases of two centres and a role for the exporter; gives how that connects."""
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        for statement in MADE:
            connection.execute(statement)
    yield f"postgresql://{ROLE}@127.0.0.1:{postgres.port}/postgres?sslmode=disable"
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        for statement in GONE:
            connection.execute(statement)


@pytest.fixture(scope="module")
def exporters(source: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[str]]:
    """Three exporters: one that works, one that its server does not let in, and one that is away."""
    folder = tmp_path_factory.mktemp("exporters")
    with ExitStack() as stack:
        works = stack.enter_context(exporting(source, folder))
        blind = stack.enter_context(exporting(source.replace(f"{ROLE}@", "nobody@"), folder))
        yield works, blind, f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def watcher(exporters: Sequence[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus with the deployed configuration that has looked at all of them."""
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "targets").mkdir()
    (folder / "targets" / "postgresql.json").write_text(json.dumps([{"targets": list(exporters)}]), "utf-8")
    config = hastened(folder)
    # An exporter that is not let in thinks for a second before it answers, longer than a scrape of a second waits.
    config.write_text(re.sub(r"(interval|timeout): 1s", r"\1: 3s", config.read_text("utf-8")), "utf-8")
    with prometheus(config) as address:
        awaited(lambda: query(address, "pg_database_size_bytes") or None, "the series of the exporter")
        yield address
    shutil.rmtree(folder)


def test_every_series_of_a_database_says_whose_it_is(watcher: str) -> None:
    for name in ("pg_database_size_bytes", "pg_stat_database_numbackends", "pg_locks_count", "pg_stat_activity_count"):
        found = {(one["datname"], one.get("centre", "")) for one in query(watcher, f'{name}{{datname!=""}}')}
        assert found >= {(f"fengqiao_{code}", code) for code in CENTRES}, name
        # The database that an administrator signs in to belongs to no centre, and templates are left out.
        assert {pair for pair in found if not pair[1]} <= {("postgres", "")}, name


def test_a_template_is_told_by_the_exporter_and_not_stored(watcher: str, exporters: Sequence[str]) -> None:
    told = text_of(f"http://{exporters[0]}/metrics")
    assert 'datname="fengqiao_template"' in told
    assert 'datname="template1"' in told
    assert query(watcher, '{datname=~".*template.*"}') == []


def test_a_role_that_may_only_look_is_enough(exporters: Sequence[str]) -> None:
    told = text_of(f"http://{exporters[0]}/metrics")
    assert "\npg_up 1\n" in told
    assert "\npg_exporter_last_scrape_error 0\n" in told


def test_an_exporter_that_is_away_and_one_that_is_not_let_in_are_told_and_no_other(
    watcher: str, exporters: Sequence[str]
) -> None:
    works, blind, away = exporters

    def firing() -> set[str] | None:
        alerts = [
            one
            for one in asked(f"{watcher}/api/v1/alerts")["data"]["alerts"]
            if one["labels"]["alertname"] == "FengqiaoExporterAway" and one["state"] == "firing"
        ]
        assert all(one["labels"]["job"] == "postgresql" for one in alerts)
        return {one["labels"]["instance"] for one in alerts} or None

    awaited(lambda: firing() == {blind, away} or None, "both alerts")
    assert works not in (firing() or set())
    # Both are told by the rule's two halves: the one that is not let in answers Prometheus all the same.
    assert {one["instance"] for one in query(watcher, 'up{job="postgresql"} == 1')} == {works, blind}
    assert {one["instance"] for one in query(watcher, "pg_up == 0")} == {blind}


def test_what_rules_ask_of_exporters_is_what_they_tell(exporters: Sequence[str]) -> None:
    told = text_of(f"http://{exporters[0]}/metrics")
    rules = " ".join(path.read_text("utf-8") for path in DEPLOYED.glob("*.rules.yml"))
    named = {word for word in rules.replace("(", " ").replace("{", " ").split() if word.startswith(("pg_", "kafka_"))}
    assert named == {"pg_up"}
    assert all(f"\n{name} " in told for name in named)
