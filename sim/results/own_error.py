"""The model's own error, by class of outcome: how far outcomes lie from reality beyond what is known to be uncertain.

A published fact that chose no parameter set, and the model's median for it, differ by the error of the fact's
measurement, by what parameter sets and chance leave open, and by the model's own error: a standard deviation in logs,
of shares in logits. Times, counts, answers to requests, channels, operations and courts are classes of their own
(error_classes.csv) in one hierarchical model:

    gap of a fact of class c  ~  normal(0, error of c² + what is known²)
    log(error of c)           ~  normal(common, spread between classes)

Both are found on a grid, under the wide priors below. So a class with many facts has the error that its own facts show,
one with few is drawn to the common error, and one with none has that of a class of which nothing is known. A class with
fewer than `FEWEST` facts is not checked. Facts that bound the model on one side alone say nothing of a distance and
have no part in it.

An error is one number for what the facts leave open of it: the standard deviation of a normal distribution whose
central 90 % are those of the mixture over all plausible errors. So intervals that are widened by it hold what they
state, also with few facts (tests/results/test_own_error.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from sim.experiments.sets import OwnError
from sim.measures.arrays import Floats
from sim.measures.outcome import Outcome
from sim.results.labels import packaged_rows

CLASSES, FILE = "error_classes.csv", "own_error.csv"
#: Fewest facts by which a class is checked.
FEWEST = 3
#: The row of own_error.csv for a class of which nothing is known.
COMMON = "common"
#: Part of the mixture that an error stands for.
WITHIN = 0.9
#: Errors that are tried, and their prior: the common one is about 0.5, from 0.07 to 3.7 in 95 %, and classes differ by
#: a factor of e to the half of a normal distribution of this standard deviation.
_TRIED = np.geomspace(0.02, 6.0, 121)
_CENTRES, _SPREADS = np.log(np.geomspace(0.04, 4.0, 41)), np.linspace(0.05, 1.5, 16)
_CENTRE, _SD_OF_CENTRE, _SD_OF_SPREAD = np.log(0.5), 1.0, 0.5
#: Distances at which the mixture is looked up.
_DISTANCES = np.concatenate(([0.0], np.geomspace(0.001, 60.0, 600)))


class Gap(NamedTuple):
    """Distance between the model's median and a fact, in logs or logits."""

    group: str  # class of the fact
    apart: float
    known: float  # standard deviation of what measurement, parameter sets and chance explain


@dataclass(frozen=True)
class ClassError:
    """The model's own error on a class of outcomes."""

    key: str  # of the class
    error: float  # a standard deviation, in logs or logits; NaN where nobody knows it
    facts: int  # two-sided facts by which it was found

    @property
    def checked(self) -> bool:
        """True if enough facts of the class itself say how large the error is."""
        return self.facts >= FEWEST


@dataclass(frozen=True)
class OwnErrors:
    """The model's own error on each class, and on a class of which nothing is known."""

    classes: Mapping[str, ClassError]
    common: ClassError

    def of(self, key: str) -> ClassError:
        """The own error on a class; that of a class of which nothing is known if no fact is of it."""
        return self.classes.get(key, ClassError(key, self.common.error, 0))


@cache
def class_rows() -> tuple[dict[str, str], ...]:
    """Rows of error_classes.csv, in the order in which a fact or an outcome is looked up in them."""
    return tuple(packaged_rows(CLASSES))


def class_of(key: str, unit: str, kind: str = "") -> str:
    """Class of an outcome by its key and unit, or of a fact by its kind and unit (with an empty key).

    `COMMON` where no row of error_classes.csv names it: its own error is that of a class of which nothing is known.
    """

    def is_of(row: Mapping[str, str]) -> bool:
        begins = tuple(filter(None, row["starts"].split("|")))
        units = row["units"].split("|")
        return (
            (bool(kind) and kind in row["kinds"].split("|")) or bool(begins and key.startswith(begins)) or unit in units
        )

    return next((row["key"] for row in class_rows() if is_of(row)), COMMON)


