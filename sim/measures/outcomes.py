"""List of all outcomes, and the function that measures them."""

import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from sim import measures
from sim.data import own
from sim.data.load import DataError, Row, parse_table, read_text
from sim.measures import (
    capacity,
    cases,
    cost,
    country,
    custody,
    displacement,
    evidence,
    facts,
    harm,
    liaison,
    requests,
    rights,
    takedown,
    trust,
    turnaround,
)
from sim.measures.arrays import Columns
from sim.measures.observation import Observation
from sim.measures.outcome import Better, Outcome, ShownIn, keys_of, places_of

_THEMES = (
    *(takedown, custody, turnaround, requests, evidence, capacity, cases),
    *(trust, liaison, harm, displacement, cost, rights, facts),
)
_FILE = "sim/measures/outcomes.csv"
_MEASURES = {key: measure for theme in _THEMES for key, measure in theme.MEASURES.items()}


def _outcome(row: Row) -> Outcome:
    """Makes an outcome from a row of outcomes.csv."""
    key, better, least = row["key"], Better(row["better"]), float(row["least"] or 0.0)
    if key not in _MEASURES:
        raise DataError(f"{_FILE}: {key}: no MEASURES of a file in sim/measures says how it is measured")
    shows = places_of(row["shows"])
    return Outcome(key, row["title"], row["unit"], better, row["definition"], _MEASURES[key], least, shows)


def _of_mechanisms() -> list[Outcome]:
    """Outcomes that the files of single mechanisms declare with `as_outcome`."""
    names = (f"{__package__}.{file.name}" for file in pkgutil.iter_modules(measures.__path__))
    files = [import_module(name) for name in names if name != __name__]
    return [value for file in files for value in vars(file).values() if isinstance(value, Outcome)]


_ROWS = parse_table(_FILE, read_text("outcomes.csv", "sim.measures")).rows
_SHIPPED = (*map(_outcome, _ROWS), *_of_mechanisms())
_ALL = (*_SHIPPED, *own.made_by(own.OUTCOMES, Outcome, lambda entry: entry.key, _SHIPPED))

#: Every outcome of a run, in the order in which tables show them.
OUTCOMES = tuple(entry for entry in _ALL if ShownIn.CHECKS not in entry.shows)
#: What is measured besides where statements of the design and tests need it.
CHECKS = tuple(entry for entry in _ALL if ShownIn.CHECKS in entry.shows)
#: The few that answer the question first.
HEADLINES = keys_of(OUTCOMES, ShownIn.HEADLINE)
#: Tables of a run, and of sweeps that name them: comparisons do without what is long or judges the model.
LONG = ("requests_ordinary", "trust_by_pair", "facts")
#: A row for each request: millions in a comparison.
BY_PAIR = "pairs"
#: Tidy tables of one run by name.
BREAKDOWNS: dict[str, Callable[[Observation], Columns]] = {
    "turnaround_by_channel": turnaround.by_channel,
    "turnaround_by_stage": turnaround.by_stage,
    "turnaround_curve": turnaround.curve,
    BY_PAIR: turnaround.pairs,
    "takedown_curve": takedown.curve,
    "members_by_fate": custody.by_fate,
    "requests_by_end": requests.by_end,
    "requests_ordinary": requests.ordinary,
    "country": country.by_state,
    "desks_by_state": country.desks,
    "open_by_age": requests.open_by_age,
    "cases_by_progress": cases.by_progress,
    "activity": displacement.activity,
    "people_by_year": capacity.people_by_year,
    "trust_by_pair": trust.by_pair,
    "facts": facts.facts,
}


@dataclass(frozen=True)
class Measured:
    """Values of all outcomes in one scenario run, with breakdown tables."""

    outcomes: dict[str, float]  # value by outcome key; NaN where undefined
    breakdowns: dict[str, Columns]  # tidy columns by name of the table


def shown_in(place: ShownIn) -> tuple[str, ...]:
    """Keys of the outcomes that have all flags in `place`, in the order of tables."""
    return keys_of(OUTCOMES, place)


def outcome(key: str) -> Outcome:
    """Finds an outcome by its key, including outcomes used only in checks."""
    for entry in _ALL:
        if entry.key == key:
            return entry
    raise KeyError(f"no outcome is called {key!r}; known are {', '.join(entry.key for entry in _ALL)}")


def measure(observation: Observation, checks: bool = False, tables: Iterable[str] = tuple(BREAKDOWNS)) -> Measured:
    """Measures all outcomes and some breakdown tables of a run."""
    return Measured(
        {entry.key: entry.measure(observation) for entry in (_ALL if checks else OUTCOMES)},
        {name: BREAKDOWNS[name](observation) for name in tables},
    )
