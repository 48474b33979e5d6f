"""The `monitor` section of a scenario file given its meaning."""

from sim.policy.amounts import read_euros_per_year, read_share
from sim.policy.change import read_change
from sim.policy.document import Document, Place
from sim.policy.monitor import Measure, Monitor
from sim.policy.places import Atlas
from sim.policy.problem import InputError, nearest
from sim.policy.schema import ChangeEntry, MeasureEntry, MonitorEntry, describe
from sim.policy.units import read_months

_TOP: Place = ("monitor",)
_LEAST_MONTHS, _MOST_MONTHS = 3, 60


def read_monitor(entry: MonitorEntry, document: Document, atlas: Atlas) -> Monitor:
    """Gives the section its meaning.

    Raises:
        InputError: a value that cannot be; file, line and key are named.
    """
    measures = tuple(_measure(item, number, entry, document, atlas) for number, item in enumerate(entry.measures))
    try:
        names = [measure.name for measure in measures]
        _check(entry, names)
        every = read_months(entry.every)
        if not _LEAST_MONTHS <= every <= _MOST_MONTHS:
            problem = f"reviews come every {_LEAST_MONTHS} to {_MOST_MONTHS} months"
            raise InputError(problem, key="every", value=entry.every, fix="Write for example '18 months'.")
        return Monitor(
            first=entry.first_review,
            every_months=every,
            budget=read_euros_per_year(entry.budget, "budget"),
            at_once=int(entry.at_once),
            scope=entry.figures,
            stop=read_share(entry.stop_below, "stop_below"),
            measures=measures,
            decides=entry.decides,
            plan=entry.plan,
            where=document.where((*_TOP, "first_review")),
        )
    except InputError as problem:
        place = (*_TOP, problem.key or "every")
        raise problem.at(document.where(place), describe(place)) from None


def _check(entry: MonitorEntry, names: list[str]) -> None:
    """Names and numbers that go together."""
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