def own_errors(gaps: Sequence[Gap]) -> OwnErrors:
    """Finds the model's own error by class from gaps to two-sided facts; NaN without any."""
    groups = sorted({gap.group for gap in gaps})
    if not gaps:
        return OwnErrors({}, ClassError(COMMON, float("nan"), 0))
    likely = {group: _likelihood([gap for gap in gaps if gap.group == group]) for group in groups}
    prior, weight = _between_classes()
    seen = {group: prior @ one for group, one in likely.items()}  # [centre, spread]
    for one in seen.values():
        weight = weight * one / one.max()
    weight /= weight.sum()
    by_class = {}
    for group, one in likely.items():
        # the weight holds this class's likelihood, whose average over errors is taken out and put in error by error
        posterior = np.einsum("cs,cse->e", weight / np.maximum(seen[group], 1e-300), prior) * one
        number = sum(gap.group == group for gap in gaps)
        by_class[group] = ClassError(group, _stands_for(posterior / posterior.sum()), number)
    return OwnErrors(by_class, ClassError(COMMON, _stands_for(np.einsum("cs,cse->e", weight, prior)), len(gaps)))


def left_out_in_turn(gaps: Sequence[Gap]) -> Iterator[ClassError]:
    """Yields the own error on the class of each gap, as all other gaps show it."""
    for place, gap in enumerate(gaps):
        yield own_errors([*gaps[:place], *gaps[place + 1 :]]).of(gap.group)


def table(errors: OwnErrors) -> list[list[str]]:
    """Rows of own_error.csv: class, error with three decimals, and number of facts."""
    keys = [row["key"] for row in class_rows()]
    every = [errors.common, *(errors.of(key) for key in keys)]
    return [["class", "error", "facts"], *([one.key, f"{one.error:.3f}", str(one.facts)] for one in every)]


def read(rows: Iterable[Mapping[str, str]]) -> OwnErrors:
    """Own errors from the rows of own_error.csv."""
    every = {row["class"]: ClassError(row["class"], float(row["error"]), int(row["facts"])) for row in rows}
    return OwnErrors({key: one for key, one in every.items() if key != COMMON}, every[COMMON])


@cache
def packaged() -> OwnErrors:
    """Own errors of the shipped parameter sets."""
    return read(packaged_rows(FILE))


def on(entry: Outcome, given: OwnError, known: OwnErrors | None = None) -> ClassError:
    """The own error on an outcome.

    That of its class, if the study has the sets by which errors of classes are known; else the study's own number for
    all levels or all shares, which is checked as far as it goes.

    Args:
        entry: the outcome.
        given: own error that comes with the study's parameter sets.
        known: errors by class (default: of the shipped sets), which belong to sets with their common error.
    """
    return on_class(class_of(entry.key, entry.unit), given, entry.unit == "share", known)


def on_class(key: str, given: OwnError, share: bool = False, known: OwnErrors | None = None) -> ClassError:
    """The own error on a class of outcomes, or on all levels or shares where it is not known by class; see `on`."""
    by_class = known or packaged()
    return by_class.of(key) if belong(by_class, given) else ClassError(key, given.of(share), FEWEST)


def belong(errors: OwnErrors, given: OwnError) -> bool:
    """True if errors by class are of the parameter sets that a study's own error comes with: the common one is it."""
    return bool(np.allclose(given, errors.common.error, atol=1e-3))


def _likelihood(gaps: Sequence[Gap]) -> Floats:
    """Likelihood of each error that is tried, given the gaps of one class; the largest is 1."""
    apart, known = (np.array([getattr(gap, name) for gap in gaps]) for name in ("apart", "known"))
    variance = _TRIED[:, np.newaxis] ** 2 + known**2
    log = -0.5 * (apart**2 / variance + np.log(variance)).sum(axis=1)
    return np.asarray(np.exp(log - log.max()))


@cache
def _between_classes() -> tuple[Floats, Floats]:
    """Probability of each error given centre and spread, f8[centre, spread, error], and the prior of both."""
    gaps = (np.log(_TRIED) - _CENTRES[:, np.newaxis, np.newaxis]) / _SPREADS[:, np.newaxis]
    prior = np.exp(-0.5 * gaps**2)
    prior /= prior.sum(axis=2, keepdims=True)
    centre = np.exp(-0.5 * ((_CENTRES - _CENTRE) / _SD_OF_CENTRE) ** 2)
    return prior, centre[:, np.newaxis] * np.exp(-0.5 * (_SPREADS / _SD_OF_SPREAD) ** 2)


def _stands_for(posterior: Floats) -> float:
    """Standard deviation whose central normal interval is that of the mixture of normals over errors."""
    inside = ndtr(_DISTANCES[:, np.newaxis] / _TRIED) @ posterior
    half = 0.5 + WITHIN / 2.0
    return float(np.interp(half, inside, _DISTANCES) / ndtri(half))
