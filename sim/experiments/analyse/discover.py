"""Scenario discovery: PRIM and CART of ema-workbench find regions of parameters with many cases of interest.

PRIM peels the space down to a box that is full of cases of interest; CART cuts it into boxes by a tree. Coverage is the
share of all cases of interest that a box holds, density the share of its cases that are of interest. A tree finds boxes
in pure chance as well: three quarters of the cases draw it, and each of its boxes must be confirmed by the rest.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from inspect import signature
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binom

from sim.experiments.analyse.cases import Cases, Condition, Contrast, meaning
from sim.experiments.axis import Axis, AxisKind
from sim.experiments.grammar import SCENARIO
from sim.measures.arrays import Floats, Mask
from sim.policy.problem import COMMAND_LINE, InputError, extra_install, mistake

LEAST_CASES, LEAST_OF_INTEREST = 50, 10  # fewer cases than these let a box be drawn around chance
#: With fewer cases in a box than these, the 95 % interval of a density in the middle spans more than half of the scale.
LEAST_IN_BOX = 10
DENSITY = 0.8  # a box of PRIM is to be at least as full as this, where there is such a one
LEAST_MASS = 0.05  # share of all cases that a box holds at least
SIGNIFICANT = 0.05  # a restriction, or a box, whose probability under chance is above this is not reported
METHODS = ("PRIM", "CART")
_PRIM_BOXES, _CART_BOXES = 2, 4
CONFIRMING = 0.25  # share of the cases that does not draw CART's tree but must confirm its boxes
POLICY = "policy"  # column of the scenario: ema-workbench throws columns away that are called `scenario`


class Restriction(NamedTuple):
    """A box's restriction of one axis to a range or a set of values."""

    axis: str
    low: float  # bounds in its unit; NaN where there is none
    high: float
    allowed: tuple[str, ...]  # the words that are allowed, for an axis of words
    words: str  # the restriction in plain words


@dataclass(frozen=True)
class Box:
    """A box: a region of the parameter space with many cases of interest, with its statistics."""

    method: str  # PRIM or CART
    coverage: float  # as ema-workbench has it, 0–1, and so the next two
    density: float
    mass: float
    cases: int  # number of cases in it
    restrictions: tuple[Restriction, ...]  # bounds, the tightest first

    @property
    def words(self) -> str:
        """Text of the ranges to which the box restricts axes."""
        return " and ".join(entry.words for entry in self.restrictions) or "anywhere"


@dataclass(frozen=True)
class Discovery:
    """Result of a scenario discovery: its boxes and cases."""

    condition: Condition  # what makes a case interesting
    words: str  # that as text
    inputs: pd.DataFrame  # one row per case: the axes
    values: Floats  # f8[cases] the outcome
    interest: Mask  # bool[cases]
    boxes: tuple[Box, ...]  # those of PRIM, then those of CART; only such as say something
    trajectory: pd.DataFrame  # coverage, density and mass of every step of PRIM's first box

    @property
    def share(self) -> float:
        """Share of all cases that are of interest."""
        return float(self.interest.mean())


def discover(cases: Cases, condition: Condition) -> Discovery:
    """Finds boxes with many cases of interest; a case is the mean over seeds at a point under a scenario."""
    inputs, values = _cases(cases, condition)
    interest = condition.met(values)
    _check(cases, condition, values, interest)
    axes = {axis.key: axis for axis in cases.axes}
    axes[POLICY] = cases.axis(SCENARIO, "--discover")
    seed = int(cases.study.about["first_seed"]) % 2**32  # as many as scikit-learn takes
    with warnings.catch_warnings():  # of optional parts that are not needed, and of coming versions
        warnings.simplefilter("ignore")
        try:
            import ema_workbench.analysis  # noqa: F401
        except ImportError:
            raise mistake("PRIM and CART need ema-workbench", "--discover", fix=extra_install("analysis")) from None
        logging.getLogger("EMA").setLevel(logging.ERROR)
        prim, trajectory = _prim(inputs, interest, axes)
        boxes = (*prim, *_cart(inputs, interest, axes, seed))
    return Discovery(condition, condition.words(values), inputs, values, interest, boxes, trajectory)


