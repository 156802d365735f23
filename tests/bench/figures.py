"""What a benchmark comes to: figures with their floors and goals, the raw samples, the table and the JSON."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

PERCENTILES = {"p50": 0.50, "p90": 0.90, "p99": 0.99, "max": 1.0}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: `ratio` is value / floor; a figure without a goal only stands beside another one."""

    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    goal: str = ""
    met: bool = True


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on the value, or on the ratio to the floor (`of_ratio`); `least` turns it round."""

    bound: float
    of_ratio: bool = False
    least: bool = False

    def met_by(self, value: float, ratio: float | None) -> bool:
        """Say whether the goal is met; a ratio that could not be measured meets none."""
        found = ratio if self.of_ratio else value
        return found is not None and (found >= self.bound if self.least else found <= self.bound)

    def words(self) -> str:
        """Write the goal as it stands in DESIGN section 9."""
        return f"{'≥' if self.least else '≤'} {self.bound:,g}{' ×' if self.of_ratio else ''}"


@dataclass(slots=True)
class Record:
    """All figures of a run by name, and the raw samples behind them: one list for each of the repeated runs."""

    figures: dict[str, Figure] = field(default_factory=dict)
    samples: dict[str, list[list[float]]] = field(default_factory=dict)

    def put(
        self,
        name: str,
        values: Sequence[float],
        unit: str,
        *,
        floors: Sequence[float] = (),
        goal: Goal | None = None,
    ) -> None:
        """Put a figure: the median of its runs, and the median of the ratios that each run had to its own floor."""
        value = statistics.median(values)
        floor = statistics.median(floors) if floors else None
        ratio = statistics.median(v / f for v, f in zip(values, floors, strict=True)) if floors else None
        met = goal is None or goal.met_by(value, ratio)
        self.figures[name] = Figure(value, unit, floor, ratio, goal.words() if goal else "", met)
        print(line(name, self.figures[name]), flush=True)

    def keep(self, name: str, samples: Sequence[float]) -> None:
        """Keep the raw samples of one run."""
        self.samples.setdefault(name, []).append(list(samples))

    def spread(self, name: str) -> str:
        """Tell p50, p90, p99 and max over all kept samples of a name."""
        everything = [sample for run in self.samples[name] for sample in run]
        return "  ".join(f"{word} {percentile(everything, part):.2f}" for word, part in PERCENTILES.items())

    def write(self, path: Path) -> None:
        """Write the figures, and the raw samples beside them."""
        path.parent.mkdir(parents=True, exist_ok=True)
        found = {name: asdict(figure) for name, figure in self.figures.items()}
        path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
        beside = path.with_name(f"{path.stem}-samples.json")
        beside.write_text(json.dumps(self.samples) + "\n", "utf-8")


def percentile(samples: Sequence[float], part: float) -> float:
    """Give the sample below which `part` of all lie (nearest rank)."""
    ranked = sorted(samples)
    return ranked[min(len(ranked) - 1, max(0, round(part * len(ranked) + 0.5) - 1))]


HEADING = f"{'name':<28} {'value':>12} {'unit':<8} {'floor':>12} {'ratio':>7}  {'goal':<12} met"


def line(name: str, figure: Figure) -> str:
    """Write one line of the table."""
    floor = f"{figure.floor:,.3f}" if figure.floor is not None else "-"
    ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else "-"
    met = ("yes" if figure.met else "NO") if figure.goal else ""
    return f"{name:<28} {figure.value:>12,.3f} {figure.unit:<8} {floor:>12} {ratio:>7}  {figure.goal:<12} {met}"
