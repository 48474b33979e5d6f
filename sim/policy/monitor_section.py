"""Reads the `monitor` section of a scenario file."""

from collections.abc import Callable

from sim.law.suggest import nearest
from sim.policy.amounts import read_euros_per_year, read_share
from sim.policy.change import read_change
from sim.policy.document import Document, Place, describe
from sim.policy.monitor import Measure, Monitor
from sim.policy.places import Atlas
from sim.policy.problem import Findings, InputError
from sim.policy.schema import ChangeEntry, MeasureEntry, MonitorEntry
from sim.policy.units import read_months

_TOP: Place = ("monitor",)
_LEAST_MONTHS, _MOST_MONTHS = 3, 60


def read_monitor(entry: MonitorEntry, document: Document, atlas: Atlas) -> Monitor:
    """Reads the section.

    Raises:
        InputError: all values that cannot be; file, line and key are named.
    """
    found = Findings()
    measures = []
    for number, item in enumerate(entry.measures):
        with found.gather():
            measures.append(_measure(item, number, entry, document, atlas))
    checks = (lambda: _check(entry), lambda: _every(entry), lambda: _budget(entry), lambda: _stop(entry))
    for check in checks:
        with found.gather():
            _located(document, check)
    found.raise_all()
    return Monitor(
        first=entry.first_review,
        every_months=_every(entry),
        budget=_budget(entry),
        at_once=int(entry.at_once),
        scope=entry.figures,
        stop=_stop(entry),
        measures=tuple(measures),
        decides=entry.decides,
        plan=entry.plan,
        where=document.where((*_TOP, "first_review")),
    )


def _located(document: Document, check: Callable[[], object]) -> None:
    """Names file, line and key of the section in what a check finds wrong."""
    try:
        check()
    except InputError as problem:
        place = (*_TOP, problem.key or "every")
        raise problem.at(document.where(place), describe(place)) from None


def _every(entry: MonitorEntry) -> int:
    """Months from one review to the next."""
    every = read_months(entry.every)
    if not _LEAST_MONTHS <= every <= _MOST_MONTHS:
        problem = f"reviews come every {_LEAST_MONTHS} to {_MOST_MONTHS} months"
        raise InputError(problem, key="every", value=entry.every, fix="Write for example '18 months'.")
    return every


def _budget(entry: MonitorEntry) -> float:
    """Euros a year."""
    return read_euros_per_year(entry.budget, "budget")


def _stop(entry: MonitorEntry) -> float:
    """Share of what a measure was expected to do below which it is stopped."""
    return read_share(entry.stop_below, "stop_below")


def _check(entry: MonitorEntry) -> None:
    """Names and numbers that go together."""
    names = [item.name for item in entry.measures]
    if not names:
        raise InputError("there is nothing to choose from", key="measures", fix="List at least one measure.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError("two measures of this name", key="measures", value=twice, fix="Give each its own name.")
    unknown = next((name for name in entry.plan if name not in names), None)
    if unknown is not None:
        raise InputError("names no measure", key="plan", value=unknown, fix=nearest(unknown, names))
    if not entry.at_once.isdecimal() or not 1 <= int(entry.at_once) <= 100:
        raise InputError("not a number of measures", key="at_once", value=entry.at_once, fix="Write 1, 2 or so.")


def _measure(item: MeasureEntry, number: int, entry: MonitorEntry, document: Document, atlas: Atlas) -> Measure:
    """One measure; its change begins when it is chosen."""
    place: Place = (*_TOP, "measures", number)
    written = {
        "lever": item.lever,
        "value": item.value,
        "date": entry.first_review.isoformat(),
        "states": item.states,
        "pairs": item.pairs,
        "process": item.process,
        "articles": item.articles,
        "instrument": item.instrument,
        "kinds": item.kinds,
    }
    change = read_change(ChangeEntry.model_validate(written), document, place, atlas)
    try:
        lag = read_months(item.lag) if item.lag else 0
        expects = read_share(item.expects, "expects")
    except InputError as problem:
        spot = (*place, problem.key or "lag")
        raise problem.at(document.where(spot), describe(spot)) from None
    return Measure(item.name, change, lag, item.against, expects)
