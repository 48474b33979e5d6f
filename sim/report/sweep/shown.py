"""The runs that a figure shows, and their summary: means over seeds with interval and spread."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.experiments.analyse.cases import Cases, Contrast, meaning
from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO, parameters
from sim.measures.outcome import Outcome
from sim.measures.outcomes import OUTCOMES
from sim.policy.levers import LEVERS
from sim.policy.problem import InputError, mistake
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.report.style import warning
from sim.results.words import counted, lowered
from sim.world.parameters import Parameters, value_of

PARTS, PANELS = 8, 3  # into so many parts an interval is cut along an axis, and into so many by panels
MOST_PANELS = 6  # more levels than this do not fit as panels or as curves


@dataclass(frozen=True)
class Shown(Cases):
    """The selected runs that a figure shows; outcomes are differences if `against` names a reference."""

    against: str = ""  # scenario that they are differences from; empty for none
    command: str = ""  # that makes the figure again
    where: tuple[str, ...] = ()  # what it was restricted to, as typed
    paired: bool = False  # whether outcomes are changes from a level of the figure's axes, in the same world

    @property
    def basis(self) -> str:
        """Text on the runs behind a figure, for its small print."""
        about = self.study.about
        seeds = "one seed per point" if self.own_seeds else f"{counted(about['replicates'], 'seed')} per point"
        missing = f", {self.missing:,} of {about['runs']:,} missing" if self.missing else ""
        only = f" Only {', '.join(self.where)}." if self.where else ""
        sets = about.get("parameter_sets_are")
        worlds = f" Each seed has a parameter set, {sets}." if sets else ""
        tiny = "" if warning(self.command) else warning(str(about["command"]))  # small print warns by the former itself
        return (
            f"{tiny}Study {str(about['study'])[:10]}: {self.design} design, {counted(self.points, 'point')}, "
            f"{seeds}, {counted(len(self.rows), 'run')} shown{missing}.{only}{worlds}"
        )

    def unit(self, outcome: Outcome) -> str:
        """Unit of an outcome on a figure's axis."""
        changes = bool(self.against) or self.paired
        share = "percentage points" if changes else "%"
        return ("change, " if changes else "") + (share if outcome.unit == "share" else outcome.unit)


def show(cases: Cases, scenarios: Sequence[str], against: str, where: Sequence[str], command: str) -> Shown:
    """Selects the runs of a study that figures show, by scenario and by value of an axis."""
    rows = cases.rows
    for written in where:
        rows = _restricted(cases, rows, written)
    if against:
        if not cases.crossed:
            problem = "scenarios are an axis of this sweep, so no point was run under two of them"
            fix = "Sweep scenarios as words instead: comity sweep status_quo faster_mlat …"
            raise mistake(problem, "--against", against, fix)
        there = rows[SCENARIO] == cases.scenario(against, "--against")  # the same point and seed is taken off
        rows = changes_from(rows[~there], rows[there], [SCENARIO], cases.axes, [entry.key for entry in OUTCOMES])
    if scenarios:
        rows = rows[rows[SCENARIO].isin([cases.scenario(key, "--scenario") for key in scenarios])]
    if rows.empty and against and not where:
        fix = f"Sweep two scenarios: `comity sweep {against} faster_mlat …`."
        raise mistake("the study has no other scenario to compare with", "--against", against, fix)
    if rows.empty:
        raise mistake("no run is left to show", "--where", " ".join(where), "Leave out one of the conditions.")
    return Shown(cases.study, cases.axes, rows, cases.missing, against, command, tuple(where))


def changes_from(
    rows: pd.DataFrame, base: pd.DataFrame, moved: Collection[str], axes: Sequence[Axis], outcomes: Sequence[str]
) -> pd.DataFrame:
    """Table of runs with outcomes as differences from the reference run in the same world.

    A run is compared with that of the same seed, scenario and values of all other axes; in a sampled design, which has
    no such pair, with the mean of those under the same seed and scenario. Runs that have nothing to be compared with
    are left out.
    """
    same = ["seed", *([] if SCENARIO in moved else [SCENARIO])]
    others = [entry.key for entry in axes if entry.key not in (*moved, SCENARIO)]
    columns = list(outcomes)
    for keys in ([*same, *others], same) if others else (same,):
        means = base.groupby(keys, observed=True)[columns].mean()
        found = pd.MultiIndex.from_frame(rows[keys]) if len(keys) > 1 else pd.Index(rows[keys[0]])
        known = found.isin(means.index)
        if (known & ~rows.index.isin(base.index)).any():
            break
    changed = rows.loc[known, columns].to_numpy(float) - means.reindex(found[known]).to_numpy(float)
    return rows[known].drop(columns=columns).join(pd.DataFrame(changed, rows.index[known], columns)).copy()