def _cases(cases: Cases, condition: Condition) -> tuple[pd.DataFrame, Floats]:
    """Values of the axes and of the outcome for each pair of point and scenario; constant axes are left out."""
    named = {POLICY if axis.key == SCENARIO else axis.key: axis for axis in cases.axes}
    levels = pd.DataFrame({name: cases.levels(axis) for name, axis in named.items()})
    frames = [
        levels.assign(**({POLICY: key} if key else {}), _value=cases.means(condition.outcome.key, Contrast(key)))
        for key in (cases.scenarios if cases.crossed else [""])
    ]
    table = pd.concat(frames, ignore_index=True).dropna().reset_index(drop=True)
    values = table.pop("_value").to_numpy(np.float64)
    kept = table.loc[:, table.nunique() > 1]
    numbers = kept.select_dtypes("number").astype(np.float64)
    words = kept.drop(columns=numbers.columns).astype(str).astype("category")
    return pd.concat([numbers, words], axis=1), values


def _check(cases: Cases, condition: Condition, values: Floats, interest: Mask) -> None:
    """Raises an error if cases are too few, if too few are of interest, or if all are."""
    about = {"where": COMMAND_LINE, "key": "--interest", "value": condition.outcome.key}
    if len(values) < LEAST_CASES:
        fix = f"At least {LEAST_CASES} are needed: for example comity sweep … --design lhs --samples 500."
        raise InputError(f"{len(values)} cases are too few to discover anything in", **about, fix=fix)
    found = int(interest.sum())
    if found < LEAST_OF_INTEREST or found == len(values):
        ends = f"{condition.outcome.key} goes from {values.min():.4g} to {values.max():.4g}"
        fix = f"Choose another bound: {ends} in this study."
        raise InputError(f"{found} of {len(values)} cases are of interest", **about, fix=fix)
    if not cases.axes:
        raise InputError("nothing varies", **about)


def _prim(inputs: pd.DataFrame, interest: Mask, axes: dict[str, Axis]) -> tuple[list[Box], pd.DataFrame]:
    """Boxes that PRIM finds one after another, and a table of its steps to the first box."""
    from ema_workbench.analysis import prim

    old = "threshold" in signature(prim.Prim).parameters  # before version 3, which needs Python 3.12
    options: dict[str, Any] = {"threshold": 0.0} if old else {}
    search = prim.Prim(inputs, interest, mass_min=LEAST_MASS, peel_alpha=0.05, **options)
    boxes: list[Box] = []
    trajectory = pd.DataFrame(columns=["coverage", "density", "mass"])
    while len(boxes) < _PRIM_BOXES:
        box = search.find_box()
        if box is None:
            break
        # Version 2.5 has a density of 1 for all cases together; the mean of yes and no is the density.
        steps = box.peeling_trajectory.assign(density=box.peeling_trajectory["mean"].astype(np.float64))
        chosen = _chosen(steps)
        if len(boxes) == 0:
            trajectory = steps[["coverage", "density", "mass"]].astype(np.float64).assign(chosen=steps.index == chosen)
        box.select(chosen)
        limits = box.box_lims[chosen]
        by_step: Any = getattr(box, "p_values", None) or getattr(box, "qp", ())  # renamed in version 3
        chances = by_step[chosen] if chosen < len(by_step) else {}
        found = _restrictions(limits, inputs, axes, chances)
        made = _box("PRIM", found, inputs, interest)
        if made.cases < LEAST_IN_BOX or not _says_something(made, float(interest.mean()), _PRIM_BOXES):
            break
        boxes.append(made)
    return boxes, trajectory


def _says_something(box: Box, usual: float, inspected: int) -> bool:
    """True if a box has clearly more cases of interest than average, given the number of boxes tried."""
    if not box.restrictions or box.density < min(2 * usual, (1 + usual) / 2):  # twice as dense, or halfway to all
        return False
    return bool(binom.sf(round(box.density * box.cases) - 1, box.cases, usual) <= SIGNIFICANT / inspected)


def _chosen(steps: pd.DataFrame) -> int:
    """Number of the PRIM step with the best harmonic mean of coverage and density; steps of 0.8 density first."""
    coverage, density = (steps[name].to_numpy(np.float64) for name in ("coverage", "density"))
    both = 2 * coverage * density / np.maximum(coverage + density, 1e-9)
    full = density >= DENSITY
    return int(np.argmax(np.where(full, both, -1.0) if full.any() else both))


