"""Reads a study's runs for analyses: axes, contrasts of scenarios, and outcomes by point and seed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.grammar import SCENARIO, parameters
from sim.experiments.statistics import known_outcome
from sim.experiments.study import Study
from sim.law.suggest import nearest
from sim.measures.arrays import Floats, Integers, Mask
from sim.measures.outcome import Better, Outcome
from sim.measures.outcomes import HEADLINES, OUTCOMES
from sim.policy.levers import LEVERS
from sim.policy.problem import mistake
from sim.world.parameters import Scale


class Contrast(NamedTuple):
    """Subject of an analysis: an outcome's level in one scenario, or its difference between two scenarios."""

    scenario: str  # its key; empty where an axis names scenarios
    against: str = ""  # the scenario that is taken away from it, seed by seed and point by point; empty for none

    @property
    def label(self) -> str:
        """Text that names the contrast in tables."""
        return f"{self.scenario} − {self.against}" if self.against else self.scenario or "all scenarios"


@dataclass(frozen=True)
class Cases:
    """Successful runs of a study with the values of its axes, for analyses."""

    study: Study
    axes: tuple[Axis, ...]  # what varies
    rows: pd.DataFrame = field(repr=False)  # its outcomes, one row per run
    missing: int  # runs without an outcome: not yet run, or failed

    @classmethod
    def read(cls, folder: Path) -> Cases:
        """Reads the successful runs from the folder of a study."""
        study = Study.open(folder)
        rows = study.outcomes()
        if rows.empty:
            fix = f"Resume it: {study.command}"
            raise mistake("no run has succeeded yet", "STUDY", folder, fix)
        later = [entry.key for entry in OUTCOMES if entry.key not in rows]  # than the version that made the study
        rows = rows.assign(**dict.fromkeys(later, np.nan))
        axes = tuple(_axis(plain) for plain in study.about["axes"])
        return cls(study, axes, rows, int(study.about["runs"]) - len(rows))

    @property
    def design(self) -> str:
        """Name of the study's kind of design, such as `lhs` or `morris`."""
        return str(self.study.about["design"]["design"])

    @property
    def points(self) -> int:
        """Number of points of the design."""
        return int(self.study.about["design"]["points"])

    @property
    def own_seeds(self) -> bool:
        """True if each point of the design has its own seeds; false if all points share the same seeds."""
        return bool(self.study.about["design"]["seeds"] in ("own", "paired"))

    @property
    def paired(self) -> bool:
        """True if every world of every point has a run of the baseline, which is the first scenario."""
        return bool(self.study.about["design"]["seeds"] == "paired")

    @property
    def named(self) -> bool:
        """True if the study's points have names, as in a comparison; False if they only have numbers."""
        return bool(self.study.about["blocks"])

    @cached_property
    def scenarios(self) -> list[str]:
        """Scenarios with results, in the study's order."""
        there = set(self.rows["scenario"])
        return [key for key in self.study.about["scenarios"] if key in there]

    @property
    def crossed(self) -> bool:
        """True if every point has runs under every scenario."""
        return all(axis.key != SCENARIO for axis in self.axes)

    def contrasts(self) -> list[Contrast]:
        """Contrasts to analyse: each scenario alone, then each later scenario minus the first."""
        if not self.crossed and not self.paired:
            return [Contrast("")]
        first, *others = self.scenarios
        return [*(Contrast(key) for key in self.scenarios), *(Contrast(key, first) for key in others)]

    def axis(self, key: str, option: str) -> Axis:
        """Finds an axis by its key, which may lack `uncertainty.`; the axis `scenario` always exists."""
        for axis in self.axes:
            if key in (axis.key, axis.name):
                return axis
        if key == SCENARIO:
            return Axis(SCENARIO, AxisKind.SCENARIO, "", tuple(Level(name, name) for name in self.scenarios))
        known = [axis.name for axis in self.axes] + [SCENARIO]
        raise mistake("this study does not vary it", option, key, nearest(key, known))

    def scenario(self, key: str, option: str) -> str:
        """Checks that a key names a scenario of the study, and returns the key."""
        if key not in self.scenarios:
            fix = nearest(key, self.scenarios)
            raise mistake("not a scenario of this study", option, key, fix)
        return key

    def values(self, outcome: str, contrast: Contrast) -> Floats:
        """Values of an outcome, with a row per point and a column per seed; NaN for missing runs.

        Where points have seeds of their own, columns are the first seed of each, the second, and so on.
        """
        column = self.rows[outcome].to_numpy(np.float64)
        arms = [self._runs[key] for key in (contrast if contrast.against else contrast[:1])]
        seeds = np.unique(np.concatenate([seeds for _, _, seeds in arms]))
        tables = np.full((len(arms), self.points, len(seeds)), np.nan)
        for table, (rows, points, own) in zip(tables, arms, strict=True):
            table[points, np.searchsorted(seeds, own)] = column[rows]
        values: Floats = tables[0] - tables[1] if contrast.against else tables[0]
        return values

    def has(self, scenario: str) -> Mask:
        """True for each point that has runs under a scenario."""
        found = np.zeros(self.points, np.bool_)
        found[self._runs[scenario][1]] = True
        return found

    def means(self, outcome: str, contrast: Contrast) -> Floats:
        """Mean of an outcome over seeds, at each point; NaN without values."""
        return means_of(self.values(outcome, contrast))

    def levels(self, axis: Axis) -> pd.Series[Any]:
        """Value of an axis at each point of the design, as a series."""
        first = self.rows.drop_duplicates("point").set_index("point")[axis.key]
        return first.reindex(range(self.points))

    @property
    def worlds(self) -> Integers:
        """Position of each run's seed among its point's seeds, from 0; always 0 if points share seeds."""
        count = int(self.study.about["replicates"]) if self.paired else 1
        worlds: Integers = (self.rows["seed"].to_numpy(np.int64) - int(self.study.about["first_seed"])) % count
        return worlds

    @cached_property
    def _runs(self) -> dict[str, tuple[Integers, Integers, Integers]]:
        """Row numbers, points and seeds of runs by scenario key; the empty key has the runs of all scenarios."""
        points, seeds = (self.rows[key].to_numpy(np.int64) for key in ("point", "seed"))
        each = self.rows.groupby("scenario", observed=True).indices
        if self.own_seeds:
            seeds = self.worlds
        every = {"": np.arange(len(self.rows)), **{str(key): np.asarray(rows) for key, rows in each.items()}}
        return {key: (rows, points[rows], seeds[rows]) for key, rows in every.items()}


