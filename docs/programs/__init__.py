"""Programs that write pages of docs/: `python -m docs.programs.NAME` from the folder of the project.

People write the pages, but for what lies between `<!-- part: `program` -->` and `<!-- end -->`: that a program renews.
"""

import argparse
import csv
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console

from sim.data.load import read_table
from sim.experiments.executors import conduct_jobs
from sim.experiments.run import Task, run_replicate
from sim.experiments.statistics import Estimate, mean
from sim.measures.arrays import Floats
from sim.report.style import Key, frame

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
#: Where programs keep what they have simulated.
KEPT = ROOT / "results" / "programs"
JobT = TypeVar("JobT")
_PART = re.compile(r"(<!-- (\w+): `([^`]+)` -->\n).*?(<!-- end -->)", re.DOTALL)


def rendered(text: str, made: Mapping[str, str], program: str) -> str:
    """A page with its generated parts put in.

    Args:
        text: the page as it is.
        made: text of each part by name.
        program: whose parts these are, as its command; those of others stay.

    Raises:
        KeyError: the page names a part of the program that nobody makes.
    """
    return _PART.sub(lambda at: f"{at[1]}\n{made[at[2]]}\n\n{at[4]}" if at[3] == program else at[0], text)


def renew(page: str, made: Mapping[str, str], program: str) -> None:
    """Writes the parts of a program into a page of docs/."""
    path = DOCS / f"{page}.md"
    path.write_text(rendered(path.read_text("utf-8"), made, program), "utf-8")
    sys.stdout.write(f"{path.name} is written\n")


def ran(program: str, work: Callable[[JobT], Any], jobs: Mapping[str, JobT], workers: int) -> dict[str, Any]:
    """What came of each job by its name, as JSON gives it back; the same program does only what is missing."""
    return conduct_jobs(work, jobs, KEPT / program.rpartition(".")[2], workers, Console(stderr=True))


def data(name: str, **kinds: type) -> pd.DataFrame:
    """A table of sim/data, with the columns that are numbers."""
    return pd.DataFrame([dict(row) for row in read_table(name).rows]).astype(kinds)


def asked(command: str, words: Sequence[str], **numbers: int) -> argparse.Namespace:
    """Numbers of a command by name, such as `--seeds 20`, and `--workers`, the processes; else the usual ones."""
    parser = argparse.ArgumentParser(prog=command)
    for name, usual in {**numbers, "workers": 1}.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=usual, help=f"{usual} where none is named")
    return parser.parse_args(words)


def outcomes_of(task: Task) -> list[dict[str, float]]:
    """Outcomes of each scenario of a task.

    Raises:
        RuntimeError: a run failed.
    """
    made = run_replicate(task)
    if made.failures:
        raise RuntimeError(made.failures[0].text)
    return [dict(arm.measured.outcomes) for arm in made.arms]


def framed(
    figure: Figure, words: tuple[str, str, str], keys: Sequence[tuple[str, str, str]], columns: int = 2
) -> Figure:
    """A figure with its words around it.

    Args:
        figure: with its axes.
        words: title, how to read it, small print.
        keys: what marks mean: name, colour, and style as `plot` takes it.
        columns: of the key.
    """
    handles = [figure.axes[0].plot([], [], style, color=colour)[0] for _, colour, style in keys]
    frame(figure, *words, Key(handles, [name for name, _, _ in keys], columns))
    return figure


def spread(values: Iterable[float], digits: int = 2) -> str:
    """Median, p10 and p90 of the values that are known."""
    known = np.array(list(values))
    known = known[np.isfinite(known)]
    if not known.size:
        return "–"
    low, middle, high = np.quantile(known, [0.1, 0.5, 0.9])
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def interval(found: Sequence[float], factor: float = 100.0) -> str:
    """An estimate with its ends; a dash where there is none."""
    value, low, high = (factor * part for part in found[:3])
    return "–" if np.isnan(value) else f"{value:+.1f} ({low:+.1f} to {high:+.1f})"


def bounds(low: float, high: float) -> str:
    """What is expected of a figure."""
    ends = " to ".join(f"{end:g}" if math.isfinite(end) else "–" for end in (low, high))
    return "reported" if ends == "– to –" else ends


def verdict(found: Estimate, low: float, high: float) -> str:
    """Whether an interval lies inside, outside, or across what is expected."""
    if math.isnan(found.value):
        return "not measured"
    if low <= found.low and found.high <= high:
        return "holds"
    if found.high < low or found.low > high:
        return "**does not hold**"
    return f"open, the estimate lies {'inside' if low <= found.value <= high else 'outside'}"


class Line(NamedTuple):
    """A statement on a figure of a world.

    Attributes:
        key: of the figure.
        text: in words.
        unit: of the figure.
        low, high: what is expected.
        by_mean: judged by the mean over worlds, since in one world the figure is mostly chance.
    """

    key: str
    text: str
    unit: str
    low: float = -math.inf
    high: float = math.inf
    by_mean: bool = False

    def row(self, drawn: Sequence[Mapping[str, float]], default: Sequence[Mapping[str, float]]) -> list[str]:
        """The statement in draws of the prior and at the default parameters."""
        cells = [cell for found in (drawn, default) for cell in self._cells(known(found, self.key))]
        return [self.text, self.unit, *cells, bounds(self.low, self.high)]

    def _cells(self, values: Floats) -> tuple[str, str]:
        if self.by_mean:
            found = mean(values)
            return f"mean {found.value:+.2f} ± {found.high - found.value:.2f}", verdict(found, self.low, self.high)
        inside = int(((self.low <= values) & (values <= self.high)).sum())
        expected = math.isfinite(self.low) or math.isfinite(self.high)
        return spread(values), f"{inside} of {values.size}" if expected else ""


def lines(part: str) -> list[Line]:
    """The statements of a part of docs/statements.md, from lines.csv; a bound that is not named is none."""
    with (DOCS / "programs" / "lines.csv").open(encoding="utf-8", newline="") as stream:
        _, *rows = csv.reader(stream)
    return [
        Line(key, text, unit, float(low or -math.inf), float(high or math.inf), by_mean == "1")
        for own, key, text, unit, low, high, by_mean in rows
        if own == part
    ]


HEAD = ["statement", "unit", "draws: median (p10 to p90)", "inside", "default: median (p10 to p90)", "inside"]
HEAD += ["expected"]


def known(found: Sequence[Mapping[str, float]], key: str) -> Floats:
    """A figure of all worlds in which it is defined."""
    values = np.array([one[key] for one in found])
    return values[~np.isnan(values)]