def today(shown: Shown, axes: Sequence[Axis]) -> pd.DataFrame:
    """Selects the runs with today's values on the given axes; empty if the study has none."""
    rows = shown.rows
    for axis in axes:
        usual: Any = BASELINE if axis.key == SCENARIO else None
        if axis.key in LEVERS:
            usual = LEVERS[axis.key].neutral
        elif axis.key in parameters():
            usual = value_of(Parameters(), axis.key.partition(".")[2])
        rows = rows[rows[axis.key] == usual]
    return rows


def levelled(rows: pd.DataFrame, axis: Axis, parts: int) -> pd.DataFrame:
    """Adds columns to rows: `place` (level number, from 0), `at` (number on the axis) and `level` (text).

    An interval is cut into parts with equally many points; listed values are levels of their own. Of an axis of
    scenarios, the level alone names them from here on: the column of scenarios is empty.
    """
    column = rows[axis.key]
    if axis.listed:
        order = [level.label for level in axis.levels if (column == level.label).any()]
        order = sorted(order) if axis.numeric else order
        place = column.map({value: number for number, value in enumerate(order)})
        at = column.astype(np.float64) if axis.numeric else place.astype(np.float64)
        found = rows.assign(place=place, at=at, level=column.map(_shown))
        return found.assign(**{SCENARIO: ""}) if axis.key == SCENARIO else found
    values = rows.drop_duplicates("point").set_index("point")[axis.key]
    cut = pd.qcut(values.rank(method="first"), min(parts, max(1, len(values) // 3)), labels=False)
    centre, low, high = (values.groupby(cut).agg(name) for name in ("mean", "min", "max"))
    place = rows["point"].map(cut)
    words = {number: f"{_shown(low[number])} to {_shown(high[number])}" for number in centre.index}
    return rows.assign(place=place, at=place.map(centre), level=place.map(words))


def summary(rows: pd.DataFrame, outcome: str, keys: Sequence[str], *, own_seeds: bool) -> pd.DataFrame:
    """Table of an outcome's mean by `keys`, with its 95 % interval and the range of the middle 80 % of points.

    The interval is Student's over seeds, each seed being the mean of its points; over points where each has a seed of
    its own. The spread is that of the points themselves: what everything else that varies does. NaN of a single one.
    """
    by = list(keys)
    points, seeds = (rows.groupby([*by, unit])[outcome].mean().groupby(level=by) for unit in ("point", "seed"))
    parts = (part.dropna().to_numpy(np.float64) for _, part in (points if own_seeds else seeds))
    found = pd.DataFrame([statistics.mean(part)[1:3] for part in parts], points.size().index, ["low", "high"])
    found.insert(0, "value", points.mean())
    for name, share in (("spread_low", 0.1), ("spread_high", 0.9)):
        found[name] = points.quantile(share).where(points.count() > 1)
    return found.assign(points=points.count(), seeds=seeds.count()).reset_index()


def panels(shown: Shown, by: Axis | None) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yields title and rows of each panel, one per value of a dividing axis."""
    if by is None:
        yield "", shown.rows
        return
    rows = levelled(shown.rows, by, PANELS)
    places = sorted(rows["place"].unique())
    if len(places) > MOST_PANELS:
        fix = f"At most {MOST_PANELS} panels fit: leave some out with --where, or choose it as --x."
        raise mistake(f"it has {len(places)} levels", "--by", by.key, fix)
    for place in places:
        part = shown.rows[(rows["place"] == place).to_numpy()]
        level = str(rows.loc[rows["place"] == place, "level"].iloc[0])
        yield f"{named(by.key)}: {title_of(level) if by.key == SCENARIO else f'{level} {by.unit}'.strip()}", part


def title_of(scenario: str) -> str:
    """Title of a scenario; its key if its file is missing."""
    try:
        return load(scenario).title
    except InputError:
        return scenario


def titled(contrast: Contrast) -> str:
    """Text on a contrast that names its scenarios by title."""
    if not contrast.against:
        return title_of(contrast.scenario) if contrast.scenario else contrast.label
    return f"{title_of(contrast.scenario)}, against {lowered(title_of(contrast.against))}"


def named(key: str) -> str:
    """Name of an axis for readers: its meaning, with a capital letter."""
    words = meaning(key)
    return f"{words[:1].upper()}{words[1:]}"


def short(key: str) -> str:
    """Key of an axis without `uncertainty.` or `world.`, such as `desk.rebound`."""
    return key.removeprefix("uncertainty.").removeprefix("world.")


def _restricted(cases: Cases, rows: pd.DataFrame, written: str) -> pd.DataFrame:
    """Selects the rows in which an axis has one value, which the user writes as `KEY=VALUE`."""
    key, _, value = written.partition("=")
    axis = cases.axis(key, "--where")
    column = rows[axis.key]
    try:
        chosen = np.isclose(column.astype(np.float64), float(value)) if axis.numeric else column.astype(str) == value
    except ValueError:
        chosen = np.zeros(len(rows), bool)
    if not np.any(chosen):
        there = ", ".join(dict.fromkeys(map(_shown, sorted(column.unique()))))
        fix = f"It has {there[:200]}."
        raise mistake("no point has this value", key, value, fix)
    return rows[chosen]


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)
