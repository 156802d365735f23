"""Settings come from options, then variables, then a file, and are refused whole when one is wrong."""

from pathlib import Path

import pytest

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.topology import Level
from fengqiao.domain.unit import WINDOW
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.settings import Settings, load_settings

HEADER = "code,level,name,parent\n"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, with a settings file of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fengqiao.toml").write_text('desk_port = 1000\nops_port = 1001\nkafka = ["a:1", "b:2"]\n', "utf-8")
    return tmp_path


def test_options_come_before_variables_and_variables_before_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().desk_port == 1000
    monkeypatch.setenv("FENGQIAO_DESK_PORT", "2000")
    assert load_settings().desk_port == 2000
    assert load_settings(desk_port=3000).desk_port == 3000
    assert load_settings(desk_port=None).ops_port == 1001
    assert (elsewhere / "fengqiao.toml").exists()


def test_credentials_of_systemd_come_after_variables_and_before_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "fengqiao.toml").write_text('secret = "of the file"\nkafka_username = "u"\n', "utf-8")
    credentials = elsewhere / "credentials"
    credentials.mkdir()
    (credentials / "fengqiao_secret").write_text("of the credential\n", "utf-8")
    (credentials / "unrelated").write_text("of another program", "utf-8")
    assert load_settings().secret == "of the file"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert load_settings().secret == "of the credential"
    assert load_settings().kafka_username == "u"
    monkeypatch.setenv("FENGQIAO_SECRET", "of the variable")
    assert load_settings().secret == "of the variable"


@pytest.mark.usefixtures("elsewhere")
def test_lists_in_variables_are_set_apart_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().kafka == ("a:1", "b:2")
    monkeypatch.setenv("FENGQIAO_KAFKA", "c:3, d:4")
    assert load_settings().kafka == ("c:3", "d:4")


@pytest.mark.usefixtures("elsewhere")
def test_every_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_DESK_PORT", "99999")
    monkeypatch.setenv("FENGQIAO_POLL_SECONDS", "never")
    with pytest.raises(Refusal) as caught:
        load_settings()
    assert caught.value.kind is Kind.INVALID
    assert {violation.field for violation in caught.value.violations} == {"desk_port", "poll_seconds"}


def test_a_broken_file_and_an_unknown_setting_are_refused(elsewhere: Path) -> None:
    for text in ("desk_port = ", "no_such_setting = 1"):
        (elsewhere / "fengqiao.toml").write_text(text, "utf-8")
        with pytest.raises(Refusal) as caught:
            load_settings()
        assert caught.value.kind is Kind.INVALID


def test_a_named_settings_file_has_to_exist(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_SETTINGS", str(elsewhere / "no.toml"))
    with pytest.raises(Refusal, match="file_missing"):
        load_settings()


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_named_list_of_centres_is_used_and_a_broken_one_is_refused(elsewhere: Path) -> None:
    named = elsewhere / "centres.csv"
    named.write_text(HEADER + "1000,city,甲市,\n1001,county,乙县,1000\n", "utf-8-sig")
    assert len(load_topology(load_settings(topology=str(named))).centres) == 2
    named.write_text(HEADER + "1000,city,甲市,\n1002,city,丙市,\n1001,county,乙,县,1000\n", "utf-8")
    with pytest.raises(Refusal, match="topology_broken"):
        load_topology(load_settings(topology=str(named)))
    named.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Refusal, match="file_unreadable"):
        load_topology(load_settings(topology=str(named)))
    with pytest.raises(Refusal, match="file_missing"):
        load_topology(load_settings(topology=str(elsewhere / "none.csv")))


@pytest.mark.usefixtures("elsewhere")
def test_the_made_city_of_the_package_has_147_centres_in_three_levels() -> None:
    topology = load_topology(load_settings())
    levels = [centre.level for centre in topology.centres.values()]
    assert {level: levels.count(level) for level in Level} == {Level.CITY: 1, Level.COUNTY: 12, Level.TOWNSHIP: 134}


def test_the_units_of_the_package_are_those_of_the_field(tmp_path: Path) -> None:
    units = load_units("")
    assert {level: len(units.by_level[level]) - 1 for level in Level} == {
        Level.CITY: 34,
        Level.COUNTY: 34,
        Level.TOWNSHIP: 12,
    }
    assert all(found[0].code == WINDOW for found in units.by_level.values())
    broken = tmp_path / "units.toml"
    for text in ("city = 1", '[[city]]\ncode = "police"\nname = "x"\nname_en = "x"\n', "["):
        broken.write_text(text, "utf-8")
        with pytest.raises(Refusal, match="file_unreadable"):
            load_units(str(broken))
