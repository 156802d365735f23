"""Releases side by side: every centre is taken to our release while the others run the one before, and one goes back.

After each step a story goes up to the city and down again through whatever releases the centres then run.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fengqiao.domain.topology import Topology
from tests.containers import KafkaBroker, PostgresServer
from tests.federation.mixed import Mixed, Release, current_release, previous_release
from tests.stack import small_branch, whole_topology


def branch() -> Topology:
    """The city, two counties and a township: as many as a story needs."""
    whole = whole_topology()
    city, first, second, township, *_ = small_branch(whole)
    return Topology(whole.centre(code) for code in (city, first, second, township))


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return previous_release(tmp_path_factory.mktemp("previous"))


@pytest.fixture
def mixed(old: Release, tmp_path: Path, postgres: PostgresServer, kafka: KafkaBroker) -> Iterator[Mixed]:
    federation = Mixed(branch(), tmp_path, postgres, kafka)
    federation.prepare()
    try:
        yield federation
    finally:
        federation.end()


def hears_a_story(federation: Mixed, new: Release) -> None:
    told = federation.told(new, "story")
    assert told["agree"] is True, federation.running
    assert [play["feature"] for play in told["plays"]] == ["F16", "F18"]


def test_each_release_is_run_by_its_own_code(mixed: Mixed, old: Release) -> None:
    new = current_release()
    assert old.version != new.version
    for release in (old, new):
        assert release.version in mixed.command(release, "version").stdout


def test_centres_change_their_release_one_by_one_and_back_while_cases_move(mixed: Mixed, old: Release) -> None:
    new = current_release()
    centres = tuple(mixed.topology.centres)
    mixed.migrate(old, *centres)
    assert mixed.command(old, "topics", "sync").returncode == 0
    mixed.start(old, centres)
    hears_a_story(mixed, new)
    for code in centres:
        mixed.change(new, code)
        hears_a_story(mixed, new)
    assert set(mixed.running.values()) == {new}
    # The old release runs on the newer schema: a rollback needs no way back for the database.
    county = centres[1]
    mixed.stop(county)
    mixed.start(old, [county])
    hears_a_story(mixed, new)
    mixed.stop(county)
    mixed.start(new, [county])
    verified = mixed.told(new, "verify", "--all", "--wait", "60")
    assert verified["clean"] is True, verified
