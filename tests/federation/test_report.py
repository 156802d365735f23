"""The monthly report of replayed messages: its figures are those that the databases of all centres say (F31, F33)."""

import csv
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdf

from fengqiao.domain.performance import moved_by
from tests.federation.test_feeds import settled
from tests.federation.test_replay import replayed
from tests.stack import Stack, printed_json, run_command, small_branch, started_stack, whole_topology


def busiest_month(path: Path) -> date:
    with path.open(encoding="utf-8") as lines:
        months = Counter(row["reported_at"][:7] for row in csv.DictReader(lines))
    return date.fromisoformat(f"{months.most_common(1)[0][0]}-01")


def from_databases(stack: Stack, month: date) -> dict[str, Any]:
    """Work the figures out of the case files of every centre, by another way than that of the facts."""
    last = moved_by(month, 1) - timedelta(days=1)
    done = run_command("figures", "--from", str(month), "--to", str(last), "--data", str(stack.data), "--json")
    assert done.returncode == 0, done.stderr
    return dict(printed_json(done))


def rate(found: dict[str, Any], name: str) -> tuple[int, int]:
    one = next(one for one in found["rates"] if one["name"] == name)
    return one["numerator"], one["denominator"]


def reported(stack: Stack, centre: str, month: date, folder: Path) -> tuple[dict[str, Sequence[Any]], str]:
    done = run_command(
        "report", "--centre", centre, "--month", f"{month:%Y-%m}", "--language", "en", "--folder", str(folder),
        "--data", str(stack.data),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    sheet, document = (Path(line) for line in done.stdout.split())
    page = openpyxl.load_workbook(sheet).worksheets[0]
    rows: dict[str, Sequence[Any]] = {str(row[0]): row[1:] for row in page.iter_rows(min_row=6, values_only=True)}
    return rows, "\n".join(one.extract_text() for one in pypdf.PdfReader(document).pages)


def test_the_monthly_report_of_replayed_messages_is_what_the_databases_say(table: Path, tmp_path: Path) -> None:
    with started_stack(small_branch(whole_topology())) as stack:
        city, month = stack.centres[0], busiest_month(table)
        counts = replayed(stack, table, "--speed", "max", "--seed", "7")
        settled(stack, city, wanted=counts["registered"], reading=1)
        found = from_databases(stack, month)
        rows, text = reported(stack, city, month, tmp_path)
        assert found["registered"] > 0
        assert rows["Cases registered"][0] == found["registered"]
        assert rows["Cases closed"][0] == sum(found["closings"].values()) > 0
        for name, words in (
            ("within_15_days", "Closed within 15 days"),
            ("satisfied", "Satisfied"),
            ("extension", "Extended"),
            ("rework", "Reworked"),
            ("return", "Returned"),
            ("direct", "Answered directly"),
            ("containment", "Settled where it should be"),
        ):
            assert (rows[words][1], rows[words][2]) == rate(found, name), name
        assert f"{found['registered']:,}" in text
