"""Dependences of a policy's effect: open choices and parameters that it goes with over parameter sets.

An open choice is one that no evidence settles and that each parameter set draws: a parameter, several that move
together, or a rule. open_choices.csv declares them. For one policy and one outcome:

1. The effect in each parameter set is correlated, by ranks, with each open choice and with each other parameter that
   the sets draw. A dependence is named if its rank correlation is larger than chance gives to any of them with a small
   probability (`ERROR_OF_CHOICES`, `ERROR_OF_OTHERS`: open choices have a part of their own, as they are few), and if
   the half of the sets that does not choose confirms it (`CONFIRMED`).
2. The `MOST` strongest of those named are shown, by the half of the sets that chooses.
3. The effect in their quarters is that of the other half.

So an effect that depends on nothing has a dependence named in about one of 20 cases (tests/results/test_depends.py).

Effects are relative ones where the outcome is above zero under the baseline in all sets. “Goes with” says nothing of
causes: a choice that is drawn by itself causes what goes with it, but chance remains.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from sim.experiments.sets import ROUND
from sim.measures.arrays import Floats, Integers, Mask
from sim.measures.outcome import Outcome
from sim.measures.ranks import beyond_chance, rank_correlations, seen_in_most
from sim.results.effects import Comparison, PairedArms, PairedEffect, by_part, is_clear
from sim.results.labels import packaged_rows
from sim.world.parameters import declarations

FILE = "open_choices.csv"
#: Probability that one of the open choices, and one of the other parameters, is beyond chance over all sets while the
#: effect depends on nothing; and that a half of the sets confirms one by chance.
ERROR_OF_CHOICES, ERROR_OF_OTHERS, CONFIRMED = 0.015, 0.03, 0.05
#: Dependences that are shown of one effect at most, parts of the sets that show one, and fewest sets of a study.
MOST, QUARTERS, FEWEST_SETS = 3, 4, 40
#: Sets between two seeds that share one (`set_numbers`): halves take such blocks in turn, so that both have repeats.
_BLOCK = ROUND - 1


@dataclass(frozen=True)
class DrawnChoice:
    """An open choice or a parameter, with the words in which readers know it."""

    key: str  # name of the choice, or dotted name of the parameter
    title: str
    parameters: tuple[str, ...]  # dotted names, after “-” where less of it is more of the choice; may be empty
    unit: str
    # low, high: clauses that follow “where”, for its lowest and its highest values
    low: str
    high: str
    source: str
    is_open: bool = True  # False for a parameter that is no open choice


@cache
def open_choices() -> tuple[DrawnChoice, ...]:
    """All declared open choices, in the order of their file."""
    return tuple(
        DrawnChoice(
            *(row["name"], row["title"], tuple(row["parameters"].split()), row["unit"]),
            *(row["low"], row["high"], row["source"]),
        )
        for row in packaged_rows(FILE)
    )


@cache
def _parameters() -> Mapping[str, DrawnChoice]:
    """Every declared parameter as a choice of its own, by dotted name."""
    choices = {}
    for name, _, declaration in declarations():
        title, unit = declaration.meaning, declaration.unit
        low, high = f"“{title}” is lowest", f"“{title}” is highest"
        choices[name] = DrawnChoice(
            name, f"the parameter “{title}”", (name,), unit, low, high, declaration.source, is_open=False
        )
    return choices


@dataclass(frozen=True)
class Drawn:
    """Open choices and parameters that some parameter sets draw, with their values."""

    choices: tuple[DrawnChoice, ...]  # open choices first
    values: Floats  # f8[sets, choices]; of a choice that several parameters make, the mean of their ranks

    @property
    def is_open(self) -> Mask:
        """True for open choices, bool[choices]."""
        return np.array([one.is_open for one in self.choices], np.bool_)

    @property
    def missing(self) -> tuple[DrawnChoice, ...]:
        """Open choices that are the same in all sets."""
        return tuple(one for one in open_choices() if one not in self.choices)


def drawn_by(sets: pd.DataFrame) -> Drawn:
    """Finds what parameter sets draw: open choices, then parameters that belong to none of them.

    Args:
        sets: one row per set and one column per parameter, by its dotted name.
    """
    varied = sets.loc[:, sets.nunique() > 1]
    there = [one for one in open_choices() if {*map(_plain, one.parameters)} & {*varied}]
    taken = {_plain(name) for one in there for name in one.parameters}
    others = [_parameters()[name] for name in map(str, varied) if name not in taken and name in _parameters()]
    columns = [_value(one, varied) for one in (*there, *others)]
    return Drawn((*there, *others), np.column_stack(columns) if columns else np.empty((len(sets), 0)))


def _plain(name: str) -> str:
    return name.removeprefix("-")


def _value(choice: DrawnChoice, sets: pd.DataFrame) -> Floats:
    """Values of a choice, f8[sets]: of its parameter, or the mean rank of several, from 0 to 1."""
    names = [name for name in choice.parameters if _plain(name) in sets]
    if len(names) == 1 and names[0] in sets:
        return sets[names[0]].to_numpy(np.float64)
    ranks = [sets[_plain(name)].rank(ascending=name in sets, pct=True) for name in names]
    return np.asarray(sum(ranks[1:], ranks[0]) / len(ranks), np.float64)


@dataclass(frozen=True)
class Dependence:
    """A choice that a policy's effect on an outcome goes with, and the effect where it is low and where it is high."""

    effect: PairedEffect  # in all worlds
    choice: DrawnChoice
    correlation: float  # rank correlation with the effect, over all sets
    # quarters: effect in each quarter of the half of the sets that did not choose it, by rising values of the choice;
    # a rule with two alternatives makes two parts
    quarters: tuple[PairedEffect, ...]
    ranges: tuple[tuple[float, float], ...]  # least and largest value of the choice in each

    @property
    def changes_verdict(self) -> tuple[int, ...]:
        """The ends (0 for the lowest quarter, −1 for the highest) whose verdict is not that on all worlds.

        Empty unless the effect in all worlds is clear.
        """
        return tuple(at for at in (0, -1) if is_clear(self.effect) and not self._is_alike(self.quarters[at]))

    def _is_alike(self, quarter: PairedEffect) -> bool:
        """True if a quarter's effect is clear and of the same sign."""
        return bool(is_clear(quarter)) and quarter.difference * self.effect.difference > 0.0


