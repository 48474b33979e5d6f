"""Declaration of an outcome, a number that is measured in each scenario run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from functools import reduce
from operator import or_
from typing import Any

from sim.measures.observation import Observation


class Better(StrEnum):
    """Direction in which an outcome improves; NEITHER if opinions differ."""

    MORE = "more"
    LESS = "less"
    NEITHER = "neither"


class ShownIn(Flag):
    """Flags for the places that display an outcome, besides the tables of all outcomes."""

    NOWHERE = 0
    FIRST = auto()  # in the first sentences, and change by change
    HEADLINE = auto()  # where few answer the question: ablations, sweeps, rankings of parameters
    SUMMARY = auto()  # in the summary and the table of states
    FOREST = auto()  # in the forest plot
    BRIEF = auto()  # in figures with little room: of mechanisms, and of many policies
    CHANGE = auto()  # change by change
    LADDER = auto()  # on the way from no cooperation to full cooperation
    REGRET = auto()  # where ways to decide are judged
    RIGHTS = auto()  # among what gains cost in rights
    PAGE = auto()  # on the what-if page, among what a policy changes
    COST = auto()  # there, among what it costs
    GAINS = auto()  # among what a state gains
    PAYS = auto()  # among what a state pays
    LEAGUE = auto()  # of each policy of the league, besides what they are ranked by
    DECISIVE = auto()  # by which runs by doubt decide about a policy; the first is what policies are ranked by
    CHECKS = auto()  # only where the model is checked: comparisons do not measure it
    MAIN = HEADLINE | SUMMARY | FOREST | BRIEF | PAGE


Measure = Callable[[Observation], float]
#: Measure of each outcome of a theme by its key; outcomes.csv says what each is.
Measures = dict[str, Measure]


@dataclass(frozen=True)
class Outcome:
    """A number measured in each scenario run: key, title, unit, definition and measuring function."""

    key: str  # column name in outcomes.parquet
    title: str  # what it is, in plain words
    unit: str  # of the value; "share" is 0–1
    better: Better  # whether more of it is better
    definition: str  # what is counted over what, in one or two sentences
    measure: Measure  # computes it; NaN when undefined
    least: float = 0.0  # what it cannot be below; most outcomes are counts, times, sums or shares
    shows: ShownIn = ShownIn.NOWHERE  # where it is shown

    @property
    def heading(self) -> str:
        """Title and unit of the outcome, as a column heading."""
        return f"{self.title} ({self.unit})"


def as_outcome(
    title: str, unit: str, better: Better, least: float = 0.0, shows: ShownIn = ShownIn.NOWHERE
) -> Callable[[Measure], Outcome]:
    """Decorator that makes a user's function an outcome, defined by its docstring.

    The rest is as in `Outcome`.
    """

    def made(measure: Measure) -> Outcome:
        """Makes an outcome from a measuring function."""
        words = " ".join((measure.__doc__ or "").split())
        if not (words and title and unit):
            raise ValueError(f"{measure.__name__} needs a docstring as its definition, a title and a unit")
        return Outcome(measure.__name__, title, unit, better, words, measure, least, shows)

    return made


def places_of(names: str) -> ShownIn:
    """Flags of the places named in a table cell."""
    return reduce(or_, (ShownIn[name.upper()] for name in names.split()), ShownIn.NOWHERE)


def keys_of(entries: Iterable[Any], place: ShownIn) -> tuple[str, ...]:
    """Keys of the entries (outcomes) that have all flags in `place`."""
    return tuple(entry.key for entry in entries if place in entry.shows)