def _cart(inputs: pd.DataFrame, interest: Mask, axes: dict[str, Axis], seed: int) -> list[Box]:
    """Boxes from the leaves of a decision tree, fitted to most cases and tested on the others; best coverage first.

    The seed decides which cases draw, and which of two cuts is made that are equally good.
    """
    from ema_workbench.analysis import cart
    from sklearn.model_selection import train_test_split
    from sklearn.tree import DecisionTreeClassifier

    such = int(interest.sum())
    alike = interest if min(such, len(interest) - such) > 1 else None  # cases of interest in the same share
    one, other = train_test_split(np.arange(len(inputs)), test_size=CONFIRMING, random_state=seed, stratify=alike)
    drawing, confirming = (inputs.iloc[rows].reset_index(drop=True) for rows in (one, other))
    tree = cart.CART(drawing, interest[one], mass_min=LEAST_MASS)
    classifier = DecisionTreeClassifier(min_samples_leaf=int(LEAST_MASS * len(drawing)), random_state=seed)
    tree.clf = classifier.fit(pd.get_dummies(drawing, prefix_sep=tree.sep), interest[one])  # build_tree takes no seed
    usual = float(interest[other].mean())
    boxes = []
    for limits in tree.boxes:
        found = _restrictions(limits, drawing, axes, {})
        confirmed = _box("CART", found, confirming, interest[other])
        made = _box("CART", found, inputs, interest)
        if made.cases >= LEAST_IN_BOX and _says_something(confirmed, usual, len(tree.boxes)):
            boxes.append(made)
    return sorted(boxes, key=lambda box: -box.coverage)[:_CART_BOXES]


def _box(method: str, found: list[Restriction], inputs: pd.DataFrame, interest: Mask) -> Box:
    """Makes a box of given restrictions, with its statistics over the cases."""
    inside = np.ones(len(inputs), bool)
    for entry in found:
        column = inputs[entry.axis]
        if entry.allowed:
            inside &= column.astype(str).isin(entry.allowed).to_numpy()
        else:
            inside &= ~((column < entry.low) | (column > entry.high)).to_numpy()
    caught, held, all_such = int(interest[inside].sum()), int(inside.sum()), int(interest.sum())
    return Box(method, caught / max(all_such, 1), caught / max(held, 1), held / len(inside), held, tuple(found))


def _restrictions(limits: pd.DataFrame, inputs: pd.DataFrame, axes: dict[str, Axis], chances: Any) -> list[Restriction]:
    """Restrictions of a box, tightest axis first; restrictions that chance alone explains are left out."""
    found: list[tuple[float, Restriction]] = []  # with the part of its axis that each leaves
    for key, column in inputs.items():
        low, high = limits[key]
        if min((chance for chance in chances.get(key, ()) if chance >= 0), default=0.0) > SIGNIFICANT:
            continue
        if isinstance(low, set):
            words = tuple(sorted(map(str, low)))
            entry = Restriction(str(key), np.nan, np.nan, words, f"{key} is {' or '.join(words)}")
            found.append((len(low) / column.nunique(), entry))
            continue
        least, most = float(column.min()), float(column.max())
        low, high = max(float(low), least), min(float(high), most)
        entry = _bounds(axes[str(key)], low if low > least else np.nan, high if high < most else np.nan)
        found.append(((high - low) / (most - least), entry))
    return [entry for left, entry in sorted(found, key=lambda pair: pair[0]) if left < 1.0]


def _bounds(axis: Axis, low: float, high: float) -> Restriction:
    """Makes the restriction of a numeric axis to a range, with the range as text."""
    name = meaning(axis.key) if axis.kind is AxisKind.LEVER else axis.name
    unit = f" {axis.unit}" if axis.unit and axis.unit not in ("share", "switch") else ""
    one = f"≤ {high:.4g}" if np.isnan(low) else f"≥ {low:.4g}"
    words = one if np.isnan(low + high) else f"from {low:.4g} to {high:.4g}"
    return Restriction(axis.key, low, high, (), f"{name} {words}{unit}")