@dataclass(frozen=True)
class Dependences:
    """All that an effect is seen to depend on, and how much could be seen."""

    named: tuple[Dependence, ...]  # strongest first, at most `MOST`
    sets: int  # parameter sets in which the effect is known
    correlations: Mapping[str, float] = field(default_factory=dict)  # rank correlation with each open choice, by key
    least: tuple[float, float] = (np.inf, np.inf)  # size of a rank correlation that is named: of open choices, others

    @property
    def is_judged(self) -> bool:
        """True if there are enough parameter sets to look for a dependence."""
        return self.sets >= FEWEST_SETS

    @property
    def detectable(self) -> float:
        """Share of the variation between sets that an open choice must go with to be named nine times in ten."""
        return seen_in_most(self.sets, self.least[0]) ** 2


def dependences(
    arms: PairedArms, contrast: Comparison, entry: PairedEffect, outcome: Outcome, drawn: Drawn
) -> Dependences:
    """Finds what the effect on one outcome depends on, by the rule above.

    Args:
        arms: outcomes of all runs, with parameter sets.
        contrast: the policy and the baseline.
        entry: the effect in all worlds.
        outcome: what the effect is on.
        drawn: what the sets draw; its rows are those of the sets' numbers.
    """
    numbers = arms.clusters(contrast.arm, contrast.against)
    if numbers is None or not drawn.choices:
        return Dependences((), 0)
    effects = _by_set(arms.values(outcome.key, contrast.arm, contrast.against), numbers)
    sets = effects.index.to_numpy(np.int64)
    if len(sets) < FEWEST_SETS:
        return Dependences((), len(sets))
    is_open, columns = drawn.is_open, drawn.values[sets]
    counts = int(is_open.sum()), int((~is_open).sum())
    least = tuple(
        beyond_chance(len(sets), count, error)
        for count, error in zip(counts, (ERROR_OF_CHOICES, ERROR_OF_OTHERS), strict=True)
    )
    values: Floats = np.asarray(effects, np.float64)
    chooses = choosing_half(sets)
    correlations = rank_correlations(columns, values)
    own, shown = (rank_correlations(columns[half], values[half]) for half in (chooses, ~chooses))
    own, confirmed = np.abs(own), beyond_chance(int((~chooses).sum()), 1, 2.0 * CONFIRMED)  # of one sign
    beyond = np.abs(correlations) >= np.where(is_open, *least)
    named = np.flatnonzero(beyond & (np.sign(correlations) * shown >= confirmed))
    shown_ones = []
    for place in named[np.argsort(-own[named], kind="stable")][:MOST]:
        parts, ranges = _quarters(columns[~chooses, place])
        part_of = dict(zip(sets[~chooses].tolist(), parts.tolist(), strict=True))
        of_pairs = np.array([part_of.get(number, -1) for number in numbers.tolist()])
        quarters = tuple(by_part(arms, contrast, outcome, of_pairs, len(ranges)))
        shown_ones.append(Dependence(entry, drawn.choices[place], float(correlations[place]), quarters, ranges))
    open_ones = (place for place, one in enumerate(drawn.choices) if one.is_open)
    known = {drawn.choices[place].key: float(correlations[place]) for place in open_ones}
    return Dependences(tuple(shown_ones), len(sets), known, (least[0], least[1]))


def choosing_half(sets: Integers) -> Mask:
    """True for the parameter sets by which dependences are chosen, given the numbers of sets; the others show them."""
    return np.asarray(sets // _BLOCK % 2 == 0)


def _by_set(values: Sequence[Floats], numbers: Integers) -> "pd.Series[float]":
    """Effect in each parameter set by its number: relative, or absolute where a baseline is not above zero."""
    frame = pd.DataFrame({"value": values[0], "base": values[1], "set": numbers}).dropna()
    means = frame.groupby("set").mean()
    if (means["base"] > 0.0).all():
        return means["value"] / means["base"] - 1.0
    return means["value"] - means["base"]


def _quarters(values: Floats) -> tuple[Integers, tuple[tuple[float, float], ...]]:
    """Quarter of each of some sets by their values, from 0, and the least and largest value in each.

    Equal values share a quarter, so that there may be fewer.
    """
    ranks = pd.Series(values).rank(method="average").to_numpy()
    quarters = np.minimum((QUARTERS * (ranks - 0.5) / len(values)).astype(np.int64), QUARTERS - 1)
    there, parts = np.unique(quarters, return_inverse=True)
    ends = (values[parts == part] for part in range(len(there)))
    return np.asarray(parts), tuple((float(one.min()), float(one.max())) for one in ends)