def known_outcomes(keys: Sequence[str]) -> list[Outcome]:
    """Finds outcomes by key, or the headline outcomes if no key is given."""
    return [known_outcome(key, "--y") for key in dict.fromkeys(keys or HEADLINES)]


def noise_share(values: Floats) -> float:
    """Share (0–1) of the variance between points' means that is due to chance between seeds.

    Seeds are the same at every point, so what a seed does everywhere is no noise; what is left of point × seed is.
    Rows of f8[points, seeds] with a NaN are left out.
    """
    known = values[~np.isnan(values).any(axis=1)]
    points, seeds = known.shape
    if points < 2 or seeds < 2 or not (between := float(known.mean(axis=1).var(ddof=1))) > 0:
        return float("nan")
    rest = known - known.mean(axis=1, keepdims=True) - known.mean(axis=0, keepdims=True) + known.mean()
    residual = float((rest**2).sum() / ((points - 1) * (seeds - 1)))
    return float(min(1.0, residual / seeds / between))


#: What axes of the world are, as text.
_WORLD = {
    "scenario": "Scenario",
    "world.groups": "Criminal groups active at a time",
    "world.start": "First day of the simulated past",
    "world.policy_start": "First day of policies",
    "world.end": "Last day of the policy years",
    "world.follow_up_days": "Days after the end, to classify takedowns",
    "world.states": "States that take part",
    "world.infinite_servers": "Whether files never wait for a person",
    "world.background": "Whether other crime loads the desks",
    "left_out": "Mechanism that is left out",
}


def axis_label(axis: Axis) -> str:
    """Name of an axis for readers, with its unit."""
    about, known = meaning(axis.key), axis.key in LEVERS or axis.key in parameters()
    about = f"{about[:1].upper()}{about[1:]}" if axis.key in parameters() else about
    return f"{about} ({axis.unit})" if known or (axis.key in _WORLD and axis.unit) else about


def meaning(key: str) -> str:
    """Description of an axis, found by its key, without a full stop."""
    if key in parameters():
        return parameters()[key][0].meaning.rstrip(".")
    return LEVERS[key].title if key in LEVERS else _WORLD.get(key, key)


