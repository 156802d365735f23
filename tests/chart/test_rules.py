"""The rules of Prometheus give the published figures from our series (F36); the alerts stand in test_alerts."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from fengqiao.observe.metrics import METRICS
from tests.prometheus import RULE_FILES, rule_test

LABELS = {metric.name: ("centre", *metric.labels) for metric in METRICS}
MONTH_MINUTES = 30 * 24 * 60
Series = tuple[str, Mapping[str, str], float]


def counter(name: str, value: float, **labels: str) -> Series:
    """A counter that has gone from 0 to a value within the month."""
    return (name, labels, value)


def input_series(series: Sequence[Series]) -> list[dict[str, str]]:
    """The series in promtool's form: just the labels that the table names, a sample every six hours, risen half-way."""
    found = []
    for name, labels, value in series:
        given = dict.fromkeys(LABELS[name], "any") | dict(labels)
        assert set(given) == set(LABELS[name])
        text = ",".join(f'{label}="{content}"' for label, content in given.items())
        values = f"0+0x59 {value:.0f}+0x61" if name.endswith("_total") else f"{value:.0f}+0x120"
        found.append({"series": f"{name}{{{text}}}", "values": values})
    return found


def holds(tmp_path: Path, series: Sequence[Series], expected: Mapping[str, float]) -> None:
    """Every expression has the value after 30 days, to a hundredth of a per cent."""
    questions = [
        {"expr": f"round({expr}, 0.0001)", "eval_time": f"{MONTH_MINUTES}m", "exp_samples": [{"value": value}]}
        for expr, value in expected.items()
    ]
    test = {"interval": "6h", "input_series": input_series(series), "promql_expr_test": questions}
    told = rule_test(tmp_path, test, every="6h")
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_labels_of_a_rule_are_those_of_its_metric() -> None:
    text = "\n".join(file.read_text("utf-8") for file in RULE_FILES)
    chosen = re.findall(r"(fengqiao_[a-z_]+)\{([^}]*)\}", text)
    assert len(chosen) > 10
    wrong = [
        (name, label)
        for name, choice in chosen
        for label in re.findall(r"(\w+)\s*=", choice)
        if label not in LABELS[name]
    ]
    assert wrong == []


def test_dezhou_one_july(tmp_path: Path) -> None:
    month = [
        counter("fengqiao_case_steps_total", 54_706, step="registered"),
        counter("fengqiao_cases_closed_total", 36_516, direct="yes", closing="solved"),
        counter("fengqiao_cases_closed_total", 17_900, direct="no", closing="solved"),
        counter("fengqiao_limits_ended_total", 17_529, code="article-solve", outcome="met"),
        counter("fengqiao_limits_ended_total", 500, code="article-solve", outcome="breached"),
    ]
    on_time = 'fengqiao:on_time_of_dispatched:ratio{code="article-solve"}'
    holds(tmp_path, month, {"fengqiao:direct:ratio": 0.6675, f"sum({on_time})": 0.9637})


def test_tianmen_december_2016(tmp_path: Path) -> None:
    week = [
        counter("fengqiao_limits_due_last_week", 737, code="a", outcome="met"),
        counter("fengqiao_limits_due_last_week", 911 - 737, code="a", outcome="breached"),
        counter("fengqiao_limits_due_last_week", 972 - 911, code="a", outcome="open"),
        # What was registered is 996 and no denominator.
        counter("fengqiao_case_steps_total", 996, step="registered"),
    ]
    closed, on_time = "sum(fengqiao:limits_met:ratio)", "sum(fengqiao:limits_on_time:ratio)"
    holds(tmp_path, week, {closed: 0.9372, on_time: 0.7582, "sum(fengqiao:limits_due:of)": 972})


def test_lianyungang_september_2020_has_a_denominator_for_each_rate(tmp_path: Path) -> None:
    month = [
        counter("fengqiao_case_steps_total", 83_218, step="registered"),
        counter("fengqiao_cases_closed_total", 41_489, direct="yes", closing="explained"),
        counter("fengqiao_limits_ended_total", 40_172, code="hotline-handle", outcome="met"),
        counter("fengqiao_evaluations_total", 9_538, solved="yes", satisfied="yes", reasonable="yes"),
        counter("fengqiao_evaluations_total", 462, solved="no", satisfied="no", reasonable="yes"),
        counter("fengqiao_evaluations_total", 900, solved="no", satisfied="no", reasonable="no"),
    ]
    holds(
        tmp_path,
        month,
        {
            "fengqiao:dispatched:of / fengqiao:registered:of": 0.5014,
            "sum(fengqiao:on_time_of_dispatched:ratio)": 0.9627,
            "fengqiao:satisfied_reasonable:ratio": 0.9538,
        },
    )


def test_fuzhou_second_quarter_2022(tmp_path: Path) -> None:
    month = [
        counter("fengqiao_case_steps_total", 277_924, step="registered"),
        counter("fengqiao_cases_closed_total", 277_924, direct="no", closing="solved"),
        counter("fengqiao_case_steps_total", 306, step="reopened"),
        counter("fengqiao_case_steps_total", 556, step="extended"),
    ]
    holds(tmp_path, month, {"fengqiao:reopened:ratio": 0.0011, "fengqiao:extended:ratio": 0.002})


def test_nothing_on_time_is_nought_and_not_nothing(tmp_path: Path) -> None:
    week = [counter("fengqiao_limits_due_last_week", 5, code="a", outcome="open")]
    holds(tmp_path, week, {"sum(fengqiao:limits_on_time:ratio)": 0, "sum(fengqiao:limits_due:of)": 5})


def test_a_wrong_answer_is_found(tmp_path: Path) -> None:
    week = [counter("fengqiao_limits_due_last_week", 5, code="a", outcome="open")]
    with pytest.raises(AssertionError):
        holds(tmp_path, week, {"sum(fengqiao:limits_due:of)": 6})