def means_of(values: Floats) -> Floats:
    """Mean of the known values in each row; NaN for a row without known values."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _axis(plain: Mapping[str, Any]) -> Axis:
    """Makes an axis from its entry in study.yaml."""
    key, kind = str(plain["key"]), AxisKind(plain["kind"])
    if plain.get("values") is not None:
        return Axis(key, kind, str(plain["unit"]), tuple(Level(value, value) for value in plain["values"]))
    whole = kind is AxisKind.WORLD or (key in parameters() and parameters()[key][1])
    ends = float(plain["low"]), float(plain["high"])
    return Axis(key, kind, str(plain["unit"]), (), *ends, Scale(plain["scale"]), whole)


TENTH = 0.1  # part of the cases that is inspected when no number is given
_CONDITION = re.compile(r"\s*([a-z0-9_]+)\s*(?:(<=|>=|<|>)\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(%?))?\s*")
_MONEY = re.compile(
    r"\s*(?:EUR|€)?\s*(\d[\d\s,]*(?:\.\d+)?)\s*(thousand|k|million|m|billion|bn)?\s*(?:euros?|EUR|€)?\s*", re.I
)
#: Digits in groups of three or not at all, decimals after a point.
_GROUPED = re.compile(r"\d+(?:\.\d+)?|\d{1,3}(?:[\s,]\d{3})+(?:\.\d+)?")
_SCALE = {"": 1.0, "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9}


@dataclass(frozen=True)
class Condition:
    """A condition on an outcome: values must be above or below a bound."""

    outcome: Outcome  # what is bounded
    above: bool  # whether values above the bound meet it
    bound: float | None = None  # in the outcome's unit; None for the worst tenth of the cases

    def limit(self, values: Floats) -> float:
        """The bound as a number; the bound of the worst tenth is computed from the values."""
        if self.bound is not None:
            return self.bound
        return float(np.nanquantile(values, 1 - TENTH if self.above else TENTH))

    def met(self, values: Floats) -> Mask:
        """True for each value that meets the condition; values equal to the bound of the worst tenth meet it too."""
        limit = self.limit(values)
        if self.bound is None:
            return np.asarray(values >= limit if self.above else values <= limit)
        return np.asarray(values > limit if self.above else values < limit)

    def words(self, values: Floats) -> str:
        """Text of the condition, with its bound."""
        from_unit, unit = (100.0, " %") if self.outcome.unit == "share" else (1.0, f" {self.outcome.unit}")
        limit = f"{from_unit * self.limit(values):.4g}{unit}"
        tenth = f"in its highest tenth (from {limit} on)" if self.above else f"in its lowest tenth (up to {limit})"
        where = f"{'above' if self.above else 'below'} {limit}" if self.bound is not None else tenth
        return f"{self.outcome.title.lower()} is {where}"


def read_condition(written: str, option: str, bounded: bool = False) -> Condition:
    """Parses a condition such as `takedown_rate<0.3`; an outcome without a bound means its worst tenth."""
    match = _CONDITION.fullmatch(written)
    if match is None:
        fix = "Write an outcome, or an outcome with a bound in quotes: 'takedown_rate<0.3'."
        raise mistake("not a condition", option, written, fix)
    outcome = known_outcome(match[1], option)
    if match[2] is None and bounded:
        fix = f"Write the bound to be kept, in quotes: '{outcome.key}<100'."
        raise mistake("a requirement needs a bound", option, written, fix)
    if match[2] is None:
        return Condition(outcome, outcome.better is not Better.MORE)
    return Condition(outcome, match[2].startswith(">"), float(match[3]) / (100 if match[4] else 1))


def read_money(written: str) -> float:
    """Parses an amount such as `1.5 billion euros`; returns millions of euros."""
    match = _MONEY.fullmatch(written)
    if match is None:
        fix = "Write for example '500 million euros', '1.5 billion euros' or 500000000."
        raise mistake("not a sum of euros", "--budget", written, fix)
    if not _GROUPED.fullmatch(match[1].strip()):
        fix = "Write a point before decimals, and commas only between groups of three digits: '1.5 million euros'."
        raise mistake("not a sum of euros", "--budget", written, fix)
    number = float(re.sub(r"[\s,]", "", match[1]))
    return number * _SCALE[(match[2] or "").lower()] / 1e6
